import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Caller } from '../../src/call.ts';
import { createExchanged } from '../../src/identity/exchanged.ts';
import { createVerifier } from '../../src/identity/verifier.ts';
import { AUDIENCE, signingKey, signToken } from '../support/keys.ts';
import { scratch, type Context } from '../support/scratch.ts';
import { ms, quantile, repeat, time, type Row } from './measure.ts';

const ISSUER = 'https://idp.example';
const TOKENS = 1000;

const spread = (values: readonly number[]): string =>
  `${ms(quantile(values, 0.5))} / ${ms(quantile(values, 0.95))}`;

/** Checks of tokens that were never seen, of one that was, and the token for an upstream that is kept. */
export async function identityRows(context: Context): Promise<Row[]> {
  const folder = await scratch(context);
  const rows: Row[] = [];
  for (const alg of ['ES256', 'RS256', 'EdDSA']) {
    const key = await signingKey('k1', alg);
    const jwks = join(folder, `${alg}.json`);
    await writeFile(jwks, JSON.stringify({ keys: [key.jwk] }));
    const { verify } = createVerifier({ issuer: ISSUER, audience: AUDIENCE, jwks });
    const fresh: number[] = [];
    let last = '';
    for (let n = 0; n < TOKENS; n++) {
      const token = await signToken(key, ISSUER, { jti: String(n) });
      fresh.push(await time(async () => await verify(token)));
      last = token;
    }
    const p95 = quantile(fresh.slice(TOKENS / 10), 0.95);
    rows.push({
      what: `check of a token that was never seen, ${alg}, p50 / p95`,
      value: spread(fresh.slice(TOKENS / 10)),
      target: 'p95 ≤ 1 ms',
      met: p95 <= 1,
    });
    if (alg !== 'ES256') continue;
    const known = await repeat(TOKENS, async () => await verify(last));
    rows.push({ what: 'check of a token that was seen, p50 / p95', value: spread(known) });
  }
  const kept = await keptTokens();
  rows.push({
    what: 'token of a caller for an upstream, kept, p50 / p95',
    value: spread(kept),
    target: 'p50 ≤ 0.3 ms',
    met: quantile(kept, 0.5) <= 0.3,
  });
  return rows;
}

async function keptTokens(): Promise<number[]> {
  const caller: Caller = {
    issuer: ISSUER,
    subject: 'alice',
    client: 'agent',
    groups: Array.from({ length: 20 }, (_, at) => `group-${at}`),
    scopes: ['mcp:tools'],
    assurance: 1,
  };
  const { token } = createExchanged({
    target: { server: 'tickets', setting: 'exchange', scopes: ['tickets:read'] },
    subjects: { of: () => 'subject', drop: () => undefined },
    now: Date.now,
    exchange: async () => await Promise.resolve({ token: 't', expires: Date.now() + 3_600_000 }),
  })(() => caller);
  await token();
  return await repeat(10 * TOKENS, token);
}
