import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import * as oauth from 'oauth4webapi';
import { errors, Provider, type Token } from 'oidc-provider';
import { isJsonObject } from '../../src/lib/json.ts';
import {
  EXCHANGE,
  registerExchange,
  type Acting,
} from '../../servers/identity-provider/exchange.ts';

export type IdentityProvider = AsyncDisposable & {
  readonly issuer: string;
  readonly provider: Provider;
  /** A browser without windows: follows an authorization request as `user` and returns where it was sent back to. */
  signIn(url: URL, user: string): Promise<URL>;
  /** Opens the page of a device flow as `user`, types the code, and confirms it or does not; the text of the last page. */
  enterCode(page: URL, code: string, user: string, isMine?: boolean): Promise<string>;
  /** An access token of `user` for a resource, by the authorization code flow of the client `agent`. */
  tokenFor(user: string, resource: string, scopes: readonly string[]): Promise<string>;
  /** How many tokens were exchanged so far. */
  readonly exchanges: number;
};

export type IdentityProviderOptions = {
  /** Scopes of each protected resource, by its URL. */
  readonly resources: Readonly<Record<string, readonly string[]>>;
  readonly clients?: readonly Readonly<Record<string, unknown>>[];
  /** Claims of each user's access tokens. */
  readonly users?: Readonly<Record<string, object>>;
  /** Seconds that access tokens live. */
  readonly lifeS?: number;
  /** The resource whose tokens the client `gateway` may exchange (RFC 8693). */
  readonly exchangeOf?: string;
  /** Absent: yes. */
  readonly deviceFlow?: boolean;
  /** Grants of its own. */
  readonly extend?: (provider: Provider, own: Extension) => void;
};

export type Extension = {
  readonly issuer: string;
  /** What it signs with. */
  readonly key: JWK;
  /** Throws where there is none of that name. */
  readonly resourceServer: (resource: string) => { readonly scope: string };
};

export const GATEWAY = { id: 'gateway', secret: 'a-secret-of-the-gateway' };
const CALLBACK = 'http://127.0.0.1:1/callback';
const CLIENTS = [
  {
    client_id: 'agent',
    redirect_uris: [CALLBACK],
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code', 'refresh_token'],
  },
  {
    client_id: GATEWAY.id,
    client_secret: GATEWAY.secret,
    redirect_uris: [],
    response_types: [],
    grant_types: [EXCHANGE],
  },
];

/** The header by which the browser without windows says who sits in front of it. */
const USER = 'x-test-user';

