import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { decodeJwt } from 'jose';
import { Denial } from '../../src/denial.ts';
import { createEnterpriseExchange } from '../../src/identity/id-jag.ts';
import { showsAll } from '../support/clients.ts';
import { openSession } from '../support/http-agent.ts';
import { startHttpGate, type HttpGate } from '../support/http-gate.ts';
import { believe, ID_JAG, JWT_BEARER, vouchFor, type Asked } from '../support/id-jag-grants.ts';
import {
  GATEWAY,
  startIdentityProvider,
  type IdentityProvider,
} from '../support/identity-provider.ts';
import { AUDIENCE } from '../support/keys.ts';
import { startProtectedServer, type ProtectedServer } from '../support/protected-server.ts';
import { until } from '../support/until.ts';

const TICKETS = 'https://tickets.example/mcp';
const SCOPES = ['tickets:read'];
const THERE = { id: 'gateway-there', secret: 'another-secret-of-the-gateway' };

type World = {
  readonly gate: HttpGate;
  readonly tickets: ProtectedServer;
  readonly house: IdentityProvider;
  readonly own: IdentityProvider;
  readonly asked: Asked;
};

/** The issuer of a house, a server with an issuer of its own that believes it, and a gateway between. */
async function startWorld(context: TestContext): Promise<World> {
  const asked = { vouched: 0, granted: 0 };
  const house = await startIdentityProvider({
    resources: { [AUDIENCE]: ['mcp:tools'] },
    extend: (provider, extension) =>
      vouchFor(extension, provider, {
        gateway: AUDIENCE,
        may: (user) => user !== 'mallory',
        clientThere: THERE.id,
        asked,
      }),
  });
  context.after(async () => await house[Symbol.asyncDispose]());
  const resources: Record<string, readonly string[]> = { 'https://other.example': SCOPES };
  const own = await startIdentityProvider({
    resources,
    clients: [
      {
        client_id: THERE.id,
        client_secret: THERE.secret,
        redirect_uris: [],
        response_types: [],
        grant_types: [JWT_BEARER],
        token_endpoint_auth_method: 'client_secret_basic',
      },
    ],
    extend: (provider, extension) => believe(extension, provider, house.issuer, asked),
  });
  context.after(async () => await own[Symbol.asyncDispose]());
  const tickets = await startProtectedServer({
    issuer: own.issuer,
    write: 'tickets:write',
  });
  context.after(async () => await tickets[Symbol.asyncDispose]());
  resources[tickets.url] = [...SCOPES, 'tickets:write'];
  const enterprise = { issuer: own.issuer, client: THERE, scopes: SCOPES };
  const gate = await startHttpGate(context, {
    servers: { tickets: { url: tickets.url, auth: { enterprise } } },
    policy: '@id("test.all") permit(principal, action, resource);',
    config: {
      identity: {
        http: {
          issuer: house.issuer,
          audience: AUDIENCE,
          requiredScopes: ['mcp:tools'],
          client: GATEWAY,
        },
      },
    },
  });
  return { gate, tickets, house, own, asked };
}

async function connect(context: TestContext, gate: HttpGate, token: string): Promise<Client> {
  const client = new Client({ name: 'test', version: '1' });
  await client.connect(
    new StreamableHTTPClientTransport(new URL(gate.url), {
      requestInit: { headers: { authorization: `Bearer ${token}` } },
    }),
  );
  context.after(async () => await client.close());
  await showsAll(client, ['tickets']);
  return client;
}

async function whoami(client: Client): Promise<string> {
  return JSON.stringify(await client.callTool({ name: 'tickets__whoami', arguments: {} }));
}

