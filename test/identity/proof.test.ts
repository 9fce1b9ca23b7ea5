import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT } from 'jose';
import * as oauth from 'oauth4webapi';
import { createVerifier } from '../../src/identity/verifier.ts';
import { createCheckProof, ProofDenial } from '../../src/identity/proof.ts';
import { createSeen } from '../../src/identity/seen.ts';
import { echoSessions } from '../support/echo-session.ts';
import { INITIALIZE, post, startAgent, tokenFor, type RawAnswer } from '../support/http-agent.ts';
import { startIdentityProvider, type IdentityProvider } from '../support/identity-provider.ts';
import { AUDIENCE } from '../support/keys.ts';

type Pair = Awaited<ReturnType<typeof generateKeyPair>>;
const own: Pair = await generateKeyPair('ES256', { extractable: true });
const other: Pair = await generateKeyPair('ES256', { extractable: true });
const PRIVATE = await exportJWK(own.privateKey);
const THUMBPRINT = await calculateJwkThumbprint(await exportJWK(own.publicKey));

type Change = {
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly header?: Readonly<Record<string, unknown>>;
  readonly pair?: Pair;
};

/** A proof for POST at the gateway; `change` goes over a good one. */
async function proofOf(token: string, change: Change = {}): Promise<string> {
  const { pair = own, claims = {}, header = {} } = change;
  const ath = createHash('sha256').update(token).digest('base64url');
  return await new SignJWT({
    jti: randomUUID(),
    iat: Math.floor(Date.now() / 1000),
    htm: 'POST',
    htu: AUDIENCE,
    ath,
    ...claims,
  })
    .setProtectedHeader({
      alg: 'ES256',
      typ: 'dpop+jwt',
      jwk: await exportJWK(pair.publicKey),
      ...header,
    })
    .sign(pair.privateKey);
}

async function ask(token: string, proof: string | undefined, scheme = 'DPoP'): Promise<RawAnswer> {
  await using agent = await startAgent(echoSessions());
  return await post(agent, undefined, INITIALIZE, {
    authorization: `${scheme} ${token}`,
    ...(proof === undefined ? {} : { dpop: proof }),
  });
}

async function bound(): Promise<string> {
  return await tokenFor({ cnf: { jkt: THUMBPRINT } });
}

