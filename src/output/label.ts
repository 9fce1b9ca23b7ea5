import { isKept, labelsOf } from '../handles/carrying.ts';
import { placesOf } from '../handles/places.ts';
import { noteMarked } from '../handles/unread.ts';
import type { Handles } from '../handles/handles.ts';
import { spend, type Label, type Reply, type Scanned } from '../call.ts';
import type { Traces } from '../traces.ts';
import type { Usage } from '../usage.ts';

/** Joins what a result carries to its session, then releases it: nothing is read before it counts. */
export function createLabel(
  { add }: Pick<Traces, 'add'>,
  { learn }: Pick<Usage, 'learn'>,
  { keep }: Pick<Handles, 'keep'>,
): (proof: Scanned) => Reply {
  return function label(proof) {
    const scanned = spend('Scanned', proof);
    const { raw } = scanned.output;
    const { permit } = raw.grant;
    const { call } = permit;
    const { session, subject, traceId } = call;
    const labels = new Set<Label>(labelsOf(call));
    if (scanned.verdict === 'mark') noteMarked(permit);
    if (isKept(permit) && !raw.failed) {
      if (scanned.verdict === 'mark') labels.add('untrusted');
      const result = keep(session.caller, scanned.output.result, labels, placesOf(subject));
      learn(scanned);
      return { result, scanned };
    }
    // Dispatch has left no word of the server in it.
    if (raw.failed && permit.obligations.asHandle === true)
      return { result: scanned.result, scanned };
    if (scanned.verdict === 'mark') {
      labels.add('untrusted');
      session.escalate('mark', { server: subject.server, name: subject.name, traceId });
    }
    session.addLabels(labels);
    add(session, scanned.result, [...labels]);
    learn(scanned);
    return { result: scanned.result, scanned };
  };
}
