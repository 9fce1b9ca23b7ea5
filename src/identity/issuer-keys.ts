import { readFile, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import { canonicalJson, isJsonObject, parseJson, type JsonObject } from '../lib/json.ts';
import { assertSecureUrl } from './fetch-bounded.ts';
import { fetchJson } from './fetch-json.ts';
import { fetchIssuerMetadata, METADATA_LIMITS } from './issuer-metadata.ts';

/** No key to check with: the issuer's fault or the network's, not the caller's. */
export class KeysUnavailable extends Error {
  override readonly name = 'KeysUnavailable';
}

export type KeyTimes = {
  /** Keys older than this are read again. */
  readonly maxAgeMs: number;
  /** Keys older than this are not used, whatever the reason they could not be read again. */
  readonly staleMs: number;
  /** The pause between two attempts: a flood of unknown key ids must not become a flood at the issuer. */
  readonly cooldownMs: number;
};

const REMOTE_TIMES: KeyTimes = { maxAgeMs: 600_000, staleMs: 3_600_000, cooldownMs: 10_000 };
/** Milliseconds of an attempt to read the keys again that requests wait for, where there are some to go on with. */
const PATIENCE_MS = 500;
const FILE_TIMES: KeyTimes = { maxAgeMs: 1000, staleMs: 1000, cooldownMs: 1000 };

export type IssuerKeysOptions = {
  readonly issuer: string;
  /** Where the keys are: a URL, or the path of a file. Absent: the issuer's metadata says. */
  readonly jwks: URL | string | undefined;
  readonly fetch: typeof globalThis.fetch;
  readonly now: () => number;
  readonly times?: Partial<KeyTimes>;
};

/** The issuer's signing keys. */
export type IssuerKeys = {
  /** As jose asks for them. */
  readonly key: JWTVerifyGetKey;
  /** The set in force, by a name that another set never has; brought up to date first where it is due. Undefined: none. */
  readonly inForce: () => Promise<object | undefined>;
};

/** Cached, single-flight, rotated, with a stale limit jose's own remote set has not. */
export function createIssuerKeys(options: IssuerKeysOptions): IssuerKeys {
  const { now } = options;
  const readKeys = createReader(options);
  const times = {
    ...(typeof options.jwks === 'string' ? FILE_TIMES : REMOTE_TIMES),
    ...options.times,
  };
  let current: { readonly set: KeySet; readonly at: number } | undefined;
  let triedAt = -Infinity;
  let reading: Promise<void> | undefined;
  let problem: unknown;

  async function refresh(): Promise<void> {
    triedAt = now();
    try {
      const found = await readKeys();
      const text = canonicalJson(found);
      const set =
        current?.set.text === text
          ? current.set
          : { text, keys: createLocalJWKSet(asKeySet(found)) };
      current = { set, at: now() };
    } catch (thrown) {
      problem = thrown;
    } finally {
      reading = undefined;
    }
  }

  async function refreshOnce(): Promise<void> {
    if (reading === undefined && now() - triedAt < times.cooldownMs) return;
    await (reading ??= refresh());
  }

  function inUse(): KeySet | undefined {
    return current !== undefined && now() - current.at <= times.staleMs ? current.set : undefined;
  }

  async function bringUpToDate(): Promise<void> {
    if (current !== undefined && now() - current.at < times.maxAgeMs) return;
    const read = refreshOnce();
    if (inUse() === undefined) await read;
    // An issuer that hangs must not hold up everybody for whom there are keys.
    else
      await Promise.race([read, sleep(triedAt + PATIENCE_MS - now(), undefined, { ref: false })]);
  }

  function usable(): KeySet {
    const set = inUse();
    if (set) return set;
    throw new KeysUnavailable('Cannot check the token: the keys of the issuer are not available', {
      cause: problem,
    });
  }

  return {
    async key(header, token) {
      await bringUpToDate();
      try {
        return await usable().keys(header, token);
      } catch (thrown) {
        if (!(thrown instanceof errors.JWKSNoMatchingKey)) throw thrown;
        await refreshOnce();
        return await usable().keys(header, token);
      }
    },
    async inForce() {
      await bringUpToDate();
      return inUse();
    },
  };
}

type KeySet = { readonly text: string; readonly keys: JWTVerifyGetKey };

function createReader(options: IssuerKeysOptions): () => Promise<JsonObject> {
  const { jwks } = options;
  if (typeof jwks === 'string') return async () => await readKeyFile(jwks);
  if (jwks !== undefined) assertSecureUrl(jwks);
  if (jwks === undefined) assertSecureUrl(new URL(options.issuer));
  let found = jwks;
  return async function fetchKeys() {
    found ??= (await fetchIssuerMetadata(options.fetch, options.issuer, 'jwks_uri')).url;
    return await fetchJson(options.fetch, found, METADATA_LIMITS);
  };
}

async function readKeyFile(path: string): Promise<JsonObject> {
  const { size } = await stat(path);
  if (size > METADATA_LIMITS.maxBytes) throw new Error(`Cannot read ${path}: too large`);
  const value = parseJson(await readFile(path), {
    maxBytes: METADATA_LIMITS.maxBytes,
    maxDepth: 32,
  });
  if (!isJsonObject(value)) throw new Error(`Cannot read ${path}: not a JSON object`);
  return value;
}

function asKeySet(value: JsonObject): JSONWebKeySet {
  const { keys } = value;
  if (
    !Array.isArray(keys) ||
    !keys.every((key) => isJsonObject(key) && typeof key['kty'] === 'string')
  )
    throw new Error('Cannot use the key set: not a JSON Web Key Set');
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- jose checks each key when it imports it
  return value as unknown as JSONWebKeySet;
}
