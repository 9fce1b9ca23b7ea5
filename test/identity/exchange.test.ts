import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { decodeJwt } from 'jose';
import { isJsonObject, parseJson, type JsonObject } from '../../src/lib/json.ts';
import { post, openSession, type RawAnswer } from '../support/http-agent.ts';
import { startHttpGate, type HttpGate } from '../support/http-gate.ts';
import {
  GATEWAY,
  startIdentityProvider,
  type IdentityProvider,
} from '../support/identity-provider.ts';
import { AUDIENCE } from '../support/keys.ts';
import { startProtectedServer, type ProtectedServer } from '../support/protected-server.ts';
import { until } from '../support/until.ts';

const TICKETS = 'https://tickets.example/mcp';
const SCOPES = ['tickets:read', 'tickets:write'];
const ALL = ['mcp:tools', ...SCOPES];

type World = {
  readonly idp: IdentityProvider;
  readonly tickets: ProtectedServer;
  readonly gate: HttpGate;
  readonly token: (user: string, scopes?: readonly string[]) => Promise<string>;
};

/** A provider, a protected server, and a gateway between. */
async function startWorld(
  context: TestContext,
  scopes = SCOPES,
  policy = '@id("test.all") permit(principal, action, resource);',
): Promise<World> {
  const idp = await startIdentityProvider({
    resources: { [AUDIENCE]: ALL, [TICKETS]: SCOPES },
    exchangeOf: AUDIENCE,
  });
  context.after(async () => await idp[Symbol.asyncDispose]());
  const { issuer } = idp;
  const tickets = await startProtectedServer({ issuer, audience: TICKETS, write: 'tickets:write' });
  context.after(async () => await tickets[Symbol.asyncDispose]());
  const gate = await startHttpGate(context, {
    servers: { tickets: { url: tickets.url, auth: { exchange: { audience: TICKETS, scopes } } } },
    policy,
    config: {
      identity: {
        http: { issuer, audience: AUDIENCE, requiredScopes: ['mcp:tools'], client: GATEWAY },
      },
    },
  });
  return {
    idp,
    tickets,
    gate,
    token: async (user, wanted = ALL) => await idp.tokenFor(user, AUDIENCE, wanted),
  };
}

async function connect(context: TestContext, gate: HttpGate, token: string): Promise<Client> {
  const client = new Client({ name: 'test', version: '1' });
  await client.connect(
    new StreamableHTTPClientTransport(new URL(gate.url), {
      requestInit: { headers: { authorization: `Bearer ${token}` } },
    }),
  );
  context.after(async () => await client.close());
  await until(async () => (await client.listTools()).tools.length > 0);
  return client;
}

/** The claims of the token that the server was shown. */
async function whoami(client: Client, name = 'tickets__whoami'): Promise<JsonObject> {
  const { content } = await client.callTool({ name, arguments: {} });
  assert.ok(Array.isArray(content));
  const first: unknown = content[0];
  assert.ok(isJsonObject(first) && typeof first['text'] === 'string');
  assert.match(first['text'], /^\{/u);
  const claims = parseJson(Buffer.from(first['text']), { maxBytes: 65_536, maxDepth: 8 });
  assert.ok(isJsonObject(claims));
  return claims;
}

async function call(gate: HttpGate, token: string, name: string): Promise<RawAnswer> {
  const session = await openSession(gate, token);
  await post(
    gate,
    token,
    { jsonrpc: '2.0', method: 'notifications/initialized' },
    { 'mcp-session-id': session },
  );
  let answer: RawAnswer | undefined;
  await until(async () => {
    answer = await post(
      gate,
      token,
      { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: {} } },
      { 'mcp-session-id': session },
    );
    return !answer.text.includes('Unknown tool');
  });
  assert.ok(answer);
  return answer;
}

test('each user is a user of their own behind the gateway, which is the actor', async (context) => {
  const { idp, tickets, gate, token } = await startWorld(context);
  for (const user of ['alice', 'bob']) {
    const claims = await whoami(await connect(context, gate, await token(user)));
    assert.equal(claims['sub'], user);
    assert.equal(claims['aud'], TICKETS);
    assert.deepEqual(claims['act'], { sub: 'gateway', act: { sub: 'agent' } });
    assert.equal(claims['scope'], 'tickets:read tickets:write');
  }
  assert.equal(idp.exchanges, 2);
  assert.equal(new Set(tickets.seen).size, 2);
});

test('no token of one side is any good on the other', async (context) => {
  const { idp, tickets, gate, token } = await startWorld(context);
  const own = await token('alice');
  await whoami(await connect(context, gate, own));
  for (const header of tickets.seen) assert.notEqual(header, `Bearer ${own}`);
  const given = (tickets.seen[0] ?? '').replace('Bearer ', '');
  assert.equal(decodeJwt(given).aud, TICKETS);
  // The inbound token at the upstream; the exchanged one at the gateway, and at another upstream.
  const initialize = { jsonrpc: '2.0', id: 1, method: 'initialize', params: {} };
  assert.equal((await post({ url: tickets.url }, own, initialize)).status, 401);
  const back = await post(gate, given, initialize);
  assert.equal(back.status, 401);
  assert.match(back.headers.get('www-authenticate') ?? '', /error="invalid_token"/u);
  await using other = await startProtectedServer({
    issuer: idp.issuer,
    audience: 'https://other.example/mcp',
    write: 'x',
  });
  assert.equal((await post({ url: other.url }, given, initialize)).status, 401);
});

