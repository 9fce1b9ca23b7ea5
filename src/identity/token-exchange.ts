import { issuedOf, refusalOf, type Issued, type Target } from './issued.ts';
import { createTokenEndpoint, type TokenEndpointOptions } from './token-endpoint.ts';

export type ExchangeTarget = Target & { readonly audience: string };

/** Throws `Denial`: `token-invalid`, `scope-insufficient` or `upstream-failed`. */
export type TokenExchange = (subjectToken: string, target: ExchangeTarget) => Promise<Issued>;

export type TokenExchangeOptions = TokenEndpointOptions & {
  /** What this gateway is as a resource: no upstream gets a token for that. */
  readonly audiences: readonly string[];
  readonly now: () => number;
};

export const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';

/** Token exchange (RFC 8693): the caller's token becomes one for the upstream, in which the gateway is the actor. */
export function createTokenExchange(options: TokenExchangeOptions): TokenExchange {
  const { audiences, now } = options;
  const ask = createTokenEndpoint(options);

  return async function exchange(subjectToken, target) {
    const { audience, scopes } = target;
    const answer = await ask(EXCHANGE, {
      subject_token: subjectToken,
      subject_token_type: ACCESS_TOKEN,
      requested_token_type: ACCESS_TOKEN,
      audience,
      ...(URL.canParse(audience) ? { resource: audience } : {}),
      scope: scopes.join(' '),
    }).catch((cause: unknown) => {
      throw refusalOf(cause, target);
    });
    return issuedOf(answer, target, { shown: [subjectToken], audiences, now: now() });
  };
}
