/** What a server was given that no model has read, and every way to read it back without its label. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { isJsonObject, type JsonObject } from '../../src/lib/json.ts';
import { packageRoot } from '../../src/lib/package-root.ts';
import { contentOf } from '../plans/bank.ts';
import { planOf, ref, stepOf } from '../plans/support.ts';
import { serve, startFrames, type FramesClient } from '../support/frames-client.ts';
import { createGate, type Gate } from '../support/gate.ts';
import { startHttpGate } from '../support/http-gate.ts';
import { denialOf, listedIn, textOf } from '../support/replies.ts';
import { scratch } from '../support/scratch.ts';
import { until } from '../support/until.ts';

const SECRET = 'correct horse';
const POLICY = '@id("all") permit(principal, action, resource);';
/** What the owner has said of the tools. */
const LOCKED = [
  ['bank', 'tools', 'read_secret', ['read'], ['secret']],
  ['notes', 'tools', 'write_note', ['write'], []],
  ['notes', 'tools', 'read_notes', ['read'], []],
  ['notes', 'tools', 'find_note', ['read'], []],
  ['notes', 'resources', 'notes://all', ['read'], []],
  ['notes', 'prompts', 'recall', ['read'], []],
] as const;

const support = (name: string): string =>
  join(packageRoot(), 'dist', 'test', 'support', `${name}-server.js`);

type World = {
  readonly gate: Gate;
  readonly servers: Record<string, JsonObject>;
  /** What the server has written down. */
  readonly notes: () => string;
  readonly open: () => Promise<FramesClient>;
  readonly show: () => Promise<string>;
};

/** A bank that has a secret, which the model gets a handle for, and a server that keeps notes. */
async function world(
  context: TestContext,
  { env = {}, config = {} }: { env?: Record<string, string>; config?: object } = {},
): Promise<World> {
  const file = join(await scratch(context), 'notes.txt');
  const command = process.execPath;
  const log = join(await scratch(context), 'calls.jsonl');
  const servers = {
    bank: { command, args: [support('bank'), log], handles: ['read_secret'] },
    notes: { command, args: [support('notes'), file], env },
  };
  const gate = await createGate(context, {
    servers,
    policy: POLICY,
    config: { plans: {}, ...config },
  });
  const path = join(gate.folder, 'sallyport.lock.json');
  const lock: unknown = JSON.parse(readFileSync(path, 'utf8'));
  for (const [server, section, name, classes, source] of LOCKED) {
    const entry = ['servers', server, section, name].reduce<unknown>(
      (at, key) => (isJsonObject(at) ? at[key] : undefined),
      lock,
    );
    Object.assign(Object(entry), { classes, source, sink: [], reviewed: true });
  }
  writeFileSync(path, JSON.stringify(lock));
  return {
    gate,
    servers,
    notes: () => (existsSync(file) ? readFileSync(file, 'utf8') : ''),
    async open() {
      const client = startFrames(context, serve(gate));
      await client.open();
      await until(async () => {
        const listed = listedIn(await client.request('tools/list'));
        return listed.includes('bank__read_secret') && listed.includes('notes__read_notes');
      });
      return client;
    },
    show: async () => (await gate.run('session', 'show')).stdout,
  };
}

const call = async (
  client: FramesClient,
  name: string,
  args: JsonObject = {},
): Promise<JsonObject> => await client.request('tools/call', { name, arguments: args });

async function secretOf(client: FramesClient): Promise<string> {
  const [handle] = /ref:[\w-]{22}/u.exec(textOf(await call(client, 'bank__read_secret'))) ?? [];
  assert.ok(handle !== undefined);
  return handle;
}

/** By a handle, and in a plan: nobody has read it. */
const WAYS = [
  [
    'a handle',
    async (client: FramesClient): Promise<void> => {
      const text = await secretOf(client);
      assert.equal(denialOf(await call(client, 'notes__write_note', { text })), undefined);
    },
  ],
  [
    'a plan',
    async (client: FramesClient): Promise<void> => {
      const plan = planOf(
        stepOf('secret', 'bank__read_secret', {}),
        stepOf('note', 'notes__write_note', { text: ref('secret', '/structuredContent/secret') }),
      );
      const submitted = contentOf(await call(client, 'sallyport__plan_submit', plan));
      const ran = contentOf(await call(client, 'sallyport__plan_run', { plan: submitted['plan'] }));
      assert.equal(ran['state'], 'done');
    },
  ],
] as const;

