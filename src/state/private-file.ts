import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import type { Stats } from 'node:fs';
import { dirname, join } from 'node:path';
import { Fault } from '../lib/fault.ts';

/** Who owns what this process makes; undefined where files have no owner (Windows). */
const ownUid = (): number | undefined => process.geteuid?.();

/**
 * Sees to a folder that only this user can enter: makes it, or refuses one that somebody else owns, can write, or has put
 * a link in place of. Throws a `Fault`. `owner` is this process's user id.
 */
export function makePrivateFolder(path: string, owner = ownUid()): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new Fault(`Cannot create the folder ${path}: ${reason(cause)}`, { cause });
  }
  const found = lstatSync(path);
  // Whoever chose where the link leads chooses what is read and written there.
  if (found.isSymbolicLink())
    throw new Fault(`Cannot use the folder ${path}: it is a symbolic link`, {
      hint: 'name the folder itself in the configuration',
    });
  checkOwner(`the folder ${path}`, found, owner);
  if (owner !== undefined && (found.mode & 0o022) !== 0)
    throw new Fault(`Cannot use the folder ${path}: other users of this machine may write to it`, {
      hint: `look at what is in it, then run chmod go-w ${path}`,
    });
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

/** Reads a file that holds a secret. Refuses one that others own or may read, or that is not a file. */
export function readPrivateFile(path: string, owner = ownUid()): string {
  const file = openPrivateFile(path, constants.O_RDONLY, owner);
  try {
    if (owner !== undefined && (fstatSync(file).mode & 0o077) !== 0)
      throw new Fault(`Cannot use ${path}: other users of this machine may read it`, {
        hint: `run chmod 600 ${path}`,
      });
    return readFileSync(file, 'utf8');
  } finally {
    closeSync(file);
  }
}

/**
 * Opens a file of this user's that is there, never one behind a link, and one that nobody else may write. Throws a
 * `Fault`. The caller closes it.
 */
export function openPrivateFile(path: string, flags: number, owner = ownUid()): number {
  let file: number;
  try {
    // NONBLOCK: a pipe in place of the file must not hold the process until somebody writes into it.
    file = openSync(path, flags | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (cause) {
    const why = code(cause) === 'ELOOP' ? 'it is a symbolic link' : reason(cause);
    throw new Fault(`Cannot open ${path}: ${why}`, { cause });
  }
  try {
    const found = fstatSync(file);
    if (!found.isFile()) throw new Fault(`Cannot read ${path}: it is not a file`);
    checkOwner(path, found, owner);
    if (owner !== undefined && (found.mode & 0o022) !== 0)
      throw new Fault(`Cannot use ${path}: other users of this machine may write it`, {
        hint: `run chmod 600 ${path}`,
      });
    return file;
  } catch (thrown) {
    closeSync(file);
    throw thrown;
  }
}

function checkOwner(what: string, { uid }: Stats, owner: number | undefined): void {
  if (owner !== undefined && uid !== owner)
    throw new Fault(`Cannot use ${what}: it belongs to another user (${uid})`, {
      hint: 'run the gateway as its owner, or name another path in the configuration',
    });
}

function code(thrown: unknown): unknown {
  return thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
}

function reason(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
