import { createHash } from 'node:crypto';
import { closeSync, lstatSync, openSync, readdirSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import type { Caller } from '../call.ts';
import { makePrivateFolder } from '../state/private-file.ts';
import { createSealedFiles, type SealedFilesOptions } from '../state/sealed-files.ts';

const who = z.strictObject({ issuer: z.string(), subject: z.string(), client: z.string() });
export type Holder = Pick<Caller, 'issuer' | 'subject' | 'client'>;

export const heldLabel = z.strictObject({
  label: z.string().min(1),
  who,
  /** When it was last given or taken away, milliseconds since 1970. */
  time: z.int(),
  /** A person took it away; absent: the session carries it. */
  cleared: z.strictObject({ by: z.string(), reason: z.string() }).optional(),
});
export type HeldLabel = z.infer<typeof heldLabel>;

export type LabelFiles = {
  /** Changes when there may be other labels; undefined: it may change unseen. Throws where it cannot be told. */
  readonly stamp: (holder: Holder) => string | undefined;
  /** Throws for one that no gateway of this state has written. */
  readonly read: (holder: Holder) => HeldLabel[];
  /** Is on disk when this returns; replaces what was known of this label. */
  readonly write: (held: HeldLabel) => void;
  readonly touch: (holder: Holder, time: number) => void;
  /** When somebody was last at work, milliseconds since 1970. */
  readonly touched: (holder: Holder) => number;
  /** Everybody of whom something is known. */
  readonly everybody: () => Holder[];
};

const ALIVE = 'alive';
const LABEL = /^[0-9a-f]{32}\.json$/u;

/**
 * One folder for each caller and client, one file for each label, sealed with the key of this state. A file that cannot be
 * believed is an error and no missing label.
 */
export function createLabelFiles(
  root: string,
  key: SealedFilesOptions<HeldLabel>['key'],
  now: () => number,
): LabelFiles {
  const folderOf = ({ issuer, subject, client }: Holder): string =>
    join(root, short(JSON.stringify([issuer, subject, client])));
  const files = createSealedFiles<HeldLabel>({
    kind: 'label',
    schema: heldLabel,
    nameOf: ({ label }) => `${short(label)}.json`,
    isName: LABEL,
    key,
    now,
  });

  function readFolder(folder: string): HeldLabel[] {
    const held = files.read(folder).map(({ value }) => value);
    const stray = held.find(({ who: holder }) => folderOf(holder) !== folder);
    if (stray !== undefined)
      throw new TypeError(`Cannot use ${folder}: it has labels of somebody else`);
    return held;
  }

  return {
    stamp: (holder) => files.stamp(folderOf(holder)),
    read: (holder) => readFolder(folderOf(holder)),
    write(held) {
      makePrivateFolder(root);
      files.write(folderOf(held.who), held);
    },
    touch(holder, time) {
      const path = join(folderOf(holder), ALIVE);
      closeSync(openSync(path, 'a', 0o600));
      utimesSync(path, time / 1000, time / 1000);
    },
    touched: (holder) =>
      statSync(join(folderOf(holder), ALIVE), { throwIfNoEntry: false })?.mtimeMs ?? 0,
    everybody() {
      if (lstatSync(root, { throwIfNoEntry: false }) === undefined) return [];
      makePrivateFolder(root);
      return readdirSync(root)
        .filter((name) => /^[0-9a-f]{32}$/u.test(name))
        .flatMap((name) => readFolder(join(root, name)).slice(0, 1))
        .map((held) => held.who);
    },
  };
}

function short(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}
