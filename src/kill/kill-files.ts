import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { createSealedFiles, type SealedFilesOptions } from '../state/sealed-files.ts';
import { isInForce, killRecord, type Kill, type Thrown } from './kill.ts';

/** What the files say. */
export type KillsRead = {
  /** Revived ones as well, until they are tidied away. */
  readonly kills: Kill[];
  /** Thrown, not known to have ended, and without a file: somebody has taken it away. */
  readonly gone: Thrown[];
};

export type KillFiles = {
  /** Changes when there may be other kills; undefined: it may change unseen, so read again. Throws where it cannot be told. */
  readonly stamp: () => string | undefined;
  /** `known` are kills that must be there unless they have ended. Throws for a file that no gateway of this state wrote. */
  readonly read: (known: Iterable<Thrown>) => KillsRead;
  /** Id and time of a kill that is thrown now: later than whatever is settled, also where the clock was ahead then. Never throws. */
  readonly begin: () => Pick<Kill, 'id' | 'time'>;
  /** Is on disk when this returns; one with the same id is replaced. */
  readonly write: (kill: Kill) => void;
  /** Milliseconds since 1970: a kill thrown until then either is among those that must be there, or has ended. */
  readonly settledUntil: () => number;
  /**
   * Removes what ended, and was thrown over an hour ago. Not for two processes at once. Throws, and removes nothing, where
   * one of `known` is gone.
   */
  readonly tidy: (known: Iterable<Thrown>) => void;
};

/** What was thrown until `until` has ended, but for `standing`. */
const settledRecord = z.strictObject({
  until: z.int(),
  standing: z.array(z.strictObject({ id: z.string(), time: z.int(), expires: z.int().optional() })),
});
type Settled = z.infer<typeof settledRecord>;

const SETTLED = 'settled.json';
/** Longer than a kill takes from its time to its file. */
const SETTLE_MS = 3_600_000;
/** More than people throw within `SETTLE_MS`. */
const MOST = 20_000;

export const newKillId = (): string => randomBytes(8).toString('hex');

/**
 * A file for each kill. One that cannot be read or was written by somebody else is an error and no missing kill: whoever
 * asks refuses everything then. What ended is summed up in one file, so that one that is gone without having ended is
 * known to be taken away; an older copy of that file only knows fewer that have ended.
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
    most: MOST,
    key,
    now,
  });
  const sums = createSealedFiles<Settled>({
    kind: 'kills-settled',
    schema: settledRecord,
    nameOf: () => SETTLED,
    isName: /^settled\.json$/u,
    key,
    now,
  });
  const readSettled = (): Settled =>
    sums.read(folder)[0]?.value ?? { until: -Infinity, standing: [] };

  function lastSettled(): number {
    try {
      return readSettled().until;
    } catch {
      // As long as it cannot be read, everything is refused.
      return -Infinity;
    }
  }

  /** The files before what is settled: what was tidied away between the two is found settled. */
  function read(known: Iterable<Thrown>): KillsRead & { settled: Settled } {
    const all = files.read(folder).map(({ value }) => value);
    const settled = readSettled();
    const time = now();
    const there = new Set(all.map(({ id }) => id));
    const gone = new Map<string, Thrown>();
    for (const one of [...settled.standing, ...known])
      if (!there.has(one.id) && isInForce(one, time) && !hasEnded(one, settled))
        gone.set(one.id, one);
    return {
      kills: all.filter((kill) => !hasEnded(kill, settled)),
      gone: [...gone.values()],
      settled,
    };
  }

  return {
    stamp: () => files.stamp(folder),
    read,
    begin: () => ({ id: newKillId(), time: Math.max(now(), lastSettled() + 1) }),
    write: (kill) => files.write(folder, kill),
    settledUntil: () => readSettled().until,
    tidy(known) {
      const { kills, gone, settled } = read(known);
      const [taken] = gone;
      if (taken !== undefined)
        throw new Error(`Cannot tidy the kill switches: ${taken.id} is gone`);
      const time = now();
      const until = Math.max(settled.until, time - SETTLE_MS);
      const old = kills.filter((kill) => kill.time <= until);
      const standing = old.filter((kill) => isInForce(kill, time));
      if (standing.length === old.length && until - settled.until < SETTLE_MS) return;
      sums.write(folder, {
        until,
        standing: standing.map(({ id, time: thrown, expires }) => ({
          id,
          time: thrown,
          ...(expires !== undefined && { expires }),
        })),
      });
      for (const { file, value } of files.read(folder))
        if (value.time <= until && !standing.some(({ id }) => id === value.id))
          rmSync(join(folder, file), { force: true });
    },
  };
}

function hasEnded({ id, time }: Thrown, { until, standing }: Settled): boolean {
  return time <= until && !standing.some((one) => one.id === id);
}
