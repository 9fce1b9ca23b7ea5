import { randomBytes } from 'node:crypto';
import { linkSync, lstatSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Fault } from '../lib/fault.ts';

/** Creates a folder that only this user can enter. Throws a `Fault`. */
export function makePrivateFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new Fault(`Cannot create the folder ${path}: ${reason(cause)}`, { cause });
  }
}

/**
 * Creates a 0600 file with its whole content, or leaves the one that is there: of several processes that try at once,
 * one wins, and nobody ever sees half of it. Returns whether this call created it.
 */
export function createPrivateFile(path: string, content: string): boolean {
  const draft = join(dirname(path), `.${randomBytes(8).toString('hex')}.tmp`);
  try {
    writeFileSync(draft, content, { mode: 0o600, flag: 'wx', flush: true });
    linkSync(draft, path);
    return true;
  } catch (cause) {
    if (code(cause) === 'EEXIST') return false;
    throw new Fault(`Cannot write ${path}: ${reason(cause)}`, { cause });
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Reads a file that holds a secret. Refuses one that others may read, or that is not a file. */
export function readPrivateFile(path: string): string {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (!found?.isFile()) throw new Fault(`Cannot read ${path}: it is not a file`);
  if (process.platform !== 'win32' && (found.mode & 0o077) !== 0)
    throw new Fault(`Cannot use ${path}: other users of this machine may read it`, {
      hint: `run chmod 600 ${path}`,
    });
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new Fault(`Cannot read ${path}: ${reason(cause)}`, { cause });
  }
}

function code(thrown: unknown): unknown {
  return thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
}

function reason(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
