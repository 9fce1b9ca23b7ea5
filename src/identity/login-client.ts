import * as oauth from 'oauth4webapi';
import { Fault } from '../lib/fault.ts';
import { isJsonObject } from '../lib/json.ts';
import {
  SECRET_METHODS,
  secretAuthentication,
  secretMethodOf,
  type SecretMethod,
} from './client-authentication.ts';
import type { Discovered } from './discover-upstream.ts';

/** What the gateway is at the issuer of a server. */
export type LoginClient = {
  readonly id: string;
  readonly secret?: string | undefined;
  /** How the secret is shown; absent: in the header. */
  readonly method?: SecretMethod | undefined;
};

export type LoginClientOptions = {
  readonly where: Discovered;
  /** Registered beforehand by the owner, at that issuer and no other. */
  readonly client?:
    | { readonly issuer: string; readonly id: string; readonly secret?: string | undefined }
    | undefined;
  /** The URL of a document about the gateway, at issuers that take one as id. */
  readonly clientUrl?: string | undefined;
};

/** What a client that registers itself says it is going to do (RFC 7591). */
export type ClientUse = {
  readonly redirect_uris: string[];
  readonly grant_types: string[];
  readonly response_types: string[];
};

/** In the order of the specification: registered beforehand, a document of one's own, registered now. */
export async function loginClientOf(
  { where: { as, takesClientUrl }, client, clientUrl }: LoginClientOptions,
  use: ClientUse,
  insecure: oauth.DynamicClientRegistrationRequestOptions,
): Promise<LoginClient> {
  const { token_endpoint_auth_methods_supported: taken } = as;
  if (client) {
    const { issuer, id, secret } = client;
    if (issuer === as.issuer)
      return secret === undefined ? { id } : { id, secret, method: secretMethodOf(taken) };
    throw new Fault(`Cannot sign in at ${as.issuer}: auth.login.client is of ${issuer}`, {
      hint: 'a server that names another issuer than before may be after its secret',
    });
  }
  if (clientUrl !== undefined && takesClientUrl) return { id: clientUrl };
  if (as.registration_endpoint === undefined)
    throw new Fault(`Cannot sign in at ${as.issuer}: it does not know this gateway`, {
      hint: 'register it there, and write auth.login.client of that server',
    });
  const response = await oauth.dynamicClientRegistrationRequest(
    as,
    {
      client_name: 'Sallyport',
      application_type: 'native',
      ...use,
      token_endpoint_auth_method:
        (taken?.includes('none') ?? true) ? 'none' : secretMethodOf(taken),
    },
    insecure,
  );
  const made = await oauth.processDynamicClientRegistrationResponse(await withExpiry(response));
  const { client_id: id, client_secret: secret, token_endpoint_auth_method: said } = made;
  if (typeof secret !== 'string' || said === 'none') return { id };
  const method = SECRET_METHODS.find((one) => one === said) ?? secretMethodOf(taken);
  return { id, secret, method };
}

export function authenticationOf({ secret, method }: LoginClient): oauth.ClientAuth {
  return secret === undefined ? oauth.None() : secretAuthentication(secret, method);
}

/** Many issuers do not say when a secret ends, and mean never; the library insists on a word (RFC 7591 §3.2.1). */
async function withExpiry(response: Response): Promise<Response> {
  const made: unknown = await response
    .clone()
    .json()
    .catch(() => undefined);
  if (!isJsonObject(made) || made['client_secret_expires_at'] !== undefined) return response;
  const { status, headers } = response;
  const body = JSON.stringify({ ...made, client_secret_expires_at: 0 });
  return new Response(body, { status, headers });
}
