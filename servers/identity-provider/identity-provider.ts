import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { exportJWK, generateKeyPair } from 'jose';
import { errors, Provider, type Token } from 'oidc-provider';
import { EXCHANGE, registerExchange, type Acting } from './exchange.ts';

export type Person = { readonly password: string; readonly groups: readonly string[] };

export type IdentityProviderOptions = {
  /** Its own URL. */
  readonly issuer: string;
  /** Scopes of each protected resource, by its URL. */
  readonly resources: Readonly<Record<string, readonly string[]>>;
  readonly people: Readonly<Record<string, Person>>;
  /** The program with which people sign in: public, with PKCE. */
  readonly agent: { readonly id: string; readonly redirectUri: string };
  /** Who may ask, with a token that somebody has shown to `resource`, for another one in that person's name. */
  readonly gateway: { readonly id: string; readonly secret: string; readonly resource: string };
  /** Seconds that access tokens live. */
  readonly lifeS?: number;
};

const ALG = 'EdDSA';
const SIGN_IN = '/sign-in/';
const MAX_FORM = 4096;

/** An OpenID provider (oidc-provider, certified) with sign-in by password and token exchange (RFC 8693). */
export async function createIdentityProvider(
  options: IdentityProviderOptions,
): Promise<RequestListener> {
  const { issuer, resources, people, agent, gateway, lifeS = 300 } = options;
  const { privateKey } = await generateKeyPair(ALG, { crv: 'Ed25519', extractable: true });
  const jwk = { ...(await exportJWK(privateKey)), alg: ALG, use: 'sig', kid: crypto.randomUUID() };
  const acting: Acting = new WeakMap();
  const base = { id_token_signed_response_alg: ALG };
  const provider = new Provider(issuer, {
    jwks: { keys: [jwk] },
    enabledJWA: { idTokenSigningAlgValues: [ALG] },
    scopes: ['openid'],
    cookies: { keys: [crypto.randomUUID()] },
    clients: [
      {
        ...base,
        client_id: agent.id,
        redirect_uris: [agent.redirectUri],
        token_endpoint_auth_method: 'none',
      },
      {
        ...base,
        client_id: gateway.id,
        client_secret: gateway.secret,
        redirect_uris: [],
        response_types: [],
        grant_types: ['client_credentials', EXCHANGE],
      },
    ],
    interactions: { url: (_context: unknown, { uid }: { uid: string }) => `${SIGN_IN}${uid}` },
    findAccount: (_context: unknown, accountId: string) => ({
      accountId,
      claims: () => ({ sub: accountId }),
    }),
    extraTokenClaims: (_context: unknown, token: Token) => ({
      groups: people[token.accountId ?? '']?.groups ?? [],
      ...acting.get(token),
    }),
    loadExistingGrant,
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_context: unknown, resource: string) => resourceServer(resource),
      },
    },
  });
  registerExchange(provider, { issuer, key: jwk, acting, gateway, resourceServer });

  function resourceServer(
    resource: string,
  ): Readonly<Record<string, unknown>> & { readonly scope: string } {
    const scopes = Object.hasOwn(resources, resource) ? resources[resource] : undefined;
    if (!scopes) throw new errors.InvalidTarget();
    return {
      scope: scopes.join(' '),
      audience: resource,
      accessTokenTTL: lifeS,
      accessTokenFormat: 'jwt',
      jwt: { sign: { alg: ALG } },
    };
  }

  /** The house's own program needs nobody's consent. */
  async function loadExistingGrant({ oidc }: Asking): Promise<unknown> {
    const { client, session, params } = oidc;
    const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
    grant.addOIDCScope('openid');
    for (const resource of [params['resource'] ?? []].flat())
      grant.addResourceScope(resource, resourceServer(resource).scope);
    await grant.save();
    return grant;
  }

  async function signIn(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // Throws where no sign-in was begun by this browser.
    await provider.interactionDetails(request, response);
    if (request.method === 'GET') return page(response, 200);
    const form = new URLSearchParams(await readForm(request));
    const accountId = form.get('user') ?? '';
    const person = Object.hasOwn(people, accountId) ? people[accountId] : undefined;
    if (person?.password !== form.get('password')) return page(response, 401);
    const result = { login: { accountId } };
    await provider.interactionFinished(request, response, result, {
      mergeWithLastSubmission: false,
    });
  }

  const handle = provider.callback();
  return function serve(request, response) {
    if (request.url?.startsWith(SIGN_IN) === true)
      signIn(request, response).catch(() => response.writeHead(400).end('Cannot sign in\n'));
    else handle(request, response);
  };
}

type Asking = {
  readonly oidc: {
    readonly client: { readonly clientId: string };
    readonly session: { readonly accountId: string };
    readonly params: Readonly<Record<string, string | string[] | undefined>>;
  };
};

function page(response: ServerResponse, status: 200 | 401): void {
  const again = status === 401 ? '<p>That is not right.</p>' : '';
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8' }).end(
    `<!doctype html><title>Sign in</title>${again}<form method="post"><input name="user" autocomplete="username">
<input name="password" type="password" autocomplete="current-password"><button>Sign in</button></form>`,
  );
}

async function readForm(request: IncomingMessage): Promise<string> {
  let text = '';
  const body: AsyncIterable<Uint8Array> = request;
  for await (const chunk of body) {
    text += Buffer.from(chunk).toString();
    if (text.length > MAX_FORM) throw new Error('Cannot read the form: it is too long');
  }
  return text;
}
