import { FlattenedSign, flattenedVerify } from 'jose';
import { isJsonObject, JsonError, parseJson } from '../lib/json.ts';
import type { JsonObject, JsonValue } from '../lib/json.ts';
import type { Key } from './keys.ts';

/** One member of `signatures` of a JWS in the general serialisation, its payload detached (RFC 7515 appendix F, RFC 7797). */
export type Signature = { readonly protected: string; readonly signature: string };

/** What a list of signatures is worth. */
export type Tally = {
  /** Ids of the trusted keys that have signed, each once. */
  readonly signers: readonly string[];
  /** Why other signatures do not count, for a person. */
  readonly doubts: readonly string[];
};

const MAX_SIGNATURES = 16;
const LIMITS = { maxBytes: 64 * 1024, maxDepth: 4 } as const;
/** EdDSA is what the world calls it, Ed25519 its name since RFC 9864; the key decides that it is this curve. */
const ALGORITHMS = ['EdDSA', 'Ed25519'];
const BASE64URL = /^[A-Za-z0-9_-]+$/u;

/** Signs exactly these bytes, for this purpose (`typ`) and no other. */
export async function signDetached(
  payload: Uint8Array,
  { key, kid }: Key,
  typ: string,
): Promise<Signature> {
  const signed = await new FlattenedSign(payload)
    .setProtectedHeader({ alg: 'EdDSA', kid, typ, b64: false, crit: ['b64'] })
    .sign(key);
  return { protected: signed.protected ?? '', signature: signed.signature };
}

/** The text of a file with signatures. */
export function formatSignatures(signatures: readonly Signature[]): string {
  return `${JSON.stringify({ signatures }, null, 2)}\n`;
}

/** Reads such a file; undefined where it is anything else. */
export function readSignatures(bytes: Uint8Array): readonly Signature[] | undefined {
  const value = parseOr(() => parseJson(bytes, LIMITS));
  // A payload in here, or a header that nobody signed, would be a second truth.
  if (!isJsonObject(value) || Object.keys(value).join() !== 'signatures') return undefined;
  const list = value['signatures'];
  if (!Array.isArray(list) || list.length > MAX_SIGNATURES) return undefined;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- isArray widens readonly arrays to any[]
  const read = (list as readonly JsonValue[]).flatMap((each) => {
    if (!isJsonObject(each) || Object.keys(each).toSorted().join() !== 'protected,signature')
      return [];
    const { protected: header, signature } = each;
    return typeof header === 'string' &&
      typeof signature === 'string' &&
      BASE64URL.test(header) &&
      BASE64URL.test(signature)
      ? [{ protected: header, signature }]
      : [];
  });
  return read.length === list.length ? read : undefined;
}

/** Counts the trusted keys that have signed these bytes for this purpose. What does not verify counts as absent. */
export async function tally(
  signatures: readonly Signature[],
  payload: Uint8Array,
  trusted: ReadonlyMap<string, Key>,
  typ: string,
): Promise<Tally> {
  const signers = new Set<string>();
  const doubts: string[] = [];
  for (const each of signatures) {
    const header = headerOf(each);
    const kid = kidOf(each);
    const known = trusted.get(kid);
    const doubt =
      header === undefined
        ? 'a signature has a header that cannot be read'
        : known === undefined
          ? 'a signature is by a key that is not trusted'
          : signers.has(kid)
            ? `key ${kid} has signed twice, which counts once`
            : await doubtAbout(each, header, known, payload, typ);
    if (doubt === undefined) signers.add(kid);
    else doubts.push(doubt);
  }
  return { signers: [...signers], doubts: [...new Set(doubts)] };
}

/** Of the key that is said to have signed; empty where nothing is said. */
export function kidOf(signature: Signature): string {
  const kid = headerOf(signature)?.['kid'];
  return typeof kid === 'string' ? kid : '';
}

async function doubtAbout(
  { protected: header, signature }: Signature,
  { typ: purpose, b64, alg }: JsonObject,
  { kid, key }: Key,
  payload: Uint8Array,
  typ: string,
): Promise<string | undefined> {
  // What one key signs elsewhere must not pass for a bundle.
  if (purpose !== typ || b64 !== false) return `what key ${kid} has signed is not a ${typ}`;
  // With HS256 the public key would be the secret, and `none` needs none.
  if (typeof alg !== 'string' || !ALGORITHMS.includes(alg))
    return `the signature of key ${kid} is not Ed25519`;
  try {
    await flattenedVerify({ protected: header, signature, payload }, key, {
      algorithms: ALGORITHMS,
    });
    return undefined;
  } catch {
    return `the signature of key ${kid} does not fit`;
  }
}

/** Read strictly before jose reads it: a key that stands twice would be two headers. */
function headerOf({ protected: header }: Signature): JsonObject | undefined {
  const value = parseOr(() => parseJson(Buffer.from(header, 'base64url'), LIMITS));
  return isJsonObject(value) ? value : undefined;
}

function parseOr(parse: () => JsonValue): JsonValue | undefined {
  try {
    return parse();
  } catch (thrown) {
    if (thrown instanceof JsonError) return undefined;
    throw thrown;
  }
}
