import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { makePrivateFolder } from './private-file.ts';

export type Everybody<T> = {
  readonly known: T[];
  /** Sentences that name the files. */
  readonly unreadable: string[];
};

/** Whose the folders below `root` are, one for each: one that somebody has spoilt hides nobody else. */
export function everybodyIn<T>(
  root: string,
  ownerOf: (folder: string) => T | undefined,
): Everybody<T> {
  const known: T[] = [];
  const unreadable: string[] = [];
  if (lstatSync(root, { throwIfNoEntry: false }) === undefined) return { known, unreadable };
  makePrivateFolder(root);
  for (const name of readdirSync(root).filter((one) => /^[0-9a-f]{32}$/u.test(one)))
    try {
      const owner = ownerOf(join(root, name));
      if (owner !== undefined) known.push(owner);
    } catch (thrown) {
      unreadable.push(thrown instanceof Error ? thrown.message : String(thrown));
    }
  return { known, unreadable };
}