/** A certified OpenID provider (oidc-provider) on a free port; clients may register themselves. */
export async function startIdentityProvider(
  options: IdentityProviderOptions,
): Promise<IdentityProvider> {
  const { resources, clients = [], users = {}, lifeS = 300 } = options;
  const { privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
  const jwk = { ...(await exportJWK(privateKey)), alg: 'EdDSA', use: 'sig', kid: 'k1' };
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A provider that cannot be made must not leave a test that never ends.
  server.unref();
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('Cannot listen');
  const issuer = `http://127.0.0.1:${address.port}`;
  const scopes = Object.values(resources).flat();
  const acting: Acting = new WeakMap();
  let exchanges = 0;
  function resourceServer(resource: string): { readonly scope: string } {
    const own = Object.hasOwn(resources, resource) ? resources[resource] : undefined;
    if (!own) throw new errors.InvalidTarget();
    const about = {
      scope: own.join(' '),
      audience: resource,
      accessTokenTTL: lifeS,
      accessTokenFormat: 'jwt',
      jwt: { sign: { alg: 'EdDSA' } },
    };
    return about;
  }
  const provider = new Provider(issuer, {
    jwks: { keys: [jwk] },
    enabledJWA: { idTokenSigningAlgValues: ['EdDSA'] },
    scopes: ['openid', 'offline_access', ...scopes],
    clients: [...CLIENTS, ...clients],
    clientDefaults: { id_token_signed_response_alg: 'EdDSA' },
    issueRefreshToken: () => true,
    cookies: { keys: ['for tests alone'] },
    interactions: { url: () => '/sign-in' },
    findAccount: (_context: unknown, accountId: string) => ({
      accountId,
      claims: () => ({ sub: accountId }),
    }),
    extraTokenClaims: (_context: unknown, token: Token) => ({
      ...users[token.accountId ?? ''],
      ...acting.get(token),
    }),
    features: {
      deviceFlow: { enabled: options.deviceFlow ?? true },
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      registration: { enabled: true },
      dPoP: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_context: unknown, resource: string) => resourceServer(resource),
      },
    },
  });
  if (options.exchangeOf !== undefined)
    registerExchange(provider, {
      issuer,
      key: jwk,
      acting,
      gateway: { id: GATEWAY.id, resource: options.exchangeOf },
      resourceServer(resource) {
        exchanges++;
        return resourceServer(resource);
      },
    });
  options.extend?.(provider, { issuer, key: jwk, resourceServer });
  const handle = provider.callback();
  server.on('request', (request, response) => {
    if (request.url === '/sign-in')
      interact(provider, request, response).catch((error: unknown) =>
        response.writeHead(500).end(String(error)),
      );
    else handle(request, response);
  });
  return {
    issuer,
    provider,
    signIn: async (url, user) => await followAs(user, url, issuer),
    enterCode: async (page, code, user, isMine = true) =>
      await enterCode(createBrowser(user, issuer), page, code, isMine),
    tokenFor: async (user, resource, wanted) => await tokenFor(issuer, user, resource, wanted),
    get exchanges() {
      return exchanges;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Signs in whom the header names, and consents to everything asked for. */
async function interact(
  provider: Provider,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { prompt, params, session } = await provider.interactionDetails(request, response);
  if (prompt.name === 'login') {
    const result = { login: { accountId: request.headers[USER] } };
    await provider.interactionFinished(request, response, result, {
      mergeWithLastSubmission: false,
    });
    return;
  }
  const { missingOIDCScope = [], missingResourceScopes = {} } = prompt.details;
  const grant = new provider.Grant({
    clientId: params.client_id,
    accountId: session?.accountId ?? '',
  });
  grant.addOIDCScope(missingOIDCScope.join(' '));
  for (const [resource, scopes] of Object.entries(missingResourceScopes))
    grant.addResourceScope(resource, scopes.join(' '));
  await provider.interactionFinished(
    request,
    response,
    { consent: { grantId: await grant.save() } },
    { mergeWithLastSubmission: true },
  );
}

async function tokenFor(
  issuer: string,
  user: string,
  resource: string,
  scopes: readonly string[],
): Promise<string> {
  const verifier = oauth.generateRandomCodeVerifier();
  const url = new URL(`${issuer}/auth`);
  url.search = new URLSearchParams({
    client_id: 'agent',
    redirect_uri: CALLBACK,
    response_type: 'code',
    scope: scopes.join(' '),
    resource,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  }).toString();
  const back = await followAs(user, url, issuer);
  const response = await fetch(`${issuer}/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: 'agent',
      redirect_uri: CALLBACK,
      code: back.searchParams.get('code') ?? '',
      code_verifier: verifier,
      resource,
    }),
  });
  const answer: unknown = await response.json();
  if (!isJsonObject(answer) || typeof answer['access_token'] !== 'string')
    throw new Error(`no token: ${JSON.stringify(answer)}`);
  return answer['access_token'];
}

async function followAs(user: string, first: URL, issuer: string): Promise<URL> {
  const { away, text } = await createBrowser(user, issuer)(first);
  if (away) return away;
  throw new Error(`no redirect: ${text}`);
}

async function enterCode(
  browse: Browser,
  page: URL,
  code: string,
  isMine: boolean,
): Promise<string> {
  const { text } = await browse(page);
  const xsrf = /name="xsrf" value="([^"]+)"/u.exec(text)?.[1] ?? '';
  const said = isMine ? { confirm: 'yes' } : { abort: 'yes' };
  const form = new URLSearchParams({ xsrf, user_code: code, ...said });
  return (await browse(page, form)).text;
}

/** Opens a page, or sends a form to it, and follows where it is sent; `away`: to somebody else. */
type Browser = (
  url: URL,
  form?: URLSearchParams,
) => Promise<{ readonly text: string; readonly away?: URL }>;

function createBrowser(user: string, issuer: string): Browser {
  const cookies = new Map<string, string>();
  return async function browse(first, form) {
    let url = first;
    let body = form;
    for (let steps = 0; steps < 10; steps++) {
      const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      const response = await fetch(url, {
        redirect: 'manual',
        headers: { cookie, [USER]: user },
        ...(body && { method: 'POST', body }),
      });
      for (const line of response.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/u.exec(line) ?? [];
        cookies.set(name, value);
      }
      const text = await response.text();
      const location = response.headers.get('location');
      if (location === null) return { text };
      url = new URL(location, url);
      body = undefined;
      if (url.origin !== issuer) return { text, away: url };
    }
    throw new Error('Cannot sign in: too many redirects');
  };
}
