import { closeSync, constants, fstatSync, lstatSync, readdirSync } from 'node:fs';
import { readSync, renameSync, rmSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { Fault } from '../lib/fault.ts';
import { createPrivateFile, makePrivateFolder, openPrivateFile } from '../state/private-file.ts';

/** Of one statement; what is shown to a person is bounded. */
const MAX_BYTES = 262_144;
const KINDS = ['request', 'receipt', 'spent'] as const;
export type FileKind = (typeof KINDS)[number];

/** A link, a stranger's file, one that others may write, or none of ours. */
export class ForeignFile extends Error {}

export type Files = {
  /** Undefined where there is none. Throws `ForeignFile`, and a `Fault` where the folder itself is not this user's. */
  readonly read: (kind: FileKind, name: string) => Buffer | undefined;
  /** Of several processes that try at once one gets `true`. */
  readonly create: (kind: FileKind, name: string, text: string) => boolean;
  readonly replace: (kind: FileKind, name: string, text: string) => void;
  readonly remove: (kind: FileKind, name: string) => void;
  /** When it was made, milliseconds since 1970; undefined where there is none. */
  readonly madeAt: (kind: FileKind, name: string) => number | undefined;
  readonly names: (kind: FileKind) => readonly string[];
};

/** The files of approvals: one folder for each kind, which only this user can enter. `now` as `Date.now`. */
export function createFiles(root: string, now: () => number): Files {
  const place = (kind: FileKind, name: string): string => join(root, kind, `${name}.json`);

  function ready(kind: FileKind): void {
    for (const folder of [root, join(root, kind)]) makePrivateFolder(folder);
  }

  /** A reader makes nothing; and looks into no folder that somebody else has put there. */
  function isThere(kind: FileKind): boolean {
    for (const folder of [root, join(root, kind)]) {
      if (lstatSync(folder, { throwIfNoEntry: false }) === undefined) return false;
      makePrivateFolder(folder);
    }
    return true;
  }

  return {
    read(kind, name) {
      const path = place(kind, name);
      if (!isThere(kind) || lstatSync(path, { throwIfNoEntry: false }) === undefined)
        return undefined;
      const file = openOwn(path);
      try {
        const { size } = fstatSync(file);
        if (size > MAX_BYTES) throw new ForeignFile(`Cannot read ${path}: it is too large`);
        const bytes = Buffer.alloc(size);
        return bytes.subarray(0, readSync(file, bytes));
      } finally {
        closeSync(file);
      }
    },
    create(kind, name, text) {
      ready(kind);
      const path = place(kind, name);
      if (!createPrivateFile(path, text)) return false;
      utimesSync(path, now() / 1000, now() / 1000);
      return true;
    },
    replace(kind, name, text) {
      ready(kind);
      const draft = `${name}.new`;
      rmSync(place(kind, draft), { force: true });
      if (!createPrivateFile(place(kind, draft), text))
        throw new Fault(`Cannot write ${place(kind, name)}: another process does`);
      renameSync(place(kind, draft), place(kind, name));
    },
    remove: (kind, name) => rmSync(place(kind, name), { force: true }),
    madeAt: (kind, name) => lstatSync(place(kind, name), { throwIfNoEntry: false })?.mtimeMs,
    names: (kind) =>
      isThere(kind)
        ? readdirSync(join(root, kind)).flatMap((file) => /^(\w+)\.json$/u.exec(file)?.[1] ?? [])
        : [],
  };
}

function openOwn(path: string): number {
  try {
    return openPrivateFile(path, constants.O_RDONLY);
  } catch (cause) {
    if (cause instanceof Fault) throw new ForeignFile(cause.message, { cause });
    throw cause;
  }
}