describe('a value that no model has read, left at a server', () => {
  for (const [way, leave] of WAYS)
    test(`by ${way}, is not read back without its label: in this process, another, a later one, by another person and program`, async (t) => {
      const { gate, servers, notes, open, show } = await world(t);
      const beside = await open();
      const client = await open();
      await leave(client);
      assert.match(notes(), /correct horse/u);
      assert.match(await show(), /^every session is calm\nservers:\n/u);
      assert.match(await show(), /notes was given, and may keep, secret data of alice \(local\)/u);
      const reads = async (reader: FramesClient, read: () => Promise<unknown>): Promise<void> => {
        assert.match(JSON.stringify(await read()), new RegExp(SECRET, 'u'));
        assert.match(await show(), /alice \(local\): band 0, calm\n.*has read secret data/u);
        rmSync(join(gate.folder, 'state', 'labels'), { recursive: true });
        await reader.end();
        assert.match(await show(), /^every session is calm/u);
      };
      await reads(beside, async () => await call(beside, 'notes__read_notes'));
      await reads(client, async () => await call(client, 'notes__read_notes'));
      for (const [method, params] of [
        ['tools/call', { name: 'notes__read_notes', arguments: {} }],
        ['resources/read', { uri: 'sallyport://notes/notes://all' }],
        ['prompts/get', { name: 'notes__recall' }],
      ] as const) {
        const later = await open();
        await reads(later, async () => await later.request(method, params));
      }

      const http = await startHttpGate(t, {
        servers,
        policy: POLICY,
        lock: readFileSync(join(gate.folder, 'sallyport.lock.json'), 'utf8'),
        config: {
          state: { path: join(gate.folder, 'state') },
          audit: { path: join(gate.folder, 'audit') },
        },
      });
      const bob = new Client({ name: 'test', version: '0' });
      const token = await http.token({ sub: 'bob', client_id: 'desktop' });
      const requestInit = { headers: { authorization: `Bearer ${token}` } };
      await bob.connect(new StreamableHTTPClientTransport(new URL(http.url), { requestInit }));
      t.after(async () => await bob.close());
      await until(async () =>
        (await bob.listTools()).tools.some(({ name }) => name === 'notes__read_notes'),
      );
      const read = await bob.callTool({ name: 'notes__read_notes', arguments: {} });
      assert.match(JSON.stringify(read), new RegExp(SECRET, 'u'));
      assert.match(await show(), /bob .*\n.*has read secret data {2}with desktop/u);
    });

  test('is said aloud by its server in another process with its label', async (t) => {
    const { gate, open, show } = await world(t, { env: { NOTES_ALOUD: '1' } });
    const client = await open();
    await WAYS[0][1](client);
    assert.doesNotMatch(await show(), /has read secret data/u);
    await client.end();
    const later = await open();
    await later.next((frame) => JSON.stringify(frame).includes(SECRET));
    assert.match(await show(), /has read secret data/u);
    assert.equal((await gate.run('audit', 'verify')).code, 0);
  });

  test('is not listed as a resource without its label', async (t) => {
    const { open, show } = await world(t, { config: { catalogue: { onNew: 'pin' } } });
    await WAYS[0][1](await open());
    assert.match(await show(), /^every session is calm\n/u);
    const later = await open();
    await until(async () => JSON.stringify(await later.request('resources/list')).includes(SECRET));
    assert.match(await show(), /alice \(local\): band 0, calm\n.*has read secret data/u);
  });

  test('counts before the server has it, and when the gateway dies before the answer', async (t) => {
    const { notes, open, show } = await world(t);
    const client = await open();
    const text = await secretOf(client);
    const args = { text, ms: 60_000 };
    client.send({
      jsonrpc: '2.0',
      id: 'slow',
      method: 'tools/call',
      params: { name: 'notes__write_note', arguments: args },
    });
    await until(() => notes().includes(SECRET));
    assert.match(await show(), /notes was given, and may keep, secret data/u);
    await client.kill();
    await call(await open(), 'notes__read_notes');
    assert.match(await show(), /has read secret data/u);
  });

  test('that a tool was given which only reads counts in other processes too, for half a day', async (t) => {
    const { open, show } = await world(t);
    const client = await open();
    const found = await call(client, 'notes__find_note', { text: await secretOf(client) });
    assert.match(textOf(found), /ref:/u);
    assert.match(await show(), /notes was given secret data of alice .*, until 2/u);
    await call(await open(), 'notes__read_notes');
    assert.match(await show(), /has read secret data/u);
  });

  test('is not given where that cannot be written down', async (t) => {
    const { gate, notes, open } = await world(t);
    const client = await open();
    const text = await secretOf(client);
    const path = join(gate.folder, 'state', 'server-labels');
    rmSync(path, { recursive: true, force: true });
    writeFileSync(path, 'a file where the folder belongs');
    assert.equal(denialOf(await call(client, 'notes__write_note', { text })), 'internal');
    assert.equal(notes(), '');
  });

  test('may be anything while nobody can read what it is', async (t) => {
    const { gate, open, show } = await world(t);
    const client = await open();
    await WAYS[0][1](client);
    const root = join(gate.folder, 'state', 'server-labels');
    for (const place of readdirSync(root))
      for (const file of readdirSync(join(root, place)))
        writeFileSync(join(root, place, file), '{}');
    const shown = await gate.run('session', 'show');
    assert.equal(shown.code, 1);
    assert.match(shown.stderr, /^warning: Cannot use .*server-labels.*no gateway of this state/mu);
    await call(await open(), 'notes__read_notes');
    for (const label of ['untrusted', 'private', 'secret'])
      assert.match(await show(), new RegExp(`has read ${label} data`, 'u'));
  });

  test('counts no longer once a person has looked, in gateways that run and in later ones', async (t) => {
    const { gate, open, show } = await world(t);
    const client = await open();
    await WAYS[0][1](client);
    await call(client, 'notes__read_notes');
    assert.match(await show(), /has read secret data/u);
    assert.equal((await gate.run('session', 'clear-label', 'bob')).code, 1);
    const ofIde = await gate.run('session', 'clear-label', 'alice', '--client', 'local');
    assert.equal(ofIde.stdout, 'alice (local): no longer secret\n');
    assert.match(await show(), /notes was given, and may keep, secret/u);
    await call(client, 'notes__read_notes');
    const cleared = await gate.run(
      'session', 'clear-label', 'alice', 'secret', '--reason', 'removed the note',
    ); // prettier-ignore
    assert.match(cleared.stdout, /^alice \(local\): no longer secret\n/u);
    assert.match(cleared.stdout, /^notes \(server\): no longer secret$/mu);
    assert.equal(await show(), 'every session is calm\n');
    for (const reader of [client, await open()]) {
      await until(async () => denialOf(await call(reader, 'notes__read_notes')) === undefined);
      assert.equal(await show(), 'every session is calm\n');
    }
    const records = gate.audit().filter(({ event }) => event === 'labels-cleared');
    const ofNotes = records.filter(({ server }) => server === 'notes');
    assert.deepEqual(new Set(ofNotes.map(({ how }) => how)), new Set(['returned', 'stored']));
    for (const { label, user, reason } of ofNotes)
      assert.deepEqual(
        { label, user, reason },
        {
          label: 'secret',
          user: { issuer: 'local', subject: 'alice' },
          reason: 'removed the note',
        },
      );
    // What is given after the decision counts again, and the server alone can be cleared.
    await WAYS[0][1](client);
    assert.match(await show(), /notes was given, and may keep, secret/u);
    assert.equal((await gate.run('session', 'clear-label', '--server', 'nobody')).code, 1);
    assert.equal((await gate.run('session', 'clear-label', '--server', 'notes', 'secret')).code, 0);
    assert.doesNotMatch(await show(), /notes was given/u);
    assert.equal((await gate.run('audit', 'verify')).code, 0);
  });
});