describe('a token that is bound to a key needs a proof of the key, made for this request', () => {
  const now = Math.floor(Date.now() / 1000);

  test('with it the caller is served', async () => {
    const token = await bound();
    assert.equal((await ask(token, await proofOf(token))).status, 200);
    const query = await proofOf(token, { claims: { htu: `${AUDIENCE}?a=1#b` } });
    assert.equal((await ask(token, query)).status, 200);
  });

  for (const [name, change] of [
    ['of another key', { pair: other }],
    ['of another key that shows the right one', { pair: { ...other, publicKey: own.publicKey } }],
    ['that shows the private key', { header: { jwk: PRIVATE } }],
    ['without a key', { header: { jwk: undefined } }],
    ['of another type', { header: { typ: 'at+jwt' } }],
    ['for another method', { claims: { htm: 'GET' } }],
    ['for another path', { claims: { htu: 'https://gate.example/other' } }],
    ['for another host', { claims: { htu: 'https://evil.example/mcp' } }],
    ['for no address', { claims: { htu: 'mcp' } }],
    ['for another token', { claims: { ath: 'x'.repeat(43) } }],
    ['for no token', { claims: { ath: undefined } }],
    ['without an id', { claims: { jti: undefined } }],
    ['with an empty id', { claims: { jti: '' } }],
    ['with an id of 10 KB', { claims: { jti: 'x'.repeat(10_000) } }],
    ['that was made a while ago', { claims: { iat: now - 120 } }],
    ['that is made later', { claims: { iat: now + 120 } }],
    ['without a time', { claims: { iat: undefined } }],
  ] as const satisfies readonly (readonly [string, Change])[])
    test(`a proof ${name}: 401, invalid_dpop_proof`, async () => {
      const token = await bound();
      const answer = await ask(token, await proofOf(token, change));
      assert.equal(answer.status, 401);
      assert.match(
        answer.headers.get('www-authenticate') ?? '',
        /^DPoP error="invalid_dpop_proof", .*algs="ES256 [^"]+", resource_metadata="https:/u,
      );
    });

  test('no proof, and two of them: refused', async () => {
    const token = await bound();
    assert.equal((await ask(token, undefined)).status, 401);
    const two = `${await proofOf(token)}, ${await proofOf(token)}`;
    assert.equal((await ask(token, two)).status, 401);
  });

  test('called a bearer token it is refused, with a good proof too', async () => {
    const token = await bound();
    const answer = await ask(token, await proofOf(token), 'Bearer');
    assert.equal(answer.status, 401);
    assert.match(answer.headers.get('www-authenticate') ?? '', /^Bearer error="invalid_token"/u);
  });

  test('a token of nobody’s key is no bound one', async () => {
    const token = await tokenFor();
    const answer = await ask(token, await proofOf(token));
    assert.equal(answer.status, 401);
    assert.match(answer.headers.get('www-authenticate') ?? '', /^DPoP error="invalid_dpop_proof"/u);
  });

  test('a proof that was seen is refused, and a fresh one is not', async () => {
    await using agent = await startAgent(echoSessions());
    const token = await bound();
    const dpop = await proofOf(token);
    const headers = { authorization: `DPoP ${token}`, dpop };
    assert.equal((await post(agent, undefined, INITIALIZE, headers)).status, 200);
    const replayed = await post(agent, undefined, INITIALIZE, headers);
    assert.equal(replayed.status, 401);
    assert.match(replayed.headers.get('www-authenticate') ?? '', /it was used before/u);
    const fresh = { ...headers, dpop: await proofOf(token) };
    assert.equal((await post(agent, undefined, INITIALIZE, fresh)).status, 200);
  });

  test('of fifty copies at the same time one is served', async () => {
    await using agent = await startAgent(echoSessions());
    const token = await bound();
    const headers = { authorization: `DPoP ${token}`, dpop: await proofOf(token) };
    const answers = await Promise.all(
      Array.from({ length: 50 }, async () => await post(agent, undefined, INITIALIZE, headers)),
    );
    assert.equal(answers.filter(({ status }) => status === 200).length, 1);
  });

  test('a stream that stays open is asked for its token again, and not for its proof', async () => {
    await using agent = await startAgent({
      ...echoSessions(),
      limits: { beatMs: 20 },
    });
    const token = await bound();
    const opened = await post(agent, undefined, INITIALIZE, {
      authorization: `DPoP ${token}`,
      dpop: await proofOf(token),
    });
    const response = await fetch(agent.url, {
      headers: {
        accept: 'text/event-stream',
        authorization: `DPoP ${token}`,
        dpop: await proofOf(token, { claims: { htm: 'GET' } }),
        'mcp-session-id': opened.headers.get('mcp-session-id') ?? '',
      },
    });
    assert.equal(response.status, 200);
    const reader = response.body?.getReader();
    assert.ok(reader);
    // Five beats: had the proof been asked for again, the stream would have ended at the first.
    for (let beats = 0; beats < 5; beats++) assert.equal((await reader.read()).done, false);
    await reader.cancel();
  });
});

test('who fills their share is refused, and nobody else is', () => {
  let time = 0;
  const seen = createSeen(() => time, 4);
  for (const name of ['a', 'b', 'c', 'd']) assert.equal(seen.first('mallory', name, 10), true);
  assert.equal(seen.first('mallory', 'e', 10), false);
  assert.equal(seen.first('alice', 'a', 10), true);
  assert.equal(seen.first('alice', 'a', 10), false);
  assert.equal(seen.first('alice', 'b', 10), true);
  assert.equal(seen.first('alice', 'c', 10), false);
  // A third one too, and what is remembered of the others stays remembered.
  assert.equal(seen.first('bob', 'a', 10), true);
  for (const name of ['a', 'd', 'e']) assert.equal(seen.first('mallory', name, 10), false);
  time = 10;
  assert.equal(seen.first('mallory', 'e', 20), true);
  assert.equal(seen.first('alice', 'c', 20), true);
});

