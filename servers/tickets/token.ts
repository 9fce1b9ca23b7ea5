import { createRemoteJWKSet, errors, jwtVerify, type JWTPayload } from 'jose';
import { z } from 'zod';

/** On whose behalf a request is made, and by whom. */
export type Caller = {
  readonly subject: string;
  /** Who acts for the subject, the nearest first (RFC 8693 §4.1). */
  readonly actors: readonly string[];
  readonly client: string;
  readonly scopes: readonly string[];
  readonly tokenId: string;
};

export type TokenOptions = {
  readonly issuer: string;
  /** Where the issuer's keys are. */
  readonly jwks: URL;
  /** This server as a resource: the only audience that is accepted. */
  readonly resource: string;
  /** Who may act for people here. A token without one of them is not accepted. */
  readonly actors: readonly string[];
  readonly now: () => Date;
};

/** Why a token is not accepted; never quotes it. */
export class TokenInvalid extends Error {}

const ALGORITHMS = ['EdDSA', 'Ed25519', 'ES256', 'PS256', 'RS256'];
const MAX_BYTES = 16_384;
const MAX_ACTORS = 4;
const NO_KEYS = new Set(['ERR_JOSE_GENERIC', 'ERR_JWKS_TIMEOUT', 'ERR_JWKS_INVALID']);

const name = z
  .string()
  .min(1)
  .max(256)
  .regex(/^\P{Cc}+$/u);
const claims = z.object({
  aud: z.union([z.string(), z.tuple([z.string()]).transform(([only]) => only)]),
  sub: name,
  client_id: name,
  jti: name,
  scope: z.string().max(1024).default(''),
});
const actor = z.object({ sub: name, act: z.unknown().optional() });

/** Checks access tokens as RFC 9068 §4 says, and that somebody acts in them. Throws `TokenInvalid`. */
export function createTokenCheck({
  issuer,
  jwks,
  resource,
  actors: accepted,
  now,
}: TokenOptions): (token: string) => Promise<Caller> {
  const keys = createRemoteJWKSet(jwks, { timeoutDuration: 5000 });
  return async function checkToken(token) {
    if (token.length > MAX_BYTES) throw new TokenInvalid('it is too long');
    const payload = await verify(token);
    // A token that is bound to a key is worth nothing without the proof, which is not checked here.
    if (payload['cnf'] !== undefined) throw new TokenInvalid('it is bound to a key');
    const read = claims.safeParse(payload);
    if (!read.success)
      throw new TokenInvalid(`the claim ${String(read.error.issues[0]?.path[0])} is not right`);
    const { sub, client_id: client, jti, scope } = read.data;
    const actors = readActors(payload['act']);
    const [nearest] = actors;
    if (nearest === undefined) throw new TokenInvalid('nobody acts in it');
    if (!accepted.includes(nearest)) throw new TokenInvalid('its actor is not accepted here');
    // A program's own token names the program as its subject: it is on nobody's behalf.
    if (sub === client || actors.includes(sub)) throw new TokenInvalid('it is on nobody’s behalf');
    return { subject: sub, actors, client, tokenId: jti, scopes: scope.split(' ').filter(Boolean) };
  };

  async function verify(token: string): Promise<JWTPayload> {
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer,
        audience: resource,
        algorithms: ALGORITHMS,
        typ: 'at+jwt',
        clockTolerance: 5,
        currentDate: now(),
        requiredClaims: ['sub', 'exp', 'iat', 'client_id', 'jti'],
      });
      return payload;
    } catch (cause) {
      // Without the issuer's keys nothing is known about the token.
      if (!(cause instanceof errors.JOSEError) || NO_KEYS.has(cause.code)) throw cause;
      throw new TokenInvalid(reasonOf(cause), { cause });
    }
  }
}

/** jose's code for it; its messages may quote the token. */
function reasonOf(cause: errors.JOSEError): string {
  return cause instanceof errors.JWTClaimValidationFailed
    ? `the claim ${cause.claim} is not right`
    : cause.code;
}

function readActors(act: unknown): string[] {
  const found: string[] = [];
  for (let next = act; next !== undefined;) {
    const read = actor.safeParse(next);
    if (!read.success || found.length === MAX_ACTORS)
      throw new TokenInvalid('the claim act is not right');
    found.push(read.data.sub);
    next = read.data.act;
  }
  return found;
}
