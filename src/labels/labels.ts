import type { Label } from '../call.ts';
import { personOf } from '../person.ts';
import { SESSION_MS } from '../suspicion/suspicion.ts';
import type { HeldLabel, Holder, LabelFiles } from './label-files.ts';

export type LabelsOptions = {
  /** Absent: they end with this process. */
  readonly files?: LabelFiles | undefined;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly onProblem: (thrown: unknown) => void;
};

/** What the sessions of one state have read, shared by its processes: keyed by who signed in and with what client. */
export interface Labels {
  /** As every process has written it by now. */
  readonly of: (holder: Holder) => ReadonlySet<Label>;
  /** Counts, for every process, before it returns. Never throws. */
  readonly add: (holder: Holder, labels: Iterable<Label>) => void;
  /** Somebody is at work: the session goes on. */
  readonly touch: (holder: Holder) => void;
}

/** What nobody can read may be anything: fail closed. */
const ANYTHING: readonly Label[] = ['untrusted', 'private', 'secret'];
/** One call asks several times. */
const LOOK_MS = 2;
const TOUCH_MS = 60_000;
const MAX_HOLDERS = 100_000;

type State = {
  readonly holder: Holder;
  held: Map<Label, HeldLabel>;
  labels: ReadonlySet<Label>;
  stamp: string | undefined;
  lookedAt: number;
  touchedAt: number;
  isBroken: boolean;
};

export function createLabels({ files, now, onProblem }: LabelsOptions): Labels {
  const states = new Map<string, State>();

  return {
    of(holder) {
      const state = stateOf(holder);
      look(state);
      return state.labels;
    },
    add(holder, labels) {
      const state = stateOf(holder);
      look(state);
      for (const label of labels) if (!carries(state.held.get(label))) give(state, label);
    },
    touch(holder) {
      const state = stateOf(holder);
      if (state.labels.size === 0 || now() - state.touchedAt < TOUCH_MS) return;
      state.touchedAt = now();
      guarded(() => files?.touch(state.holder, now()));
    },
  };

  function stateOf({ issuer, subject, client }: Holder): State {
    const holder = { issuer, subject, client };
    const key = personOf(holder);
    let state = states.get(key);
    if (state === undefined) {
      // What is on disk can be read again.
      const [oldest] = states.keys();
      if (files && states.size >= MAX_HOLDERS && oldest !== undefined) states.delete(oldest);
      state = {
        holder,
        held: new Map(),
        labels: new Set(),
        stamp: undefined,
        lookedAt: -Infinity,
        touchedAt: -Infinity,
        isBroken: false,
      };
      states.set(key, state);
    }
    return state;
  }

  function look(state: State): void {
    const time = now();
    if (files === undefined || (time - state.lookedAt < LOOK_MS && time >= state.lookedAt)) return;
    state.lookedAt = time;
    try {
      const stamp = files.stamp(state.holder);
      if (stamp === undefined || stamp !== state.stamp || state.isBroken) {
        take(state, files.read(state.holder));
        state.stamp = stamp;
        state.isBroken = false;
        settle(state);
      }
      if (state.labels.size > 0 && time - lastSeen(state) > SESSION_MS) end(state, time);
    } catch (thrown) {
      if (!state.isBroken) onProblem(thrown);
      state.isBroken = true;
    }
    settle(state);
  }

  /** The newer word on each label counts. What is known here and gone there was taken away by nobody who may. */
  function take(state: State, read: readonly HeldLabel[]): void {
    for (const held of read) {
      const known = state.held.get(held.label);
      if (known === undefined || held.time >= known.time) state.held.set(held.label, held);
    }
  }

  function give(state: State, label: Label): void {
    const before = state.held.get(label)?.time ?? 0;
    const held = { label, who: state.holder, time: Math.max(now(), before + 1) };
    state.held.set(label, held);
    settle(state);
    guarded(() => files?.write(held));
    state.stamp = undefined;
  }

  function lastSeen({ held, holder, touchedAt }: State): number {
    const newest = Math.max(...Array.from(held.values(), ({ time }) => time));
    return Math.max(newest, files?.touched(holder) ?? 0, touchedAt);
  }

  /** Nobody called for hours: the next call begins another session. */
  function end(state: State, time: number): void {
    for (const held of state.held.values()) {
      if (!carries(held)) continue;
      const cleared = { by: 'sallyport', reason: 'the session was over' };
      const ended = { ...held, time: Math.max(time, held.time + 1), cleared };
      files?.write(ended);
      state.held.set(held.label, ended);
    }
    state.stamp = undefined;
  }

  function settle(state: State): void {
    const carried = [...state.held.values()].filter(carries).map(({ label }) => label);
    const labels = state.isBroken ? [...carried, ...ANYTHING] : carried;
    if (labels.length === state.labels.size && labels.every((label) => state.labels.has(label)))
      return;
    state.labels = new Set(labels);
  }

  function guarded(work: () => void): void {
    try {
      work();
    } catch (thrown) {
      onProblem(thrown);
    }
  }
}

export function carries(held: HeldLabel | undefined): boolean {
  return held !== undefined && held.cleared === undefined;
}
