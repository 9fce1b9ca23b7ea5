import * as oauth from 'oauth4webapi';
import { Fault } from '../lib/fault.ts';
import { listenForBrowser } from './callback.ts';
import type { Discovered } from './discover-upstream.ts';
import {
  authenticationOf,
  loginClientOf,
  type LoginClient,
  type LoginClientOptions,
} from './login-client.ts';

/** Whichever way a person signs in. */
export type AskOptions = LoginClientOptions & {
  readonly scopes: readonly string[];
  readonly fetch: typeof globalThis.fetch;
  readonly signal: AbortSignal;
};

export type SignInOptions = AskOptions & {
  /** Shows the person where to go. */
  readonly show: (url: URL) => void;
};

/** What is kept of a sign-in. */
export type Login = {
  readonly issuer: string;
  readonly tokenEndpoint: string;
  readonly resource: string;
  readonly client: LoginClient;
  readonly scopes: readonly string[];
  readonly accessToken: string;
  /** Milliseconds since 1970. */
  readonly expires: number;
  readonly refreshToken?: string | undefined;
  /** When it was refreshed last, milliseconds since 1970; absent: never. */
  readonly refreshed?: number | undefined;
  /** What the server has asked for since, and was not granted. */
  readonly wanted?: readonly string[] | undefined;
};

const OFFLINE = 'offline_access';

/** Authorization code with PKCE on loopback (RFC 8252). Throws `Fault`, or what the issuer refused with. */
export async function signIn(options: SignInOptions): Promise<Login> {
  const { where, scopes, show, signal } = options;
  const { as, resource } = where;
  if (as.authorization_endpoint === undefined)
    throw new Fault(`Cannot sign in at ${as.issuer}: it has no authorization endpoint`);
  const state = oauth.generateRandomState();
  const verifier = oauth.generateRandomCodeVerifier();
  await using callback = await listenForBrowser(state);
  const asking = askingOf(options);
  const use = {
    redirect_uris: [callback.url],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
  };
  const known = await loginClientOf(options, use, asking);
  const client: oauth.Client = { client_id: known.id };
  const url = new URL(as.authorization_endpoint);
  const asked = {
    client_id: known.id,
    redirect_uri: callback.url,
    response_type: 'code',
    state,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    resource,
    ...(scopes.length > 0 ? { scope: scopes.join(' ') } : {}),
    // OpenID Connect Core §11: without it an issuer passes over what is asked for to stay signed in.
    ...(scopes.includes(OFFLINE) ? { prompt: 'consent' } : {}),
  };
  for (const [name, value] of Object.entries(asked)) url.searchParams.set(name, value);
  show(url);
  const back = await callback.answer(signal);
  // Also: which issuer answers, so that one cannot be handed another's code (RFC 9207).
  const parameters = oauth.validateAuthResponse(as, client, back, state);
  const response = await oauth.authorizationCodeGrantRequest(
    as,
    client,
    authenticationOf(known),
    parameters,
    callback.url,
    verifier,
    { ...asking, additionalParameters: { resource } },
  );
  const answer = await oauth.processAuthorizationCodeResponse(as, client, response);
  return loginOf(where, known, scopes, answer);
}

/** What is kept of an issuer's answer to whoever asked for these scopes. */
export function loginOf(
  { as, resource }: Discovered,
  client: LoginClient,
  scopes: readonly string[],
  answer: oauth.TokenEndpointResponse,
): Login {
  return {
    issuer: as.issuer,
    tokenEndpoint: as.token_endpoint ?? '',
    resource,
    client,
    scopes: answer.scope?.split(' ') ?? scopes,
    ...tokensOf(answer),
  };
}

/** How the client library asks: https is seen to by `fetch`, for all requests alike. */
export function askingOf({ fetch, signal }: Pick<AskOptions, 'fetch' | 'signal'>): Asking {
  return { [oauth.allowInsecureRequests]: true, [oauth.customFetch]: fetch, signal };
}

type Asking = {
  readonly [oauth.allowInsecureRequests]: true;
  readonly [oauth.customFetch]: typeof globalThis.fetch;
  readonly signal: AbortSignal;
};

/** A fresh access token; the refresh token may be another one afterwards. */
export async function refreshLogin(login: Login, fetch: typeof globalThis.fetch): Promise<Login> {
  const { issuer, tokenEndpoint, resource, client, refreshToken } = login;
  if (refreshToken === undefined) throw new Fault('Cannot refresh the sign-in: it has ended');
  const as: oauth.AuthorizationServer = { issuer, token_endpoint: tokenEndpoint };
  const own: oauth.Client = { client_id: client.id };
  const response = await oauth.refreshTokenGrantRequest(
    as,
    own,
    authenticationOf(client),
    refreshToken,
    {
      [oauth.allowInsecureRequests]: true,
      [oauth.customFetch]: fetch,
      additionalParameters: { resource },
    },
  );
  const answer = await oauth.processRefreshTokenResponse(as, own, response);
  return { ...login, ...tokensOf(answer, refreshToken) };
}

function tokensOf(
  answer: oauth.TokenEndpointResponse,
  before?: string,
): Pick<Login, 'accessToken' | 'expires' | 'refreshToken'> {
  if (answer.token_type !== 'bearer' || !/^[\u0021-\u007e]{1,16384}$/u.test(answer.access_token))
    throw new Fault('Cannot use the sign-in: what was given cannot stand in a header');
  return {
    accessToken: answer.access_token,
    expires: Date.now() + (answer.expires_in ?? 3600) * 1000,
    refreshToken: answer.refresh_token ?? before,
  };
}

/** Where an issuer has a scope for staying signed in it is asked for too; alone it would displace the issuer's defaults. */
export function withRefresh(
  scopes: readonly string[],
  { as: { scopes_supported: known = [] } }: Discovered,
): readonly string[] {
  return scopes.length > 0 && known.includes(OFFLINE) ? [...new Set([...scopes, OFFLINE])] : scopes;
}
