import { createLocalJWKSet, jwtVerify, type JWK, type JWTPayload } from 'jose';
import { errors, type Context, type Provider, type Token } from 'oidc-provider';

export const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';
const PARAMETERS = [
  'subject_token',
  'subject_token_type',
  'requested_token_type',
  'resource',
  'audience',
  'scope',
];

/** Claims that say who acts, by token. */
export type Acting = WeakMap<Token, object>;

export type ExchangeOptions = {
  readonly issuer: string;
  /** What this provider signs with. */
  readonly key: JWK;
  readonly acting: Acting;
  readonly gateway: { readonly id: string; readonly resource: string };
  /** Throws where there is none of that name. */
  readonly resourceServer: (resource: string) => { readonly scope: string };
};

/**
 * Token exchange (RFC 8693): a token that a person has shown to the gateway becomes one for another resource, of the same
 * person, in which the gateway acts (`act`), for the program that the person signed in with, with no scope that the person did
 * not grant.
 */
export function registerExchange(provider: Provider, options: ExchangeOptions): void {
  const { issuer, acting, gateway, resourceServer } = options;
  const { d: _secret, ...publicKey } = options.key;
  const keys = createLocalJWKSet({ keys: [publicKey] });

  async function readSubject(token: string | undefined): Promise<JWTPayload> {
    try {
      const { payload } = await jwtVerify(token ?? '', keys, {
        issuer,
        // Shown to the gateway, and so to nobody else: a token for another resource is none to exchange.
        audience: gateway.resource,
        typ: 'at+jwt',
        requiredClaims: ['sub', 'exp', 'client_id'],
      });
      // A program's own token is on nobody's behalf.
      if (payload.sub !== payload['client_id']) return payload;
    } catch {
      // Said below.
    }
    throw new errors.InvalidGrant('the subject token is not right');
  }

  async function exchange(context: Context): Promise<void> {
    const { params, client } = context.oidc;
    if (params['subject_token_type'] !== ACCESS_TOKEN)
      throw new errors.InvalidRequest('only access tokens are exchanged');
    const subject = await readSubject(params['subject_token']);
    const target = params['resource'] ?? params['audience'] ?? '';
    const about = resourceServer(target);
    const offered = about.scope.split(' ');
    const scopes = (params['scope'] ?? '').split(' ').filter(Boolean);
    const unknown = scopes.find((one) => !offered.includes(one));
    if (scopes.length === 0 || unknown !== undefined)
      throw new errors.InvalidScope('the scope is not one of that resource', unknown ?? '');
    const granted = String(subject['scope']).split(' ');
    const scope = scopes.filter((one) => granted.includes(one)).join(' ');
    if (scope === '') throw new errors.InvalidScope('the scope was not granted', scopes.join(' '));
    const accountId = subject.sub ?? '';
    const grant = new provider.Grant({ clientId: client.clientId, accountId });
    grant.addResourceScope(target, scope);
    const token = new provider.AccessToken({
      client,
      accountId,
      grantId: await grant.save(),
      gty: 'token_exchange',
      scope,
      expiresWithSession: false,
    });
    token.resourceServer = new provider.ResourceServer(target, about);
    const act = { sub: client.clientId, act: { sub: subject['client_id'] } };
    acting.set(token, { act });
    context.oidc.entity('AccessToken', token);
    context.body = {
      access_token: await token.save(),
      issued_token_type: ACCESS_TOKEN,
      token_type: 'Bearer',
      expires_in: token.expiration,
      scope: token.scope,
    };
  }

  provider.registerGrantType(EXCHANGE, exchange, PARAMETERS, []);
}
