import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { describe, test } from 'node:test';
import { exportSPKI, importJWK } from 'jose';
import { Denial } from '../../src/denial.ts';
import { createVerifier, type VerifierOptions } from '../../src/identity/verifier.ts';
import { isJsonObject, parseJson, type JsonValue } from '../../src/lib/json.ts';
import { AUDIENCE, signingKey, signToken, type SigningKey } from '../support/keys.ts';
import { vectors } from '../support/vectors.ts';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ISSUER = 'https://idp.example';
const NOW = Math.floor(Date.now() / 1000);
const good = await signingKey('k1', 'RS256');
const stranger = await signingKey('k1', 'RS256');
const folder = await mkdtemp(join(tmpdir(), 'sallyport-identity-'));
const jwks = join(folder, 'jwks.json');
await writeFile(jwks, JSON.stringify({ keys: [good.jwk] }));
process.on('exit', () => void rm(folder, { recursive: true, force: true }));

function verifier(options: Partial<VerifierOptions> = {}): ReturnType<typeof createVerifier> {
  return createVerifier({
    issuer: ISSUER,
    audience: AUDIENCE,
    jwks,
    requiredScopes: ['mcp:tools'],
    now: () => NOW * 1000,
    ...options,
  });
}

/** `$now±n`, `$audience`, `$issuer`, `$stranger` in a vector; null takes a claim away. */
function fill(value: JsonValue | undefined): unknown {
  if (typeof value === 'string') {
    if (/^\$now[+-]\d+$/.test(value)) return NOW + Number(value.slice(4));
    if (value === '$stranger') return stranger.jwk;
    return value.replace('$audience', AUDIENCE).replace('$issuer', ISSUER);
  }
  if (value === null) return undefined;
  if (Array.isArray(value)) return value.map(fill);
  if (!isJsonObject(value)) return value;
  if (value['$null'] === true) return null;
  return fields(value);
}

function fields(value: JsonValue | undefined): Record<string, unknown> {
  if (!isJsonObject(value)) return {};
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, fill(inner)]));
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

async function build(text: string): Promise<string> {
  const vector = parseJson(text, { maxBytes: 65_536, maxDepth: 16 });
  assert.ok(isJsonObject(vector));
  if (typeof vector['raw'] === 'string') return vector['raw'];
  const header = fields(vector['header']);
  const claims = fields(vector['claims']);
  const sign = vector['sign'] ?? 'issuer';
  if (sign === 'none' || sign === 'hmac-public') {
    const sample = (await signToken(good, ISSUER, claims)).split('.')[1];
    const alg = sign === 'none' ? 'none' : 'HS256';
    const head = `${encode({ alg, kid: 'k1', typ: 'at+jwt', ...header })}.${sample}`;
    if (sign === 'none') return `${head}.AA`;
    const key = await importJWK(good.jwk, 'RS256');
    assert.ok(!(key instanceof Uint8Array));
    const secret = await exportSPKI(key);
    return `${head}.${createHmac('sha256', secret).update(head).digest('base64url')}`;
  }
  // jose refuses to sign an unknown `crit`, as it should; the attacker does not ask it.
  if (header['crit'] !== undefined) return await signRaw(good, header, claims);
  return await signToken(sign === 'stranger' ? stranger : good, ISSUER, claims, header);
}

async function signRaw(
  key: SigningKey,
  header: Record<string, unknown>,
  claims: Record<string, unknown>,
): Promise<string> {
  const payload = (await signToken(key, ISSUER, claims)).split('.')[1];
  const text = `${encode({ alg: key.alg, kid: 'k1', typ: 'at+jwt', ...header })}.${payload}`;
  const signature = await crypto.subtle.sign(
    'RSASSA-PKCS1-v1_5',
    key.privateKey,
    Buffer.from(text),
  );
  return `${text}.${Buffer.from(signature).toString('base64url')}`;
}

async function outcome(token: string | undefined, subject = verifier()): Promise<string> {
  try {
    await subject.verify(token);
    return 'accepted';
  } catch (thrown) {
    assert.ok(thrown instanceof Denial, String(thrown));
    if (token !== undefined && token.length > 20)
      assert.ok(!thrown.message.includes(token), 'the message shows the token');
    return thrown.code;
  }
}

