import { CompactSign, compactVerify } from 'jose';
import { isJsonObject, JsonError, parseJson } from '../lib/json.ts';
import type { JsonObject } from '../lib/json.ts';
import type { Key } from './keys.ts';

/** Why a token is not believed. Closed. */
export type TokenProblem = 'malformed' | 'header' | 'algorithm' | 'unknown-key' | 'signature';

/** A token that says nothing: who wrote it is not known. */
export class TokenError extends Error {
  override readonly name = 'TokenError';
  readonly problem: TokenProblem;

  constructor(problem: TokenProblem, message: string) {
    super(message);
    this.problem = problem;
  }
}

export type Signed = { readonly payload: Buffer; readonly kid: string };

const LIMITS = { maxBytes: 4096, maxDepth: 4 } as const;
/** EdDSA is what the world calls it, Ed25519 its name since RFC 9864; the key decides that it is this curve. */
const ALGORITHMS = ['EdDSA', 'Ed25519'];
const MEMBERS = 'alg,kid,typ';

/** Signs these bytes as a JWS in the compact serialisation (RFC 7515), for this purpose (`typ`) and no other. */
export async function signCompact(
  payload: Uint8Array,
  { key, kid }: Key,
  typ: string,
): Promise<string> {
  return await new CompactSign(payload).setProtectedHeader({ alg: 'EdDSA', kid, typ }).sign(key);
}

/** The bytes that one of the trusted keys has signed for this purpose. Throws a `TokenError`. */
export async function openCompact(
  token: string,
  trusted: ReadonlyMap<string, Key>,
  typ: string,
): Promise<Signed> {
  const parts = token.split('.');
  const [header = '', payload = '', signature = ''] = parts;
  // A second spelling of the same bytes would be a second token with the same signature.
  if (parts.length !== 3 || ![header, payload, signature].every(isCanonical))
    throw new TokenError('malformed', 'it is no JWS in the compact serialisation');
  const { alg, kid, typ: purpose } = headerOf(header);
  // With HS256 the public key would be the secret, and `none` needs none.
  if (typeof alg !== 'string' || !ALGORITHMS.includes(alg))
    throw new TokenError('algorithm', 'its algorithm is not Ed25519');
  // What the same key signs elsewhere must not pass for this.
  if (purpose !== typ) throw new TokenError('header', `it is not of type ${typ}`);
  const known = typeof kid === 'string' ? trusted.get(kid) : undefined;
  if (known === undefined)
    throw new TokenError('unknown-key', 'it names a key that is not trusted');
  try {
    await compactVerify(token, known.key, { algorithms: ALGORITHMS });
  } catch {
    throw new TokenError('signature', `the signature of key ${known.kid} does not fit`);
  }
  return { payload: Buffer.from(payload, 'base64url'), kid: known.kid };
}

/** Read strictly before jose reads it: a key that stands twice would be two headers. */
function headerOf(text: string): JsonObject {
  try {
    const value = parseJson(Buffer.from(text, 'base64url'), LIMITS);
    // Nothing else is understood: a key that the header brings, where to fetch one, `crit`, `b64`, `zip`.
    if (isJsonObject(value) && Object.keys(value).toSorted().join() === MEMBERS) return value;
  } catch (thrown) {
    if (!(thrown instanceof JsonError)) throw thrown;
  }
  throw new TokenError('header', `its header has not exactly the members ${MEMBERS}`);
}

function isCanonical(text: string): boolean {
  return text !== '' && Buffer.from(text, 'base64url').toString('base64url') === text;
}
