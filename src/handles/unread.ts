import type { Call, Label } from '../call.ts';
import { isKept } from './carrying.ts';

/**
 * Before a call is sent: what its server is given or gives that no model reads may stand in whatever it returns, logs or
 * asks later, to whomever. `labels` are those of its result. Throws where that cannot be written: then it is not sent.
 */
export function noteUnread(call: Call, labels: Iterable<Label>): void {
  const { subject, session } = call;
  const { server, classes, reviewed } = subject;
  const given = givenBy(call);
  const isReading = reviewed && classes.length > 0 && classes.every((name) => name === 'read');
  if (given.length > 0) session.told?.gave(server, given, !isReading);
  if (!isUnread(call)) return;
  session.told?.returned(server, [...labels, ...(session.step?.argLabels ?? [])]);
}

/** The detector has found something in a result that is kept from the model: its server may say that aloud. */
export function noteMarked(call: Call): void {
  if (isUnread(call)) call.session.told?.returned(call.subject.server, ['untrusted']);
}

function isUnread(call: Call): boolean {
  return call.session.step?.isRun === true || isKept(call);
}

/** Of values in its arguments that no model has read. A number tells nobody what to do. */
function givenBy({ session: { step, carried } }: Call): Label[] {
  if (step?.isRun !== true) return [...(carried ?? [])];
  const { argLabels, fromUntrusted } = step;
  return [...argLabels].filter((label) => label !== 'untrusted' || fromUntrusted.has('text'));
}
