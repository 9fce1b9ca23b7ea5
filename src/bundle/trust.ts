import { readFile } from 'node:fs/promises';
import { Fault } from '../lib/fault.ts';
import { readPublicKey, type Key } from '../signing/keys.ts';
import type { Trust } from './verify-bundle.ts';

/** More than any public key in PEM. */
const MAX_BYTES = 4096;

/** Reads the keys whose signatures count. Throws a `Fault` where the threshold could never be met by different keys. */
export async function readTrust(files: readonly string[], threshold: number): Promise<Trust> {
  const keys = new Map<string, Key>();
  for (const file of files) {
    const key = await readPublicKey(await readText(file), file);
    // One person with two names is one person.
    if (keys.has(key.kid)) throw new Fault(`Cannot use ${file}: another file holds the same key`);
    keys.set(key.kid, key);
  }
  if (!Number.isSafeInteger(threshold) || threshold < 1 || threshold > keys.size)
    throw new Fault(
      `Cannot verify a bundle: ${threshold} signatures of ${keys.size} key${keys.size === 1 ? '' : 's'} are asked for`,
      { hint: 'the threshold is at least 1, and at most the number of keys' },
    );
  return { keys, threshold };
}

async function readText(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).slice(0, MAX_BYTES);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'no reason';
    throw new Fault(`Cannot read the key ${file}: ${code}`, { cause });
  }
}
