import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ownCache } from './cache-folder.ts';
import { processBegan } from '../lib/process-began.ts';
import { orphaned, ownerLabels, type Owner } from './owner.ts';
import { killTree } from './processes.ts';

const run = promisify(execFile);
const PIPES_MS = 10_000;
const OWNER = 'owner.json';
const ROOT = 'process.json';
/** Longer than any gateway takes between making a folder and saying whose it is. */
const PATIENCE_MS = 60_000;

/** The folder of one cell, for the gateway alone: its named pipes, its state, and whose it is. */
export interface CellFolder {
  readonly path: string;
  /** Tells a later gateway which process to end, if this one is killed. */
  noteProcess(pid: number): Promise<void>;
  remove(): Promise<void>;
}

/** Makes a folder with the pipes `in`, `out` and `err`. Node's own pipes to a child are sockets, which cannot be opened by name. */
export async function makeCellFolder(
  parent: string,
  id: string,
  { owner, expires }: { owner: Owner; expires: number },
): Promise<CellFolder> {
  const path = join(ownCache(parent), id);
  await mkdir(path, { mode: 0o700 });
  const remove = async (): Promise<void> =>
    await rm(path, { recursive: true, force: true, maxRetries: 5 });
  try {
    await writeFile(join(path, OWNER), JSON.stringify(ownerLabels(owner, expires)));
    const pipes = ['in', 'out', 'err'].map((name) => join(path, name));
    // The folder keeps others out; the program, which is nobody, may open its own outputs again.
    await run('mkfifo', ['-m', '666', ...pipes], { timeout: PIPES_MS });
  } catch (error) {
    await remove();
    throw error;
  }
  return {
    path,
    async noteProcess(pid) {
      await writeFile(join(path, ROOT), JSON.stringify({ pid, began: processBegan(pid) }));
    },
    remove,
  };
}

/**
 * Ends and removes cells whose gateway is gone. The kernel ends them with it; this is for what it could not. Resolves to
 * their number.
 */
export async function reapCells(
  parent: string,
  { owner, now, log }: { owner: Owner; now: number; log: (message: string) => void },
): Promise<number> {
  // Who writes here says which process is ended.
  const ids = existsSync(parent) ? await readdir(ownCache(parent)) : [];
  const gone = await Promise.all(
    ids.map(async (id) => {
      const folder = join(parent, id);
      const labels = await labelsOf(folder, now);
      if (labels && !orphaned(labels, owner, now)) return false;
      const root = await readJson(join(folder, ROOT));
      const { pid, began } = { pid: Number(root['pid']), began: root['began'] ?? '' };
      // Another process may have the number by now.
      if (pid > 1 && began !== '' && processBegan(pid) === began) await killTree({ pid, began });
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
      return true;
    }),
  );
  const count = gone.filter(Boolean).length;
  if (count > 0) log(`removed ${count} sandboxes that were left behind`);
  return count;
}

/** What the folder says of its owner; one that says nothing yet is given time. */
async function labelsOf(
  folder: string,
  now: number,
): Promise<Readonly<Record<string, string>> | undefined> {
  const labels = await readJson(join(folder, OWNER));
  if (Object.keys(labels).length > 0) return labels;
  const made = await stat(folder).catch(() => undefined);
  return made && now - made.mtimeMs < PATIENCE_MS
    ? { ...ownerLabels({ instance: '', host: '', pid: 0, began: '' }, Infinity) }
    : undefined;
}

async function readJson(file: string): Promise<Record<string, string>> {
  try {
    const read: unknown = JSON.parse(await readFile(file, 'utf8'));
    if (typeof read !== 'object' || read === null) return {};
    return Object.fromEntries(Object.entries(read).map(([key, value]) => [key, String(value)]));
  } catch {
    return {};
  }
}
