import { randomBytes } from 'node:crypto';
import { createSealedFiles, type SealedFilesOptions } from '../state/sealed-files.ts';
import { killRecord, type Kill } from './kill.ts';

export type KillFiles = {
  /** Changes when there may be other kills; undefined: it may change unseen, so read again. Throws where it cannot be told. */
  readonly stamp: () => string | undefined;
  /** All of them, revived ones as well. Throws for one that no gateway of this state has written. */
  readonly read: () => Kill[];
  /** Is on disk when this returns; one with the same id is replaced. */
  readonly write: (kill: Kill) => void;
};

export const newKillId = (): string => randomBytes(8).toString('hex');

/**
 * A file for each kill. One that cannot be read or was written by somebody else is an error and no missing kill: whoever
 * asks refuses everything then. Revived kills stay, marked: one that is gone without that was taken away.
 */
export function createKillFiles(
  folder: string,
  key: SealedFilesOptions<Kill>['key'],
  now: () => number,
): KillFiles {
  const files = createSealedFiles<Kill>({
    kind: 'kill',
    schema: killRecord,
    nameOf: ({ id }) => `${id}.json`,
    isName: /^[0-9a-f]{16}\.json$/u,
    key,
    now,
  });
  return {
    stamp: () => files.stamp(folder),
    read: () => files.read(folder).map(({ value }) => value),
    write: (kill) => files.write(folder, kill),
  };
}