test('1,000 calls by 50 users are 50 exchanges', async (context) => {
  const { idp, gate, token } = await startWorld(context);
  const users = Array.from({ length: 50 }, (_, at) => `user-${at}`);
  // Five at a time: the provider, the server and all clients are this one process.
  for (let first = 0; first < users.length; first += 5)
    await Promise.all(
      users.slice(first, first + 5).map(async (user) => {
        const client = await connect(context, gate, await token(user));
        const said = await Promise.all(
          Array.from({ length: 20 }, async () => await whoami(client)),
        );
        for (const claims of said) assert.equal(claims['sub'], user);
        await client.close();
      }),
    );
  assert.equal(idp.exchanges, 50);
});

test('a token with fewer scopes gets no more than it says, from whoever’s cache', async (context) => {
  const { gate, token } = await startWorld(context);
  const wide = await whoami(await connect(context, gate, await token('alice')));
  assert.equal(wide['scope'], 'tickets:read tickets:write');
  const narrow = await token('alice', ['mcp:tools', 'tickets:read']);
  const claims = await whoami(await connect(context, gate, narrow));
  assert.equal(claims['scope'], 'tickets:read');
});

test('a call that waited goes out in the name it was decided about', async (context) => {
  const { gate, token } = await startWorld(
    context,
    SCOPES,
    `@id("test.all") permit(principal, action, resource);
     @id("test.ask") @requires_approval("user")
     forbid(principal, action == Action::"tools/call:tickets/whoami", resource)
     unless { context.pep.approvals.contains("user") };`,
  );
  const wide = await token('alice');
  let shown = await token('alice', ['mcp:tools', 'tickets:read']);
  const client = new Client(
    { name: 'test', version: '1' },
    { capabilities: { elicitation: { form: {} } } },
  );
  client.setRequestHandler(ElicitRequestSchema, async () => {
    // While a person thinks, the same session goes on with a token that says more.
    shown = wide;
    await client.listTools();
    return { action: 'accept', content: { allow: true } };
  });
  const transport = new StreamableHTTPClientTransport(new URL(gate.url), {
    async fetch(url, init) {
      const headers = new Headers(init?.headers);
      headers.set('authorization', `Bearer ${shown}`);
      return await fetch(url, { ...init, headers });
    },
  });
  await client.connect(transport);
  context.after(async () => await client.close());
  await until(async () => (await client.listTools()).tools.length > 0);
  assert.equal((await whoami(client))['scope'], 'tickets:read');
});

test('what the server wants more is asked of the user: 403 with every scope', async (context) => {
  const { gate, token } = await startWorld(context);
  const narrow = await token('bob', ['mcp:tools', 'tickets:read']);
  const answer = await call(gate, narrow, 'tickets__change');
  assert.equal(answer.status, 403);
  const challenge = answer.headers.get('www-authenticate') ?? '';
  assert.match(challenge, /^Bearer error="insufficient_scope"/u);
  // What the owner does not let the gateway ask for is not passed on, nor is where the server would send people.
  assert.match(challenge, /scope="mcp:tools tickets:read tickets:write"/u);
  assert.ok(!challenge.includes('unheard:of') && !challenge.includes('evil'));
  assert.match(challenge, /resource_metadata="https:\/\/gate\.example\//u);
  assert.ok(isJsonObject(answer.body) && isJsonObject(answer.body['error']));
  const widened = await call(gate, await token('bob'), 'tickets__change');
  assert.equal(widened.status, 200);
});

test('a server that wants what its owner never named gets nobody asked', async (context) => {
  const { gate, token } = await startWorld(context, ['tickets:read']);
  const answer = await call(gate, await token('bob'), 'tickets__change');
  assert.equal(answer.status, 200);
  assert.match(answer.text, /wants a scope that it is not asked for/u);
  assert.match(answer.text, /upstream-failed/u);
});

test('a scope that the issuer does not give for that server is no way in', async (context) => {
  const { tickets, gate, token } = await startWorld(context, ['tickets:read', 'admin']);
  const session = await openSession(gate, await token('alice'));
  assert.ok(session);
  await until(() => gate.stderr().includes('has not granted what it needs'));
  assert.deepEqual(tickets.seen, []);
});

test('no token is written anywhere', async (context) => {
  const { tickets, gate, token } = await startWorld(context);
  const own = await token('alice');
  await whoami(await connect(context, gate, own));
  await call(gate, await token('bob', ['mcp:tools', 'tickets:read']), 'tickets__change');
  const secrets = [own, GATEWAY.secret, ...tickets.seen.map((one) => one.replace('Bearer ', ''))];
  assert.ok(tickets.seen.length > 0);
  await gate.stop();
  const written = readdirSync(gate.folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== 'sallyport.yaml')
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'));
  const all = [...written, gate.stderr()].join('\n');
  assert.ok(all.includes('tickets'));
  for (const secret of secrets) {
    assert.ok(secret.length > 10 && !all.includes(secret));
    for (const part of secret.split('.')) assert.ok(part.length < 30 || !all.includes(part));
  }
});
