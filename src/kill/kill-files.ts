import { randomBytes } from 'node:crypto';
import { lstatSync, readdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { AuditKey } from '../audit/key.ts';
import { canonicalJson } from '../lib/json.ts';
import { createPrivateFile, makePrivateFolder, readPrivateFile } from '../state/private-file.ts';
import { killRecord, type Kill } from './kill.ts';

export type KillFiles = {
  /** Changes when there may be other kills; undefined: it may change unseen, so read again. Throws where it cannot be told. */
  readonly stamp: () => string | undefined;
  /** All of them, revived ones as well. Throws for one that no gateway of this state has written. */
  readonly read: () => Kill[];
  /** Is on disk when this returns; one with the same id is replaced. */
  readonly write: (kill: Kill) => void;
};

const KILL = /^[0-9a-f]{16}\.json$/u;
/** Two changes within one tick of the file system's clock have one time. */
const TICK_MS = 50;

export const newKillId = (): string => randomBytes(8).toString('hex');

/**
 * One file for each kill, sealed with the key of this state. A file that cannot be read or was written by somebody else is
 * an error and no missing kill: whoever asks refuses everything then. Revived kills stay, marked: one that is gone without
 * that was taken away.
 */
export function createKillFiles(
  folder: string,
  key: () => Pick<AuditKey, 'digest'>,
  now: () => number,
): KillFiles {
  const seal = (kill: Kill): string => key().digest(`kill ${canonicalJson(kill)}`);

  function readOne(file: string): Kill {
    const { seal: sealed, ...rest } = JSON.parse(readPrivateFile(join(folder, file)));
    const kill = killRecord.parse(rest);
    if (sealed !== seal(kill) || file !== `${kill.id}.json`)
      throw new TypeError(`Cannot use ${join(folder, file)}: no gateway of this state wrote it`);
    return kill;
  }

  return {
    stamp() {
      const found = statSync(folder, { bigint: true, throwIfNoEntry: false });
      if (found === undefined) return '';
      const isSettled = now() - Number(found.mtimeMs) > TICK_MS;
      return isSettled ? `${found.ino} ${found.mtimeNs}` : undefined;
    },
    read() {
      if (lstatSync(folder, { throwIfNoEntry: false }) === undefined) return [];
      makePrivateFolder(folder);
      return readdirSync(folder)
        .filter((file) => KILL.test(file))
        .map(readOne);
    },
    write(kill) {
      makePrivateFolder(folder);
      const path = join(folder, `${kill.id}.json`);
      const draft = join(folder, `.${newKillId()}.draft`);
      createPrivateFile(draft, JSON.stringify({ ...kill, seal: seal(kill) }));
      renameSync(draft, path);
    },
  };
}
