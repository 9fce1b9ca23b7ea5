import type { JWTPayload } from 'jose';
import type { Caller } from '../call.ts';
import { Denial } from '../denial.ts';

const MAX_NAME = 256;
const MAX_GROUPS = 1024;
// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;
/** Claims that only an ID token, a logout token or another security event has. */
const FOREIGN_CLAIMS = ['nonce', 'at_hash', 'c_hash', 's_hash', 'events'];

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
  // A token bound to a key proves nothing to one who does not ask for the key (RFC 9449 §7.1, RFC 8705 §3).
  if (payload['cnf'] !== undefined)
    throw tokenInvalid('it is bound to a key, which is not supported');
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
  };
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
