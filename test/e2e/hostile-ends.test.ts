import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { isJsonObject } from '../../src/lib/json.ts';
import { serve, startFrames, type Frame, type FramesClient } from '../support/frames-client.ts';
import { createHostileGate, hostileServer, received } from '../support/gate.ts';
import { denialOf, listedIn, textOf } from '../support/replies.ts';
import { scratch } from '../support/scratch.ts';
import { until } from '../support/until.ts';

/** The time that a mute server costs. */
const CONNECT_MS = 8000;
const PATIENCE_MS = 120_000;

async function call(client: FramesClient, name: string, args: object = {}): Promise<Frame> {
  return await client.request('tools/call', { name, arguments: { ...args } });
}

async function echo(client: FramesClient, server: string): Promise<string> {
  return textOf(await call(client, `${server}__read_echo`, { text: 'here' }));
}

test('a server that dies, floods a line or hangs', async (context) => {
  const folder = await scratch(context);
  const hasty = join(folder, 'hasty.jsonl');
  const gate = await createHostileGate(context, {
    servers: {
      good: hostileServer(join(folder, 'good.jsonl')),
      hasty: { ...hostileServer(hasty), timeoutMs: 3000 },
    },
  });
  const client = startFrames(context, serve(gate));
  await client.open();

  await context.test('a call before any list waits for the server to start', async () => {
    assert.equal(await echo(client, 'good'), 'you said: here');
  });

  await client.request('tools/list');
  for (const [tool, why] of [
    ['read_endless', 'sends 50 MB without an end of line'],
    ['read_exit', 'dies in the middle of a call'],
    ['read_orphan', 'dies while its child holds the pipe'],
  ] as const)
    await context.test(
      `one that ${why} fails the call, is started again, and the other works on`,
      async () => {
        const [from, starts, records] = [
          client.received.length,
          startsIn(gate.log),
          gate.audit().length,
        ];
        const [slow, failed] = await Promise.all([
          call(client, 'good__read_slow', { ms: 50 }),
          call(client, `bad__${tool}`),
        ]);
        assert.deepEqual([denialOf(failed), denialOf(slow)], ['upstream-failed', undefined]);
        assert.equal(await echo(client, 'good'), 'you said: here');
        await until(async () => (await echo(client, 'bad')) === 'you said: here', PATIENCE_MS);
        assert.ok(listedIn(await client.request('tools/list')).includes('bad__read_echo'));
        await client.next(({ method }) => method === 'notifications/tools/list_changed', from);
        assert.equal(startsIn(gate.log), starts + 1);
        const events = gate
          .audit()
          .slice(records)
          .flatMap(({ event, server }) => (event.startsWith('upstream-') ? [event, server] : []));
        assert.deepEqual(events, ['upstream-down', 'bad', 'upstream-up', 'bad']);
      },
    );

  await context.test('one that sends 50 MB in one message fails that call alone', async () => {
    const starts = startsIn(gate.log);
    const [slow, failed] = await Promise.all([
      call(client, 'bad__read_slow', { ms: 50 }),
      call(client, 'bad__read_huge'),
    ]);
    assert.deepEqual([denialOf(failed), denialOf(slow)], ['too-large', undefined]);
    assert.equal(await echo(client, 'bad'), 'you said: here');
    assert.equal(startsIn(gate.log), starts);
  });

  await context.test('one that does not answer times out, and is told so', async () => {
    const answer = await call(client, 'hasty__read_hang');
    assert.equal(denialOf(answer), 'upstream-timeout');
    await until(() => cancellations(hasty).length > 0, PATIENCE_MS);
    assert.deepEqual(cancellations(hasty), hangs(hasty));
    assert.equal(await echo(client, 'hasty'), 'you said: here');
  });

  await context.test(
    'what the client cancels is cancelled at the server and gets no answer',
    async () => {
      for (const id of ['mine', 0] as const) {
        const params = { name: 'bad__read_hang', arguments: {} };
        const before = hangs(gate.log).length;
        client.send({ jsonrpc: '2.0', id, method: 'tools/call', params });
        await until(() => hangs(gate.log).length > before, PATIENCE_MS);
        client.notify('notifications/cancelled', { requestId: id, reason: 'enough' });
        await until(() => cancellations(gate.log).length > before, PATIENCE_MS);
        assert.equal(cancellations(gate.log).at(-1), hangs(gate.log).at(-1));
      }
      assert.equal(await echo(client, 'bad'), 'you said: here');
      assert.deepEqual(
        client.received.filter(({ id }) => id === 'mine' || id === 0),
        [],
      );
    },
  );

  await context.test('each refusal has its record, and the process ends in order', async () => {
    const codes = gate.audit().flatMap(({ event, code }) => (event === 'denial' ? [code] : []));
    assert.equal(codes.filter((code) => code === 'upstream-timeout').length, 1);
    assert.ok(codes.filter((code) => code === 'upstream-failed').length >= 6);
    assert.equal(await client.end(), 0);
  });
});

