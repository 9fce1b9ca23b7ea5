import { access, constants, opendir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import type { Area, Finding } from './finding.ts';
import { modeOf, OTHERS } from './mode.ts';

/** More files than any state has; a folder named by mistake shall not be read to its end. */
const MAX_ENTRIES = 10_000;

/** The state holds keys and withheld texts: 0700 for folders, 0600 for files, nobody else. */
export async function checkState(path: string, posix: boolean): Promise<Finding[]> {
  const area = 'state';
  const problem = await unwritable(area, path);
  if (problem) return [problem];
  if (!(await exists(path))) return [{ area, level: 'ok', message: `${path} will be made` }];
  const open = posix ? await openPaths(path) : [];
  if (open.length === 0) return [{ area, level: 'ok', message: path }];
  const more = open.length > 1 ? ` and ${open.length - 1} more` : '';
  return [
    {
      area,
      level: 'error',
      message: `${open[0]}${more} can be used by others`,
      hint: `chmod -R go-rwx ${path}`,
    },
  ];
}

/** A call whose intent cannot be written down is refused, so this folder must take writes. */
export async function checkAudit(path: string): Promise<Finding[]> {
  const area = 'audit';
  const problem = await unwritable(area, path);
  if (problem) return [problem];
  const message = (await exists(path)) ? path : `${path} will be made`;
  return [{ area, level: 'ok', message }];
}

/** Looks at the folder, or at the nearest one above it in which it would be made. */
async function unwritable(area: Area, path: string): Promise<Finding | undefined> {
  let folder = path;
  while (!(await exists(folder)) && dirname(folder) !== folder) folder = dirname(folder);
  const hint = `make ${folder} writable, or name another folder in ${area}.path`;
  if (!(await stat(folder)).isDirectory())
    return { area, level: 'error', message: `${folder} is no folder`, hint };
  try {
    await access(folder, constants.W_OK | constants.X_OK);
    return undefined;
  } catch {
    return { area, level: 'error', message: `${path} cannot be written`, hint };
  }
}

async function openPaths(root: string): Promise<string[]> {
  const paths = [root];
  for await (const entry of await opendir(root, { recursive: true })) {
    if (entry.isFile() || entry.isDirectory()) paths.push(join(entry.parentPath, entry.name));
    if (paths.length >= MAX_ENTRIES) break;
  }
  const open: string[] = [];
  for (const path of paths) {
    // A file may vanish while a gateway runs.
    const mode = await modeOf(path).catch(() => 0);
    if ((mode & OTHERS.any) !== 0) open.push(path);
  }
  return open;
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
