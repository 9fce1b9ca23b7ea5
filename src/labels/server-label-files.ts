import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { everybodyIn, type Everybody } from '../state/everybody.ts';
import { makePrivateFolder } from '../state/private-file.ts';
import { createSealedFiles, type SealedFilesOptions } from '../state/sealed-files.ts';
import { SESSION_MS } from '../suspicion/suspicion.ts';

const person = z.strictObject({ issuer: z.string(), subject: z.string() });
export type Person = z.infer<typeof person>;

/** What a server keeps apart from all else: what one person has there, or, without one, what everybody has. */
const place = z.strictObject({ server: z.string(), of: person.optional() });
export type Place = z.infer<typeof place>;

/**
 * `stored`: a tool that changes things was given it; counts until a person says otherwise. `given`: a tool that only reads
 * was; counts for half a day. `returned`: it comes from the server, which may say it aloud; half a day too.
 */
const ways = z.enum(['stored', 'given', 'returned']);

/** A server has something there that carries this label and that no model has read. */
const unread = z.strictObject({
  kind: z.literal('unread'),
  place,
  label: z.string().min(1),
  how: ways,
  /** Whose it is; absent: several people's. */
  who: person.optional(),
  /** Milliseconds since 1970. */
  time: z.int(),
});
/** A person has decided: what was there until then no longer counts. */
const cut = z.strictObject({
  kind: z.literal('cut'),
  place,
  label: z.string().min(1),
  how: ways,
  until: z.int(),
  by: z.string(),
  reason: z.string(),
});
const serverRecord = z.discriminatedUnion('kind', [unread, cut]);
export type Unread = z.infer<typeof unread>;
export type ServerRecord = z.infer<typeof serverRecord>;

export type ServerLabelFiles = {
  /** Changes when there may be other records; undefined: it may change unseen. Throws where it cannot be told. */
  readonly stamp: (place: Place) => string | undefined;
  /** Throws for one that no gateway of this state has written. */
  readonly read: (place: Place) => ServerRecord[];
  /** Is on disk when this returns; what no longer counts is removed. */
  readonly write: (record: ServerRecord) => void;
  /** Every place of which something is known, and the folders that cannot be believed. */
  readonly everybody: () => Everybody<Place>;
};

/** Milliseconds since 1970; infinite: a person has to say so. */
export function endOf({ how, time }: Unread): number {
  return how === 'stored' ? Infinity : time + SESSION_MS;
}

/** Which records of one place still count. */
export function standing(records: readonly ServerRecord[], now: number): Unread[] {
  return records.filter(
    (one): one is Unread =>
      one.kind === 'unread' && one.time > cutOf(one, records) && now < endOf(one),
  );
}

/** Until when a person has decided about this, milliseconds since 1970. */
export function cutOf(
  about: Pick<Unread, 'label' | 'how'>,
  records: readonly ServerRecord[],
): number {
  const found = records.find(
    (one) => one.kind === 'cut' && one.label === about.label && one.how === about.how,
  );
  return found?.kind === 'cut' ? found.until : -Infinity;
}

/** One folder for each place; one file for each label and how it came there, whichever process wrote it; sealed. */
export function createServerLabelFiles(
  root: string,
  key: SealedFilesOptions<ServerRecord>['key'],
  now: () => number,
): ServerLabelFiles {
  const folderOf = ({ server, of }: Place): string =>
    join(root, short([server, ...(of ? [of.issuer, of.subject] : [])]));
  const files = createSealedFiles<ServerRecord>({
    kind: 'server label',
    schema: serverRecord,
    nameOf: (one) => `${short([one.kind, one.how, one.label])}.json`,
    isName: /^[0-9a-f]{32}\.json$/u,
    key,
    now,
  });

  function readFolder(folder: string): { file: string; value: ServerRecord }[] {
    const found = files.read(folder);
    if (found.some(({ value }) => folderOf(value.place) !== folder))
      throw new TypeError(`Cannot use ${folder}: it has labels of another server or person`);
    return found;
  }

  return {
    stamp: (at) => files.stamp(folderOf(at)),
    read: (at) => readFolder(folderOf(at)).map(({ value }) => value),
    write(record) {
      makePrivateFolder(root);
      const folder = folderOf(record.place);
      files.write(folder, record);
      const found = readFolder(folder);
      const records = found.map(({ value }) => value);
      const still = new Set<ServerRecord>(standing(records, now()));
      for (const { file, value } of found)
        if (value.kind === 'unread' && !still.has(value))
          rmSync(join(folder, file), { force: true });
    },
    everybody: () => everybodyIn(root, (folder) => readFolder(folder)[0]?.value.place),
  };
}

function short(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}
