import type { JsonObject } from '../lib/json.ts';
import { assertSecureUrl, type FetchLimits } from './fetch-bounded.ts';
import { fetchJson } from './fetch-json.ts';

export const METADATA_LIMITS: FetchLimits = { timeoutMs: 5000, maxBytes: 1_048_576 };

/**
 * The metadata of an authorization server: RFC 8414, or OpenID Connect discovery where there is none. Throws for a
 * document that does not name `member` as an https URL.
 */
export async function fetchIssuerMetadata(
  fetch: typeof globalThis.fetch,
  issuer: string,
  member: 'jwks_uri' | 'token_endpoint',
): Promise<{ readonly metadata: JsonObject; readonly url: URL }> {
  const at = new URL(issuer);
  const path = at.pathname.replace(/\/$/, '');
  const places = [
    new URL(`/.well-known/oauth-authorization-server${path}`, at),
    ...(path === '' ? [] : [new URL(`/.well-known/openid-configuration${path}`, at)]),
    new URL(`${path}/.well-known/openid-configuration`, at),
  ];
  let problem: unknown;
  for (const place of places) {
    try {
      const metadata = await fetchJson(fetch, place, METADATA_LIMITS);
      // A document that names another issuer is another issuer's, or a mix-up attack (RFC 8414 §3.3).
      if (metadata['issuer'] !== issuer)
        throw new Error(`Cannot use ${place.href}: another issuer`);
      const uri = metadata[member];
      if (typeof uri !== 'string') throw new Error(`Cannot use ${place.href}: no ${member}`);
      const url = new URL(uri);
      assertSecureUrl(url);
      return { metadata, url };
    } catch (thrown) {
      problem = thrown;
    }
  }
  throw new Error(`Cannot find the ${member} of ${issuer}`, { cause: problem });
}
