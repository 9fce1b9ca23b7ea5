import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { appendFileSync, cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { isJsonObject } from '../../src/lib/json.ts';
import { PARSED } from '../../src/policy/policies.ts';
import { serve, startFrames, type Frame, type FramesClient } from '../support/frames-client.ts';
import { BIN, callsOf, createHostileGate, received } from '../support/gate.ts';
import { denialOf, isErrorOf, listedIn, rpcCodeOf, textOf } from '../support/replies.ts';

import { until } from '../support/until.ts';

async function call(client: FramesClient, name: string, args: object = {}): Promise<Frame> {
  return await client.request('tools/call', { name, arguments: { ...args } });
}

/** Cuts nothing off: the last record of every file must be found, too. */
function segments(folder: string): string[] {
  return readdirSync(folder).toSorted();
}

test('the trail of a mixed run', async (context) => {
  const gate = await createHostileGate(context, {
    policy: `
      @id("all") permit(principal, action, resource);
      @id("no") forbid(principal, action, resource == Tool::"bad/read_secret");
      @id("small") forbid(principal, action, resource) when { context.facts.bytes > 100 };`,
  });
  const folder = join(gate.folder, 'audit');
  const client = startFrames(context, serve(gate));
  await client.open();
  await client.request('tools/list');
  await call(client, 'bad__read_echo', { text: 'x' });
  await call(client, 'bad__read_echo', { text: 'x'.repeat(200) });
  await call(client, 'bad__read_echo', { text: 7 });
  await call(client, 'bad__read_secret');
  await call(client, 'bad__read_poison');
  await call(client, 'bad__read_wrong_shape');
  await call(client, 'bad__read_exit');
  client.write('hello\n');
  await client.request('no/such/method');

  await context.test('has a record of each refusal, with its code', async () => {
    assert.equal(await client.end(), 0);
    const refused = gate
      .audit()
      .filter(({ event }) => event === 'denial' || event === 'frame-refused')
      .map(({ code }) => code);
    assert.deepEqual(refused, [
      'policy-denied',
      'arguments-invalid',
      'tool-unknown',
      'output-withheld',
      'output-invalid',
      'upstream-failed',
      -32700,
      -32601,
    ]);
  });

  await context.test('says which policies were in force, and where shipped ones were read', () => {
    const parsed = createHash('sha256').update(readFileSync(PARSED)).digest('hex');
    const loaded = gate.audit().filter(({ event }) => event === 'policy-loaded');
    assert.deepEqual(
      loaded.map((record) => record['parsed']),
      [parsed],
    );
  });

  await context.test('is verified', async () => {
    const { code, stdout } = await gate.run('audit', 'verify');
    assert.equal(code, 0, stdout);
    assert.match(stdout, /verified/u);
  });

  await context.test(
    'is not, after any byte of any file was changed: the record is named',
    async () => {
      for (const file of segments(folder)) {
        const path = join(folder, file);
        const whole = readFileSync(path);
        for (const at of [3, Math.floor(whole.length / 2), whole.length - 3]) {
          const changed = Buffer.from(whole);
          changed[at] = (changed[at] ?? 0) ^ 1;
          writeFileSync(path, changed);
          const { code, stdout } = await gate.run('audit', 'verify', '--json');
          assert.equal(code, 1, `${file} at ${at}`);
          const found: unknown = JSON.parse(stdout);
          const problem = isJsonObject(found) ? found['problem'] : undefined;
          assert.ok(isJsonObject(problem), stdout);
          assert.deepEqual([problem['file'], problem['line']], [file, lineAt(whole, at)]);
        }
        writeFileSync(path, whole);
      }
      assert.equal((await gate.run('audit', 'verify')).code, 0);
    },
  );

  await context.test('is not, after a file was taken away or cut', async () => {
    const copy = join(gate.folder, 'copy');
    cpSync(folder, copy, { recursive: true });
    for (const file of segments(folder)) {
      const path = join(folder, file);
      rmSync(path);
      assert.equal((await gate.run('audit', 'verify')).code, 1, `without ${file}`);
      const whole = readFileSync(join(copy, file));
      writeFileSync(path, whole.subarray(0, whole.lastIndexOf(0x0a, whole.length - 2) + 1));
      assert.equal((await gate.run('audit', 'verify')).code, 1, `${file} without its end`);
      writeFileSync(path, whole);
    }
    assert.equal((await gate.run('audit', 'verify')).code, 0);
  });
});

const CUT = {
  jsonrpc: '2.0',
  id: 'cut',
  method: 'tools/call',
  params: { name: 'bad__read_hang', arguments: {} },
};

test('a gateway killed in the middle of a call', async (context) => {
  const gate = await createHostileGate(context, {});
  const folder = join(gate.folder, 'audit');
  const client = startFrames(context, serve(gate));
  await client.open();
  await client.request('tools/list');
  client.send(CUT);
  await until(() => callsOf(gate.log).includes('read_hang'), 30_000);
  await client.kill();
  const [segment = ''] = segments(folder).filter(
    (file) => file.endsWith('.jsonl') && !file.startsWith('checkpoint'),
  );
  // As if it had died while it wrote.
  appendFileSync(join(folder, segment), '{"seq":9999,"time":"2026-');

  const next = startFrames(context, serve(gate));
  await next.open();
  assert.ok(listedIn(await next.request('tools/list')).length > 0);
  next.send({ ...CUT, id: 'ended' });
  await until(() => callsOf(gate.log).length === 2, 30_000);
  assert.equal(await next.terminate(), 0, 'one that is asked to stop does so in order');
  const { code, stdout } = await gate.run('audit', 'verify');
  assert.equal(code, 0, stdout);
  const calls = gate.audit().filter((record) => record['name'] === 'read_hang');
  assert.deepEqual(
    calls.map(({ event }) => event),
    ['intent', 'intent', 'denial'],
    'the intent was on disk before the call',
  );
  assert.equal(gate.audit().at(-1)?.event, 'audit-close');
});

test('a secret of a server’s is written nowhere', async (context) => {
  const secret = 'Zq9-example/credential+7f3b';
  const gate = await createHostileGate(context, {
    env: { HOSTILE_SECRET: '${THE_SECRET}' },
  });
  const program = serve(gate);
  const client = startFrames(context, {
    ...program,
    args: [...program.args, '--log-level', 'trace'],
    env: { ...process.env, THE_SECRET: secret },
  });
  await client.open();
  await client.request('tools/list');
  const answer = textOf(await call(client, 'bad__read_secret', { key: secret }));
  assert.ok(answer.includes(secret), 'the server has it');
  assert.equal(denialOf(await call(client, 'bad__read_poison_secret')), 'output-withheld');
  await call(client, 'bad__read_echo', { text: `${secret} ${encodeURIComponent(secret)}` });
  await call(client, secret);
  client.write(`${secret}\n`);
  client.write(`{"jsonrpc":"2.0","method":${JSON.stringify(secret)}}\n`);
  await client.request(secret);
  assert.equal(await client.end(), 0);
  const written = `${gate.everything()}\n${client.stderr()}`;
  assert.match(written, /starting with/u, 'the log has what the server said');
  for (const form of [
    secret,
    encodeURIComponent(secret),
    Buffer.from(secret).toString('base64'),
    Buffer.from(secret).toString('hex'),
  ])
    assert.ok(!written.includes(form), form);
});

test('without an audit nothing is called', async (context) => {
  await context.test('when it goes away in the middle of a session', async (t) => {
    const gate = await createHostileGate(t, {});
    const client = startFrames(t, serve(gate));
    await client.open();
    await client.request('tools/list');
    await call(client, 'bad__read_echo', { text: 'x' });
    rmSync(join(gate.folder, 'audit'), { recursive: true });
    const refused = await call(client, 'bad__read_echo', { text: 'y' });
    assert.deepEqual([denialOf(refused), isErrorOf(refused)], ['internal', true]);
    assert.match(textOf(refused), /cannot be written to the audit/u);
    // Whatever else wants to be written must not end the process.
    client.write('hello\n');
    client.notify('notifications/nothing');
    assert.equal(rpcCodeOf(await client.request('nothing')), -32601);
    assert.equal(rpcCodeOf(await client.request('tools/list')), -32603);
    assert.equal(denialOf(await call(client, 'bad__read_exit')), 'internal');
    assert.deepEqual(callsOf(gate.log), ['read_echo']);
    assert.deepEqual((await client.request('ping'))['result'], {});
    assert.match(client.stderr(), /was removed by somebody else/u);
    await client.end();
  });

  await context.test('when it is a file, the gateway does not start', async (t) => {
    const gate = await createHostileGate(t, {});
    writeFileSync(join(gate.folder, 'audit'), 'in the way');
    const { code, stdout, stderr } = await gate.run('serve');
    assert.notEqual(code, 0);
    assert.equal(stdout, '');
    assert.match(stderr, /^sallyport: Cannot /mu);
    assert.deepEqual(received(gate.log), []);
  });

  await context.test(
    'when the disk takes no more',
    { skip: process.platform === 'win32' },
    async (t) => {
      const gate = await createHostileGate(t, {});
      // The most that a file may grow to, in blocks of 1 KiB; the state's own files stay below.
      const child = startFrames(t, {
        command: 'bash',
        args: [
          '-c',
          `ulimit -f 24; exec "$0" "$@"`,
          process.execPath,
          BIN,
          'serve',
          '--config',
          gate.config,
        ],
        cwd: gate.folder,
      });
      await child.open();
      await child.request('tools/list');
      let answer: Frame = {};
      for (let at = 0; at < 100 && denialOf(answer) === undefined; at++)
        answer = await call(child, 'bad__read_echo', { text: 'x'.repeat(500) });
      assert.equal(denialOf(answer), 'internal');
      const sent = callsOf(gate.log).length;
      assert.equal(
        denialOf(await call(child, 'bad__read_echo', { text: 'x'.repeat(500) })),
        'internal',
      );
      assert.equal(callsOf(gate.log).length, sent);
    },
  );
});

function lineAt(text: Buffer, at: number): number {
  return text.subarray(0, at).toString('latin1').split('\n').length;
}
