import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, describe, test } from 'node:test';
import { exportSPKI, importJWK } from 'jose';
import { createVerifier } from '../../src/identity/verifier.ts';
import { echoSessions } from '../support/echo-session.ts';
import { INITIALIZE, post, startAgent, type RunningAgent } from '../support/http-agent.ts';
import { AUDIENCE, keyServer, signingKey, signToken, type KeyServer } from '../support/keys.ts';

const key = await signingKey('k1');
const next = await signingKey('k2');
const idp = await keyServer([key.jwk]);
after(async () => await idp[Symbol.asyncDispose]());
const { issuer } = idp;

const METADATA =
  'resource_metadata="https://gate.example/.well-known/oauth-protected-resource/mcp"';
const SCOPES = 'scope="mcp:tools"';
const INVALID = /^Bearer error="invalid_token", error_description="[^"]+", /u;

async function behind(of: KeyServer, now?: () => number): Promise<RunningAgent> {
  const verifier = createVerifier({
    issuer: of.issuer,
    audience: AUDIENCE,
    jwks: of.jwks,
    requiredScopes: ['mcp:tools'],
    clockToleranceS: 30,
    ...(now ? { now } : {}),
  });
  return await startAgent({ ...echoSessions(), verify: verifier.verify });
}

function seconds(offset: number): number {
  return Math.floor(Date.now() / 1000) + offset;
}

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

async function unsigned(): Promise<string> {
  const [, payload = ''] = (await signToken(key, issuer)).split('.');
  return `${part({ alg: 'none', typ: 'at+jwt' })}.${payload}.AA`;
}

async function signedWithThePublicKey(): Promise<string> {
  const [, payload = ''] = (await signToken(key, issuer)).split('.');
  const text = `${part({ alg: 'HS256', typ: 'at+jwt', kid: 'k1' })}.${payload}`;
  const publicKey = await importJWK(key.jwk, key.alg);
  assert.ok(!(publicKey instanceof Uint8Array));
  const secret = await exportSPKI(publicKey);
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
}

describe('an attacker with a token is told 401 and where to get a good one', () => {
  for (const [name, make] of [
    ['of another audience', async () => await signToken(key, issuer, { aud: 'https://x.example' })],
    [
      'of another resource of the same issuer',
      async () => await signToken(key, issuer, { aud: 'https://tickets.example/mcp' }),
    ],
    ['of another issuer', async () => await signToken(key, 'https://other.example')],
    [
      'of a stranger who says the right issuer',
      async () => await signToken(await signingKey('k1'), issuer),
    ],
    ['that has expired', async () => await signToken(key, issuer, { exp: seconds(-31) })],
    ['that is not valid yet', async () => await signToken(key, issuer, { nbf: seconds(40) })],
    ['that nobody signed', unsigned],
    ['signed with the public key as a shared secret', signedWithThePublicKey],
    ['with an unknown key id', async () => await signToken(key, issuer, {}, { kid: 'k9' })],
    [
      'with groups that are a string',
      async () => await signToken(key, issuer, { groups: 'board' }),
    ],
    [
      'with groups that are an object',
      async () => await signToken(key, issuer, { groups: { 0: 'board' } }),
    ],
    [
      'that is an ID token',
      async () => await signToken(key, issuer, { nonce: 'n' }, { typ: 'JWT' }),
    ],
    [
      'bound to a key, as if it were not',
      async () => await signToken(key, issuer, { cnf: { jkt: 'x'.repeat(43) } }),
    ],
    [
      'bound to a certificate',
      async () => await signToken(key, issuer, { cnf: { 'x5t#S256': 'x'.repeat(43) } }),
    ],
    ['of 20 KB', async () => await signToken(key, issuer, { padding: 'x'.repeat(14_000) })],
  ] as const)
    // prettier-ignore
    test(name, async () => {
      await using agent = await behind(idp);
      const answer = await post(agent, await make(), INITIALIZE);
      assert.equal(answer.status, 401);
      const challenge = answer.headers.get('www-authenticate') ?? '';
      assert.match(challenge, INVALID);
      assert.ok(challenge.endsWith(`${SCOPES}, ${METADATA}`), challenge);
      assert.equal(answer.headers.get('mcp-session-id'), null);
    });

  test('of 1 MB is not even read: 431', async () => {
    await using agent = await behind(idp);
    const big = await signToken(key, issuer, { padding: 'x'.repeat(1_000_000) });
    const status = await post(agent, big, INITIALIZE).then(
      (answer) => answer.status,
      // The server may close the connection while the rest is still on its way.
      () => 431,
    );
    assert.equal(status, 431);
    assert.equal((await post(agent, await signToken(key, issuer), INITIALIZE)).status, 200);
  });
});

test('a token without a scope is told 403 and every scope that it needs', async () => {
  await using agent = await behind(idp);
  const answer = await post(agent, await signToken(key, issuer, { scope: 'profile' }), INITIALIZE);
  assert.equal(answer.status, 403);
  assert.equal(
    answer.headers.get('www-authenticate'),
    `Bearer error="insufficient_scope", error_description="Cannot continue: the token lacks the scope mcp:tools", ${SCOPES}, ${METADATA}`,
  );
});

test('an issuer whose keys hang is nobody’s word: 500 in bounded time, and no challenge', async () => {
  await using hanging = await keyServer([key.jwk]);
  hanging.serve('hang');
  await using agent = await behind(hanging);
  const answer = await post(agent, await signToken(key, hanging.issuer), INITIALIZE);
  assert.equal(answer.status, 500);
  assert.equal(answer.headers.get('www-authenticate'), null);
});

test('keys rotate: the new one is taken, and the old one falls with its tokens', async () => {
  await using turning = await keyServer([key.jwk]);
  let time = Date.now();
  await using agent = await behind(turning, () => time);
  const old = await signToken(key, turning.issuer);
  assert.equal((await post(agent, old, INITIALIZE)).status, 200);
  turning.serve({ keys: [next.jwk] });
  time += 11_000;
  assert.equal((await post(agent, await signToken(next, turning.issuer), INITIALIZE)).status, 200);
  assert.equal((await post(agent, old, INITIALIZE)).status, 401);
});