test('who signs in at the house is themselves at a server of another house', async (context) => {
  const { gate, tickets, house, own, asked } = await startWorld(context);
  const shown: string[] = [];
  for (const user of ['alice', 'bob']) {
    const token = await house.tokenFor(user, AUDIENCE, ['mcp:tools']);
    shown.push(token);
    const client = await connect(context, gate, token);
    for (let calls = 0; calls < 3; calls++)
      assert.match(await whoami(client), new RegExp(`\\\\"sub\\\\":\\\\"${user}\\\\"`, 'u'));
  }
  assert.deepEqual(asked, { vouched: 2, granted: 2 });
  const sent = new Set(tickets.seen.map((header) => header.replace('Bearer ', '')));
  for (const token of sent) {
    const { iss, aud } = decodeJwt(token);
    assert.deepEqual([iss, aud], [own.issuer, tickets.url]);
    shown.push(token);
  }
  await gate.stop();
  const written = readdirSync(gate.folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== 'sallyport.yaml')
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'));
  const all = [...written, gate.stderr()].join('\n');
  for (const secret of [...shown, GATEWAY.secret, THERE.secret])
    assert.ok(secret.length > 10 && !all.includes(secret));
});

test('whom the administrator of the house does not let in gets no further than their issuer', async (context) => {
  const { gate, tickets, house, asked } = await startWorld(context);
  const token = await house.tokenFor('mallory', AUDIENCE, ['mcp:tools']);
  assert.ok(await openSession(gate, token));
  await until(() => gate.stderr().includes('the issuer says access_denied'));
  assert.equal(asked.granted, 0);
  assert.deepEqual(tickets.seen, []);
  // This issuer quotes the token in its error.
  assert.ok(!gate.stderr().includes(token));
});

const HOUSE = 'https://house.example';
const OWN = 'https://auth.tickets.example';

/** Nobody here checks its signature; that is for whom it is shown to. */
function jagOf(change: Readonly<Record<string, unknown>> = {}, typ = 'oauth-id-jag+jwt'): string {
  const parts = [
    { alg: 'EdDSA', typ },
    { aud: OWN, resource: TICKETS, ...change },
  ];
  const text = parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'));
  return `${text.join('.')}.c2ln`;
}

type Answer = { readonly status?: number; readonly body: Readonly<Record<string, unknown>> };

/** Asks for a token where the issuers answer so; what the issuer of the server was sent. */
async function ask(
  vouched: Answer,
  granted: Answer = { body: { access_token: 'good', token_type: 'Bearer' } },
  subject: 'access_token' | 'id_token' = 'access_token',
): Promise<{
  readonly outcome: unknown;
  readonly sent: readonly URLSearchParams[];
  readonly house: URLSearchParams;
}> {
  const sent: URLSearchParams[] = [];
  let house = new URLSearchParams();
  const exchange = createEnterpriseExchange(
    {
      issuer: HOUSE,
      client: GATEWAY,
      audiences: [AUDIENCE],
      now: () => 0,
      async fetch(input, init) {
        const { origin, pathname } = new URL(input instanceof Request ? input.url : input);
        if (pathname !== '/token')
          return Response.json({ issuer: origin, token_endpoint: `${origin}/token` });
        const form = new URLSearchParams(typeof init?.body === 'string' ? init.body : '');
        if (origin === OWN) sent.push(form);
        else house = form;
        const { status = 200, body } = origin === OWN ? granted : vouched;
        return await Promise.resolve(Response.json(body, { status }));
      },
    },
    {
      server: 'tickets',
      scopes: SCOPES,
      resource: TICKETS,
      subject,
      own: { issuer: OWN, client: THERE },
    },
  );
  const outcome = await exchange('of-alice').catch((thrown: unknown) => thrown);
  return { outcome, sent, house };
}

const answered = (token: string, change: object = {}): Answer => ({
  body: { access_token: token, token_type: 'N_A', issued_token_type: ID_JAG, ...change },
});

