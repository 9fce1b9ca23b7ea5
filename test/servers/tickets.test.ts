/** Concept 3 of the seed: whose token it is decides what may be changed, and the one who carries it may do nothing. */
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, renameSync, rmdirSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { decodeJwt, decodeProtectedHeader, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import { Database } from '../../servers/sqlite.ts';
import type { Entry } from '../../servers/tickets/audit.ts';
import { openTickets } from '../../servers/tickets/database.ts';
import { writeSample } from '../../servers/tickets/sample.ts';
import { createTicketsServer } from '../../servers/tickets/tickets-server.ts';
import { isJsonObject } from '../../src/lib/json.ts';
import { packageRoot } from '../../src/lib/package-root.ts';
import { freePort } from '../support/free-port.ts';
import { scratch } from '../support/scratch.ts';
import { GRANTED, GATE, OTHER, ticketsWorld, type TicketsWorld } from '../support/tickets-world.ts';

const BOTH = 'tickets:read tickets:write';
const call = (name: string, args: object): object => ({
  jsonrpc: '2.0',
  id: 1,
  method: 'tools/call',
  params: { name, arguments: args },
});
const UPDATE = call('update_ticket', { ticket_id: 1, title: 'changed' });
const LIST = call('list_tickets', {});

type Answer = { readonly status: number; readonly challenge: string | null };

async function post(
  { resource }: TicketsWorld,
  headers: Record<string, string>,
  body: unknown = UPDATE,
): Promise<Answer> {
  const response = await fetch(resource, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...headers,
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  await response.body?.cancel();
  return { status: response.status, challenge: response.headers.get('www-authenticate') };
}

async function connect(context: TestContext, world: TicketsWorld, user: string): Promise<Client> {
  const client = new Client({ name: 'test', version: '0' });
  const authorization = `Bearer ${await world.delegated(user)}`;
  const transport = new StreamableHTTPClientTransport(new URL(world.resource), {
    requestInit: { headers: { authorization } },
  });
  await client.connect(transport);
  context.after(async () => await client.close());
  return client;
}

async function ask(
  client: Client,
  name: string,
  args: Record<string, unknown> = {},
): Promise<string> {
  const { content, structuredContent } = await client.callTool({ name, arguments: args });
  if (structuredContent !== undefined) return JSON.stringify(structuredContent);
  const [item]: unknown[] = Array.isArray(content) ? content : [];
  return isJsonObject(item) && typeof item['text'] === 'string' ? item['text'] : '';
}

/** What the audit has of one call. */
function line(user: string, tool: string, ticket: number, end: string): string {
  const [outcome = '', reason = ''] = end.split(' ');
  return JSON.stringify([
    user,
    ['gateway', 'demo-agent'],
    'gateway',
    tool,
    ticket,
    outcome,
    reason,
  ]);
}

test('Bob changes what is Bob’s, Alice what Alice may, and the audit says who acted for whom', async (context) => {
  const world = await ticketsWorld(context);
  const [alice, bob] = [
    await connect(context, world, 'alice'),
    await connect(context, world, 'bob'),
  ];
  await bob.listTools();
  const ids = async (client: Client): Promise<string> =>
    [...(await ask(client, 'list_tickets')).matchAll(/"id":(\d+)/gu)].map(([, id]) => id).join(' ');
  assert.equal(await ids(bob), '1 3 4');
  assert.equal(await ids(alice), '1 2 3 4');

  assert.match(
    await ask(bob, 'update_ticket', { ticket_id: 1, status: 'in_progress' }),
    /"in_progress","owner":"bob"/u,
  );
  assert.match(await ask(bob, 'close_ticket', { ticket_id: 4 }), /"closed"/u);
  assert.equal(
    await ask(bob, 'update_ticket', { ticket_id: 3, title: 'mine now' }),
    'Cannot update ticket 3: it is not yours',
  );
  assert.equal(
    await ask(bob, 'close_ticket', { ticket_id: 3 }),
    'Cannot close ticket 3: it is not yours',
  );
  // What Bob may not see answers like what does not exist.
  for (const tool of ['get_ticket', 'update_ticket', 'close_ticket'])
    for (const ticket_id of [2, 99])
      assert.equal(
        await ask(bob, tool, { ticket_id }),
        `Cannot ${tool.replace('_', ' ')} ${ticket_id}: there is no such ticket`,
      );
  const sql = "'); DROP TABLE tickets; --";
  assert.match(
    await ask(bob, 'create_ticket', { title: sql }),
    /"id":5.*DROP TABLE.*"owner":"bob"/u,
  );
  assert.match(await ask(bob, 'create_ticket', { title: 'x', owner: 'alice' }), /validation/u);
  assert.match(await ask(bob, 'update_ticket', { ticket_id: 1, title: 'a\0b' }), /validation/u);
  assert.match(
    await ask(alice, 'update_ticket', { ticket_id: 5, title: 'What Bob meant' }),
    /What Bob meant/u,
  );
  assert.match(await ask(alice, 'get_ticket', { ticket_id: 2 }), /board meeting/u);
  assert.match(await ask(alice, 'get_ticket', { ticket_id: 3 }), /New laptop/u);

  const lines = world
    .audit()
    .map(({ sub, act, client, tool, ticket, outcome, reason }) =>
      JSON.stringify([sub, act, client, tool, ticket ?? 0, outcome, reason ?? '']),
    );
  for (const want of [
    line('bob', 'update_ticket', 1, 'done'),
    line('bob', 'update_ticket', 3, 'refused not-yours'),
    line('bob', 'update_ticket', 2, 'refused missing'),
    line('alice', 'update_ticket', 5, 'done'),
  ])
    assert.ok(lines.includes(want), want);
  assert.ok(lines.every((each) => /^\["(?:alice|bob)",/u.test(each)));
});

/** Signed with what everybody can read: the issuer's public key as a shared secret. */
async function confused(world: TicketsWorld, good: string): Promise<string> {
  const jwks = await (await fetch(`${world.issuer}/jwks`)).text();
  const { kid = '' } = decodeProtectedHeader(good);
  return await new SignJWT(decodeJwt(good))
    .setProtectedHeader({ alg: 'HS256', kid, typ: 'at+jwt' })
    .sign(Buffer.from(jwks));
}

async function forged(good: string): Promise<string> {
  const { privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519' });
  const { kid = '' } = decodeProtectedHeader(good);
  return await new SignJWT(decodeJwt(good))
    .setProtectedHeader({ alg: 'EdDSA', kid, typ: 'at+jwt' })
    .sign(privateKey);
}

/** Another subject in a token whose signature is kept. */
function altered(good: string): string {
  const [header = '', , signature = ''] = good.split('.');
  const claims = JSON.stringify({ ...decodeJwt(good), sub: 'alice' });
  return [header, Buffer.from(claims).toString('base64url'), signature].join('.');
}

const INVALID =
  /^Bearer error="invalid_token", scope="tickets:read tickets:write", resource_metadata="(.*)"$/u;

const TOKENS: Readonly<
  Record<
    string,
    (world: TicketsWorld, good: string, other: TicketsWorld) => string | Promise<string>
  >
> = {
  'the token that Bob has shown to the gateway': async ({ token }) =>
    await token('bob', GATE, GRANTED),
  'a token exchanged for another server': async ({ token, exchange }) =>
    await exchange(await token('bob', GATE, GRANTED), OTHER, 'wiki:read'),
  'the gateway’s own token': async ({ own, resource }) => await own(resource, BOTH),
  'a token of Bob’s in which nobody acts': async ({ token, resource }) =>
    await token('bob', resource, BOTH),
  'a token of another issuer': async (_, __, other) => await other.delegated('bob'),
  'HS256 with the public key': confused,
  'no signature': (_, good) => new UnsecuredJWT(decodeJwt(good)).encode(),
  'a signature of another key': async (_, good) => await forged(good),
  'an altered subject': (_, good) => altered(good),
  'no token at all': () => 'x',
  'a long text': () => 'x'.repeat(12_000),
};

test('every token that is not for this server, for a person and through the gateway is refused', async (context) => {
  const world = await ticketsWorld(context);
  const other = await ticketsWorld(context);
  const before = readFileSync(world.database);
  const good = await world.delegated('bob');
  const used = [good];
  for (const [name, make] of Object.entries(TOKENS))
    await context.test(name, async () => {
      const token = await make(world, good, other);
      used.push(token);
      const { status, challenge } = await post(world, { authorization: `Bearer ${token}` });
      assert.equal(status, 401);
      const where = INVALID.exec(challenge ?? '')?.[1];
      const metadata: unknown = await (await fetch(where ?? '')).json();
      assert.deepEqual(metadata, {
        resource: world.resource,
        authorization_servers: [world.issuer],
        scopes_supported: BOTH.split(' '),
        bearer_methods_supported: ['header'],
      });
    });
  await context.test('an actor that is not accepted here', async (inner) => {
    const strict = await ticketsWorld(inner, ['another-gateway']);
    const token = await strict.delegated('bob');
    const { status, challenge } = await post(strict, { authorization: `Bearer ${token}` });
    assert.equal(status, 401);
    assert.match(challenge ?? '', INVALID);
  });
  await context.test('an expired token, which was fine before', async () => {
    const headers = { authorization: `Bearer ${good}` };
    assert.equal((await post(world, headers, LIST)).status, 200);
    world.ahead(306);
    const { status, challenge } = await post(world, headers, LIST);
    assert.equal(status, 401);
    assert.match(challenge ?? '', INVALID);
    world.ahead(-60);
    assert.equal((await post(world, headers, LIST)).status, 200);
    world.ahead(0);
  });
  await context.test('no token, and none in the address', async () => {
    const { status, challenge } = await post(world, {});
    assert.equal(status, 401);
    assert.match(
      challenge ?? '',
      /^Bearer scope="tickets:read tickets:write", resource_metadata="/u,
    );
    const asked = await fetch(`${world.resource}?access_token=${good}`, { method: 'POST' });
    assert.equal(asked.status, 404);
    const basic = await post(world, { authorization: `Basic ${good}` });
    assert.equal(basic.status, 401);
  });
  await context.test('two tokens', async () => {
    const status = await new Promise((resolve, reject) => {
      const { host } = new URL(world.resource);
      httpRequest(world.resource, {
        method: 'POST',
        headers: [
          'Host',
          host,
          'Authorization',
          `Bearer ${good}`,
          'authorization',
          `Bearer ${good}`,
        ],
      })
        .on('response', (response) => resolve(response.resume().statusCode))
        .on('error', reject)
        .end();
    });
    assert.equal(status, 401);
  });
  assert.ok(readFileSync(world.database).equals(before));
  const audit = JSON.stringify(world.audit());
  for (const token of used) assert.ok(token === 'x' || !audit.includes(token.slice(-40)));
  const refused = world.audit().filter(({ outcome }) => outcome === 'refused');
  assert.equal(refused.length, Object.keys(TOKENS).length + 5);
});

test('a scope that is missing is named, and so is nothing else', async (context) => {
  const world = await ticketsWorld(context);
  const reader = { authorization: `Bearer ${await world.delegated('bob', 'tickets:read')}` };
  const writer = { authorization: `Bearer ${await world.delegated('bob', 'tickets:write')}` };
  const before = readFileSync(world.database);
  for (const [headers, body, needed] of [
    [reader, UPDATE, 'tickets:write'],
    [reader, call('create_ticket', { title: 'x' }), 'tickets:write'],
    [reader, call('close_ticket', { ticket_id: 1 }), 'tickets:write'],
    [writer, LIST, 'tickets:read'],
    [writer, call('get_ticket', { ticket_id: 1 }), 'tickets:read'],
  ] as const) {
    const { status, challenge } = await post(world, headers, body);
    assert.equal(status, 403);
    assert.equal(
      challenge?.replace(/, resource_metadata=.*/u, ''),
      `Bearer error="insufficient_scope", scope="${needed}"`,
    );
  }
  assert.ok(readFileSync(world.database).equals(before));
  assert.equal((await post(world, reader, LIST)).status, 200);
  assert.equal((await post(world, writer)).status, 200);
});

test('without the keys of the issuer nothing is served, and no token is called wrong', async (context) => {
  const world = await ticketsWorld(context);
  const authorization = `Bearer ${await world.delegated('bob')}`;
  world.endIssuer();
  assert.deepEqual(await post(world, { authorization }), { status: 500, challenge: null });
});

test('it runs alone, on the database that its seed has written', async (context) => {
  const folder = await scratch(context);
  const servers = join(packageRoot(), 'dist', 'servers', 'tickets');
  const database = join(folder, 'tickets.db');
  const run = promisify(execFile);
  await run(process.execPath, [join(servers, 'seed.js'), database]);
  await assert.rejects(run(process.execPath, [join(servers, 'seed.js'), database]), /exists/u);
  await assert.rejects(run(process.execPath, [join(servers, 'server.js')]), /Usage/u);
  const port = await freePort();
  const resource = `http://127.0.0.1:${port}/mcp`;
  const issuer = 'https://idp.example';
  const child = spawn(
    process.execPath,
    [
      join(servers, 'server.js'),
      `--database=${database}`,
      `--audit=${join(folder, 'audit.jsonl')}`,
      `--issuer=${issuer}`,
      `--jwks=${issuer}/jwks`,
      `--resource=${resource}`,
      '--actor=gateway',
      `--port=${port}`,
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const exited = once(child, 'exit');
  context.after(() => child.kill('SIGKILL'));
  assert.match(String((await once(child.stderr, 'data'))[0]), /listening/u);
  const { status, headers } = await fetch(resource, { method: 'POST' });
  assert.equal(status, 401);
  assert.match(headers.get('www-authenticate') ?? '', /resource_metadata="[^"]+\/mcp"$/u);
  child.kill('SIGTERM');
  assert.deepEqual(await exited, [0, null]);
});

test('who is known to the issuer alone is nobody here', async (context) => {
  const world = await ticketsWorld(context);
  const authorization = `Bearer ${await world.delegated('dave')}`;
  for (const body of [LIST, UPDATE, { jsonrpc: '2.0', id: 1, method: 'ping' }])
    assert.deepEqual(await post(world, { authorization }, body), { status: 403, challenge: null });
  assert.equal(world.audit()[0]?.['sub'], 'dave');
});

test('what no MCP client of a person sends is refused with the best of tokens', async (context) => {
  const world = await ticketsWorld(context);
  const authorization = `Bearer ${await world.delegated('bob', 'tickets:read')}`;
  const twice = JSON.stringify(LIST).replace(
    '"list_tickets"',
    '"list_tickets","name":"close_ticket"',
  );
  for (const [headers, body, want] of [
    [{ origin: 'https://evil.example' }, LIST, 403],
    [{}, [LIST, UPDATE], 400],
    [{}, [UPDATE], 400],
    [{}, twice, 400],
    [{}, '{', 400],
    [{}, 'x'.repeat(70_000), 413],
  ] as const)
    assert.equal((await post(world, { authorization, ...headers }, body)).status, want);
  const got = await fetch(world.resource, { headers: { authorization } });
  assert.equal(got.status, 405);
  assert.ok(world.audit().every(({ status }) => status !== 405));
  const { port } = new URL(world.resource);
  const rebound = await new Promise((resolve, reject) => {
    httpRequest({
      port,
      path: '/mcp',
      method: 'POST',
      headers: { authorization, host: 'evil.example' },
    })
      .on('response', (response) => resolve(response.resume().statusCode))
      .on('error', reject)
      .end();
  });
  assert.equal(rebound, 403);
});

test('an audit that cannot be written ends no server and lets nobody in', async (context) => {
  const world = await ticketsWorld(context);
  const client = await connect(context, world, 'bob');
  const before = await ask(client, 'get_ticket', { ticket_id: 1 });
  const file = join(world.folder, 'audit.jsonl');
  renameSync(file, `${file}.kept`);
  mkdirSync(file);
  for (let attempt = 0; attempt < 2; attempt++) assert.equal((await post(world, {})).status, 401);
  await ask(client, 'update_ticket', { ticket_id: 1, title: 'unwritten' });
  rmdirSync(file);
  assert.equal(await ask(client, 'get_ticket', { ticket_id: 1 }), before);
});

test('what could not be kept is not in the audit as done alone', async (context) => {
  const folder = await scratch(context);
  const path = join(folder, 'tickets.db');
  writeSample(path);
  const owner = new Database(path);
  // Whether anybody stands in the table is looked at when the change is to be kept.
  owner.exec(`CREATE TABLE kept (owner TEXT REFERENCES people DEFERRABLE INITIALLY DEFERRED);
    CREATE TRIGGER fails AFTER UPDATE ON tickets BEGIN INSERT INTO kept VALUES ('nobody'); END;`);
  owner.close();
  const tickets = openTickets(path);
  context.after(() => tickets.close());
  const lines: Entry[] = [];
  const server = createTicketsServer({
    tickets,
    audit: (_caller, entry) => lines.push(entry),
    version: '0',
    caller: { subject: 'bob', actors: [], client: 'x', scopes: [], tokenId: '' },
  });
  const client = new Client({ name: 'test', version: '0' });
  const [there, here] = InMemoryTransport.createLinkedPair();
  await server.connect(there);
  await client.connect(here);
  const answer = await ask(client, 'update_ticket', { ticket_id: 1, title: 'unkept' });
  assert.match(answer, /FOREIGN KEY/u);
  assert.ok(!(await ask(client, 'get_ticket', { ticket_id: 1 })).includes('unkept'));
  assert.deepEqual(
    lines.map(({ outcome }) => outcome),
    ['done', 'failed', 'done'],
  );
});
