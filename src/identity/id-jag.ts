import { decodeJwt, decodeProtectedHeader } from 'jose';
import type * as oauth from 'oauth4webapi';
import { issuedOf, noCredential, refusalOf, saidBy, type Issued, type Target } from './issued.ts';
import { createTokenEndpoint, type TokenEndpointOptions } from './token-endpoint.ts';
import { EXCHANGE, type TokenExchangeOptions } from './token-exchange.ts';

export type EnterpriseTarget = Target & {
  /** The authorization server of the upstream, named by the owner, with what the gateway is there. */
  readonly own: Omit<TokenEndpointOptions, 'fetch'>;
  /** What the upstream is there (RFC 9728). */
  readonly resource: string;
  /** What the caller shows to this gateway. */
  readonly subject: 'access_token' | 'id_token';
};

/** Throws `Denial`: `token-invalid`, `scope-insufficient` or `upstream-failed`. */
export type EnterpriseExchange = (subjectToken: string) => Promise<Issued>;

const ID_JAG = 'urn:ietf:params:oauth:token-type:id-jag';
const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

/**
 * Enterprise-managed authorization (MCP ext-auth; draft-ietf-oauth-identity-assertion-authz-grant): the issuer of the
 * caller vouches for them to the authorization server of the upstream, which gives a token of its own (RFC 7523).
 */
export function createEnterpriseExchange(
  { audiences, now, ...idp }: TokenExchangeOptions,
  target: EnterpriseTarget,
): EnterpriseExchange {
  const { server, scopes, own, resource, subject } = target;
  const askIdp = createTokenEndpoint(idp);
  const askOwn = createTokenEndpoint({ ...own, fetch: idp.fetch });
  const scope = scopes.join(' ');

  return async function exchange(subjectToken) {
    const vouched = await askIdp(EXCHANGE, {
      subject_token: subjectToken,
      subject_token_type: `urn:ietf:params:oauth:token-type:${subject}`,
      requested_token_type: ID_JAG,
      audience: own.issuer,
      resource,
      scope,
    }).catch((cause: unknown) => {
      throw refusalOf(cause, target);
    });
    const assertion = vouched.access_token;
    const fault = faultOf(vouched, target);
    if (fault !== undefined) throw noCredential(server, `the issuer of the caller gave ${fault}`);
    // Its refusal is about what another issuer said: signing in again would help the caller nothing.
    const answer = await askOwn(JWT_BEARER, { assertion, resource, scope }).catch(
      (cause: unknown) => {
        throw noCredential(server, saidBy('the issuer of the server', cause), cause);
      },
    );
    const shown = [subjectToken, assertion];
    return issuedOf(answer, target, { shown, audiences, now: now() });
  };
}

/** Why this is not to be shown to that authorization server: anything else would be a credential for somewhere else. */
function faultOf(
  { access_token: text, token_type: type, issued_token_type: issued }: oauth.TokenEndpointResponse,
  { own, resource }: EnterpriseTarget,
): string | undefined {
  if (issued !== ID_JAG || type !== 'n_a') return 'no ID-JAG';
  try {
    const { aud, resource: named } = decodeJwt(text);
    if (decodeProtectedHeader(text).typ?.toLowerCase() !== 'oauth-id-jag+jwt') return 'no ID-JAG';
    const [audience, ...more] = [aud].flat();
    if (audience !== own.issuer || more.length > 0) return 'an ID-JAG for another issuer';
    return named === undefined || named === resource ? undefined : 'an ID-JAG for another server';
  } catch {
    return 'no ID-JAG';
  }
}