test('a server that never comes', async (context) => {
  const folder = await scratch(context);
  const gate = await createHostileGate(context, {
    habits: ['mute'],
    config: { limits: { connectTimeoutMs: CONNECT_MS } },
    servers: {
      good: hostileServer(join(folder, 'good.jsonl')),
      missing: { command: '/does/not/exist' },
      dead: hostileServer(join(folder, 'dead.jsonl'), 'dead'),
      stopped: { ...hostileServer(join(folder, 'stopped.jsonl')), timeoutMs: 3000 },
      old: hostileServer(join(folder, 'old.jsonl'), 'old'),
      endless: hostileServer(join(folder, 'endless.jsonl'), 'endless-pages'),
    },
  });
  const client = startFrames(context, serve(gate));
  await client.request('ping');

  await context.test('the handshake does not wait for it', async () => {
    const began = performance.now();
    await client.open();
    assert.ok(performance.now() - began < CONNECT_MS, `${performance.now() - began} ms`);
  });

  await context.test(
    'the others are listed and work; its names are names that never were',
    async () => {
      const tools = listedIn(await client.request('tools/list'));
      assert.ok(tools.includes('good__read_echo'));
      assert.ok(
        tools.every((name) => /^(?:good|stopped)__/u.test(name)),
        tools.join(' '),
      );
      assert.equal(await echo(client, 'good'), 'you said: here');
      assert.equal(await echo(client, 'dead'), 'Unknown tool: dead__read_echo');
    },
  );

  const times = (name: string): number[] =>
    gate
      .audit()
      .filter(({ event, server }) => event === 'upstream-down' && server === name)
      .map(({ time }) => Date.parse(time));

  await context.test('it is tried again, less and less often', async () => {
    await until(() => times('dead').length >= 3, PATIENCE_MS);
    const [first = 0, second = 0, third = 0] = times('dead');
    assert.ok(second - first >= 450, `${second - first} ms`);
    assert.ok(third - second >= 900, `${third - second} ms`);
    for (const name of ['bad', 'missing', 'old']) assert.ok(times(name).length > 0, name);
  });

  await context.test('one that stops for good is noticed and started again', async () => {
    assert.equal(denialOf(await call(client, 'stopped__read_stop')), 'upstream-timeout');
    // What it lists cannot be looked at again, so its other tools wait no longer than they may.
    await until(async () => (await echo(client, 'stopped')) === 'you said: here', PATIENCE_MS);
    const codes = gate.audit().flatMap(({ event, code }) => (event === 'denial' ? [code] : []));
    assert.ok(codes.filter((code) => code === 'upstream-timeout').length >= 2);
    assert.equal(await echo(client, 'good'), 'you said: here');
  });

  await context.test('a list without an end is given up', async () => {
    await until(
      () =>
        gate
          .audit()
          .some(({ event, server }) => event === 'catalogue-change' && server === 'endless'),
      PATIENCE_MS,
    );
    assert.equal(await echo(client, 'good'), 'you said: here');
    assert.equal(await client.end(), 0);
  });
});

function sent(log: string, wanted: string): Frame[] {
  return received(log).flatMap(({ method, id, params }) =>
    method === wanted && isJsonObject(params) ? [{ id, ...params }] : [],
  );
}

function startsIn(log: string): number {
  return sent(log, 'initialize').length;
}

function hangs(log: string): unknown[] {
  return sent(log, 'tools/call').flatMap(({ id, name }) => (name === 'read_hang' ? [id] : []));
}

function cancellations(log: string): unknown[] {
  return sent(log, 'notifications/cancelled').map(({ requestId }) => requestId);
}
