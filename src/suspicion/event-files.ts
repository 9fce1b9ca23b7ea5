import { createHash } from 'node:crypto';
import { closeSync, openSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalJson } from '../lib/json.ts';
import { everybodyIn, type Everybody } from '../state/everybody.ts';
import { makePrivateFolder } from '../state/private-file.ts';
import { createSealedFiles, type SealedFilesOptions } from '../state/sealed-files.ts';
import { bandEvent, standing, type BandEvent, type Who } from './bands.ts';

export type EventFiles = {
  /** Changes when there may be other events; undefined: there are none, or it cannot be told. */
  readonly stamp: (who: Who) => string | undefined;
  /** Throws where the state cannot be believed. */
  readonly read: (who: Who) => BandEvent[];
  /** Is on disk when this returns. */
  readonly add: (event: BandEvent) => void;
  readonly touch: (who: Who) => void;
  /** When it was touched last, milliseconds since 1970. */
  readonly touched: (who: Who) => number;
  /** Everybody of whom something is known, and the folders that cannot be believed: whose they are is not known. */
  readonly everybody: () => Everybody<Who>;
};

const ALIVE = 'alive';
const EVENT = /^\d{15}-[0-9a-f]{16}\.json$/u;

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/**
 * One folder for each person, one small file for each event: processes that write at the same time lose nothing of each
 * other's. Each is sealed with the key of this state, so that a tool that can write files cannot lower a band by one.
 */
export function createEventFiles(
  root: string,
  key: SealedFilesOptions<BandEvent>['key'],
  now: () => number,
): EventFiles {
  const folderOf = ({ issuer, subject }: Who): string =>
    join(root, digestOf(JSON.stringify([issuer, subject])).slice(0, 32));
  const files = createSealedFiles<BandEvent>({
    kind: 'band',
    schema: bandEvent,
    // Of what it says: processes that put back the same one write one file.
    nameOf: (event) =>
      `${String(event.time).padStart(15, '0')}-${digestOf(canonicalJson(event)).slice(0, 16)}.json`,
    isName: EVENT,
    anyName: true,
    key,
    now,
  });

  return {
    stamp: (who) => files.stamp(folderOf(who)),
    read: (who) =>
      files
        .read(folderOf(who))
        .flatMap(({ value }) =>
          value.who.issuer === who.issuer && value.who.subject === who.subject ? [value] : [],
        ),
    add(event) {
      const folder = folderOf(event.who);
      makePrivateFolder(root);
      const ends = event.kind === 'lower' || event.kind === 'ended';
      const before = ends ? files.read(folder) : [];
      files.write(folder, event);
      const kept = new Set(standing([...before.map((one) => one.value), event]));
      for (const { file, value } of before)
        if (!kept.has(value)) rmSync(join(folder, file), { force: true });
    },
    touch(who) {
      const path = join(folderOf(who), ALIVE);
      try {
        utimesSync(path, now() / 1000, now() / 1000);
      } catch {
        closeSync(openSync(path, 'a', 0o600));
      }
    },
    touched: (who) => statSync(join(folderOf(who), ALIVE), { throwIfNoEntry: false })?.mtimeMs ?? 0,
    everybody: () => everybodyIn(root, (folder) => files.read(folder)[0]?.value.who),
  };
}
