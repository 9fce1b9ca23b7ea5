import { createServer } from 'node:http';
import * as oauth from 'oauth4webapi';
import { Fault } from '../lib/fault.ts';
import type { Discovered } from './discover-upstream.ts';

/** What the gateway is at the issuer of a server. */
export type LoginClient = { readonly id: string; readonly secret?: string | undefined };

export type SignInOptions = {
  readonly where: Discovered;
  /** Registered beforehand by the owner, at that issuer and no other. */
  readonly client?: (LoginClient & { readonly issuer: string }) | undefined;
  /** The URL of a document about the gateway, at issuers that take one as id. */
  readonly clientUrl?: string | undefined;
  readonly scopes: readonly string[];
  readonly fetch: typeof globalThis.fetch;
  /** Shows the person where to go. */
  readonly show: (url: URL) => void;
  readonly signal: AbortSignal;
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
};

/** Authorization code with PKCE on loopback (RFC 8252). Throws `Fault`, or what the issuer refused with. */
export async function signIn(options: SignInOptions): Promise<Login> {
  const { where, scopes, show, signal } = options;
  const { as, resource } = where;
  if (as.authorization_endpoint === undefined)
    throw new Fault(`Cannot sign in at ${as.issuer}: it has no authorization endpoint`);
  const state = oauth.generateRandomState();
  const verifier = oauth.generateRandomCodeVerifier();
  await using callback = await listen(state);
  const insecure = {
    // https is asked for by `fetch`, for all requests alike.
    [oauth.allowInsecureRequests]: true,
    [oauth.customFetch]: options.fetch,
    signal,
  } as const;
  const known = await clientOf(options, callback.url, insecure);
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
    { ...insecure, additionalParameters: { resource } },
  );
  const answer = await oauth.processAuthorizationCodeResponse(as, client, response);
  return {
    issuer: as.issuer,
    tokenEndpoint: as.token_endpoint ?? '',
    resource,
    client: known,
    scopes: answer.scope?.split(' ') ?? scopes,
    ...tokensOf(answer),
  };
}

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

/** In the order of the specification: registered beforehand, a document of one's own, registered now. */
async function clientOf(
  { where: { as, takesClientUrl }, client, clientUrl }: SignInOptions,
  redirect: string,
  insecure: oauth.DynamicClientRegistrationRequestOptions,
): Promise<LoginClient> {
  if (client) {
    const { issuer, id, secret } = client;
    if (issuer === as.issuer) return { id, secret };
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
      redirect_uris: [redirect],
      application_type: 'native',
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
    },
    insecure,
  );
  const made = await oauth.processDynamicClientRegistrationResponse(response);
  const secret = made['client_secret'];
  return { id: made.client_id, ...(typeof secret === 'string' ? { secret } : {}) };
}

function authenticationOf({ secret }: LoginClient): oauth.ClientAuth {
  return secret === undefined ? oauth.None() : oauth.ClientSecretBasic(secret);
}

type Callback = AsyncDisposable & {
  readonly url: string;
  readonly answer: (signal: AbortSignal) => Promise<URL>;
};

/** Waits on loopback for the browser that brings `state`; whoever else knocks is turned away. */
async function listen(state: string): Promise<Callback> {
  let url = '';
  let found: (url: URL) => void;
  const answered = new Promise<URL>((resolve) => (found = resolve));
  const server = createServer((request, response) => {
    const path = request.url ?? '/';
    // `//` is no URL, and whatever knocks here must not end the process.
    const at = URL.canParse(path, url) ? new URL(path, url) : undefined;
    const isOurs = at?.pathname === '/callback' && at.searchParams.get('state') === state;
    response.writeHead(isOurs ? 200 : 400, {
      'content-type': 'text/plain; charset=utf-8',
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      connection: 'close',
    });
    response.end(isOurs ? 'You can close this page.\n' : 'Nobody waits for this.\n');
    if (isOurs && at) found(at);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('Cannot listen');
  url = `http://127.0.0.1:${address.port}/callback`;
  return {
    url,
    async answer(signal) {
      return await Promise.race([
        answered,
        new Promise<never>((_, reject) => {
          const giveUp = (): void => reject(new Fault('Cannot sign in: nobody came back in time'));
          signal.addEventListener('abort', giveUp, { once: true });
        }),
      ]);
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
