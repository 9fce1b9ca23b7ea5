import { lstatSync } from 'node:fs';
import type { Caller } from '../call.ts';
import { Denial } from '../denial.ts';
import { covers, isInForce, killable, scopeInWords } from './kill.ts';
import type { Kill, Killable, KillableCall, Thrown } from './kill.ts';
import type { KillFiles } from './kill-files.ts';

export type SwitchesOptions = {
  readonly files: Pick<KillFiles, 'stamp' | 'read' | 'write' | 'tidy'>;
  /** Kills that were thrown before this process began: each has its file, or has ended. Asked once. */
  readonly thrownBefore: () => Iterable<Thrown>;
  /** As long as something is there, everything is refused. */
  readonly lastResort?: string | undefined;
  /** Whether a person has quarantined whoever this is. */
  readonly isQuarantined: (who: Caller) => boolean;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Told once each time the switches cannot be read. */
  readonly onProblem: (thrown: unknown) => void;
};

/** Kill switches as one process obeys them. */
export interface Switches {
  /** Whether something that belongs to no call may pass. */
  readonly isAlive: (what: Killable) => boolean;
  /** Throws `quarantined` for whom a person has quarantined, whatever is asked for. */
  readonly refuseQuarantined: (session: Killable['session']) => void;
  /** Throws `killed` where a kill covers the call, and `quarantined`. */
  readonly refuseKilled: (call: KillableCall) => void;
  /**
   * Runs a call with a signal that also ends when a kill covers it. Throws as `refuseKilled` before, instead of, and after the work:
   * nothing that came meanwhile gets out.
   */
  readonly unlessKilled: <T>(
    call: KillableCall,
    signal: AbortSignal,
    work: (signal: AbortSignal) => Promise<T>,
  ) => Promise<T>;
  /** Adds a kill of this process's own, in force even where it cannot be written. */
  readonly kill: (kill: Kill) => void;
  /** Removes files of kills that ended long ago. Not for two processes at once. Throws where a kill is gone. */
  readonly tidy: () => void;
  readonly close: () => void;
}

/** At most so old is what a call that begins is judged by; a call in flight hears of it within `POLL_MS`. */
const LOOK_MS = 20;
const POLL_MS = 200;
const HINT = 'tell the user: the owner of this gateway has switched this off';

type Running = { readonly what: Killable; readonly end: (why: Denial) => void };

export function createSwitches({
  files,
  thrownBefore,
  lastResort,
  isQuarantined,
  now,
  onProblem,
}: SwitchesOptions): Switches {
  /** As they were read last. */
  let kills: readonly Kill[] = [];
  /** What must be there unless it has ended. */
  let known: readonly Thrown[] | undefined;
  /** This process's own that could not be written. */
  const own: Kill[] = [];
  const running = new Set<Running>();
  let stamp: string | undefined;
  let lookedAt = -Infinity;
  /** Why nothing can be known; everything is refused then. */
  let blind: string | undefined;
  let timer: NodeJS.Timeout | undefined;

  return {
    isAlive: (what) => reasonAgainst(what) === undefined,
    refuseQuarantined({ caller }) {
      if (isQuarantined(caller)) throw quarantined();
    },
    refuseKilled: (call) => refuse(reasonAgainst(killable(call))),
    async unlessKilled(call, signal, work) {
      const what = killable(call);
      refuse(reasonAgainst(what));
      const stop = new AbortController();
      const entry: Running = { what, end: (why) => stop.abort(why) };
      running.add(entry);
      timer ??= setInterval(endRunning, POLL_MS).unref();
      try {
        const result = await work(AbortSignal.any([signal, stop.signal]));
        refuse(reasonAgainst(what));
        return result;
      } catch (thrown) {
        throw stop.signal.aborted ? stop.signal.reason : thrown;
      } finally {
        running.delete(entry);
      }
    },
    kill(kill) {
      own.push(kill);
      endRunning();
      try {
        files.write(kill);
        own.splice(own.indexOf(kill), 1);
        lookedAt = -Infinity;
        stamp = undefined;
        kills = [...kills, kill];
      } catch (thrown) {
        onProblem(thrown);
      }
    },
    tidy() {
      known ??= [...thrownBefore()];
      files.tidy(known);
    },
    close: () => clearInterval(timer),
  };

  function endRunning(): void {
    for (const { what, end } of running) {
      const why = reasonAgainst(what);
      if (why !== undefined) end(why);
    }
  }

  /** Why this may not pass; undefined: nothing is against it. */
  function reasonAgainst(what: Killable): Denial | undefined {
    look();
    if (blind !== undefined) return killed(blind);
    const time = now();
    for (const kill of [...kills, ...own])
      if (isInForce(kill, time) && covers(kill, what))
        return killed(`${scopeInWords(kill.scope)} is switched off: ${kill.reason}`);
    return isQuarantined(what.session.caller) ? quarantined() : undefined;
  }

  function look(): void {
    const time = now();
    if (time - lookedAt < LOOK_MS && time >= lookedAt) return;
    lookedAt = time;
    try {
      const before = blind;
      blind =
        lastResort !== undefined && isThere(lastResort) ? 'everything is switched off' : undefined;
      const next = files.stamp();
      if (next !== undefined && next === stamp && before === undefined) return;
      take();
      stamp = next;
    } catch (thrown) {
      if (stamp !== 'unreadable') onProblem(thrown);
      stamp = 'unreadable';
      blind = 'the kill switches cannot be read, so everything is refused';
    }
  }

  function take(): void {
    // All of them at once: a second look must miss what the first one missed.
    known ??= [...thrownBefore()];
    const { kills: read, gone } = files.read(known);
    const [taken] = gone;
    if (taken !== undefined) throw new Error(`Cannot read the kill switches: ${taken.id} is gone`);
    kills = read;
    known = read;
  }
}

function refuse(why: Denial | undefined): void {
  if (why !== undefined) throw why;
}

function quarantined(): Denial {
  return new Denial(
    'quarantined',
    'Cannot complete the call: a person has quarantined this session',
    {
      hint: 'tell the user, who can lift it with `sallyport session lower` in a terminal of their own',
    },
  );
}

function killed(why: string): Denial {
  return new Denial('killed', `Cannot complete the call: ${why}`, { hint: HINT });
}

/** Of any kind, also a link that leads nowhere. Throws where that cannot be told. */
function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}
