import { readFile } from 'node:fs/promises';
import { importJWK } from 'jose';
import * as oauth from 'oauth4webapi';
import { isJsonObject, parseJson } from '../lib/json.ts';
import { secretAuthentication, secretMethodOf } from './client-authentication.ts';
import { createFetchBounded } from './fetch-bounded.ts';
import { fetchIssuerMetadata } from './issuer-metadata.ts';

/** The gateway's own credential at an issuer: a shared secret, or the file of a private key (JWK). */
export type OwnClient = { readonly id: string } & (
  | { readonly secret: string }
  | { readonly key: string }
);

export type TokenEndpointOptions = {
  readonly issuer: string;
  readonly client: OwnClient;
  readonly fetch: typeof globalThis.fetch;
};

/** Asks an issuer for a token by this grant. Throws what the library does, or why the issuer cannot be asked. */
export type AskIssuer = (
  grant: string,
  parameters: Readonly<Record<string, string>>,
) => Promise<oauth.TokenEndpointResponse>;

const LIMITS = { timeoutMs: 10_000, maxBytes: 65_536 };
/** What is no token to be shown to a resource, but handed on to another issuer (RFC 8693 §2.2.1). */
const NO_TYPE = { n_a: () => undefined };

/** The token endpoint of an issuer that the owner has named, asked in the gateway's name. */
export function createTokenEndpoint({
  issuer,
  client: own,
  fetch,
}: TokenEndpointOptions): AskIssuer {
  const client: oauth.Client = { client_id: own.id };
  const fetchBounded = createFetchBounded(fetch, LIMITS);
  let prepared: Promise<Prepared> | undefined;

  async function prepare(): Promise<Prepared> {
    const { url, metadata } = await fetchIssuerMetadata(fetch, issuer, 'token_endpoint');
    const taken = metadata['token_endpoint_auth_methods_supported'];
    const authentication = await authenticationOf(own, Array.isArray(taken) ? taken : []);
    return { as: { issuer, token_endpoint: url.href }, authentication };
  }

  return async function ask(grant, parameters) {
    prepared ??= prepare();
    const { as, authentication } = await prepared.catch((thrown: unknown) => {
      // The next one tries again.
      prepared = undefined;
      throw thrown;
    });
    const response = await oauth.genericTokenEndpointRequest(
      as,
      client,
      authentication,
      grant,
      { ...parameters },
      // Which addresses may be asked in the clear is decided below, for all requests alike.
      {
        [oauth.allowInsecureRequests]: true,
        [oauth.customFetch]: async (url, { body, ...init }) =>
          await fetchBounded(url, { ...init, body: body?.toString() ?? null }),
      },
    );
    return await oauth.processGenericTokenEndpointResponse(as, client, response, {
      recognizedTokenTypes: NO_TYPE,
    });
  };
}

type Prepared = {
  readonly as: oauth.AuthorizationServer;
  readonly authentication: oauth.ClientAuth;
};

async function authenticationOf(
  client: OwnClient,
  taken: readonly unknown[],
): Promise<oauth.ClientAuth> {
  if ('secret' in client)
    return secretAuthentication(
      client.secret,
      secretMethodOf(taken.filter((one) => typeof one === 'string')),
    );
  const jwk = parseJson(await readFile(client.key), { maxBytes: 65_536, maxDepth: 8 });
  if (!isJsonObject(jwk)) throw new Error('Cannot use the key of the gateway: not a JWK');
  const key = await importJWK({ ...jwk });
  if (key instanceof Uint8Array || key.type !== 'private')
    throw new Error('Cannot use the key of the gateway: not a private key');
  return oauth.PrivateKeyJwt(typeof jwk['kid'] === 'string' ? { key, kid: jwk['kid'] } : key);
}
