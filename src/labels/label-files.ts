import { createHash, randomBytes } from 'node:crypto';
import {
  closeSync,
  lstatSync,
  openSync,
  readdirSync,
  renameSync,
  statSync,
  utimesSync,
} from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import type { AuditKey } from '../audit/key.ts';
import type { Caller } from '../call.ts';
import { canonicalJson } from '../lib/json.ts';
import { createPrivateFile, makePrivateFolder, readPrivateFile } from '../state/private-file.ts';

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
const MAX_LABELS = 1000;
/** Two changes within one tick of the file system's clock have one time. */
const TICK_MS = 50;

/**
 * One folder for each caller and client, one file for each label, sealed with the key of this state. A file that cannot be
 * believed is an error and no missing label.
 */
export function createLabelFiles(
  root: string,
  key: () => Pick<AuditKey, 'digest'>,
  now: () => number,
): LabelFiles {
  const folderOf = ({ issuer, subject, client }: Holder): string =>
    join(root, short(JSON.stringify([issuer, subject, client])));
  const seal = (held: HeldLabel): string => key().digest(`label ${canonicalJson(held)}`);

  function readFolder(folder: string): HeldLabel[] {
    if (lstatSync(folder, { throwIfNoEntry: false }) === undefined) return [];
    makePrivateFolder(folder);
    const files = readdirSync(folder).filter((file) => LABEL.test(file));
    if (files.length > MAX_LABELS) throw new RangeError(`Cannot read ${folder}: too many files`);
    return files.map((file) => {
      const { seal: sealed, ...rest } = JSON.parse(readPrivateFile(join(folder, file)));
      const held = heldLabel.parse(rest);
      if (sealed !== seal(held) || folderOf(held.who) !== folder || fileOf(held) !== file)
        throw new TypeError(`Cannot use ${join(folder, file)}: no gateway of this state wrote it`);
      return held;
    });
  }

  return {
    stamp(holder) {
      const found = statSync(folderOf(holder), { bigint: true, throwIfNoEntry: false });
      if (found === undefined) return '';
      const isSettled = now() - Number(found.mtimeMs) > TICK_MS;
      return isSettled ? `${found.ino} ${found.mtimeNs}` : undefined;
    },
    read: (holder) => readFolder(folderOf(holder)),
    write(held) {
      makePrivateFolder(root);
      const folder = folderOf(held.who);
      makePrivateFolder(folder);
      const draft = join(folder, `.${randomBytes(8).toString('hex')}.draft`);
      createPrivateFile(draft, JSON.stringify({ ...held, seal: seal(held) }));
      renameSync(draft, join(folder, fileOf(held)));
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

const fileOf = ({ label }: Pick<HeldLabel, 'label'>): string => `${short(label)}.json`;

function short(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}
