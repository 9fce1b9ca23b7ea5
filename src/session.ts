import { randomUUID } from 'node:crypto';
import type { Caller, Label, Session } from './call.ts';
import { fix } from './lib/fixed.ts';
import { personOf } from './person.ts';

const MAX_BAND = 3;

export interface Sessions {
  /** The session of this caller and client: the same one on every connection, so reconnecting washes nothing off. */
  readonly open: (caller: Caller) => Session;
}

/** Sessions of one process, keyed by who signed in (issuer, subject, client), never by an id the client chose. */
export function createSessions(): Sessions {
  const sessions = new Map<string, Session>();
  return {
    open(caller) {
      const key = personOf(caller);
      const known = sessions.get(key);
      // Claims may have changed with a fresh token; what was read before stays read.
      const session = createSession(caller, known);
      sessions.set(key, session);
      return session;
    },
  };
}

function createSession(caller: Caller, earlier: Session | undefined): Session {
  const shared =
    earlier === undefined
      ? { labels: new Set<Label>(), escalation: 0, calls: 0, id: randomUUID() }
      : stateOf(earlier);
  const { groups, scopes } = caller;
  const session: Session = Object.freeze({
    // Other claims are another object: what is found out about a caller is remembered by it.
    caller: fix({ ...caller, groups: [...groups], scopes: [...scopes] }),
    get id() {
      return shared.id;
    },
    get labels() {
      return shared.labels;
    },
    get escalation() {
      return shared.escalation;
    },
    get calls() {
      return shared.calls;
    },
    addLabels(labels: Iterable<Label>) {
      for (const label of labels) shared.labels.add(label);
    },
    escalate(band: number) {
      shared.escalation = Math.min(MAX_BAND, Math.max(shared.escalation, band));
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
  readonly labels: Set<Label>;
  escalation: number;
  calls: number;
};
const states = new WeakMap<Session, Shared>();

function stateOf(session: Session): Shared {
  const shared = states.get(session);
  if (!shared) throw new TypeError('Cannot continue a session that was not opened here');
  return shared;
}
