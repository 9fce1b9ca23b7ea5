import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { exportJWK, generateKeyPair } from 'jose';
import { Provider, errors } from 'oidc-provider';
import { Denial } from '../../src/denial.ts';
import { tokenCaller } from '../../src/identity/local-caller.ts';
import { createVerifier } from '../../src/identity/verifier.ts';
import { isJsonObject } from '../../src/lib/json.ts';
import { AUDIENCE } from '../support/keys.ts';

const TICKETS = 'https://tickets.example/mcp';
const server = createServer();
let issuer = '';

before(async () => {
  const { privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
  const jwk = { ...(await exportJWK(privateKey)), alg: 'EdDSA', use: 'sig', kid: 'k1' };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  assert.ok(address !== null && typeof address !== 'string');
  issuer = `http://127.0.0.1:${address.port}`;
  const provider = new Provider(issuer, {
    jwks: { keys: [jwk] },
    enabledJWA: { idTokenSigningAlgValues: ['EdDSA'] },
    scopes: ['mcp:tools'],
    clients: [
      {
        client_id: 'agent',
        client_secret: 'agent-secret',
        redirect_uris: [],
        response_types: [],
        grant_types: ['client_credentials'],
        id_token_signed_response_alg: 'EdDSA',
      },
    ],
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo(_context: unknown, resource: string) {
          if (resource !== AUDIENCE && resource !== TICKETS) throw new errors.InvalidTarget();
          return {
            scope: 'mcp:tools',
            audience: resource,
            accessTokenTTL: 60,
            accessTokenFormat: 'jwt' as const,
            jwt: { sign: { alg: 'EdDSA' as const } },
          };
        },
      },
    },
    extraTokenClaims: () => ({ groups: ['eng'] }),
  });
  const handle = provider.callback();
  server.on('request', (request, response) => handle(request, response));
});

after(() => {
  server.closeAllConnections();
  server.close();
});

async function fetchToken(resource: string): Promise<string> {
  const response = await fetch(`${issuer}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from('agent:agent-secret').toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'mcp:tools', resource }),
  });
  const answer: unknown = await response.json();
  assert.ok(isJsonObject(answer) && typeof answer['access_token'] === 'string');
  return answer['access_token'];
}

test('a token of a certified provider names its caller, found by discovery alone', async () => {
  const verifier = createVerifier({ issuer, audience: AUDIENCE, requiredScopes: ['mcp:tools'] });
  const caller = await tokenCaller(`${await fetchToken(AUDIENCE)}\n`, verifier);
  const { claims, ...known } = caller;
  assert.match(claims ?? '', /^[\w-]{43}$/u);
  assert.deepEqual(known, {
    issuer,
    subject: 'agent',
    client: 'agent',
    groups: ['eng'],
    scopes: ['mcp:tools'],
    assurance: 1,
  });
});

test('a token that the same provider issued for another resource is refused', async () => {
  const verifier = createVerifier({ issuer, audience: AUDIENCE });
  await assert.rejects(
    verifier.verify(await fetchToken(TICKETS)),
    (thrown) => thrown instanceof Denial && thrown.code === 'token-invalid',
  );
});
