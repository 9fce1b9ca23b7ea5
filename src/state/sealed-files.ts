import { randomBytes } from 'node:crypto';
import { lstatSync, readdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ZodType } from 'zod';
import type { AuditKey } from '../audit/key.ts';
import { canonicalJson, type JsonObject } from '../lib/json.ts';
import { createPrivateFile, makePrivateFolder, readPrivateFile } from './private-file.ts';

export type SealedFilesOptions<T> = {
  /** What they are, so that none passes for another kind. */
  readonly kind: string;
  readonly schema: ZodType<T>;
  /** Name of a value's file. */
  readonly nameOf: (value: T) => string;
  /** Nothing else in the folder is looked at but what has such a name. */
  readonly isName: RegExp;
  /** A value may stand under several names; absent: under its own alone. */
  readonly anyName?: boolean;
  /** A folder with more files is not read; absent: 1,000. */
  readonly most?: number;
  readonly key: () => Pick<AuditKey, 'digest'>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
};

export type SealedFiles<T> = {
  /** Changes when there may be other files; undefined: it may change unseen, so read again. Throws where it cannot be told. */
  readonly stamp: (folder: string) => string | undefined;
  /** All of a folder; none where there is no folder. Throws for one that no gateway of this state has written. */
  readonly read: (folder: string) => { readonly file: string; readonly value: T }[];
  /** Is on disk when this returns, whole; replaces what had its name. */
  readonly write: (folder: string, value: T) => void;
};

const MOST = 1000;
/** Two changes within one tick of the file system's clock have one time. */
const TICK_MS = 50;
/** Whatever the file system says of its folders, they are read so often. */
const AGAIN_MS = 500;

/**
 * Small files of the state that processes share, one for each value, sealed with its key: a tool that can write files can
 * make them unreadable, and change nothing by that.
 */
export function createSealedFiles<T extends JsonObject>(
  options: SealedFilesOptions<T>,
): SealedFiles<T> {
  const { kind, schema, nameOf, isName, anyName = false, most = MOST, key, now } = options;
  const seal = (value: T): string => key().digest(`${kind} ${canonicalJson(value)}`);

  function readOne(folder: string, file: string): { file: string; value: T }[] {
    const path = join(folder, file);
    const text = readUnlessGone(path);
    if (text === undefined) return [];
    try {
      const { seal: sealed, ...rest } = JSON.parse(text);
      const value = schema.parse(rest);
      if (sealed === seal(value) && (anyName || nameOf(value) === file)) return [{ file, value }];
    } catch {
      // The cause may quote the file.
    }
    throw new TypeError(`Cannot use ${path}: no gateway of this state wrote it`);
  }

  return {
    stamp(folder) {
      const found = statSync(folder, { bigint: true, throwIfNoEntry: false });
      if (found === undefined) return '';
      // Not the time of the last change: whoever may write the folder may set that back.
      const isSettled = now() - Number(found.ctimeMs) > TICK_MS;
      const period = Math.floor(now() / AGAIN_MS);
      return isSettled ? `${found.ino} ${found.ctimeNs} ${period}` : undefined;
    },
    read(folder) {
      if (lstatSync(folder, { throwIfNoEntry: false }) === undefined) return [];
      makePrivateFolder(folder);
      const files = readdirSync(folder).filter((file) => isName.test(file));
      if (files.length > most) throw new RangeError(`Cannot read ${folder}: too many files`);
      return files.flatMap((file) => readOne(folder, file));
    },
    write(folder, value) {
      makePrivateFolder(folder);
      const draft = join(folder, `.${randomBytes(8).toString('hex')}.draft`);
      createPrivateFile(draft, JSON.stringify({ ...value, seal: seal(value) }));
      renameSync(draft, join(folder, nameOf(value)));
    },
  };
}

/** Undefined where somebody has removed it meanwhile. */
function readUnlessGone(path: string): string | undefined {
  try {
    return readPrivateFile(path);
  } catch (thrown) {
    if (statSync(path, { throwIfNoEntry: false }) === undefined) return undefined;
    throw thrown;
  }
}
