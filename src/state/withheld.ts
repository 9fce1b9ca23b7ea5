import { randomInt } from 'node:crypto';
import { lstatSync, readFileSync, readdirSync, rmSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { freezeJson, isJsonObject, parseJson } from '../lib/json.ts';
import type { JsonObject } from '../lib/json.ts';
import { createPrivateFile, makePrivateFolder } from './private-file.ts';

export type WithheldLimit = {
  /** Outputs kept at a time. */
  readonly count: number;
  /** Bytes of all together. */
  readonly bytes: number;
  /** How long one is kept. */
  readonly ageMs: number;
};

/** What a gateway keeps: enough for a person to look into, and never a full disk. */
export const WITHHELD_LIMIT: WithheldLimit = {
  count: 500,
  bytes: 67_108_864,
  ageMs: 30 * 86_400_000,
};

export type WithheldEntry = {
  readonly id: string;
  readonly time: Date;
  readonly bytes: number;
};

export type Withheld = {
  /** Keeps one and returns its id. Drops what is too old, then the oldest, to stay within the limits. */
  readonly put: (original: JsonObject) => string;
  /** Undefined when there is none of this id, or it is too old. */
  readonly get: (id: string) => JsonObject | undefined;
  /** Newest first. */
  readonly list: () => readonly WithheldEntry[];
};

/** Crockford's base 32: nothing that a person mistakes for something else. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
/** 80 bits: the id is shown to the model, and must not let anybody guess another one. */
const ID = /^[0-9a-hjkmnp-tv-z]{16}$/;
const FILE = /^([0-9a-hjkmnp-tv-z]{16})\.json$/;

/** Keeps originals of withheld outputs for a person to look at: one 0600 file each. */
export function createWithheld(options: {
  readonly path: string;
  readonly now: () => Date;
  readonly limit: WithheldLimit;
}): Withheld {
  const { path, now, limit } = options;

  function put(original: JsonObject): string {
    const text = JSON.stringify(original);
    const bytes = Buffer.byteLength(text);
    if (bytes > limit.bytes)
      throw new RangeError(`Cannot keep the output: ${bytes} bytes, the limit is ${limit.bytes}`);
    makePrivateFolder(path);
    makeRoom(bytes);
    const id = newId();
    const file = join(path, `${id}.json`);
    if (!createPrivateFile(file, text)) throw new Error('Cannot keep the output: its id is taken');
    utimesSync(file, now(), now());
    return id;
  }

  function makeRoom(bytes: number): void {
    let left = limit.bytes - bytes;
    for (const [at, entry] of list().entries()) {
      left -= entry.bytes;
      if (at + 1 >= limit.count || left < 0) rmSync(fileOf(entry.id), { force: true });
    }
  }

  function get(id: string): JsonObject | undefined {
    // The id comes from a command line or a page, and becomes part of a path.
    if (!ID.test(id) || !list().some((entry) => entry.id === id)) return undefined;
    const value = parseJson(readFileSync(fileOf(id)), { maxBytes: limit.bytes, maxDepth: 512 });
    return isJsonObject(value) ? freezeJson(value) : undefined;
  }

  function list(): readonly WithheldEntry[] {
    const entries = names().flatMap((id) => {
      const found = lstatSync(fileOf(id), { throwIfNoEntry: false });
      return found?.isFile() ? [{ id, time: found.mtime, bytes: found.size }] : [];
    });
    const oldest = now().getTime() - limit.ageMs;
    const [kept, expired] = [
      entries.filter(({ time }) => time.getTime() >= oldest),
      entries.filter(({ time }) => time.getTime() < oldest),
    ];
    for (const { id } of expired) rmSync(fileOf(id), { force: true });
    return kept.toSorted((a, b) => b.time.getTime() - a.time.getTime() || (a.id < b.id ? -1 : 1));
  }

  function names(): string[] {
    try {
      return readdirSync(path).flatMap((file) => FILE.exec(file)?.[1] ?? []);
    } catch (thrown) {
      if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return [];
      throw thrown;
    }
  }

  function fileOf(id: string): string {
    return join(path, `${id}.json`);
  }

  return { put, get, list };
}

function newId(): string {
  return Array.from({ length: 16 }, () => ALPHABET[randomInt(32)]).join('');
}
