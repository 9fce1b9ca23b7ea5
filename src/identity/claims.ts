import { createHash } from 'node:crypto';
import type { JWTPayload } from 'jose';
import type { Caller } from '../call.ts';
import { Denial } from '../denial.ts';

const MAX_NAME = 256;
const MAX_GROUPS = 1024;
/** SHA-256 in base64url. */
const THUMBPRINT = /^[A-Za-z0-9_-]{43}$/;
// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;
/** Claims that only an ID token, a logout token or another security event has. */
const FOREIGN_CLAIMS = ['nonce', 'at_hash', 'c_hash', 's_hash', 'events'];

/** Claims in which two tokens differ that say the same. */
const OF_ONE_TOKEN = new Set(['exp', 'iat', 'nbf', 'jti']);

/** The refusal of a token; `why` never quotes it. */
export function tokenInvalid(why: string): Denial {
  return new Denial('token-invalid', `Cannot accept the token: ${why}`);
}

/** Who a verified payload is about. Throws `Denial('token-invalid')` for what is missing, coerced or meant for another use. */
export function readClaims(payload: JWTPayload, groupsClaim: string): Caller {
  for (const claim of FOREIGN_CLAIMS)
    if (Object.hasOwn(payload, claim)) throw tokenInvalid('it is not an access token');
  // Keycloak marks its ID and refresh tokens in a claim of this name.
  if (payload['typ'] !== undefined && payload['typ'] !== 'Bearer')
    throw tokenInvalid('it is not a bearer token');
  const authTime = payload['auth_time'];
  if (authTime !== undefined && !Number.isSafeInteger(authTime))
    throw tokenInvalid('auth_time is not a time');
  return {
    issuer: name(payload.iss, 'iss'),
    subject: name(payload.sub, 'sub'),
    client: readClient(payload),
    groups: readGroups(payload, groupsClaim),
    scopes: readScopes(payload),
    assurance: 1,
    ...(typeof authTime === 'number' ? { authTime } : {}),
    ...readKey(payload['cnf']),
    claims: digestOf(payload),
  };
}

function digestOf(payload: JWTPayload): string {
  const said = Object.entries(payload).filter(([claim]) => !OF_ONE_TOKEN.has(claim));
  const text = JSON.stringify(said.toSorted(([a], [b]) => (a < b ? -1 : 1)));
  return createHash('sha256').update(text).digest('base64url');
}

/** The key that a token is bound to (RFC 9449 §6.1). Any other confirmation is one that nobody here asks for. */
function readKey(cnf: unknown): { readonly key?: string } {
  if (cnf === undefined) return {};
  const [[method, key] = [], ...more] =
    typeof cnf === 'object' && cnf !== null ? Object.entries(cnf) : [];
  if (method === 'jkt' && more.length === 0 && typeof key === 'string' && THUMBPRINT.test(key))
    return { key };
  throw tokenInvalid('it is bound to a key in a way that is not supported');
}

/** A NUL or a line end in a name would split a log line or a key in two. */
function name(value: unknown, claim: string): string {
  if (typeof value === 'string' && value !== '' && value.length <= MAX_NAME && !CONTROL.test(value))
    return value;
  throw tokenInvalid(`${claim} is not a name`);
}

/** RFC 9068 `client_id`, or `azp` where the issuer follows OpenID Connect; empty where it names neither. */
function readClient(payload: JWTPayload): string {
  const claim = payload['client_id'] !== undefined ? 'client_id' : 'azp';
  const value = payload[claim];
  return value === undefined ? '' : name(value, claim);
}

function readGroups(payload: JWTPayload, claim: string): readonly string[] {
  const elsewhere = payload['_claim_names'];
  // Too many groups for a token are left out and named here. Without them a `forbid` on a group would not match.
  if (typeof elsewhere === 'object' && elsewhere !== null && Object.hasOwn(elsewhere, claim))
    throw tokenInvalid(`${claim} is not in the token`);
  if (!Object.hasOwn(payload, claim)) return [];
  const groups = payload[claim];
  if (!Array.isArray(groups) || groups.length > MAX_GROUPS)
    throw tokenInvalid(`${claim} is not a list of names`);
  return groups.map((group) => name(group, claim));
}

function readScopes(payload: JWTPayload): readonly string[] {
  const scopes = payload['scope'] ?? payload['scp'];
  if (scopes === undefined) return [];
  if (typeof scopes === 'string') return scopes.split(' ').filter((scope) => scope !== '');
  if (!Array.isArray(scopes)) throw tokenInvalid('scope is not a list of names');
  return scopes.map((scope) => name(scope, 'scope'));
}
