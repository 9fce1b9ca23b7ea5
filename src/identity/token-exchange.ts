import { readFile } from 'node:fs/promises';
import { decodeJwt, importJWK } from 'jose';
import * as oauth from 'oauth4webapi';
import { Denial } from '../denial.ts';
import { isJsonObject, parseJson } from '../lib/json.ts';
import { secretAuthentication } from './client-authentication.ts';
import { createFetchBounded } from './fetch-bounded.ts';
import { fetchIssuerMetadata } from './issuer-metadata.ts';

/** The gateway's own credential at the issuer: a shared secret, or the file of a private key (JWK). */
export type OwnClient = { readonly id: string } & (
  | { readonly secret: string }
  | { readonly key: string }
);

/** A token for one upstream, on behalf of one caller. */
export type Issued = {
  readonly token: string;
  /** Milliseconds since 1970. */
  readonly expires: number;
};

/** What a token is asked for. */
export type Target = {
  /** Of the configuration, for messages. */
  readonly server: string;
  readonly audience: string;
  readonly scopes: readonly string[];
};

/** Throws `Denial`: `token-invalid`, `scope-insufficient` or `upstream-failed`. */
export type TokenExchange = (subjectToken: string, target: Target) => Promise<Issued>;

export type TokenExchangeOptions = {
  readonly issuer: string;
  readonly client: OwnClient;
  /** What this gateway is as a resource: no upstream gets a token for that. */
  readonly audiences: readonly string[];
  readonly fetch: typeof globalThis.fetch;
  readonly now: () => number;
};

const GRANT = 'urn:ietf:params:oauth:grant-type:token-exchange';
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';
const LIMITS = { timeoutMs: 10_000, maxBytes: 65_536 };
/** A token of which nobody says how long it lives. */
const UNSAID_LIFE_S = 60;
const MAX_TOKEN = 16_384;

/** Token exchange (RFC 8693): the caller's token becomes one for the upstream, in which the gateway is the actor. */
export function createTokenExchange(options: TokenExchangeOptions): TokenExchange {
  const { issuer, audiences, now } = options;
  const client: oauth.Client = { client_id: options.client.id };
  const fetchBounded = createFetchBounded(options.fetch, LIMITS);
  let prepared: Promise<Prepared> | undefined;

  async function prepare(): Promise<Prepared> {
    const [{ url }, authentication] = await Promise.all([
      fetchIssuerMetadata(options.fetch, issuer, 'token_endpoint'),
      authenticationOf(options.client),
    ]);
    return { as: { issuer, token_endpoint: url.href }, authentication };
  }

  async function ask(parameters: URLSearchParams): Promise<oauth.TokenEndpointResponse> {
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
      GRANT,
      parameters,
      // Which addresses may be asked in the clear is decided below, for all requests alike.
      {
        [oauth.allowInsecureRequests]: true,
        [oauth.customFetch]: async (url, { body, ...init }) =>
          await fetchBounded(url, { ...init, body: body?.toString() ?? null }),
      },
    );
    return await oauth.processGenericTokenEndpointResponse(as, client, response);
  }

  return async function exchange(subjectToken, target) {
    const { server, audience, scopes } = target;
    const parameters = new URLSearchParams({
      subject_token: subjectToken,
      subject_token_type: ACCESS_TOKEN,
      requested_token_type: ACCESS_TOKEN,
      audience,
      ...(URL.canParse(audience) ? { resource: audience } : {}),
      scope: scopes.join(' '),
    });
    const answer = await ask(parameters).catch((cause: unknown) => {
      throw refusal(cause, target);
    });
    const { access_token: token, token_type: type, expires_in: life = UNSAID_LIFE_S } = answer;
    const failed = (why: string): Denial =>
      new Denial('upstream-failed', `Cannot get a credential for ${server}: ${why}`);
    if (type !== 'bearer') throw failed('the issuer gave one that is no bearer token');
    if (token.length > MAX_TOKEN || !/^[\u0021-\u007e]+$/u.test(token))
      throw failed('what the issuer gave cannot stand in a header');
    // The caller's own token would open this gateway to whoever runs the upstream.
    if (token === subjectToken) throw failed('the issuer gave the caller’s own token back');
    // An issuer that does not heed `audience` may give a fresh one that does the same.
    if (audiencesOf(token).some((one) => one !== undefined && audiences.includes(one)))
      throw failed('the issuer gave a token for this gateway');
    const wider = answer.scope?.split(' ').some((scope) => scope !== '' && !scopes.includes(scope));
    if (wider === true) throw failed('the issuer gave more than was asked for');
    return { token, expires: now() + life * 1000 };
  };
}

type Prepared = {
  readonly as: oauth.AuthorizationServer;
  readonly authentication: oauth.ClientAuth;
};

/** Whom a token says it is for; nobody where it does not say. */
function audiencesOf(token: string): readonly (string | undefined)[] {
  try {
    return [decodeJwt(token).aud].flat();
  } catch {
    return [];
  }
}

async function authenticationOf(client: OwnClient): Promise<oauth.ClientAuth> {
  if ('secret' in client) return secretAuthentication(client.secret);
  const jwk = parseJson(await readFile(client.key), { maxBytes: 65_536, maxDepth: 8 });
  if (!isJsonObject(jwk)) throw new Error('Cannot use the key of identity.client: not a JWK');
  const key = await importJWK({ ...jwk });
  if (key instanceof Uint8Array || key.type !== 'private')
    throw new Error('Cannot use the key of identity.client: not a private key');
  return oauth.PrivateKeyJwt(typeof jwk['kid'] === 'string' ? { key, kid: jwk['kid'] } : key);
}

/** The issuer's word in ours: what it says beside its code may quote a token. */
function refusal(cause: unknown, { server, scopes }: Target): Denial {
  const why = `Cannot get a credential for ${server}`;
  const code = cause instanceof oauth.ResponseBodyError ? cause.error : undefined;
  if (code === 'invalid_grant')
    return new Denial(
      'token-invalid',
      `${why}: the issuer does not accept the token of the caller`,
      {
        cause,
      },
    );
  if (code === 'invalid_scope' || code === 'insufficient_scope')
    return new Denial('scope-insufficient', `${why}: the caller has not granted what it needs`, {
      cause,
      scopes,
    });
  const said = code !== undefined && /^[a-z_]{1,64}$/u.test(code) ? `the issuer says ${code}` : '';
  return new Denial('upstream-failed', `${why}: ${said || 'the issuer cannot be asked'}`, {
    cause,
  });
}
