import { spend, type Label, type Reply, type Scanned } from '../call.ts';
import type { Traces } from '../traces.ts';
import type { Usage } from '../usage.ts';

const MARKED_BAND = 1;

/** Joins what a result carries to its session, then releases it: nothing is read before it counts. */
export function createLabel(
  { add }: Pick<Traces, 'add'>,
  { learn }: Pick<Usage, 'learn'>,
): (proof: Scanned) => Reply {
  return function label(proof) {
    const scanned = spend('Scanned', proof);
    const { session, subject } = scanned.output.raw.grant.permit.call;
    const labels = new Set<Label>(subject.source);
    if (scanned.verdict === 'mark') {
      labels.add('untrusted');
      session.escalate(MARKED_BAND);
    }
    session.addLabels(labels);
    add(session, scanned.result, [...labels]);
    learn(scanned);
    return { result: scanned.result, scanned };
  };
}
