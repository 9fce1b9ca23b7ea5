import { randomUUID } from 'node:crypto';
import type { Label } from '../call.ts';
import { personOf } from '../person.ts';
import { SESSION_MS } from '../suspicion/suspicion.ts';
import { cutsOf, isGiven, standing } from './label-files.ts';
import type { Given, Holder, LabelFiles, LabelRecord } from './label-files.ts';

export type LabelsOptions = {
  /** Absent: they end with this process. */
  readonly files?: LabelFiles | undefined;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly onProblem: (thrown: unknown) => void;
  /** The owner's own labels, as far as they are known; absent: none. */
  readonly words?: () => Iterable<Label>;
};

/** What the sessions of one state have read, shared by its processes: keyed by who signed in and with what client. */
export interface Labels {
  /** As every process has written it by now. */
  readonly of: (holder: Holder) => ReadonlySet<Label>;
  /** Those that other processes gave: what was read there is not known here. */
  readonly foreign: (holder: Holder) => ReadonlySet<Label>;
  /** Counts, for every process, before it returns. Throws where it cannot be written: here it counts all the same. */
  readonly add: (holder: Holder, labels: Iterable<Label>) => void;
  /** Somebody is at work, be it refused: the session goes on. */
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
  /** What this process gave, whatever has become of its files. */
  readonly own: Map<Label, Given>;
  /** What the files said last. */
  records: readonly LabelRecord[];
  labels: ReadonlySet<Label>;
  foreign: ReadonlySet<Label>;
  stamp: string | undefined;
  lookedAt: number;
  touchedAt: number;
  isBroken: boolean;
};

const NOTHING: ReadonlySet<Label> = new Set();

export function createLabels({ files, now, onProblem, words = () => [] }: LabelsOptions): Labels {
  const states = new Map<string, State>();
  const self = randomUUID();

  return {
    of: (holder) => looked(holder).labels,
    foreign: (holder) => looked(holder).foreign,
    add(holder, labels) {
      const state = looked(holder);
      // Now and then again, so that no decision about what was read before is one about this.
      for (const label of labels)
        if (now() - (state.own.get(label)?.time ?? -Infinity) > TOUCH_MS) give(state, label);
    },
    touch(holder) {
      const state = looked(holder);
      if (state.labels.size === 0 || now() - state.touchedAt < TOUCH_MS) return;
      state.touchedAt = now();
      guarded(() => files?.touch(state.holder, now()));
    },
  };

  function looked({ issuer, subject, client }: Holder): State {
    const holder = { issuer, subject, client };
    const key = personOf(holder);
    let state = states.get(key);
    if (state === undefined) {
      // What is on disk can be read again.
      const [oldest] = states.keys();
      if (files && states.size >= MAX_HOLDERS && oldest !== undefined) states.delete(oldest);
      state = {
        holder,
        own: new Map(),
        records: [],
        labels: NOTHING,
        foreign: NOTHING,
        stamp: undefined,
        lookedAt: -Infinity,
        touchedAt: -Infinity,
        isBroken: false,
      };
      states.set(key, state);
    }
    look(state);
    return state;
  }

  function look(state: State): void {
    const time = now();
    if (files === undefined || (time - state.lookedAt < LOOK_MS && time >= state.lookedAt)) return;
    state.lookedAt = time;
    try {
      const stamp = files.stamp(state.holder);
      if (stamp === undefined || stamp !== state.stamp || state.isBroken) {
        state.records = files.read(state.holder);
        state.stamp = stamp;
        state.isBroken = false;
        writeAgain(state);
        settle(state);
      }
      endWhenIdle(state, time);
    } catch (thrown) {
      if (!state.isBroken) onProblem(thrown);
      state.isBroken = true;
      settle(state);
    }
  }

  /** What nobody who may has taken away is put back: others have to know of it too. */
  function writeAgain({ own, records }: State): void {
    for (const [label, mine] of own) {
      if (!isStanding(mine, records)) own.delete(label);
      else if (!records.some((one) => isGiven(one) && isSame(one, mine))) files?.write(mine);
    }
  }

  function give(state: State, label: Label): void {
    const before = cutsOf(label, state.records).map(({ until }) => until + 1);
    const time = Math.max(now(), ...before);
    const record: Given = { kind: 'given', who: state.holder, label, process: self, time };
    state.own.set(label, record);
    settle(state);
    state.stamp = undefined;
    files?.write(record);
  }

  /** Nobody called for hours: the next call begins another session. */
  function endWhenIdle(state: State, time: number): void {
    const held = standing(all(state));
    if (held.length === 0) return;
    const newest = Math.max(...held.map((given) => given.time));
    const last = Math.max(newest, files?.touched(state.holder) ?? 0, state.touchedAt);
    if (time - last <= SESSION_MS) return;
    // Only what was given before the pause ends: another process may be giving more just now.
    const until = Math.floor(last);
    const reason = 'the session was over';
    files?.write({ kind: 'cut', who: state.holder, until, by: 'sallyport', reason });
    state.records = files?.read(state.holder) ?? [];
    state.stamp = undefined;
    writeAgain(state);
    settle(state);
  }

  function settle(state: State): void {
    const held = standing(all(state));
    const broken = state.isBroken ? [...ANYTHING, ...words()] : [];
    const others = held.filter((given) => given.process !== self).map(({ label }) => label);
    state.labels = updated(state.labels, [...held.map(({ label }) => label), ...broken]);
    state.foreign = updated(state.foreign, [...others, ...broken]);
  }

  function guarded(work: () => void): void {
    try {
      work();
    } catch (thrown) {
      onProblem(thrown);
    }
  }
}

const all = ({ own, records }: State): LabelRecord[] => [...own.values(), ...records];

function isStanding(mine: Given, records: readonly LabelRecord[]): boolean {
  return standing([mine, ...records]).includes(mine);
}

function isSame(one: Given, other: Given): boolean {
  return one.process === other.process && one.label === other.label && one.time >= other.time;
}

/** The same object where nothing has changed: what is found out about it is remembered by it. */
function updated(before: ReadonlySet<Label>, labels: readonly Label[]): ReadonlySet<Label> {
  const after = new Set(labels);
  return after.size === before.size && labels.every((label) => before.has(label)) ? before : after;
}
