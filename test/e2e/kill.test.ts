import assert from 'node:assert/strict';
import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { isJsonObject, type JsonObject } from '../../src/lib/json.ts';
import { serve, startFrames } from '../support/frames-client.ts';
import { callsOf, createHostileGate, hostileServer, received } from '../support/gate.ts';
import { startHttpGate } from '../support/http-gate.ts';
import { denialOf, listedIn, textOf } from '../support/replies.ts';
import { scratch } from '../support/scratch.ts';
import { until } from '../support/until.ts';

const hang = { name: 'bad__read_hang' };
const echo = { name: 'bad__read_echo', arguments: { text: 'x' } };
/** Milliseconds within which every process obeys. */
const SOON = 1000;
const WASM = {
  builtin: { code: { tier: 'wasm' } },
  sandbox: { docker: { host: 'unix:///nonexistent/docker.sock' } },
};

describe('a kill switch', () => {
  test('ends what runs in three gateways at once, and outlives them', async (t) => {
    const gate = await createHostileGate(t, { config: WASM });
    const web = await startHttpGate(t, {
      servers: { bad: hostileServer(join(gate.folder, 'web.jsonl')) },
      policy: '@id("test.all") permit(principal, action, resource);',
      config: { state: { path: join(gate.folder, 'state') } },
    });
    const agent = new Client({ name: 'test', version: '0' });
    const headers = { authorization: `Bearer ${await web.token()}` };
    await agent.connect(
      new StreamableHTTPClientTransport(new URL(web.url), { requestInit: { headers } }),
    );
    t.after(async () => await agent.close());
    const clients = [startFrames(t, serve(gate)), startFrames(t, serve(gate))] as const;
    for (const client of clients) {
      await client.open();
      await until(async () => listedIn(await client.request('tools/list')).includes(hang.name));
    }
    await until(async () =>
      (await agent.listTools()).tools.some(({ name }) => name === 'bad__read_echo'),
    );

    const loop = { name: 'code__execute_javascript', arguments: { code: 'for (;;);' } };
    const started = async (count: number): Promise<void> =>
      await until(() => gate.audit().filter(isIntent).length === count);
    // Before anything untrusted is read: afterwards code asks.
    const running = clients[1].request('tools/call', loop);
    await started(1);
    const waiting = [
      running,
      clients[0].request('tools/call', hang),
      agent.callTool(hang).then(asFrame),
    ];
    await started(2);
    await until(() => callsOf(gate.log).length === 1);
    await until(() => callsOf(join(gate.folder, 'web.jsonl')).length === 1);
    const thrown = await gate.run('kill', '--all', '--reason', 'a test of ours');
    const began = performance.now();
    assert.match(thrown.stdout, /^everything is switched off; sallyport revive [0-9a-f]{16} /u);
    for (const reply of await Promise.all(waiting)) assert.equal(denialOf(reply), 'killed');
    const took = performance.now() - began;
    assert.ok(took < SOON, `${took} ms`);
    await until(() => methods(gate.log).includes('notifications/cancelled'));

    assert.equal(denialOf(await clients[0].request('tools/call', echo)), 'killed');
    const later = startFrames(t, serve(gate));
    await later.open();
    const refused = await later.request('tools/call', echo);
    assert.equal(denialOf(refused), 'killed');
    assert.match(textOf(refused), /everything is switched off: a test of ours/u);
    assert.equal(callsOf(gate.log).length, 1);

    assert.match((await gate.run('kills')).stdout, /everything {2}since .* by .*: a test of ours/u);
    assert.equal((await gate.run('revive', '--user', 'alice')).code, 1);
    assert.equal((await gate.run('revive', '--all')).code, 0);
    assert.equal((await gate.run('kills')).stdout, 'nothing is switched off\n');
    await until(async () => denialOf(await later.request('tools/call', echo)) === undefined);
    const { content } = await agent.callTool(echo);
    assert.ok(JSON.stringify(content).includes('you said: x'));
    const records = gate.audit().filter(({ event }) => event === 'kill' || event === 'revive');
    assert.deepEqual(
      records.map(({ event, scope, reason }) => [event, scope, reason]),
      [
        ['kill', {}, 'a test of ours'],
        ['revive', {}, ''],
      ],
    );
    assert.equal((await gate.run('audit', 'verify')).code, 0);
  });

  test('reaches what it names and nothing else', async (t) => {
    const log = join(await scratch(t), 'other.jsonl');
    const gate = await createHostileGate(t, { servers: { other: hostileServer(log) } });
    const client = startFrames(t, serve(gate));
    await client.open();
    const there = ['bad__read_echo', 'other__read_echo'] as const;
    await until(async () => {
      const listed = listedIn(await client.request('tools/list'));
      return there.every((name) => listed.includes(name));
    });
    const ask = async (name: string): Promise<string | undefined> =>
      denialOf(await client.request('tools/call', { ...echo, name }));
    for (const [scope, bad, other] of [
      [['--server', 'bad'], 'killed', undefined],
      [['--tool', 'other/read_echo'], undefined, 'killed'],
      [['--class', 'read'], 'killed', 'killed'],
      [['--class', 'read', '--server', 'other'], undefined, 'killed'],
      [['--user', 'alice'], 'killed', 'killed'],
      [['--user', 'bob'], undefined, undefined],
      [['--client', 'local', '--server', 'bad'], 'killed', undefined],
      [['--session', sessionOf(gate.audit())], 'killed', 'killed'],
    ] as const) {
      assert.equal((await gate.run('kill', ...scope, '--reason', 'r')).code, 0);
      assert.deepEqual([await ask(there[0]), await ask(there[1])], [bad, other], scope.join(' '));
      assert.equal((await gate.run('revive', ...scope)).code, 0);
    }
    assert.deepEqual([await ask(there[0]), await ask(there[1])], [undefined, undefined]);
  });

  test('of a session reaches it in every process, and comes back with no reconnect', async (t) => {
    const gate = await createHostileGate(t);
    const ask = async (): Promise<string | undefined> => {
      const client = startFrames(t, serve(gate));
      await client.open();
      await until(async () => listedIn(await client.request('tools/list')).includes(hang.name));
      return denialOf(await client.request('tools/call', echo));
    };
    assert.equal(await ask(), undefined);
    const id = sessionOf(gate.audit());
    assert.equal((await gate.run('kill', '--session', id, '--reason', 'r')).code, 0);
    assert.deepEqual([await ask(), await ask()], ['killed', 'killed']);
    await gate.signIn({ user: 'bob', groups: [] });
    assert.equal(await ask(), undefined);
  });

  test('without the command line: a file, and a signal', async (t) => {
    const gate = await createHostileGate(t, { config: { kill: { file: './KILL' } } });
    const client = startFrames(t, serve(gate));
    await client.open();
    await until(async () => listedIn(await client.request('tools/list')).includes(hang.name));
    writeFileSync(join(gate.folder, 'KILL'), '');
    assert.equal(denialOf(await client.request('tools/call', echo)), 'killed');
    assert.match((await gate.run('kills')).stdout, /everything is switched off while .*KILL is/u);
    rmSync(join(gate.folder, 'KILL'));
    await until(async () => denialOf(await client.request('tools/call', echo)) === undefined);

    const waiting = client.request('tools/call', hang);
    await until(() => callsOf(gate.log).at(-1) === 'read_hang');
    process.kill(client.pid, 'SIGUSR1');
    assert.equal(denialOf(await waiting), 'killed');
    assert.match((await gate.run('kills')).stdout, /everything .* by signal: SIGUSR1\n/u);
    assert.ok(!client.stderr().includes('Debugger listening'));
    assert.equal((await gate.run('revive', '--all')).code, 0);
  });

  test('counts although the audit cannot be written, and says so', async (t) => {
    const gate = await createHostileGate(t);
    const client = startFrames(t, serve(gate));
    await client.open();
    await until(async () => denialOf(await client.request('tools/call', echo)) === undefined);
    chmodSync(join(gate.folder, 'audit'), 0o777);
    const { code, stderr } = await gate.run('kill', '--server', 'bda', '--reason', 'r');
    assert.notEqual(code, 0);
    assert.match(stderr, /Cannot write the kill to the audit: it is in force all the same/u);
    await gate.run('kill', '--all', '--reason', 'r');
    await until(async () => denialOf(await client.request('tools/call', echo)) === 'killed');
    chmodSync(join(gate.folder, 'audit'), 0o700);
    const misspelt = await gate.run('kill', '--tool', 'bda/x', '--reason', 'r');
    assert.equal(misspelt.stderr, 'warning: the configuration has no server bda\n');
  });

  test('that cannot be read refuses everything, and says so', async (t) => {
    const gate = await createHostileGate(t);
    assert.equal((await gate.run('kill', '--user', 'bob', '--reason', 'r')).code, 0);
    writeFileSync(join(gate.folder, 'state', 'kills', '0123456789abcdef.json'), '{}');
    const client = startFrames(t, serve(gate));
    await client.open();
    const refused = await client.request('tools/call', echo);
    assert.equal(denialOf(refused), 'killed');
    assert.match(textOf(refused), /cannot be read, so everything is refused/u);
    assert.equal((await gate.run('kills')).code, 2);
  });

  test('whose file was removed while no gateway ran refuses everything until a person ends it', async (t) => {
    const gate = await createHostileGate(t);
    assert.equal((await gate.run('kill', '--user', 'bob', '--reason', 'r')).code, 0);
    rmSync(join(gate.folder, 'state', 'kills'), { recursive: true });
    const client = startFrames(t, serve(gate));
    await client.open();
    await until(async () => denialOf(await client.request('tools/call', echo)) === 'killed');
    const { code, stdout } = await gate.run('kills');
    assert.equal(code, 1);
    const [, id = ''] =
      /^everything is switched off: the file of ([0-9a-f]{16}) is gone/u.exec(stdout) ?? [];
    assert.equal((await gate.run('revive', '--user', 'bob')).code, 1);
    assert.equal((await gate.run('revive', id)).stdout, `${id}: its file stays gone\n`);
    await until(async () => denialOf(await client.request('tools/call', echo)) === undefined);
    assert.equal((await gate.run('kills')).stdout, 'nothing is switched off\n');
  });

  for (const [args, why] of [
    [['--all'], /it needs a --reason/u],
    [['--reason', 'r'], /what is to be switched off/u],
    [['--all', '--user', 'bob', '--reason', 'r'], /--all is everything/u],
    [['--class', 'reading', '--reason', 'r'], /--class takes one of read, write/u],
    [['--tool', 'x', '--reason', 'r'], /--tool takes SERVER\/NAME/u],
    [['--all', '--reason', 'r', '--for', 'ever'], /--for takes a time/u],
  ] as const)
    test(`is not thrown by kill ${args.join(' ')}`, async (t) => {
      const gate = await createHostileGate(t, { pinned: false });
      const { code, stderr } = await gate.run('kill', ...args);
      assert.equal(code, 2);
      assert.match(stderr, why);
      assert.equal((await gate.run('kills')).stdout, 'nothing is switched off\n');
    });
});

function asFrame(result: unknown): JsonObject {
  const plain: unknown = JSON.parse(JSON.stringify(result));
  assert.ok(isJsonObject(plain));
  return { result: plain };
}

const isIntent = ({ event }: JsonObject): boolean => event === 'intent';
const methods = (log: string): unknown[] => received(log).map(({ method }) => method);

function sessionOf(records: readonly JsonObject[]): string {
  const id = records.find(({ event }) => event === 'session-open')?.['session'];
  assert.ok(typeof id === 'string');
  return id;
}
