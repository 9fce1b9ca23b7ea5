import { spend, type Reply, type Scanned } from '../call.ts';

const MARKED_BAND = 1;

/** Joins what a result carries to its session, then releases it: nothing is read before it counts. */
export function label(proof: Scanned): Reply {
  const scanned = spend('Scanned', proof);
  const { session, subject } = scanned.output.raw.grant.permit.call;
  session.addLabels(subject.source);
  if (scanned.verdict === 'mark') {
    session.addLabels(['untrusted']);
    session.escalate(MARKED_BAND);
  }
  return { result: scanned.result, scanned };
}
