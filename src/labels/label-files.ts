import { createHash } from 'node:crypto';
import { closeSync, openSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import type { Caller } from '../call.ts';
import { everybodyIn, type Everybody } from '../state/everybody.ts';
import { makePrivateFolder } from '../state/private-file.ts';
import { createSealedFiles, type SealedFilesOptions } from '../state/sealed-files.ts';
import { SESSION_MS } from '../suspicion/suspicion.ts';

const who = z.strictObject({ issuer: z.string(), subject: z.string(), client: z.string() });
export type Holder = Pick<Caller, 'issuer' | 'subject' | 'client'>;

/** A process has given this label to a session. */
const given = z.strictObject({
  kind: z.literal('given'),
  who,
  label: z.string().min(1),
  process: z.string(),
  /** Milliseconds since 1970. */
  time: z.int(),
});
/** What was given until then no longer counts: of one label by a person's decision, of all where a session was over. */
const cut = z.strictObject({
  kind: z.literal('cut'),
  who,
  label: z.string().min(1).optional(),
  until: z.int(),
  by: z.string(),
  reason: z.string(),
});
const labelRecord = z.discriminatedUnion('kind', [given, cut]);
export type Given = z.infer<typeof given>;
export type Cut = z.infer<typeof cut>;
export type LabelRecord = Given | Cut;

export type LabelFiles = {
  /** Changes when there may be other records; undefined: it may change unseen. Throws where it cannot be told. */
  readonly stamp: (holder: Holder) => string | undefined;
  /** Throws for one that no gateway of this state has written. */
  readonly read: (holder: Holder) => LabelRecord[];
  /** Is on disk when this returns; what it replaces is removed. */
  readonly write: (record: LabelRecord) => void;
  readonly touch: (holder: Holder, time: number) => void;
  /** When somebody was last at work, milliseconds since 1970. */
  readonly touched: (holder: Holder) => number;
  /** Everybody of whom something is known, and the folders that cannot be believed: whose they are is not known. */
  readonly everybody: () => Everybody<Holder>;
};

const ALIVE = 'alive';

/** Which of the records still count: given after every cut that is about them. */
export function standing(records: readonly LabelRecord[]): Given[] {
  return records
    .filter(isGiven)
    .filter((one) => !cutsOf(one.label, records).some(({ until }) => until >= one.time));
}

/** The cuts that are about this label. */
export function cutsOf(label: string, records: readonly LabelRecord[]): Cut[] {
  return records.filter(isCut).filter((one) => (one.label ?? label) === label);
}

export const isGiven = (record: LabelRecord): record is Given => record.kind === 'given';
const isCut = (record: LabelRecord): record is Cut => record.kind === 'cut';

/** Whether a later record makes an earlier one superfluous. */
function replaces(later: LabelRecord, earlier: LabelRecord): boolean {
  if (!isGiven(earlier)) return false;
  if (isCut(later)) return standing([later, earlier]).length === 0;
  // Of processes that have ended long ago; one that lives gives it again.
  return (
    later.label === earlier.label &&
    later.process !== earlier.process &&
    later.time - earlier.time > SESSION_MS
  );
}

/** Of processes that give one label: enough that hardly one that lives has to give it again. */
const MOST_OF_A_LABEL = 64;

type Kept = { readonly file: string; readonly value: LabelRecord };

/** The oldest of too many that give one label: whatever ends the newer ones would end these too. */
function spare(record: LabelRecord, kept: readonly Kept[]): readonly Kept[] {
  if (!isGiven(record)) return [];
  const timeOf = ({ value }: Kept): number => (isGiven(value) ? value.time : 0);
  return kept
    .filter(({ value }) => isGiven(value) && value.label === record.label)
    .filter(({ value }) => isGiven(value) && value.process !== record.process)
    .toSorted((a, b) => timeOf(b) - timeOf(a))
    .slice(MOST_OF_A_LABEL - 1);
}

/**
 * One folder for each caller and client; one file for each label and process that gave it, and for each cut, sealed with
 * the key of this state: processes that write at the same time lose nothing of each other's.
 */
export function createLabelFiles(
  root: string,
  key: SealedFilesOptions<LabelRecord>['key'],
  now: () => number,
): LabelFiles {
  const folderOf = ({ issuer, subject, client }: Holder): string =>
    join(root, short([issuer, subject, client]));
  const files = createSealedFiles<LabelRecord>({
    kind: 'label',
    schema: labelRecord,
    nameOf: (record) =>
      `${short([record.kind, record.label ?? null, record.kind === 'given' ? record.process : null])}.json`,
    isName: /^[0-9a-f]{32}\.json$/u,
    key,
    now,
  });

  function readFolder(folder: string): { file: string; value: LabelRecord }[] {
    const found = files.read(folder);
    if (found.some(({ value }) => folderOf(value.who) !== folder))
      throw new TypeError(`Cannot use ${folder}: it has labels of somebody else`);
    return found;
  }

  return {
    stamp: (holder) => files.stamp(folderOf(holder)),
    read: (holder) => readFolder(folderOf(holder)).map(({ value }) => value),
    write(record) {
      makePrivateFolder(root);
      const folder = folderOf(record.who);
      files.write(folder, record);
      const kept = readFolder(folder);
      const replaced = kept.filter(({ value }) => replaces(record, value));
      for (const { file } of [...replaced, ...spare(record, kept)])
        rmSync(join(folder, file), { force: true });
    },
    touch(holder, time) {
      const path = join(folderOf(holder), ALIVE);
      closeSync(openSync(path, 'a', 0o600));
      utimesSync(path, time / 1000, time / 1000);
    },
    touched: (holder) =>
      statSync(join(folderOf(holder), ALIVE), { throwIfNoEntry: false })?.mtimeMs ?? 0,
    everybody: () => everybodyIn(root, (folder) => readFolder(folder)[0]?.value.who),
  };
}

function short(parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}
