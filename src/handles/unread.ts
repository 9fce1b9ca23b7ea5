import type { Call, Label, Permit, Subject } from '../call.ts';
import { isKept } from './carrying.ts';

/**
 * Before a call is sent: what its server is given or gives that no model reads may stand in whatever it returns, logs or
 * asks later, to whomever. `labels` are those of its result. Throws where that cannot be written: then it is not sent.
 */
export function noteUnread(permit: Permit, labels: Iterable<Label>): void {
  const { call } = permit;
  const { subject, session } = call;
  const { server } = subject;
  const given = givenBy(call);
  if (given.length > 0) session.told?.gave(server, given, !onlyReads(subject));
  if (!isUnread(permit)) return;
  session.told?.returned(server, [...labels, ...(session.step?.argLabels ?? [])]);
}

/** Whether a person has said so. */
export function onlyReads({ classes, reviewed }: Subject): boolean {
  return reviewed && classes.length > 0 && classes.every((name) => name === 'read');
}

/** The detector has found something in a result that is kept from the model: its server may say that aloud. */
export function noteMarked(permit: Permit): void {
  const { session, subject } = permit.call;
  if (isUnread(permit)) session.told?.returned(subject.server, ['untrusted']);
}

function isUnread(permit: Permit): boolean {
  return permit.call.session.step?.isRun === true || isKept(permit);
}

/** Of values in its arguments that no model has read. A number tells nobody what to do. */
function givenBy({ session: { step, carried } }: Call): Label[] {
  if (step?.isRun !== true) return [...(carried ?? [])];
  const { argLabels, fromUntrusted } = step;
  return [...argLabels].filter((label) => label !== 'untrusted' || fromUntrusted.has('text'));
}
