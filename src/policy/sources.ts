import { createHash } from 'node:crypto';
import { readFile, readdir, realpath, stat } from 'node:fs/promises';
import { basename, join, sep } from 'node:path';
import type { Problem } from './problem.ts';

/** One policy file, read once; what is hashed is what is loaded. */
export type Source = {
  /** How people are told about it: the folder's name and the path in it. */
  readonly file: string;
  readonly text: string;
  /** Where it really is, links resolved. */
  readonly real: string;
};

const MAX_BYTES = 4 * 1024 * 1024;
const MAX_ENTRIES = 10_000;
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Reads `.cedar` files and all those in folders, at any depth, in the order of their names. Notes what it cannot read. */
export async function readSources(
  paths: readonly string[],
  note: (problem: Problem) => void,
): Promise<Source[]> {
  // A bare string would be read letter by letter, `/` first.
  if (!Array.isArray(paths)) throw new TypeError('Cannot read policies: paths is not a list');
  const sources: Source[] = [];
  const seen = new Set<string>();
  for (const path of paths) {
    const found = await filesUnder(path, note);
    for (const { path: each, file } of found) {
      const real = await realpath(each).catch(() => each);
      if (seen.has(real)) continue;
      seen.add(real);
      const text = await readText(each, file, note);
      if (text !== undefined) sources.push({ file, text, real });
    }
  }
  return sources;
}

/** sha256 of the exact texts in the order in which they were loaded. */
export function digestOf(sources: readonly Source[]): string {
  const hash = createHash('sha256');
  // The length first: two files must not hash like one.
  for (const { text } of sources) hash.update(`${Buffer.byteLength(text)}\n`).update(text);
  return hash.digest('hex');
}

type Found = { readonly path: string; readonly file: string };

async function filesUnder(path: string, note: (problem: Problem) => void): Promise<Found[]> {
  try {
    const top = await stat(path);
    if (top.isFile()) return [{ path, file: basename(path) }];
    const names = (await namesUnder(path)).filter((name) => name.endsWith('.cedar')).toSorted();
    // A folder without policies is a misspelt folder: nothing would be permitted, and nobody would know why.
    if (names.length === 0)
      note({ file: path, what: 'there is no .cedar file in it', hint: 'check policy.path' });
    const folder = basename(path);
    return names.map((name) => ({
      path: join(path, name),
      file: `${folder}/${name.split(sep).join('/')}`,
    }));
  } catch (cause) {
    note({ file: path, what: `it cannot be read (${reasonOf(cause)})`, hint: 'check policy.path' });
    return [];
  }
}

/** Paths of all files in a folder, relative to it. */
async function namesUnder(folder: string): Promise<string[]> {
  const names: string[] = [];
  const rest = [''];
  let seen = 0;
  for (let at = rest.pop(); at !== undefined; at = rest.pop())
    for (const entry of await readdir(join(folder, at), { withFileTypes: true })) {
      // A path that is a whole disk by mistake must not be read as one.
      if (++seen > MAX_ENTRIES) throw new RangeError(`it has more than ${MAX_ENTRIES} entries`);
      const name = join(at, entry.name);
      if (entry.isDirectory()) rest.push(name);
      else names.push(name);
    }
  return names;
}

async function readText(
  path: string,
  file: string,
  note: (problem: Problem) => void,
): Promise<string | undefined> {
  try {
    const found = await stat(path);
    // Reading a pipe or a device would not end.
    if (!found.isFile()) throw new RangeError('it is not a file');
    if (found.size > MAX_BYTES) throw new RangeError(`it is larger than ${MAX_BYTES} bytes`);
    const bytes = await readFile(path);
    return readSource(bytes, file, (problem) => note({ ...problem, hint: `look at ${path}` }));
  } catch (cause) {
    const what =
      cause instanceof RangeError ? cause.message : `it cannot be read (${reasonOf(cause)})`;
    note({ file, what, hint: `look at ${path}` });
    return undefined;
  }
}

/** The bytes of a policy file as text. Notes it where they are none. */
export function readSource(
  bytes: Uint8Array,
  file: string,
  note: (problem: Problem) => void,
): string | undefined {
  try {
    const text = decoder.decode(bytes);
    if (!text.startsWith('\uFEFF')) return text;
    note({ file, what: 'it starts with a byte order mark' });
  } catch {
    note({ file, what: 'it is not UTF-8' });
  }
  return undefined;
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return 'no reason';
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.message;
}
