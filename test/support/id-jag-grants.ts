import { createLocalJWKSet, createRemoteJWKSet, importJWK, jwtVerify, SignJWT } from 'jose';
import { errors, type Context, type Provider } from 'oidc-provider';
import { EXCHANGE } from '../../servers/identity-provider/exchange.ts';
import type { Extension } from './identity-provider.ts';

export const ID_JAG = 'urn:ietf:params:oauth:token-type:id-jag';
export const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const TYPE = 'oauth-id-jag+jwt';

/** How often either grant was asked for. */
export type Asked = { vouched: number; granted: number };

/** An issuer that vouches for whoever has shown a token to `gateway`, to other issuers, as its administrator lets it. */
export function vouchFor(
  { issuer, key }: Extension,
  provider: Provider,
  rules: {
    readonly gateway: string;
    /** Who may use what is behind that issuer. */
    readonly may: (user: string, audience: string) => boolean;
    /** What the gateway is there. */
    readonly clientThere: string;
    readonly asked: Asked;
  },
): void {
  const { d: _secret, ...publicKey } = key;
  const keys = createLocalJWKSet({ keys: [publicKey] });
  async function vouch(context: Context): Promise<void> {
    rules.asked.vouched++;
    const { params } = context.oidc;
    const { subject_token: token = '', audience = '', resource = '', scope = '' } = params;
    if (params['requested_token_type'] !== ID_JAG) throw new errors.InvalidRequest('no ID-JAG');
    const checks = { issuer, audience: rules.gateway, typ: 'at+jwt' };
    const { payload } = await jwtVerify(token, keys, checks).catch(() => {
      throw new errors.InvalidGrant('the subject token is not right');
    });
    if (!rules.may(payload.sub ?? '', audience)) throw new errors.AccessDenied(token);
    context.body = {
      access_token: await new SignJWT({ resource, scope, client_id: rules.clientThere })
        .setProtectedHeader({ alg: 'EdDSA', typ: TYPE, kid: key.kid ?? '' })
        .setIssuer(issuer)
        .setSubject(payload.sub ?? '')
        .setAudience(audience)
        .setIssuedAt()
        .setExpirationTime('1m')
        .setJti(crypto.randomUUID())
        .sign(await importJWK(key)),
      issued_token_type: ID_JAG,
      token_type: 'N_A',
      expires_in: 60,
    };
  }
  const parameters =
    'subject_token subject_token_type requested_token_type resource audience scope'.split(' ');
  provider.registerGrantType(EXCHANGE, vouch, parameters, []);
}

/** An authorization server that believes another issuer about who people are. */
export function believe(
  { issuer, resourceServer }: Extension,
  provider: Provider,
  other: string,
  asked: Asked,
): void {
  const keys = createRemoteJWKSet(new URL(`${other}/jwks`));
  const used = new Set<string>();
  async function grant(context: Context): Promise<void> {
    asked.granted++;
    const { params, client } = context.oidc;
    const checks = { issuer: other, audience: issuer, typ: TYPE, requiredClaims: ['sub', 'jti'] };
    const { payload } = await jwtVerify(params['assertion'] ?? '', keys, checks).catch(() => {
      throw new errors.InvalidGrant('the assertion is not right');
    });
    const { sub: accountId = '', jti = '', scope, resource } = payload;
    if (used.has(jti) || payload['client_id'] !== client.clientId)
      throw new errors.InvalidGrant('the assertion is not for you');
    used.add(jti);
    const target = String(resource);
    const about = resourceServer(target);
    const rights = new provider.Grant({ clientId: client.clientId, accountId });
    rights.addResourceScope(target, String(scope));
    const token = new provider.AccessToken({
      client,
      accountId,
      grantId: await rights.save(),
      gty: 'jwt_bearer',
      scope: String(scope),
      expiresWithSession: false,
    });
    token.resourceServer = new provider.ResourceServer(target, about);
    context.oidc.entity('AccessToken', token);
    context.body = {
      access_token: await token.save(),
      token_type: 'Bearer',
      expires_in: token.expiration,
      scope: token.scope,
    };
  }
  provider.registerGrantType(JWT_BEARER, grant, ['assertion', 'resource', 'scope'], []);
}
