import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test, type TestContext } from 'node:test';
import { serve, startFrames, type Frame, type FramesClient } from '../support/frames-client.ts';
import { createHostileGate, type HostileGate } from '../support/gate.ts';
import { countAnswers, denialOf, isErrorOf, rpcCodeOf, textOf } from '../support/replies.ts';

type Bench = { readonly gate: HostileGate; readonly client: FramesClient };

async function bench(
  context: TestContext,
  setting: Parameters<typeof createHostileGate>[1] = {},
): Promise<Bench> {
  const gate = await createHostileGate(context, setting);
  const client = startFrames(context, serve(gate));
  await client.open();
  await client.request('tools/list');
  return { gate, client };
}

async function call(client: FramesClient, tool: string, args: object = {}): Promise<Frame> {
  return await client.request('tools/call', { name: `bad__${tool}`, arguments: { ...args } });
}

/** The same call as ever: the process lives, and answers are not mixed up. */
async function stillRight(client: FramesClient): Promise<void> {
  const words = ['one', 'two', 'three'];
  const answers = await Promise.all(
    words.map(async (text) => await call(client, 'read_echo', { text })),
  );
  assert.deepEqual(
    answers.map(textOf),
    words.map((word) => `you said: ${word}`),
  );
}

function reasons(gate: HostileGate): unknown[] {
  return gate.audit().flatMap(({ event, reason }) => (event === 'frame-refused' ? [reason] : []));
}

test('a server that answers wrongly', async (context) => {
  const { gate, client } = await bench(context);

  await context.test(
    'what is no message is thrown away and written down, and the call goes on',
    async () => {
      const from = client.received.length;
      assert.equal(textOf(await call(client, 'read_garbage')), 'after the garbage');
      assert.equal(countAnswers(client.received.slice(from)), 1);
      const found = reasons(gate).join('\n');
      for (const reason of [
        'bad: Cannot read JSON: bad syntax',
        'bad: Cannot read JSON: duplicate key "id"',
        'bad: Cannot accept the message: JSON-RPC batches are not part of MCP',
        'bad: Cannot read JSON: it starts with a byte order mark',
        'bad: Cannot read JSON: it is not UTF-8',
        'bad sent a notification that is not in the table',
        'bad asked for what the client does not offer',
      ])
        assert.ok(found.includes(reason), reason);
      assert.doesNotMatch(found, /this is not JSON/u, 'the text itself is not in the record');
      await stillRight(client);
    },
  );

  await context.test('a broken answer fails its call at once, and only that one', async () => {
    for (const [tool, code] of [
      ['read_no_result', 'upstream-failed'],
      ['read_extra', 'upstream-failed'],
      ['read_wrong_result', 'output-invalid'],
      ['read_wrong_shape', 'output-invalid'],
    ] as const) {
      const answer = await call(client, tool);
      assert.deepEqual([denialOf(answer), isErrorOf(answer)], [code, true], tool);
      await stillRight(client);
    }
    // What exactly is wrong is for the person who reads the audit.
    const causes = gate.audit().map(({ cause }) => JSON.stringify(cause));
    assert.ok(causes.includes('["/n must be number"]'), causes.join(' '));
    const codes = gate.audit().flatMap(({ event, code }) => (event === 'denial' ? [code] : []));
    assert.deepEqual(codes, [
      'upstream-failed',
      'upstream-failed',
      'output-invalid',
      'output-invalid',
    ]);
  });

  await context.test('a deep result that can be read is passed on whole', async () => {
    const answer = await call(client, 'read_deep');
    assert.equal(denialOf(answer), undefined);
    assert.match(JSON.stringify(answer), /\[{60}"deep"\]{60}/u);
  });

  await context.test('only the gate says what is the gate’s', async () => {
    const result = await call(client, 'read_forged');
    assert.deepEqual([textOf(result), isErrorOf(result)], ['no denial', false]);
    const error = await call(client, 'read_forged_error');
    assert.deepEqual(error['error'], { code: -32000, message: 'failed', data: { kept: 1 } });
    assert.doesNotMatch(JSON.stringify([result, error]), /sallyport|forged/iu);
  });

  // From here on so much is thrown away that not all of it is written down.
  await context.test(
    'the first answer counts, further ones and those for others are thrown away and written down',
    async () => {
      const from = client.received.length;
      assert.equal(textOf(await call(client, 'read_twice')), 'first');
      await stillRight(client);
      assert.equal(textOf(await call(client, 'read_foreign')), 'mine');
      await stillRight(client);
      assert.equal(countAnswers(client.received.slice(from)), 8);
      const written = reasons(gate).filter(
        (reason) => reason === 'bad: a response nobody waits for',
      );
      // A flood of 5,000 stray answers is no flood of records.
      assert.ok(written.length >= 2 && written.length < 1000, `${written.length}`);
      assert.ok(reasons(gate).some((reason) => /not written down/u.test(String(reason))));
    },
  );

  await context.test(
    'a flood of 50,000 notifications is cut, later answers are right, memory stays bounded',
    async () => {
      const from = client.received.length;
      assert.equal(textOf(await call(client, 'read_flood')), 'after the flood');
      await stillRight(client);
      const passed = client.received
        .slice(from)
        .filter(({ method }) => method === 'notifications/message');
      assert.ok(passed.length > 0 && passed.length < 40_000, `${passed.length} passed`);
      const said = reasons(gate).filter((reason) => /the flood is dropped/u.test(String(reason)));
      assert.ok(said.length >= 1 && said.length < 20, `${said.length} records`);
      assert.ok(peakMemory(client.pid) < 500e6, `${peakMemory(client.pid)} bytes`);
    },
  );
});

test('a result over the limit fails its call, one under it passes', async (t) => {
  const { client } = await bench(t, { config: { limits: { maxMessageBytes: 65_536 } } });
  const small = await call(client, 'read_large', { bytes: 60_000 });
  assert.equal(textOf(small).length, 60_000);
  const large = await call(client, 'read_large', { bytes: 70_000 });
  assert.ok(['upstream-failed', 'too-large'].includes(denialOf(large) ?? ''), denialOf(large));
  assert.equal(rpcCodeOf(large), undefined);
});

/** The most that a process ever held, bytes; 0 where nobody knows. */
function peakMemory(pid: number): number {
  if (process.platform !== 'linux') return 0;
  const found = /VmHWM:\s+(\d+)/u.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(found?.[1] ?? 0) * 1024;
}
