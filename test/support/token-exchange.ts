import { createLocalJWKSet, jwtVerify, type JWK } from 'jose';
import { errors, type Provider, type Token } from 'oidc-provider';

export const EXCHANGE_GRANT = 'urn:ietf:params:oauth:grant-type:token-exchange';
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';

export type TokenExchangeOptions = {
  readonly issuer: string;
  /** The issuer's private key. */
  readonly jwk: JWK;
  /** Whose tokens are exchanged. */
  readonly audience: string;
  readonly resources: Readonly<Record<string, readonly string[]>>;
  readonly lifeS: number;
  /** Claims beside those of the user. */
  readonly actors: WeakMap<Token, object>;
};

/**
 * Token exchange (RFC 8693) at a certified provider: the user of the subject token, the asking client as actor, and no scope
 * that the user did not grant.
 */
export function addTokenExchange(
  provider: Provider,
  { issuer, jwk, audience, resources, lifeS, actors }: TokenExchangeOptions,
): { count: number } {
  const counted = { count: 0 };
  const { d: _secret, ...publicKey } = jwk;
  const keys = createLocalJWKSet({ keys: [publicKey] });
  provider.registerGrantType(
    EXCHANGE_GRANT,
    async (context) => {
      const { params, client } = context.oidc;
      counted.count++;
      if (params['subject_token_type'] !== ACCESS_TOKEN)
        throw new errors.InvalidRequest('subject_token_type');
      const { payload } = await jwtVerify(params['subject_token'] ?? '', keys, {
        issuer,
        audience,
        typ: 'at+jwt',
      }).catch(() => {
        throw new errors.InvalidGrant('subject_token');
      });
      const resource = params['resource'] ?? '';
      const own = resources[resource];
      if (!own) throw new errors.InvalidTarget();
      const granted = String(payload['scope']).split(' ');
      const asked = (params['scope'] ?? '').split(' ');
      if (asked.some((scope) => !own.includes(scope)))
        throw new errors.InvalidScope('not of this resource', asked.join(' '));
      const scope = asked.filter((one) => granted.includes(one)).join(' ');
      if (scope === '') throw new errors.InvalidScope('not granted', asked.join(' '));
      const accountId = payload.sub ?? '';
      const grant = new provider.Grant({ clientId: client.clientId, accountId });
      grant.addResourceScope(resource, scope);
      const token = new provider.AccessToken({
        client,
        accountId,
        grantId: await grant.save(),
        gty: 'token_exchange',
        scope,
        expiresWithSession: false,
      });
      token.resourceServer = new provider.ResourceServer(resource, {
        scope: own.join(' '),
        audience: resource,
        accessTokenTTL: lifeS,
        accessTokenFormat: 'jwt',
        jwt: { sign: { alg: 'EdDSA' } },
      });
      const agent = payload['client_id'];
      actors.set(token, { act: { sub: client.clientId, act: { sub: agent } } });
      context.oidc.entity('AccessToken', token);
      context.body = {
        access_token: await token.save(),
        issued_token_type: ACCESS_TOKEN,
        token_type: 'Bearer',
        expires_in: token.expiration,
        scope,
      };
    },
    [
      'subject_token',
      'subject_token_type',
      'requested_token_type',
      'actor_token',
      'actor_token_type',
      'audience',
      'resource',
      'scope',
    ],
    [],
  );
  return counted;
}
