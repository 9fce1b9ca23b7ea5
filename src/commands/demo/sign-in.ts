import type { OAuthClientProvider } from '@modelcontextprotocol/sdk/client/auth.js';
import type { OAuthTokens } from '@modelcontextprotocol/sdk/shared/auth.js';
import type { House } from './house.ts';

/** What a program with a browser keeps while somebody signs in, in memory. */
export type Pending = OAuthClientProvider & {
  /** Where the browser is to go. */
  readonly asked: () => URL;
};

/** For the SDK's own OAuth flow: discovery, PKCE, resource indicators. */
export function createPending({ id, redirectUri }: House['agent']): Pending {
  let tokens: OAuthTokens | undefined;
  let verifier = '';
  let asked: URL | undefined;
  return {
    redirectUrl: redirectUri,
    clientMetadata: { redirect_uris: [redirectUri], client_name: id },
    clientInformation: () => ({ client_id: id }),
    tokens: () => tokens,
    saveTokens(fresh) {
      tokens = fresh;
    },
    redirectToAuthorization(url) {
      asked = url;
    },
    saveCodeVerifier(fresh) {
      verifier = fresh;
    },
    codeVerifier: () => verifier,
    asked() {
      if (!asked) throw new Error('the gateway did not ask to sign in');
      return asked;
    },
  };
}
