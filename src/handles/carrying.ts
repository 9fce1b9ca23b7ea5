import type { Call, Label, Permit, PlanStep, Session } from '../call.ts';
import { derivedSession } from '../derived-session.ts';

/**
 * The session as it is for one call that was given values: it has read them, as far as anybody decides about this call.
 * What the call itself reads counts for the session it was made of.
 */
export function carrying(session: Session, carried: ReadonlySet<Label>): Session {
  return derivedSession(session, {
    carried,
    ...(session.step && { step: withCarried(session.step, carried) }),
    get labels() {
      return new Set([...session.labels, ...carried]);
    },
  });
}

const NONE: ReadonlySet<Label> = new Set();

/** A handle in a step is no more fixed by its plan than what it stands for, which may be any text. */
export function withCarried(step: PlanStep, carried: ReadonlySet<Label>): PlanStep {
  const { argLabels, fromUntrusted } = step;
  return {
    ...step,
    argLabels: new Set([...argLabels, ...carried]),
    fromUntrusted: carried.has('untrusted') ? new Set([...fromUntrusted, 'text']) : fromUntrusted,
  };
}

/** What the result of a call carries: the labels of its subject, and of what its server was ever given unread. */
export function labelsOf({ subject, session }: Call): ReadonlySet<Label> {
  const { carried = NONE, told } = session;
  return new Set([...subject.source, ...carried, ...(told?.inResults(subject.server) ?? NONE)]);
}

/** Whether the model is given a handle in place of the result. What the gateway does by itself it shows to nobody. */
export function isKept(permit: Permit): boolean {
  return permit.call.session.step?.isRun !== true && standsApart(permit);
}

/**
 * Whether the model must not read the result, by the owner's word or a policy's. So it is too where a tool was given the value of a handle, since it may
 * repeat it, unless the client expects a shape that no handle has; then the result labels the session.
 */
export function standsApart({ call, obligations }: Permit): boolean {
  const { method, subject, session } = call;
  if (method !== 'tools/call') return false;
  const wasGiven = (session.carried?.size ?? 0) > 0;
  return (
    subject.asHandle === true ||
    obligations.asHandle === true ||
    (wasGiven && subject.definition['outputSchema'] === undefined)
  );
}
