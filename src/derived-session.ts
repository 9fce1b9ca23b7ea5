import type { Label, Session } from './call.ts';

const NONE: ReadonlySet<Label> = new Set();

/**
 * A session that is `session` for one call, except for what `own` has. Everything else is asked of `session` each time:
 * what it reads, and who quarantines it, counts while the call runs. A getter in `own` stays one.
 */
export function derivedSession(session: Session, own: Partial<Session>): Session {
  const { caller, carried, told, step } = session;
  const derived: Session = {
    caller,
    ...(carried && { carried }),
    ...(told && { told }),
    ...(step && { step }),
    get id() {
      return session.id;
    },
    get labels() {
      return session.labels;
    },
    get foreignLabels() {
      return session.foreignLabels ?? NONE;
    },
    get escalation() {
      return session.escalation;
    },
    get calls() {
      return session.calls;
    },
    addLabels: (labels) => session.addLabels(labels),
    escalate: (verdict, about) => session.escalate(verdict, about),
    countCall: () => session.countCall(),
  };
  return Object.freeze(Object.defineProperties(derived, Object.getOwnPropertyDescriptors(own)));
}
