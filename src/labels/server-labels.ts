import type { Label } from '../call.ts';
import { cutOf, endOf, standing } from './server-label-files.ts';
import type {
  Person,
  Place,
  ServerLabelFiles,
  ServerRecord,
  Unread,
} from './server-label-files.ts';

/** Who may be given by a server what one person has given it: nobody where it keeps nothing. */
export type Reach = 'nobody' | 'person' | 'everybody';

export type ServerLabelsOptions = {
  /** Absent: they end with this process. */
  readonly files?: ServerLabelFiles | undefined;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly onProblem: (thrown: unknown) => void;
  readonly reach: (server: string) => Reach;
  /** The owner's own labels, as far as they are known; absent: none. */
  readonly words?: () => Iterable<Label>;
};

/** What servers have of values that no model has read, as far as one person may come across it. */
export interface Told {
  /**
   * Before this server is given values with these labels: from now on its results may hold them, until a person says
   * otherwise where it `keeps` what it gets. Throws where that cannot be written.
   */
  readonly gave: (server: string, labels: Iterable<Label>, keeps: boolean) => void;
  /** Before it returns such values: what it says beside its results may hold them. Throws as `gave` does. */
  readonly returned: (server: string, labels: Iterable<Label>) => void;
  readonly inResults: (server: string) => ReadonlySet<Label>;
  /** Of what it logs and asks. */
  readonly inSpeech: (server: string) => ReadonlySet<Label>;
}

/**
 * Labels of servers, shared by the processes of one state: of a person with every client program, since what a server
 * keeps it returns to each of them.
 */
export type ServerLabels = { readonly of: (who: Person) => Told };

/** What nobody can read may be anything: fail closed. */
const ANYTHING: readonly Label[] = ['untrusted', 'private', 'secret'];
/** One call asks several times. */
const LOOK_MS = 2;
/** So often it is written anew, so that no decision about what was there before is one about this. */
const AGAIN_MS = 60_000;
const MAX_PLACES = 100_000;

type State = {
  readonly place: Place;
  /** What this process knows of, by `keyOf`, whatever has become of its files. */
  readonly own: Map<string, Unread>;
  /** What the files said last. */
  records: readonly ServerRecord[];
  /** What counts of both, by `keyOf`. */
  held: ReadonlyMap<string, Unread>;
  results: ReadonlySet<Label>;
  speech: ReadonlySet<Label>;
  /** When the first of it ends by itself, milliseconds since 1970. */
  until: number;
  stamp: string | undefined;
  lookedAt: number;
  isBroken: boolean;
};

const NOTHING: ReadonlySet<Label> = new Set();

export function createServerLabels(options: ServerLabelsOptions): ServerLabels {
  const { files, now, onProblem, reach, words = () => [] } = options;
  const states = new Map<string, State>();

  return {
    of({ issuer, subject }) {
      const who = { issuer, subject };
      return {
        gave: (server, labels, keeps) => note(who, server, labels, keeps ? 'stored' : 'given'),
        returned: (server, labels) => note(who, server, labels, 'returned'),
        inResults: (server) => stateAt(server, who)?.results ?? NOTHING,
        inSpeech: (server) => stateAt(server, who)?.speech ?? NOTHING,
      };
    },
  };

  function note(who: Person, server: string, labels: Iterable<Label>, how: Unread['how']): void {
    const state = stateAt(server, who);
    if (!state) return;
    for (const label of new Set(labels)) {
      const time = Math.max(now(), cutOf({ label, how }, state.records) + 1);
      const one: Unread = { kind: 'unread', place: state.place, label, how, who, time };
      const known = state.held.get(keyOf(one));
      const isKnown = known && isCovered(one, known) && time - known.time <= AGAIN_MS;
      const record = isKnown ? known : joined(one, known);
      state.own.set(keyOf(one), record);
      if (isKnown) continue;
      settle(state);
      state.stamp = undefined;
      files?.write(record);
    }
  }

  /** As every process has written it by now; undefined: nothing is kept there. */
  function stateAt(server: string, who: Person): State | undefined {
    const whose = reach(server);
    if (whose === 'nobody') return undefined;
    const place: Place = { server, ...(whose === 'person' && { of: who }) };
    const key = JSON.stringify([server, place.of?.issuer, place.of?.subject]);
    const state = states.get(key) ?? opened(place);
    if (!states.has(key)) {
      // What is on disk can be read again.
      const [oldest] = states.keys();
      if (files && states.size >= MAX_PLACES && oldest !== undefined) states.delete(oldest);
      states.set(key, state);
    }
    const time = now();
    if (files && !(time >= state.lookedAt && time - state.lookedAt < LOOK_MS)) look(state, files);
    if (time >= state.until) settle(state);
    return state;
  }

  function look(state: State, from: ServerLabelFiles): void {
    state.lookedAt = now();
    try {
      const stamp = from.stamp(state.place);
      if (stamp !== undefined && stamp === state.stamp && !state.isBroken) return;
      state.records = from.read(state.place);
      state.stamp = stamp;
      state.isBroken = false;
      settle(state);
      writeAgain(state, from);
    } catch (thrown) {
      if (!state.isBroken) onProblem(thrown);
      state.isBroken = true;
      settle(state);
    }
  }

  /** What nobody who may has taken away is put back: others have to know of it too. */
  function writeAgain({ own, held, records }: State, to: ServerLabelFiles): void {
    const written = new Map(standing(records, now()).map((one) => [keyOf(one), one]));
    for (const key of own.keys()) {
      const one = held.get(key);
      const there = written.get(key);
      if (one === undefined) own.delete(key);
      else if (!there || there.time < one.time || !isCovered(one, there)) to.write(one);
    }
  }

  function settle(state: State): void {
    const held = new Map<string, Unread>();
    // Every one is held against what persons have decided, which the files have.
    for (const one of standing([...state.records, ...state.own.values()], now()))
      held.set(keyOf(one), joined(one, held.get(keyOf(one))));
    const all = [...held.values()];
    const given = all.filter(({ how }) => how !== 'returned');
    const broken = state.isBroken ? [...ANYTHING, ...words()] : [];
    state.held = held;
    state.results = new Set([...given.map(({ label }) => label), ...broken]);
    state.speech = new Set([...all.map(({ label }) => label), ...broken]);
    state.until = Math.min(...all.map(endOf));
  }
}

function opened(place: Place): State {
  return {
    place,
    own: new Map(),
    records: [],
    held: new Map(),
    results: NOTHING,
    speech: NOTHING,
    until: Infinity,
    stamp: undefined,
    lookedAt: -Infinity,
    isBroken: false,
  };
}

const keyOf = ({ label, how }: Unread): string => JSON.stringify([label, how]);

/** Both as one: the later, and of several people where they differ. */
function joined(one: Unread, other: Unread | undefined): Unread {
  if (other === undefined) return one;
  const { who: _who, ...rest } = one;
  const time = Math.max(one.time, other.time);
  return isCovered(one, other) ? { ...other, time } : { ...rest, time };
}

/** Whether a decision about `other` is one about whoever `one` is of. */
function isCovered({ who }: Unread, other: Unread): boolean {
  return (
    other.who === undefined ||
    (other.who.issuer === who?.issuer && other.who.subject === who.subject)
  );
}