test('a flood of one person’s proofs refuses that person alone, whatever keys they bring', async () => {
  const check = createCheckProof({
    resource: AUDIENCE, clockToleranceS: 5, now: Date.now, maxProofs: 20,
  }); // prettier-ignore
  const proof = { method: 'POST', token: 't', thumbprint: THUMBPRINT };
  const send = async (holder: string): Promise<boolean> =>
    await check({ ...proof, holder, headers: [await proofOf('t')] }).then(
      () => true,
      () => false,
    );
  const flood: boolean[] = [];
  for (let n = 0; n < 30; n++) flood.push(await send('mallory'));
  assert.equal(flood.filter(Boolean).length, 20);
  assert.equal(await send('mallory'), false);
  for (let n = 0; n < 10; n++) assert.equal(await send('alice'), true);
});

test('a proof is good once until it is good no more', async () => {
  const start = Math.floor(Date.now() / 1000);
  let time = start * 1000;
  const check = createCheckProof({ resource: AUDIENCE, clockToleranceS: 5, now: () => time });
  const headers = [await proofOf('t', { claims: { iat: start } })];
  const proof = { method: 'POST', token: 't', thumbprint: THUMBPRINT, holder: 'alice', headers };
  await check(proof);
  for (const seconds of [0, 1, 60, 64.9, 65, 65.3, 65.99, 66, 66.5, 67]) {
    time = (start + seconds) * 1000;
    await assert.rejects(check(proof), ProofDenial, `${seconds} s later`);
  }
});

test('a check that fails leaves its proof unused', async () => {
  const check = createCheckProof({ resource: AUDIENCE, clockToleranceS: 5, now: Date.now });
  const proof = { method: 'POST', token: 't', thumbprint: THUMBPRINT, holder: 'alice' };
  const headers = [await proofOf('t')];
  await assert.rejects(check({ ...proof, headers, method: 'GET' }), ProofDenial);
  await check({ ...proof, headers });
});

describe('with a certified provider and a client library', () => {
  const opened: IdentityProvider[] = [];
  before(async () => {
    opened.push(
      await startIdentityProvider({
        resources: { [AUDIENCE]: ['mcp:tools'] },
        clients: [
          {
            client_id: 'machine',
            client_secret: 'machine-secret',
            redirect_uris: [],
            response_types: [],
            grant_types: ['client_credentials'],
          },
        ],
      }),
    );
  });
  after(async () => await opened[0]?.[Symbol.asyncDispose]());

  test('a bound token is served with its key, and is nothing without', async () => {
    const { issuer = '' } = opened[0] ?? {};
    const insecure = { [oauth.allowInsecureRequests]: true } as const;
    const as = await oauth.processDiscoveryResponse(
      new URL(issuer),
      await oauth.discoveryRequest(new URL(issuer), insecure),
    );
    const client: oauth.Client = { client_id: 'machine' };
    const DPoP = oauth.DPoP(client, await oauth.generateKeyPair('ES256'));
    const { access_token: token } = await oauth.processClientCredentialsResponse(
      as,
      client,
      await oauth.clientCredentialsGrantRequest(
        as,
        client,
        oauth.ClientSecretBasic('machine-secret'),
        new URLSearchParams({ scope: 'mcp:tools', resource: AUDIENCE }),
        { ...insecure, DPoP },
      ),
    );
    const { verify } = createVerifier({ issuer, audience: AUDIENCE });
    const sessions = echoSessions();
    await using agent = await startAgent({ ...sessions, verify });
    assert.equal((await post(agent, token, INITIALIZE)).status, 401);
    const body = JSON.stringify(INITIALIZE);
    const headers = new Headers({
      accept: 'application/json, text/event-stream',
      'content-type': 'application/json',
    });
    // The library signs for the public address; a proxy would bring it here.
    const response = await oauth.protectedResourceRequest(
      token,
      'POST',
      new URL(AUDIENCE),
      headers,
      body,
      {
        DPoP,
        [oauth.customFetch]: async (_url, init) =>
          await fetch(agent.url, { method: 'POST', headers: init.headers, body }),
      },
    );
    assert.equal(response.status, 200);
    await response.body?.cancel();
    assert.match(sessions.all[0]?.caller.key ?? '', /^[\w-]{43}$/u);
  });
});
