import { spend, type Label, type Reply, type Scanned } from '../call.ts';
import type { Traces } from '../traces.ts';
import type { Usage } from '../usage.ts';

/** Joins what a result carries to its session, then releases it: nothing is read before it counts. */
export function createLabel(
  { add }: Pick<Traces, 'add'>,
  { learn }: Pick<Usage, 'learn'>,
): (proof: Scanned) => Reply {
  return function label(proof) {
    const scanned = spend('Scanned', proof);
    const { session, subject, traceId } = scanned.output.raw.grant.permit.call;
    const labels = new Set<Label>(subject.source);
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
