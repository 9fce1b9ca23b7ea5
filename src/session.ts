import { randomUUID } from 'node:crypto';
import type { Caller, Label, Session, Suspected } from './call.ts';
import { createLabels, type Labels } from './labels/labels.ts';
import { createServerLabels, type ServerLabels } from './labels/server-labels.ts';
import { fix } from './lib/fixed.ts';
import { personOf } from './person.ts';
import { createSuspicion, SESSION_MS, type Suspicion } from './suspicion/suspicion.ts';

export interface Sessions {
  /** The session of this caller and client: the same one on every connection, so reconnecting washes nothing off. */
  readonly open: (caller: Caller) => Session;
  /** This caller is at work, be it refused: the session goes on. */
  readonly touch: (caller: Caller) => void;
}

/** What sessions share with those of other processes. */
export type SharedState = {
  readonly suspicion: Suspicion;
  readonly labels: Labels;
  readonly serverLabels: ServerLabels;
  /** The id of whoever this is: the same in every process of the state. */
  readonly idOf: (person: string) => string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
};

/** What nobody has called with for so long is over; who is at work again begins to be counted anew. */
const MAX_SESSIONS = 100_000;

type Row = { readonly session: Session; seenAt: number };

/**
 * Sessions of one process, keyed by who signed in (issuer, subject, client), never by an id the client chose. Without
 * `state` their bands and labels end with the process.
 */
export function createSessions(state: SharedState = ofThisProcess()): Sessions {
  /** Least recently used first. */
  const sessions = new Map<string, Row>();
  return {
    touch(caller) {
      const key = personOf(caller);
      const row = sessions.get(key);
      if (row !== undefined) keep(key, row.session);
      state.suspicion.touch(caller);
      state.labels.touch(caller);
    },
    open(caller) {
      const key = personOf(caller);
      const known = sessions.get(key)?.session;
      // Claims may have changed with a fresh token; what was read before stays read.
      const session = createSession(caller, known, state);
      keep(key, session);
      return session;
    },
  };

  function keep(key: string, session: Session): void {
    const time = state.now();
    sessions.delete(key);
    sessions.set(key, { session, seenAt: time });
    for (const [oldest, { seenAt }] of sessions) {
      if (time - seenAt <= SESSION_MS && sessions.size <= MAX_SESSIONS) break;
      sessions.delete(oldest);
    }
  }
}

function ofThisProcess(): SharedState {
  const options = { now: Date.now, onProblem: () => undefined };
  return {
    suspicion: createSuspicion(options),
    labels: createLabels(options),
    serverLabels: createServerLabels({ ...options, reach: () => 'everybody' }),
    idOf: () => randomUUID(),
    now: Date.now,
  };
}

function createSession(
  caller: Caller,
  earlier: Session | undefined,
  { suspicion, labels, serverLabels, idOf }: SharedState,
): Session {
  const shared =
    earlier === undefined ? { calls: 0, id: idOf(personOf(caller)) } : stateOf(earlier);
  const { groups, scopes } = caller;
  const session: Session = Object.freeze({
    // Other claims are another object: what is found out about a caller is remembered by it.
    caller: fix({ ...caller, groups: [...groups], scopes: [...scopes] }),
    get id() {
      return shared.id;
    },
    told: serverLabels.of(caller),
    get labels() {
      return labels.of(caller);
    },
    get foreignLabels() {
      return labels.foreign(caller);
    },
    get escalation() {
      return suspicion.band(caller);
    },
    get calls() {
      return shared.calls;
    },
    addLabels(more: Iterable<Label>) {
      labels.add(caller, more);
    },
    escalate(verdict: 'mark' | 'block', about: Suspected) {
      suspicion.raise(caller, verdict, about);
    },
    countCall() {
      shared.calls++;
    },
  });
  states.set(session, shared);
  return session;
}

type Shared = {
  readonly id: string;
  calls: number;
};
const states = new WeakMap<Session, Shared>();

function stateOf(session: Session): Shared {
  const shared = states.get(session);
  if (!shared) throw new TypeError('Cannot continue a session that was not opened here');
  return shared;
}
