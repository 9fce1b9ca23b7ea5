import { readFileSync, writeFileSync } from 'node:fs';
import { lstat, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { makePrivateFolder } from '../../state/private-file.ts';
import { isGone, type Owner } from '../owner.ts';

/** Beside the sandboxes' folders and in none of them. */
const OWNER = 'owner.json';
/** How long a folder may be without an owner: whoever makes it names itself next. */
const NAMELESS_MS = 3_600_000;

const schema = z.object({ host: z.string(), pid: z.int(), began: z.string() });

/** Makes the folder of this process, which lasts as long as the process: `sweepFolders` finds out by its owner. */
export function makeOwnFolder(parent: string, owner: Owner): string {
  const folder = join(parent, owner.instance.slice(0, 8));
  makePrivateFolder(parent);
  makePrivateFolder(folder);
  const { host, pid, began } = owner;
  writeFileSync(join(folder, OWNER), JSON.stringify({ host, pid, began }), { mode: 0o600 });
  return folder;
}

/** Removes what processes that were killed have left. Resolves to the number of folders. */
export async function sweepFolders(parent: string, owner: Owner, now: number): Promise<number> {
  let count = 0;
  for (const name of await readdir(parent)) {
    const folder = join(parent, name);
    // Another gateway sweeps too, or closes.
    const found = await lstat(folder).catch(() => undefined);
    // A link is nothing that a gateway has made, and what is behind it is somebody's.
    if (!found?.isDirectory()) continue;
    const left = ownerOf(folder);
    if (left ? !isGone(left, owner) : now - found.mtimeMs < NAMELESS_MS) continue;
    await rm(folder, { recursive: true, force: true });
    count++;
  }
  return count;
}

function ownerOf(folder: string): z.output<typeof schema> | undefined {
  try {
    return schema.parse(JSON.parse(readFileSync(join(folder, OWNER), 'utf8')));
  } catch {
    return undefined;
  }
}
