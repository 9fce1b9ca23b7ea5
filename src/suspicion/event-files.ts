import { createHash, randomBytes } from 'node:crypto';
import { closeSync, lstatSync, openSync, readdirSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import type { AuditKey } from '../audit/key.ts';
import { canonicalJson } from '../lib/json.ts';
import { createPrivateFile, makePrivateFolder, readPrivateFile } from '../state/private-file.ts';
import { bandEvent, standing, type BandEvent, type Who } from './bands.ts';

export type EventFiles = {
  /** Changes when there may be other events; undefined: there are none, or it cannot be told. */
  readonly stamp: (who: Who) => string | undefined;
  /** What was written and not by a stranger. Throws where the state cannot be believed. */
  readonly read: (who: Who) => BandEvent[];
  /** Is on disk when this returns. */
  readonly add: (event: BandEvent) => void;
  readonly touch: (who: Who) => void;
  /** When it was touched last, milliseconds since 1970. */
  readonly touched: (who: Who) => number;
  /** Everybody of whom something is known. */
  readonly everybody: () => Who[];
};

const ALIVE = 'alive';
const EVENT = /^\d{15}-[0-9a-f]{16}\.json$/u;
const MAX_EVENTS = 1000;
/** Two changes within one tick of the file system's clock have one time. */
const TICK_MS = 50;

/**
 * One folder for each person, one small file for each event: processes that write at the same time lose nothing of each
 * other's. Each is sealed with the key of this state, so that a tool that can write files cannot lower a band by one.
 */
export function createEventFiles(
  root: string,
  key: () => Pick<AuditKey, 'digest'>,
  now: () => number,
): EventFiles {
  const folderOf = ({ issuer, subject }: Who): string =>
    join(
      root,
      createHash('sha256')
        .update(JSON.stringify([issuer, subject]))
        .digest('hex')
        .slice(0, 32),
    );
  const seal = (event: BandEvent): string => key().digest(`band ${canonicalJson(event)}`);

  function readFolder(folder: string): { file: string; event: BandEvent }[] {
    if (lstatSync(folder, { throwIfNoEntry: false }) === undefined) return [];
    makePrivateFolder(folder);
    const files = readdirSync(folder).filter((file) => EVENT.test(file));
    if (files.length > MAX_EVENTS) throw new RangeError(`Cannot read ${folder}: too many files`);
    return files.flatMap((file) => {
      const text = readOne(join(folder, file));
      if (text === undefined) return [];
      const { seal: sealed, ...rest } = JSON.parse(text);
      const event = bandEvent.parse(rest);
      // What nobody of this state has written does not count.
      return sealed === seal(event) ? [{ file, event }] : [];
    });
  }

  return {
    stamp(who) {
      const found = statSync(folderOf(who), { bigint: true, throwIfNoEntry: false });
      if (found === undefined) return '';
      const isSettled = now() - Number(found.mtimeMs) > TICK_MS;
      return isSettled ? `${found.ino} ${found.mtimeNs}` : undefined;
    },
    read: (who) =>
      readFolder(folderOf(who)).flatMap(({ event }) =>
        event.who.issuer === who.issuer && event.who.subject === who.subject ? [event] : [],
      ),
    add(event) {
      const folder = folderOf(event.who);
      makePrivateFolder(root);
      makePrivateFolder(folder);
      const before = event.kind === 'lower' || event.kind === 'ended' ? readFolder(folder) : [];
      const name = `${String(event.time).padStart(15, '0')}-${randomBytes(8).toString('hex')}.json`;
      createPrivateFile(join(folder, name), JSON.stringify({ ...event, seal: seal(event) }));
      const kept = new Set(standing([...before.map((one) => one.event), event]));
      for (const one of before)
        if (!kept.has(one.event)) rmSync(join(folder, one.file), { force: true });
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
    everybody() {
      if (lstatSync(root, { throwIfNoEntry: false }) === undefined) return [];
      makePrivateFolder(root);
      return readdirSync(root)
        .filter((name) => /^[0-9a-f]{32}$/u.test(name))
        .flatMap((name) => readFolder(join(root, name)).slice(0, 1))
        .map(({ event }) => event.who);
    },
  };
}

/** Undefined where it is gone: whoever lowers a band removes what no longer counts. */
function readOne(path: string): string | undefined {
  try {
    return readPrivateFile(path);
  } catch (thrown) {
    if (statSync(path, { throwIfNoEntry: false }) === undefined) return undefined;
    throw thrown;
  }
}
