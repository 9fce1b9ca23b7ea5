import { open, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { EXIT, Fault } from '../lib/fault.ts';
import { acceptedPath, formatAccepted, readAccepted } from './accepted.ts';
import { acceptedRow, keyOf } from './claim.ts';
import type { Claim } from './claim.ts';
import { definitionHash, pinnedPart } from './definition.ts';
import { withFileMutex } from '../lib/file-mutex.ts';
import { formatLock, lockKey, parseLock } from './lock-file.ts';
import type { LockRow, LockRows } from './lock-file.ts';

type Change = { readonly claims: readonly Claim[]; readonly removed?: readonly LockRow[] };
type WriteLock = (change: (held: LockRows) => Change) => Promise<void>;

const DEADLINE = 3_000;

/**
 * Makes the one writer of a lock file: reads it again under a mutex shared by all processes, changes it, and replaces it
 * whole. What another gateway accepted meanwhile stays. Throws `Fault`.
 */
export function createWriteLock(options: { path: string; now: () => number }): WriteLock {
  let last: Promise<void> = Promise.resolve();
  return function writeLock(change) {
    const next = last.then(async () => commit(change));
    last = next.catch(() => undefined);
    return next;
  };

  async function commit(change: (held: LockRows) => Change): Promise<void> {
    const path = await realpath(options.path).catch(() => options.path);
    await withFileMutex(`${path}.busy`, { now: options.now, deadline: DEADLINE }, async (held) => {
      const before = await readText(path);
      const rows = new Map(before === undefined ? [] : parseLock(Buffer.from(before), path));
      const { claims, removed = [] } = change(rows);
      for (const row of removed) rows.delete(lockKey(row.server, row.kind, row.name));
      for (const claim of claims) {
        const key = keyOf(claim);
        rows.set(key, acceptedRow(claim, rows.get(key)?.entry));
      }
      const after = formatLock(rows);
      if (after === before) return;
      const accepted = new Map(await readAccepted(path));
      for (const { kind, definition } of claims)
        accepted.set(definitionHash(kind, definition), pinnedPart(kind, definition));
      // The texts go first: a lock without its texts still guards, the other way round nothing is lost either.
      await replace(acceptedPath(path), formatAccepted(accepted, rows.values()), held);
      await replace(path, after, held);
    });
  }
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new Fault(`Cannot read the lock file ${path}`, { cause: error });
  }
}

/** Replaces a file whole or not at all: a crash leaves the old text or the new one. */
async function replace(path: string, text: string, held: () => Promise<boolean>): Promise<void> {
  const fresh = `${path}.${process.pid}.tmp`;
  try {
    await rm(fresh, { force: true });
    {
      await using file = await open(fresh, 'wx', await modeFor(path));
      await file.writeFile(text);
      await file.sync();
    }
    if (!(await held()))
      throw new Fault(`Cannot write ${path}: another process took over, try again`);
    await rename(fresh, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await rm(fresh, { force: true });
    if (error instanceof Fault) throw error;
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'an error';
    throw new Fault(`Cannot write ${path}: ${code}`, { cause: error, exit: EXIT.environment });
  }
}

/** The mode of what was there; a new file is as open as its folder, so that one in the state is nobody else's. */
async function modeFor(path: string): Promise<number> {
  const before = await stat(path).catch(() => undefined);
  return before ? before.mode & 0o666 : ((await stat(dirname(path))).mode & 0o044) | 0o600;
}

async function syncFolder(folder: string): Promise<void> {
  await using handle = await open(folder, 'r');
  await handle.sync();
}
