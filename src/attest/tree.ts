import { createHash } from 'node:crypto';
import { createReadStream, lstatSync, readdirSync, readFileSync } from 'node:fs';
import type { Dirent, Stats } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Fault } from '../lib/fault.ts';
import { visible } from '../lib/visible.ts';

const MAX_FILES = 100_000;

/** sha256 of a file's bytes, hexadecimal. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

/** sha256, hexadecimal, of lines as `sha256sum` writes them, sorted by what they name. */
export function hashLines(lines: readonly (readonly [hash: string, name: string])[]): string {
  const sorted = lines.toSorted(([, a], [, b]) => (a < b ? -1 : a > b ? 1 : 0));
  return sha256(sorted.map(([hash, name]) => `${hash}  ${name}\n`).join(''));
}

/**
 * One digest of all files under these names in a folder: that of `sha256sum` over the sorted files. Throws a `Fault` for a
 * link or anything else that is no file, which could be another one in a moment.
 */
export function hashTree(
  root: string,
  names: readonly string[],
  skip: (path: string) => boolean,
): string {
  const lines: (readonly [string, string])[] = [];
  const rest: { readonly path: string; readonly found: Dirent | Stats }[] = names.map((path) => ({
    path,
    found: lstatSync(join(root, path)),
  }));
  for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
    const { path, found } = next;
    if (skip(path)) continue;
    // sha256sum writes such names in another way.
    if (/[\p{Cc}\\]/u.test(path)) throw unfit(root, path, 'has a name with control characters');
    if (found.isDirectory())
      for (const entry of readdirSync(join(root, path), { withFileTypes: true }))
        rest.push({ path: path === '.' ? entry.name : `${path}/${entry.name}`, found: entry });
    // Ten thousand small files: to wait for each of them takes five times as long.
    else if (found.isFile()) lines.push([sha256(readFileSync(join(root, path))), path]);
    else throw unfit(root, path, 'is a link or no plain file');
    if (lines.length > MAX_FILES) throw new Fault(`Cannot measure ${root}: it has too many files`);
  }
  return hashLines(lines);
}

function unfit(root: string, path: string, why: string): Fault {
  return new Fault(`Cannot measure ${root}: ${visible(path)} ${why}`);
}

function sha256(data: Uint8Array | string): string {
  return createHash('sha256').update(data).digest('hex');
}
