import type { Suspected } from '../call.ts';
import {
  bandOf,
  counts,
  missing,
  QUARANTINED,
  READING_ONLY,
  type BandEvent,
  type Who,
} from './bands.ts';
import type { EventFiles } from './event-files.ts';

export type BandChange = {
  readonly before: number;
  readonly after: number;
  readonly kind: BandEvent['kind'];
};

export type SuspicionOptions = {
  /** Absent: nothing outlives this process. */
  readonly files?: EventFiles;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Takes what could not be read or written; the band is at least that of a block then, or what this process knows. */
  readonly onProblem: (thrown: unknown) => void;
  /** Told of each change that this process has made. */
  readonly onRaise?: (who: Who, about: Suspected, change: BandChange) => void;
};

/** The escalation bands of everybody, shared by the processes of one state. Who it is counts, with which client does not. */
export interface Suspicion {
  band(who: Who): number;
  /** Counts before it returns. Never throws. */
  raise(who: Who, kind: 'mark' | 'block', about: Suspected): void;
  /** Somebody is at work: the session goes on. */
  touch(who: Who): void;
  /** Told when the band of this person has changed, here or in another process. The returned function ends that. */
  onChange(who: Who, listener: () => void): () => void;
  close(): void;
}

const LOOK_MS = 200;
const POLL_MS = 500;
const TOUCH_MS = 60_000;
/** A session without a call for so long is over; the next one begins calm, unless a person has quarantined it. */
export const SESSION_MS = 12 * 3_600_000;
const MAX_PEOPLE = 100_000;

type State = {
  readonly who: Who;
  events: readonly BandEvent[];
  /** What could not be written. */
  own: BandEvent[];
  stamp: string | undefined;
  lookedAt: number;
  touchedAt: number;
  isBroken: boolean;
  band: number;
  readonly listeners: Set<() => void>;
};

export function createSuspicion({ files, now, onProblem, onRaise }: SuspicionOptions): Suspicion {
  const people = new Map<string, State>();
  let timer: NodeJS.Timeout | undefined;

  return {
    band(who) {
      const state = stateOf(who);
      look(state, LOOK_MS);
      return state.band;
    },
    raise(who, kind, about) {
      const state = stateOf(who);
      look(state, 0);
      const before = state.band;
      if (counts(state.events, kind)) {
        const { server, name, traceId } = about;
        add(state, {
          time: timeAfter(state),
          kind,
          who: state.who,
          server,
          name: name.slice(0, 256),
          ...(traceId !== undefined && { traceId }),
        });
      }
      onRaise?.(state.who, about, { before, after: state.band, kind });
    },
    touch(who) {
      const state = stateOf(who);
      if (state.band === 0 || now() - state.touchedAt < TOUCH_MS) return;
      state.touchedAt = now();
      guarded(() => files?.touch(state.who));
    },
    onChange(who, listener) {
      const state = stateOf(who);
      state.listeners.add(listener);
      if (files) timer ??= setInterval(poll, POLL_MS).unref();
      return () => void state.listeners.delete(listener);
    },
    close() {
      clearInterval(timer);
    },
  };

  function stateOf({ issuer, subject }: Who): State {
    const key = JSON.stringify([issuer, subject]);
    let state = people.get(key);
    if (state === undefined) {
      // Only what is on disk may be forgotten.
      if (files && people.size >= MAX_PEOPLE) forgetOne();
      state = {
        who: { issuer, subject },
        events: [],
        own: [],
        stamp: '',
        lookedAt: -Infinity,
        touchedAt: -Infinity,
        isBroken: false,
        band: 0,
        listeners: new Set(),
      };
      people.set(key, state);
    }
    return state;
  }

  function forgetOne(): void {
    for (const [key, { listeners, own }] of people) {
      if (listeners.size > 0 || own.length > 0) continue;
      people.delete(key);
      return;
    }
  }

  function poll(): void {
    for (const state of people.values()) if (state.listeners.size > 0) look(state, 0);
  }

  /** Reads what other processes have written, at most every `everyMs`. */
  function look(state: State, everyMs: number): void {
    const time = now();
    if (files === undefined || (time - state.lookedAt < everyMs && time >= state.lookedAt)) return;
    state.lookedAt = time;
    try {
      const stamp = files.stamp(state.who);
      if (stamp === undefined || stamp !== state.stamp || state.isBroken) {
        const read = [...files.read(state.who), ...state.own];
        const gone = missing(state.events, read);
        take(state, [...read, ...gone]);
        // What nobody who may has taken away is put back: others have to know of it too.
        for (const event of gone) files.add(event);
        state.stamp = gone.length === 0 ? stamp : undefined;
        state.isBroken = false;
      }
      endWhenIdle(state, time);
    } catch (thrown) {
      if (!state.isBroken) onProblem(thrown);
      state.isBroken = true;
    }
    settle(state);
  }

  function endWhenIdle(state: State, time: number): void {
    const band = bandOf(state.events);
    if (band === 0 || band === QUARANTINED) return;
    const newest = Math.max(...state.events.map((event) => event.time));
    const last = Math.max(newest, files?.touched(state.who) ?? 0, state.touchedAt);
    if (time - last > SESSION_MS) add(state, { time, kind: 'ended', who: state.who });
  }

  function add(state: State, event: BandEvent): void {
    if (guarded(() => (files?.add(event), true)) !== true) state.own.push(event);
    // It is read again with what others have written; until then it counts here.
    state.stamp = undefined;
    take(state, [...state.events, event]);
    settle(state);
  }

  function take(state: State, events: readonly BandEvent[]): void {
    state.events = events;
  }

  function settle(state: State): void {
    // A state that nobody can read may hold anything: fail closed.
    const band = Math.max(bandOf(state.events), state.isBroken ? READING_ONLY : 0);
    if (band === state.band) return;
    state.band = band;
    for (const listener of state.listeners) listener();
  }

  /** Never before a decision that is known: a clock that was set back must not make a mark not count. */
  function timeAfter({ events }: State): number {
    return Math.max(now(), ...events.map((event) => event.time + 1));
  }

  function guarded<T>(work: () => T): T | undefined {
    try {
      return work();
    } catch (thrown) {
      onProblem(thrown);
      return undefined;
    }
  }
}
