import { appendFileSync, existsSync } from 'node:fs';
import { createInterface } from 'node:readline';

/**
 * A small stdio server that meets `server/discover` in its own way, its first argument; writes the methods it hears into
 * the file of its second. `dies`: it ends; `hangs`: it says nothing; `errors`, `slow`: a legacy one that refuses, at once or
 * after 1.5 s; `slow-dual`: of both eras, after 1.5 s; `modern`: refuses `initialize`; `refuses`: does
 * so too, and says nothing to the other; `renamed`: says another name each time. Of both eras, and silent on
 * `server/discover` for a while: `overtaken`: takes a second for `initialize` and some more for this; `asleep`: the first time
 * until something else is wanted of it.
 */
const [habit = '', file = ''] = process.argv.slice(2);
let wasLegacy = false;
let wake: (() => void) | undefined;
const wasAsleep = `${file}.asleep`;

function send(frame: object): void {
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...frame })}\n`);
}

/** Of both eras: it stays in the one that it was opened with. */
const DUAL: ReadonlySet<string> = new Set(['slow-dual', 'overtaken', 'asleep']);
const INFO = { name: habit === 'renamed' ? `at ${Date.now()}` : 'small', version: '1' };
const DISCOVERED = {
  resultType: 'complete',
  supportedVersions: ['2026-07-28', '2025-11-25'],
  capabilities: { tools: {} },
  _meta: { 'io.modelcontextprotocol/serverInfo': INFO },
};
const INITIALIZED = {
  protocolVersion: '2025-11-25',
  capabilities: { tools: {} },
  serverInfo: INFO,
};

function answer({ id, method }: { id?: unknown; method?: string }): void {
  appendFileSync(file, `${method ?? ''}\n`);
  const isModern = habit === 'modern' || (DUAL.has(habit) && !wasLegacy);
  if (method === 'server/discover') {
    if (habit === 'dies') process.exit(1);
    if (habit === 'hangs' || habit === 'refuses') return;
    if (habit === 'overtaken') wake = () => send({ id, result: DISCOVERED });
    else if (habit === 'asleep' && !existsSync(wasAsleep))
      wake = () => {
        appendFileSync(wasAsleep, '');
        send({ id, result: DISCOVERED });
      };
    else if (isModern) send({ id, result: DISCOVERED });
    else send({ id, error: { code: -32602, message: 'Invalid request parameters' } });
  } else if (method === 'initialize') {
    if (habit === 'modern') send({ id, error: { code: -32601, message: 'Method not found' } });
    else if (habit === 'refuses') send({ id, error: { code: -32000, message: 'No seat is free' } });
    else if (habit === 'overtaken') setTimeout(agree, 1500, id);
    else agree(id);
  } else if (id !== undefined) {
    wake?.();
    const era = isModern ? 'modern' : 'legacy';
    send({ id, result: { ...(isModern ? { resultType: 'complete' } : {}), tools: [], era } });
  }
}

function agree(id: unknown): void {
  wasLegacy = true;
  send({ id, result: INITIALIZED });
  // Later than a server that is at work on nothing else would.
  if (habit === 'overtaken') setTimeout(() => wake?.(), 300);
}

function start(): void {
  createInterface({ input: process.stdin }).on('line', (line) => {
    const message: { id?: unknown; method?: string } = JSON.parse(line);
    answer(message);
  });
}

if (habit.startsWith('slow')) setTimeout(start, 1500);
else start();
