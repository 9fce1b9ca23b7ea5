import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { Denial } from '../../src/denial.ts';
import { createVerifier, type Verifier } from '../../src/identity/verifier.ts';
import { startHttpGate } from '../support/http-gate.ts';
import { AUDIENCE, keyServer, signingKey, signToken } from '../support/keys.ts';

const first = await signingKey('first');
const second = await signingKey('second');

async function code(verifier: Verifier, token: string): Promise<string> {
  return await verifier.verify(token).then(
    () => 'accepted',
    (thrown: unknown) => (thrown instanceof Denial ? thrown.code : String(thrown)),
  );
}

describe('keys of an issuer', () => {
  test('a new key is fetched when a token names it', async () => {
    await using idp = await keyServer([first.jwk]);
    let time = Date.now();
    const verifier = createVerifier({ ...idp, audience: AUDIENCE, now: () => time });
    assert.equal(await code(verifier, await signToken(first, idp.issuer)), 'accepted');
    idp.serve({ keys: [second.jwk] });
    time += 11_000;
    assert.equal(await code(verifier, await signToken(second, idp.issuer)), 'accepted');
    assert.equal(await code(verifier, await signToken(first, idp.issuer)), 'token-invalid');
  });

  test('a key that the issuer took away is not used after the age limit', async () => {
    await using idp = await keyServer([first.jwk]);
    let time = Date.now();
    const verifier = createVerifier({ ...idp, audience: AUDIENCE, now: () => time });
    const token = await signToken(first, idp.issuer, { exp: Math.floor(time / 1000) + 7200 });
    assert.equal(await code(verifier, token), 'accepted');
    idp.serve({ keys: [second.jwk] });
    time += 601_000;
    assert.equal(await code(verifier, token), 'token-invalid');
  });

  test('a token that was just verified falls with the key that signed it', async () => {
    await using idp = await keyServer([first.jwk]);
    let time = Date.now();
    const verifier = createVerifier({ ...idp, audience: AUDIENCE, now: () => time });
    const token = await signToken(first, idp.issuer);
    assert.equal(await code(verifier, token), 'accepted');
    idp.serve({ keys: [second.jwk] });
    time += 11_000;
    // Another caller's new key is what brings the change here; the first token is still remembered then.
    assert.equal(await code(verifier, await signToken(second, idp.issuer)), 'accepted');
    assert.equal(await code(verifier, token), 'token-invalid');
  });

  test('keys that are read again unchanged keep what was verified with them', async () => {
    await using idp = await keyServer([first.jwk]);
    let time = Date.now();
    const verifier = createVerifier({
      ...idp,
      audience: AUDIENCE,
      now: () => time,
      keyTimes: { maxAgeMs: 1000, cooldownMs: 1000 },
    });
    const token = await signToken(first, idp.issuer);
    const caller = await verifier.verify(token);
    time += 2000;
    assert.equal(await verifier.verify(token), caller);
    assert.equal(idp.hits, 2);
  });

  test('a flood of unknown key ids is one request in ten seconds', async () => {
    await using idp = await keyServer([first.jwk]);
    const verifier = createVerifier({ ...idp, audience: AUDIENCE });
    const token = await signToken(second, idp.issuer);
    await Promise.all(Array.from({ length: 50 }, async () => await code(verifier, token)));
    assert.equal(idp.hits, 1);
  });

  test('known keys outlive an outage of the issuer, up to the stale limit', async () => {
    await using idp = await keyServer([first.jwk]);
    let time = Date.now();
    const verifier = createVerifier({ ...idp, audience: AUDIENCE, now: () => time });
    const token = await signToken(first, idp.issuer, { exp: Math.floor(time / 1000) + 7200 });
    assert.equal(await code(verifier, token), 'accepted');
    idp.serve('fail');
    time += 1_800_000;
    assert.equal(await code(verifier, token), 'accepted');
    time += 1_900_000;
    assert.equal(await code(verifier, token), 'internal');
    idp.serve({ keys: [first.jwk] });
    time += 11_000;
    assert.equal(await code(verifier, token), 'accepted');
  });

  test('an issuer that hangs holds up nobody for whom there are keys', async () => {
    await using idp = await keyServer([first.jwk]);
    let time = Date.now();
    const verifier = createVerifier({ ...idp, audience: AUDIENCE, now: () => time });
    const token = await signToken(first, idp.issuer, { exp: Math.floor(time / 1000) + 7200 });
    assert.equal(await code(verifier, token), 'accepted');
    idp.serve('hang');
    time += 601_000;
    const began = performance.now();
    assert.equal(await code(verifier, token), 'accepted');
    time += 501;
    const later = Array.from({ length: 50 }, async () => await code(verifier, token));
    assert.deepEqual(new Set(await Promise.all(later)), new Set(['accepted']));
    // Whoever waited for the whole attempt would have waited five seconds.
    assert.ok(performance.now() - began < 3000);
    assert.equal(idp.hits, 2);
  });

  for (const answer of ['hang', 'fail', 'redirect', 'endless'] as const)
    test(
      `a key set that answers "${answer}" refuses, in bounded time`,
      { timeout: 60_000 },
      async () => {
        await using idp = await keyServer([first.jwk]);
        idp.serve(answer);
        const verifier = createVerifier({ ...idp, audience: AUDIENCE });
        const token = await signToken(first, idp.issuer);
        const codes = await Promise.all([code(verifier, token), code(verifier, token)]);
        assert.deepEqual(codes, ['internal', 'internal']);
        // Nobody waits again until the pause is over.
        assert.equal(await code(verifier, token), 'internal');
        assert.equal(idp.hits, 1);
      },
    );

  test('keys are found through the metadata of the issuer', async () => {
    await using idp = await keyServer([first.jwk]);
    const verifier = createVerifier({ issuer: idp.issuer, audience: AUDIENCE });
    assert.equal(await code(verifier, await signToken(first, idp.issuer)), 'accepted');
  });

  test('metadata that names another issuer is not followed', async () => {
    await using idp = await keyServer([first.jwk], 'https://other.example');
    const verifier = createVerifier({ issuer: idp.issuer, audience: AUDIENCE });
    assert.equal(await code(verifier, await signToken(first, idp.issuer)), 'internal');
    assert.equal(idp.hits, 0);
  });

  test('a key file is read again when it changes, and refuses when it breaks', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sallyport-keys-'));
    try {
      const jwks = join(folder, 'jwks.json');
      await writeFile(jwks, JSON.stringify({ keys: [first.jwk] }));
      let time = Date.now();
      const issuer = 'https://idp.example';
      const verifier = createVerifier({ issuer, audience: AUDIENCE, jwks, now: () => time });
      const [old, fresh] = [await signToken(first, issuer), await signToken(second, issuer)];
      assert.equal(await code(verifier, old), 'accepted');
      await writeFile(jwks, JSON.stringify({ keys: [second.jwk] }));
      time += 1100;
      assert.equal(await code(verifier, fresh), 'accepted');
      assert.equal(await code(verifier, old), 'token-invalid');
      await writeFile(jwks, '{"keys":[');
      time += 1100;
      assert.equal(await code(verifier, fresh), 'internal');
      await rm(jwks);
      time += 1100;
      assert.equal(await code(verifier, fresh), 'internal');
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

test('without keys a flood of tokens is not a flood of the log', async (context) => {
  const gate = await startHttpGate(context, {
    servers: {},
    policy: '@id("test.all") permit(principal, action, resource);',
    config: {
      identity: {
        http: {
          issuer: 'https://idp.example',
          audience: AUDIENCE,
          jwks: 'http://127.0.0.1:1/jwks',
        },
      },
    },
  });
  const authorization = `Bearer ${await gate.token()}`;
  const began = performance.now();
  for (let request = 0; request < 100; request++) {
    const response = await fetch(gate.url, { method: 'POST', headers: { authorization } });
    assert.equal(response.status, 500);
    await response.body?.cancel();
  }
  await gate.stop();
  const seconds = Math.ceil((performance.now() - began) / 1000);
  const lines = gate.stderr().match(/"msg":"HTTP"/gu)?.length ?? 0;
  assert.ok(lines > 0 && lines <= 5 + 6 * seconds, `${lines} lines in ${seconds} s`);
});
