import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { packageRoot } from '../../src/lib/package-root.ts';
import type { OpenChannel } from '../../src/wire/channel.ts';
import { createEraMemory, type EraMemory } from '../../src/wire/modern-upstream/era-memory.ts';
import { openEitherEra } from '../../src/wire/modern-upstream/open-either-era.ts';
import { openStdioChannel } from '../../src/wire/stdio-upstream.ts';
import { realServer } from '../support/gate.ts';
import { scratch } from '../support/scratch.ts';
import { until } from '../support/until.ts';
import { upstreamTo, type Reached } from '../support/upstream-to.ts';

const SERVER = join(packageRoot(), 'dist', 'test', 'support', 'negotiating-server.js');

function program(command: string, args: readonly string[], stderr: string[] = []): OpenChannel {
  return openStdioChannel({
    command,
    args,
    env: { PATH: process.env['PATH'] ?? '' },
    maxFrameBytes: 1_000_000,
    onStderr: (line) => void stderr.push(line),
    graceMs: 500,
  });
}

/** Where it matters on which side of that the answer comes: a busy machine starts a program slowly. */
const PROBE_MS: Readonly<Record<string, number>> = { modern: 30_000, hangs: 2000 };

/** Connects twice to a server of this habit, and says what it heard each time. */
async function twice(
  context: TestContext,
  habit: string,
): Promise<{ era: unknown[]; heard: string[][]; tookMs: number[] }> {
  const file = join(await scratch(context), 'heard');
  const memory = createEraMemory();
  const open = openEitherEra({
    open: program(process.execPath, [SERVER, habit, file]),
    memory,
    probeMs: PROBE_MS[habit] ?? 500,
  });
  const outcome = { era: [] as unknown[], heard: [] as string[][], tookMs: [] as number[] };
  for (let round = 0; round < 2; round++) {
    rmSync(file, { force: true });
    const from = performance.now();
    const { upstream } = await upstreamTo(context, open);
    outcome.tookMs.push(performance.now() - from);
    assert.equal(upstream.state, 'ready');
    outcome.era.push((await list(upstream))['era']);
    await upstream.close();
    outcome.heard.push(existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : []);
  }
  return outcome;
}

type Listed = Awaited<ReturnType<Reached['upstream']['request']>>;

async function list(upstream: Reached['upstream']): Promise<Listed> {
  const limits = { signal: new AbortController().signal, timeoutMs: 30_000, maxTotalMs: 30_000 };
  return await upstream.request('tools/list', {}, limits);
}

type Met = {
  readonly memory: EraMemory;
  readonly list: Listed;
  readonly heard: () => string[];
  /** Connects once more. */
  readonly again: () => Promise<Listed>;
};

/** Connects to a server of this habit that is silent for longer than it is waited for. */
async function meet(context: TestContext, habit: string): Promise<Met> {
  const file = join(await scratch(context), 'heard');
  const memory = createEraMemory();
  const open = openEitherEra({
    open: program(process.execPath, [SERVER, habit, file]),
    memory,
    probeMs: 500,
  });
  const again = async (): Promise<Listed> => await list((await upstreamTo(context, open)).upstream);
  return {
    memory,
    list: await again(),
    heard: () => readFileSync(file, 'utf8').trim().split('\n'),
    again,
  };
}

const HANDSHAKE = ['initialize', 'notifications/initialized', 'tools/list'];
const ASKED = ['server/discover', ...HANDSHAKE];

