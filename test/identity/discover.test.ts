import assert from 'node:assert/strict';
import { test } from 'node:test';
import { discoverUpstream, type Discovered } from '../../src/identity/discover-upstream.ts';
import { Fault } from '../../src/lib/fault.ts';

const SERVER = 'https://shared.example/t/a/mcp';
const ISSUER = 'https://idp.example';

type Said = {
  readonly server?: string;
  readonly challenge?: string;
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly issuer?: Readonly<Record<string, unknown>>;
  readonly wanted?: string;
};

/** Discovers at a server that says this. */
async function discover(said: Said): Promise<Discovered> {
  const server = new URL(said.server ?? SERVER);
  const ask: typeof fetch = async (input) => {
    const { pathname, origin } = new URL(input instanceof Request ? input.url : input);
    if (origin === server.origin && pathname === server.pathname)
      return await Promise.resolve(
        new Response(null, {
          status: 401,
          headers: { 'www-authenticate': said.challenge ?? 'Bearer' },
        }),
      );
    if (pathname.includes('oauth-protected-resource'))
      return Response.json({
        resource: server.href,
        authorization_servers: [ISSUER],
        ...said.metadata,
      });
    return Response.json({
      issuer: ISSUER,
      authorization_endpoint: `${ISSUER}/auth`,
      token_endpoint: `${ISSUER}/token`,
      code_challenge_methods_supported: ['S256'],
      ...said.issuer,
    });
  };
  return await discoverUpstream(server, ask, new URL(said.wanted ?? server));
}

test('a server that says what it should is believed', async () => {
  const { as, resource } = await discover({});
  assert.equal(as.authorization_endpoint, `${ISSUER}/auth`);
  assert.equal(resource, SERVER);
});

for (const authorization_endpoint of [
  'http://localhost:8080/admin?delete=all',
  'https://localhost:8080/admin',
  'https://127.0.0.2/',
  'https://0x7f.1/',
  'https://[::1]/',
  'https://[::ffff:127.0.0.1]/',
  'https://app.localhost/',
  'http://idp.example/auth',
  'file:///etc/passwd',
  'javascript:alert(1)',
  'nonsense',
])
  test(`a public server shows nobody ${authorization_endpoint}`, async () => {
    await assert.rejects(discover({ issuer: { authorization_endpoint } }), (thrown) => {
      assert.ok(thrown instanceof Fault, String(thrown));
      assert.match(thrown.message, /its authorization_endpoint cannot be used/u);
      return true;
    });
  });

test('a server on this machine may have its issuer there', async () => {
  const authorization_endpoint = 'http://localhost:8080/auth';
  const said = { server: 'http://127.0.0.1:8000/mcp', issuer: { authorization_endpoint } };
  assert.equal((await discover(said)).as.authorization_endpoint, authorization_endpoint);
});

for (const resource of ['https://shared.example/', 'https://shared.example/t/a', `${SERVER}/`, 'x'])
  test(`of a resource ${resource} the server is none, unless its owner says so`, async () => {
    await assert.rejects(discover({ metadata: { resource } }), /of another resource/u);
    if (resource === 'x') return;
    const told = await discover({ metadata: { resource }, wanted: resource });
    assert.equal(told.resource, resource);
  });

for (const [name, said] of [
  ['an issuer', { metadata: { authorization_servers: ['nonsense'] } }],
  ['the place of its metadata', { challenge: 'Bearer resource_metadata="http://"' }],
  ['a token endpoint', { issuer: { token_endpoint: 'nonsense' } }],
] as const satisfies readonly (readonly [string, Said])[])
  test(`${name} that is no URL is a fault that can be read`, async () => {
    await assert.rejects(discover(said), (thrown) => {
      assert.ok(thrown instanceof Fault, String(thrown));
      assert.match(thrown.message, /^Cannot sign in to https:\/\/shared\.example/u);
      return true;
    });
  });
