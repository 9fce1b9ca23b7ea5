import { issuedOf, noCredential, saidBy, type Issued, type Target } from './issued.ts';
import { createTokenEndpoint } from './token-endpoint.ts';
import type { TokenExchangeOptions } from './token-exchange.ts';

/** A token of the gateway itself for one server (client credentials, RFC 6749 §4.4). Throws `Denial`. */
export function createClientCredentials(
  { audiences, now, ...issuer }: TokenExchangeOptions,
  target: Target & { readonly resource: string },
): () => Promise<Issued> {
  const ask = createTokenEndpoint(issuer);
  const { server, scopes, resource } = target;
  return async function askForOwn() {
    const parameters = { resource, scope: scopes.join(' ') };
    const answer = await ask('client_credentials', parameters).catch((cause: unknown) => {
      throw noCredential(server, saidBy('the issuer', cause), cause);
    });
    return issuedOf(answer, target, { shown: [], audiences, now: now() });
  };
}
