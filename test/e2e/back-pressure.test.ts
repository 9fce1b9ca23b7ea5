import assert from 'node:assert/strict';
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { isJsonObject, type JsonObject } from '../../src/lib/json.ts';
import { serve, startFrames, type Frame } from '../support/frames-client.ts';
import { createHostileGate, hostileServer, type Gate } from '../support/gate.ts';
import { denialOf, textOf } from '../support/replies.ts';
import { scratch } from '../support/scratch.ts';
import { until } from '../support/until.ts';

const MB = 1_000_000;
/** An idle gateway and its detector's thread, and what waits, several times over: strings, copies, what is not collected yet. */
const BOUND = 700 * MB;
const PATIENCE_MS = 60_000;

/** The most that a process ever held, bytes; 0 where nobody knows. */
function peakMemory(pid: number): number {
  if (process.platform !== 'linux') return 0;
  const found = /VmHWM:\s+(\d+)/u.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(found?.[1] ?? 0) * 1024;
}

/** A client that reads nothing of what it is told until it says so. */
async function blindClient(
  context: TestContext,
  gate: Gate,
): Promise<{
  readonly child: ChildProcessWithoutNullStreams;
  send(frame: JsonObject): Promise<void>;
  /** From now on. */
  read(): Frame[];
}> {
  const { command, args, cwd } = serve(gate);
  const child = spawn(command, [...args], { cwd, stdio: 'pipe' });
  context.after(() => child.kill('SIGKILL'));
  child.stdin.on('error', () => undefined);
  child.stderr.resume();
  const send = async (frame: JsonObject): Promise<void> => {
    child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...frame })}\n`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  };
  const clientInfo = { name: 'blind', version: '1' };
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo };
  await send({ id: 'hello', method: 'initialize', params });
  await send({ method: 'notifications/initialized' });
  await send({ id: 'list', method: 'tools/list' });
  // Answers before that are waited for one by one in the audit, so that a call is not the first thing that starts.
  const audit = join(gate.folder, 'audit');
  await until(
    () => existsSync(audit) && gate.audit().some(({ event }) => event === 'list'),
    PATIENCE_MS,
  );
  return {
    child,
    send,
    read() {
      const frames: Frame[] = [];
      let rest = '';
      child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
        const lines = (rest + chunk).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) {
          const frame: unknown = JSON.parse(line);
          if (isJsonObject(frame)) frames.push(frame);
        }
      });
      return frames;
    },
  };
}

const large = (id: number, bytes: number): JsonObject => ({
  id,
  method: 'tools/call',
  params: { name: 'bad__read_large', arguments: { bytes } },
});

test('a client that does not read is not heard until it does, and then gets every answer', async (context) => {
  const gate = await createHostileGate(context, {});
  const client = await blindClient(context, gate);
  const count = 160;
  const answered = (): number => gate.audit().filter(({ event }) => event === 'outcome').length;
  /** Waits until so many are answered, or no more of them are; which is it? */
  async function isHeard(wanted: number): Promise<boolean> {
    for (let before = -1, quiet = 0; quiet < 20; quiet++) {
      const now = answered();
      if (now >= wanted) return true;
      if (now > before) quiet = 0;
      before = now;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    return false;
  }
  let heard = true;
  for (let id = 0; id < count; id++) {
    await client.send(large(id, MB / 2));
    // Its answers are there while it goes on asking, as long as it is heard.
    if (id % 8 === 7 && heard) heard = await isHeard(id + 1);
  }
  assert.equal(await isHeard(count), false, 'it went on being heard');
  assert.ok(peakMemory(client.child.pid ?? 0) < BOUND, `${peakMemory(client.child.pid ?? 0)}`);
  const frames = client.read();
  await until(
    () => frames.filter(({ id }) => typeof id === 'number').length === count,
    PATIENCE_MS,
  );
  assert.deepEqual(
    frames.flatMap(({ id }) => (typeof id === 'number' ? [id] : [])).toSorted((a, b) => a - b),
    Array.from({ length: count }, (_, id) => id),
  );
  assert.ok(frames.every((frame) => denialOf(frame) === undefined));
  assert.ok(peakMemory(client.child.pid ?? 0) < BOUND, `${peakMemory(client.child.pid ?? 0)}`);
  const exited = once(client.child, 'exit');
  client.child.stdin.end();
  assert.deepEqual(await exited, [0, null]);
});

test('a client that asks for all at once and reads nothing is given up, and the process ends', async (context) => {
  const gate = await createHostileGate(context, {});
  const client = await blindClient(context, gate);
  const exited = once(client.child, 'exit');
  const frames = Array.from({ length: 32 }, (_, id) => ({ jsonrpc: '2.0', ...large(id, 5 * MB) }));
  client.child.stdin.write(frames.map((frame) => `${JSON.stringify(frame)}\n`).join(''));
  let peak = 0;
  const watch = setInterval(() => {
    try {
      peak = Math.max(peak, peakMemory(client.child.pid ?? 0));
    } catch {
      // It has gone.
    }
  }, 50);
  const [code]: unknown[] = await exited;
  clearInterval(watch);
  assert.equal(code, 0);
  assert.ok(peak > 0 && peak < 1.5 * BOUND, `${peak}`);
  const said = 'the client does not read: it is given up';
  assert.ok(gate.audit().some(({ reason }) => reason === said));
});

test('SIGTERM ends a gateway whose client does not read', async (context) => {
  const gate = await createHostileGate(context, {});
  const client = await blindClient(context, gate);
  await client.send(large(1, 8 * MB));
  await until(() => gate.audit().some(({ event }) => event === 'outcome'), PATIENCE_MS);
  const exited = once(client.child, 'exit');
  client.child.kill('SIGTERM');
  assert.deepEqual(await exited, [0, null]);
});

test('a server that does not read costs its own calls, in bounded memory', async (context) => {
  const folder = await scratch(context);
  const gate = await createHostileGate(context, {
    timeoutMs: 5000,
    servers: { good: hostileServer(join(folder, 'good.jsonl')) },
  });
  const client = startFrames(context, serve(gate));
  await client.open();
  await client.request('tools/list');
  const call = async (name: string, args: JsonObject): Promise<Frame> =>
    await client.request('tools/call', { name, arguments: args });
  assert.equal(textOf(await call('bad__read_deaf', {})), 'deaf from now on');
  const flood = Array.from({ length: 150 }, async () =>
    denialOf(await call('bad__read_echo', { text: 'x', more: 'x'.repeat(MB) })),
  );
  assert.equal(textOf(await call('good__read_echo', { text: 'here' })), 'you said: here');
  const codes = await Promise.all(flood);
  assert.ok(codes.every((code) => code === 'upstream-failed' || code === 'upstream-timeout'));
  assert.ok(peakMemory(client.pid) < BOUND, `${peakMemory(client.pid)}`);
  assert.equal(await client.end(), 0);
});