for (const [habit, era, first, second] of [
  ['errors', 'legacy', ASKED, HANDSHAKE],
  ['dies', 'legacy', ASKED, HANDSHAKE],
  ['hangs', 'legacy', ASKED, HANDSHAKE],
  ['slow', 'legacy', ASKED, HANDSHAKE],
  ['modern', 'modern', ['server/discover', 'tools/list'], ['server/discover', 'tools/list']],
  // However slowly it starts, it is what it is; only the first time does that cost a second start.
  [
    'slow-dual',
    'modern',
    ['server/discover', 'initialize', 'tools/list'],
    ['server/discover', 'tools/list'],
  ],
  // It may be another server now.
  ['renamed', 'legacy', ASKED, HANDSHAKE],
] as const)
  test(`a server that meets the question like this is understood: ${habit}`, async (context) => {
    const { era: spoken, heard, tookMs } = await twice(context, habit);
    assert.deepEqual(spoken, [era, era]);
    assert.deepEqual(heard, [first, second]);
    // Ten times the silence is what a server has that refused the other question.
    if (habit === 'hangs') assert.ok((tookMs[0] ?? 0) < 15_000, String(tookMs));
  });

test('a slow server of both eras is not taken for an old one by what it answers first', async (context) => {
  const { memory, list: first, heard } = await meet(context, 'overtaken');
  assert.equal(first['era'], 'modern');
  assert.equal(memory.era, 'modern');
  assert.deepEqual(heard(), ['server/discover', 'initialize', 'tools/list']);
});

test('a server that answered too late is spoken to as what it is the next time', async (context) => {
  const { memory, list: first, again } = await meet(context, 'asleep');
  assert.equal(first['era'], 'legacy');
  await until(() => memory.era === 'modern');
  assert.equal((await again())['era'], 'modern');
});

test('a server that changed is asked again by the connection after the next', async (context) => {
  const file = join(await scratch(context), 'heard');
  const memory = createEraMemory();
  const open = openEitherEra({
    open: program(process.execPath, [SERVER, 'renamed', file]),
    memory,
  });
  for (const want of ['legacy', undefined, 'legacy']) {
    const { upstream } = await upstreamTo(context, open);
    assert.equal(upstream.state, 'ready');
    await upstream.close();
    assert.equal(memory.era, want);
  }
});

test('a server that became a modern one is found out', async (context) => {
  const file = join(await scratch(context), 'heard');
  const memory = createEraMemory();
  memory.learn('legacy', { name: 'small', version: '1' });
  const { upstream } = await upstreamTo(
    context,
    openEitherEra({ open: program(process.execPath, [SERVER, 'modern', file]), memory }),
  );
  assert.equal((await list(upstream))['era'], 'modern');
  assert.equal(memory.era, 'modern');
});

test('a command that does not exist is refused, and nothing is remembered', async (context) => {
  const memory = createEraMemory();
  const { upstream, downs } = await upstreamTo(
    context,
    openEitherEra({ open: program('/does/not/exist', []), memory }),
  );
  assert.equal(upstream.state, 'down');
  assert.match(downs[0] ?? '', /no such command/u);
  assert.equal(memory.era, undefined);
});

for (const name of ['everything', 'filesystem', 'memory'] as const)
  test(`the real ${name} server is served as before, and complains of nothing`, async (context) => {
    const stderr: string[] = [];
    const folder = await scratch(context);
    const { command, args } = realServer(name, ...(name === 'filesystem' ? [folder] : []));
    const memory = createEraMemory();
    const { upstream, refused } = await upstreamTo(
      context,
      openEitherEra({ open: program(command, args, stderr), memory }),
    );
    assert.equal(upstream.state, 'ready');
    const { tools } = await list(upstream);
    assert.ok(Array.isArray(tools) && tools.length > 0);
    assert.equal(memory.era, 'legacy');
    assert.deepEqual(refused, []);
    assert.ok(!/error|discover/iu.test(stderr.join('\n')), stderr.join('\n'));
  });

for (const known of [undefined, 'legacy'] as const)
  test(`a server that refuses one question and is silent on the other says why in time${known ? ', known or not' : ''}`, async (context) => {
    const memory = createEraMemory();
    if (known) memory.learn(known, { name: 'small', version: '1' });
    const file = join(await scratch(context), 'heard');
    const open = openEitherEra({
      open: program(process.execPath, [SERVER, 'refuses', file]),
      memory,
      probeMs: 50,
    });
    const { downs } = await upstreamTo(context, open);
    // Not that it took too long.
    assert.match(downs[0] ?? '', /No seat is free/u);
  });
