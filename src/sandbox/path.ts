import type { CapabilityClass, Grant, Permit } from '../call.ts';

/**
 * Where a sandbox came from. `hot`: it was ready before the call; `standard`: it was made for it; `escalation`: it was
 * made for it, of the strongest tier there is, because a call of its risk gets no other.
 */
export const PATHS = ['hot', 'standard', 'escalation'] as const;
export type Path = (typeof PATHS)[number];

const HIGH_RISK: ReadonlySet<CapabilityClass> = new Set(['destructive', 'financial']);
/** How unlike earlier calls one must be to count as flagged: what policies/examples/anomaly.cedar asks a person about. */
const UNLIKE = 80;

/** The path of a call that may run; `anomaly` is 0 to 100, absent where nobody has looked. */
export function pathOf(
  {
    permit: { call, obligations },
    approvedBy,
  }: Pick<Grant, 'approvedBy'> & { readonly permit: Pick<Permit, 'call' | 'obligations'> },
  anomaly = 0,
): Path {
  const { session, subject } = call;
  const isHighRisk = 'classes' in subject && subject.classes.some((each) => HIGH_RISK.has(each));
  if (session.escalation >= 2 || isHighRisk || anomaly >= UNLIKE || approvedBy.length > 0)
    return 'escalation';
  // The way out of a cell that waits is as the configuration has it, not as narrow as a policy wants it.
  const isNarrowed = (obligations.egress ?? []).length > 0;
  return session.escalation >= 1 || isNarrowed ? 'standard' : 'hot';
}
