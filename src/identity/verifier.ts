import { decodeProtectedHeader, errors, jwtVerify, type JWTVerifyResult } from 'jose';
import type { Caller } from '../call.ts';
import { Denial } from '../denial.ts';
import { personOf } from '../person.ts';
import { readClaims, tokenInvalid } from './claims.ts';
import { createIssuerKeys, KeysUnavailable, type KeyTimes } from './issuer-keys.ts';
import { createKnownTokens } from './known-tokens.ts';
import type { SubjectTokens } from './subject-tokens.ts';
import { fix } from '../lib/fixed.ts';

export type VerifierOptions = {
  /** `iss` of every token, exactly. */
  readonly issuer: string;
  /** This gateway as a resource: `aud` of every token must contain it. */
  readonly audience: string;
  /** The issuer's keys: a URL, or the path of a file. Absent: found through the issuer's metadata. */
  readonly jwks?: URL | string;
  readonly algorithms?: readonly string[];
  readonly groupsClaim?: string;
  /** Seconds that the clocks may differ, 0 to 30. */
  readonly clockToleranceS?: number;
  readonly maxTokenBytes?: number;
  readonly requiredScopes?: readonly string[];
  readonly keyTimes?: Partial<KeyTimes>;
  readonly fetch?: typeof globalThis.fetch;
  /** Keeps tokens whose holders were let in. */
  readonly subjects?: Pick<SubjectTokens, 'keep'> | undefined;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
};

export type Verifier = {
  /**
   * Who the token names. A token that is bound to a key is refused, unless `prove` resolves for the thumbprint of that key. Throws
   * `Denial` (`token-missing`, `token-invalid`, `scope-insufficient`, or `internal` without keys).
   */
  readonly verify: (token: string | undefined, prove?: Prove) => Promise<Caller>;
};

/** `expires`: milliseconds since 1970. */
type Read = { readonly caller: Caller; readonly expires: number };

/** Throws unless the sender, who says to be `holder`, has the key with this thumbprint. */
export type Prove = (thumbprint: string, holder: string) => Promise<void>;

/** Signatures only the issuer can make. HS* would take the public key for a shared secret; `none` takes nothing. */
const ASYMMETRIC = 'RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA Ed25519'.split(' ');
/**
 * RFC 9068 asks for `at+jwt`. `JWT` is what Entra ID and Keycloak put on access tokens; an ID token of theirs has the
 * client as audience, not this resource, and claims of its own, so both are still told apart.
 */
const TYPES = new Set(['at+jwt', 'application/at+jwt', 'jwt']);
/** Header parameters by which a token would bring its own key. */
const OWN_KEY = ['jku', 'jwk', 'x5u', 'x5c'];
const COMPACT = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;
const MAX_TOLERANCE_S = 30;

/** Checks bearer tokens as RFC 9068 §4 and RFC 8725 say. Throws `TypeError` for options that would weaken the check. */
export function createVerifier(options: VerifierOptions): Verifier {
  const { issuer, audience, groupsClaim = 'groups', clockToleranceS = 5 } = options;
  const { maxTokenBytes = 16_384, requiredScopes = [], now = Date.now } = options;
  const algorithms = [...(options.algorithms ?? ASYMMETRIC)];
  for (const algorithm of algorithms)
    if (!ASYMMETRIC.includes(algorithm))
      throw new TypeError(`Cannot check tokens: the algorithm ${algorithm} is not accepted`);
  if (algorithms.length === 0) throw new TypeError('Cannot check tokens: no algorithm is accepted');
  if (issuer === '' || audience === '')
    throw new TypeError('Cannot check tokens: issuer and audience are required');
  if (!(clockToleranceS >= 0 && clockToleranceS <= MAX_TOLERANCE_S))
    throw new TypeError(
      `Cannot check tokens: the tolerance is not 0 to ${MAX_TOLERANCE_S} seconds`,
    );
  const keys = createIssuerKeys({
    issuer,
    jwks: options.jwks,
    fetch: options.fetch ?? globalThis.fetch,
    now,
    ...(options.keyTimes ? { times: options.keyTimes } : {}),
  });

  const known = createKnownTokens(now);

  async function verifySignature(token: string): Promise<JWTVerifyResult> {
    try {
      return await jwtVerify(token, keys.key, {
        issuer,
        audience,
        algorithms,
        clockTolerance: clockToleranceS,
        currentDate: new Date(now()),
        requiredClaims: ['sub', 'exp'],
      });
    } catch (cause) {
      if (cause instanceof KeysUnavailable) throw new Denial('internal', cause.message, { cause });
      throw tokenInvalid(explain(cause));
    }
  }

  async function readToken(token: string): Promise<Read> {
    const before = token.length > maxTokenBytes ? undefined : known.find(token);
    // A token signed with a key that was taken away is as good as no token.
    if (before && before.keys === (await keys.inForce())) return before;
    checkForm(token, maxTokenBytes);
    // Before it is verified: keys that come meanwhile may not be the ones it was verified with.
    const set = await keys.inForce();
    const { payload } = await verifySignature(token);
    const caller = fix(readClaims(payload, groupsClaim));
    const missing = requiredScopes.filter((scope) => !caller.scopes.includes(scope));
    if (missing.length > 0)
      throw new Denial(
        'scope-insufficient',
        `Cannot continue: the token lacks the scope ${missing.join(' ')}`,
        { hint: `ask for a token with: ${requiredScopes.join(' ')}` },
      );
    const expires = (payload.exp ?? 0) * 1000;
    if (set) known.learn(token, set, caller, expires);
    return { caller, expires };
  }

  return {
    async verify(token, prove) {
      if (token === undefined || token === '')
        throw new Denial('token-missing', 'Cannot continue: a bearer token is required');
      const { caller, expires } = await readToken(token);
      if (caller.key !== undefined) {
        // A token bound to a key proves nothing to one who does not ask for the key (RFC 9449 §7.1).
        if (!prove) throw tokenInvalid('it is bound to a key, and came without a proof of it');
        await prove(caller.key, personOf(caller));
      }
      options.subjects?.keep(caller, token, expires);
      return caller;
    },
  };
}

/** What can be refused without a key, before any is fetched. */
function checkForm(token: string, maxBytes: number): void {
  if (Buffer.byteLength(token) > maxBytes) throw tokenInvalid(`longer than ${maxBytes} bytes`);
  if (!COMPACT.test(token)) throw tokenInvalid('not a signed JSON Web Token');
  let header: ReturnType<typeof decodeProtectedHeader>;
  try {
    header = decodeProtectedHeader(token);
  } catch {
    throw tokenInvalid('its header cannot be read');
  }
  if (typeof header.typ !== 'string' || !TYPES.has(header.typ.toLowerCase()))
    throw tokenInvalid('its type is neither at+jwt nor JWT');
  for (const parameter of OWN_KEY)
    if (Object.hasOwn(header, parameter)) throw tokenInvalid('it brings its own key');
}

/** jose's reasons in our words: its messages may quote the token. */
function explain(cause: unknown): string {
  if (cause instanceof errors.JWTExpired) return 'it has expired';
  if (cause instanceof errors.JWTClaimValidationFailed)
    return `the claim ${cause.claim} is not right`;
  if (cause instanceof errors.JOSEAlgNotAllowed) return 'its algorithm is not accepted';
  if (cause instanceof errors.JWKSNoMatchingKey) return 'no key of the issuer fits it';
  if (cause instanceof errors.JWKSMultipleMatchingKeys)
    return 'it does not say which key signed it';
  if (cause instanceof errors.JWSSignatureVerificationFailed) return 'its signature is wrong';
  return 'it cannot be verified';
}
