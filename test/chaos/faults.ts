import type { STEPS } from '../../src/pipeline.ts';

/** Where in the way of a call something fails; `audit` is beside every step. */
export type Stage = (typeof STEPS)[number] | 'audit';

/** What the upstream does wrong, and at which stage that has to be noticed. */
export const UPSTREAM = {
  error: 'dispatch',
  delay: 'dispatch',
  silence: 'dispatch',
  ends: 'dispatch',
  'half an answer': 'dispatch',
  garbage: 'dispatch',
  'answers nobody asked for': 'dispatch',
  'reordered answers': 'dispatch',
  'duplicated answer': 'validate',
  'wrong structure': 'validate',
  'wrong result': 'validate',
  'huge answer': 'scan',
  'changed definition': 'find',
} as const satisfies Record<string, Stage>;
export type UpstreamFault = keyof typeof UPSTREAM;

/** What happens to the gateway while calls are under way. */
export const PLACE = {
  'lock file broken': 'find',
  'no fault': 'check',
  'policy broken': 'decide',
  'labels unreadable': 'decide',
  'kill switches unreadable': 'decide',
  'approvals unreadable': 'approve',
  'upstream killed': 'dispatch',
  'sandbox killed': 'dispatch',
  'gateway killed': 'dispatch',
  'disk full': 'audit',
} as const satisfies Record<string, Stage>;
export type PlaceFault = keyof typeof PLACE;

export type Fault = UpstreamFault | PlaceFault;
export const FAULTS: Readonly<Record<Fault, Stage>> = { ...UPSTREAM, ...PLACE };
