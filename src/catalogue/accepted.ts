/**
 * The text of what was accepted, beside the lock file, so that a change can be shown and reviewed in git. It decides
 * nothing: each text is believed only when it has the hash that the lock file holds.
 */
import { readFile } from 'node:fs/promises';
import { isJsonObject, parseJson } from '../lib/json.ts';
import type { JsonObject } from '../lib/json.ts';
import { definitionHash } from './definition.ts';
import type { LockRow } from './lock-file.ts';
import { visible } from '../lib/visible.ts';

/** Definitions by hash. */
export type Accepted = ReadonlyMap<string, JsonObject>;

/** `sallyport.lock.json` → `sallyport.lock.definitions.json`. */
export function acceptedPath(lockPath: string): string {
  return `${lockPath.replace(/\.json$/u, '')}.definitions.json`;
}

/** Reads what is there; a missing or broken file is an empty one, because it only explains. */
export async function readAccepted(lockPath: string): Promise<Accepted> {
  try {
    const value = parseJson(await readFile(acceptedPath(lockPath)), {
      maxBytes: 256 * 1024 * 1024,
      maxDepth: 128,
    });
    const definitions = isJsonObject(value) ? value['definitions'] : undefined;
    const found = new Map<string, JsonObject>();
    for (const [hash, definition] of Object.entries(isJsonObject(definitions) ? definitions : {}))
      if (isJsonObject(definition)) found.set(hash, definition);
    return found;
  } catch {
    return new Map();
  }
}

/** The text that was accepted for this row, when it is there and has the right hash. */
export function acceptedDefinition(accepted: Accepted, row: LockRow): JsonObject | undefined {
  const found = accepted.get(row.entry.hash);
  const isTrue = found !== undefined && definitionHash(row.kind, found) === row.entry.hash;
  return isTrue ? found : undefined;
}

/** Sorted by hash; only those that `rows` still name. */
export function formatAccepted(accepted: Accepted, rows: Iterable<LockRow>): string {
  const named = new Set([...rows].map((row) => row.entry.hash));
  const definitions = Object.fromEntries(
    [...accepted].filter(([hash]) => named.has(hash)).toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );
  return `${visible(JSON.stringify({ version: 1, definitions }, null, 2), '\n')}\n`;
}