describe('what the issuer of the caller gives', () => {
  test('is shown to the issuer of the server, and nothing else is', async () => {
    const jag = jagOf();
    const { outcome, sent } = await ask(answered(jag));
    assert.deepEqual(outcome, { token: 'good', expires: 60_000 });
    assert.equal(sent.length, 1);
    assert.deepEqual(Object.fromEntries(sent[0] ?? []), {
      assertion: jag,
      grant_type: JWT_BEARER,
      resource: TICKETS,
      scope: 'tickets:read',
    });
  });

  for (const subject of ['access_token', 'id_token'] as const)
    test(`is asked for with the ${subject} of the caller, for the issuer of the server`, async () => {
      const { house } = await ask(answered(jagOf()), undefined, subject);
      assert.deepEqual(Object.fromEntries(house), {
        grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
        subject_token: 'of-alice',
        subject_token_type: `urn:ietf:params:oauth:token-type:${subject}`,
        requested_token_type: ID_JAG,
        audience: OWN,
        resource: TICKETS,
        scope: 'tickets:read',
      });
    });

  for (const [name, answer] of [
    ['the token of the caller', answered('of-alice')],
    ['an access token', answered(jagOf({}, 'at+jwt'))],
    [
      'an access token that says what it is',
      answered(jagOf(), { issued_token_type: 'urn:ietf:params:oauth:token-type:access_token' }),
    ],
    ['a bearer token', answered(jagOf(), { token_type: 'Bearer' })],
    ['one for another issuer', answered(jagOf({ aud: 'https://evil.example' }))],
    ['one for this gateway', answered(jagOf({ aud: AUDIENCE }))],
    ['one for several', answered(jagOf({ aud: [OWN, 'https://evil.example'] }))],
    ['one for another server', answered(jagOf({ resource: 'https://bank.example/mcp' }))],
    ['nonsense', answered('x.y.z')],
  ] as const)
    test(`is not shown where it is ${name}`, async () => {
      const { outcome, sent } = await ask(answer);
      assert.ok(outcome instanceof Denial, String(outcome));
      assert.equal(outcome.code, 'upstream-failed');
      assert.ok(!outcome.message.includes(String(answer.body['access_token'])));
      assert.deepEqual(sent, []);
    });

  for (const [code, want] of [
    ['invalid_grant', 'token-invalid'],
    ['invalid_scope', 'scope-insufficient'],
    ['access_denied', 'upstream-failed'],
  ] as const)
    test(`is ${code}: ${want}`, async () => {
      const body = { error: code, error_description: 'of-alice' };
      const { outcome } = await ask({ status: 400, body });
      assert.ok(outcome instanceof Denial);
      assert.equal(outcome.code, want);
      assert.ok(!outcome.message.includes('of-alice'));
    });
});

describe('what the issuer of the server gives is not used', () => {
  for (const [name, body] of [
    ['where it is the token of the caller', { access_token: 'of-alice', token_type: 'Bearer' }],
    ['where it is the assertion', { access_token: jagOf(), token_type: 'Bearer' }],
    [
      'where it is for this gateway',
      { access_token: jagOf({ aud: AUDIENCE }), token_type: 'Bearer' },
    ],
    [
      'where it is good for more',
      { access_token: 'good', token_type: 'Bearer', scope: 'tickets:read admin' },
    ],
    ['where it is no bearer token', { access_token: 'good', token_type: 'N_A' }],
    ['where it ends a header', { access_token: 'good\r\nx: y', token_type: 'Bearer' }],
  ] as const)
    test(name, async () => {
      const { outcome } = await ask(answered(jagOf()), { body });
      assert.ok(outcome instanceof Denial, String(outcome));
      assert.equal(outcome.code, 'upstream-failed');
    });

  test('where it refuses, and nobody is sent to sign in again for that', async () => {
    const body = { error: 'invalid_grant', error_description: 'of-alice' };
    const { outcome } = await ask(answered(jagOf()), { status: 400, body });
    assert.ok(outcome instanceof Denial);
    assert.equal(outcome.code, 'upstream-failed');
    assert.match(outcome.message, /the issuer of the server says invalid_grant$/u);
  });
});