describe('a token is accepted only if the issuer made it, for us, for now', () => {
  for (const vector of vectors('identity'))
    test(`${vector.name}: ${vector.expect[0]} (${vector.source})`, async () => {
      assert.equal(await outcome(await build(vector.text)), vector.expect[0]);
    });

  test('no token is token-missing', async () => {
    assert.equal(await outcome(undefined), 'token-missing');
  });

  test('a token without a signature part is refused', async () => {
    const [head, body] = (await signToken(good, ISSUER)).split('.');
    assert.equal(await outcome(`${head}.${body}.`), 'token-invalid');
    assert.equal(await outcome(`${head}.${body}`), 'token-invalid');
  });

  test('every changed byte of the payload breaks the token', async () => {
    const [head, body = '', signature] = (await signToken(good, ISSUER)).split('.');
    for (let at = 0; at < body.length; at += 17) {
      const changed = body.slice(0, at) + (body[at] === 'A' ? 'B' : 'A') + body.slice(at + 1);
      assert.equal(await outcome(`${head}.${changed}.${signature}`), 'token-invalid');
    }
  });

  test('a token of 1 MB is refused before its signature is looked at', async () => {
    const token = await signToken(good, ISSUER, { padding: 'x'.repeat(1_000_000) });
    const before = process.cpuUsage();
    assert.equal(await outcome(token), 'token-invalid');
    assert.ok(process.cpuUsage(before).user < 1_000_000);
  });

  test('a caller is what the token says, and nothing else', async () => {
    const claims = { groups: ['eng', 'ops'], scope: 'mcp:tools mcp:write', auth_time: NOW - 9 };
    const caller = await verifier().verify(await signToken(good, ISSUER, claims));
    assert.deepEqual(caller, {
      issuer: ISSUER,
      subject: 'alice',
      client: 'agent',
      groups: ['eng', 'ops'],
      scopes: ['mcp:tools', 'mcp:write'],
      assurance: 1,
      authTime: NOW - 9,
      claims: caller.claims,
    });
  });

  test('groups are read from the claim the configuration names', async () => {
    const token = await signToken(good, ISSUER, { groups: 'ignored', 'https://x/roles': ['ceo'] });
    const caller = await verifier({ groupsClaim: 'https://x/roles' }).verify(token);
    assert.deepEqual(caller.groups, ['ceo']);
  });

  test('an inherited property is not a groups claim', async () => {
    const caller = await verifier({ groupsClaim: 'constructor' }).verify(
      await signToken(good, ISSUER),
    );
    assert.deepEqual(caller.groups, []);
  });

  test('a remembered token is refused when it has expired', async () => {
    let time = NOW * 1000;
    const timed = verifier({ now: () => time, clockToleranceS: 0 });
    const token = await signToken(good, ISSUER, { exp: NOW + 10 });
    const caller = await timed.verify(token);
    assert.equal(await timed.verify(token), caller);
    time += 10_000;
    await assert.rejects(timed.verify(token), { code: 'token-invalid' });
  });

  test('a token is remembered for a minute, and the caller it names cannot be changed', async () => {
    let time = NOW * 1000;
    const timed = verifier({ now: () => time });
    const token = await signToken(good, ISSUER, { exp: NOW + 3600, iat: NOW });
    const caller = await timed.verify(token);
    assert.ok(Object.isFrozen(caller) && Object.isFrozen(caller.groups));
    time += 59_000;
    assert.equal(await timed.verify(token), caller);
    time += 1000;
    const again = await timed.verify(token);
    assert.notEqual(again, caller);
    assert.deepEqual(again, caller);
  });

  test('a token is kept for its holder each time it is shown, and a bound one after its proof', async () => {
    const kept: string[] = [];
    const one = verifier({ subjects: { keep: (_caller, token) => void kept.push(token) } });
    const token = await signToken(good, ISSUER);
    await one.verify(token);
    await one.verify(token);
    assert.deepEqual(kept, [token, token]);
    const bound = await signToken(good, ISSUER, { cnf: { jkt: 'k'.repeat(43) } });
    await assert.rejects(one.verify(bound));
    await assert.rejects(one.verify(bound, async () => await Promise.reject(new Error('no'))));
    assert.equal(kept.length, 2);
    await one.verify(bound, async () => await Promise.resolve());
    assert.deepEqual(kept.slice(2), [bound]);
  });

  test('of a token that differs in one character nothing is remembered', async () => {
    const one = verifier();
    const token = await signToken(good, ISSUER);
    await one.verify(token);
    for (const other of [token.slice(0, -1), `${token}A`, token.replace(/.\./u, 'A.')])
      await assert.rejects(one.verify(other), { code: 'token-invalid' });
  });

  test('a narrower list of algorithms is kept to', async () => {
    const token = await signToken(good, ISSUER);
    assert.equal(await outcome(token, verifier({ algorithms: ['ES256'] })), 'token-invalid');
  });

  test('options that would weaken the check are a mistake of the program', () => {
    const weak: readonly Partial<VerifierOptions>[] = [
      { algorithms: ['none'] },
      { algorithms: ['RS256', 'HS256'] },
      { algorithms: [] },
      { audience: '' },
      { issuer: '' },
      { clockToleranceS: 3600 },
      { clockToleranceS: Number.NaN },
      { jwks: new URL('http://idp.example/jwks') },
    ];
    for (const options of weak)
      assert.throws(() => verifier(options), TypeError, JSON.stringify(options));
    assert.throws(
      () => createVerifier({ issuer: 'http://idp.example', audience: AUDIENCE }),
      TypeError,
    );
  });
});
