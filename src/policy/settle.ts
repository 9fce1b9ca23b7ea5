import type { CapabilityClass, Obligations } from '../call.ts';
import type { Tier } from '../sandbox/tier.ts';
import type { Compiled } from './compile.ts';
import type { Judge, Pep } from './judge.ts';
import { obligationsOf, strongerTier, tokensOf } from './obligations.ts';
import type { Obligation } from './obligations.ts';
import type { Question } from './question.ts';
import type { Seen } from './typed/to-cedar.ts';
import type { Typed } from './typed/typed.ts';

/** What becomes of a call once everything is discharged that can be. */
export type Outcome =
  | {
      readonly decision: 'allow' | 'needs-approval';
      /** Permits that allow it. */
      readonly permits: readonly string[];
      /** Forbids that were lifted on the way. */
      readonly lifted: readonly string[];
      readonly obligations: Obligations;
    }
  | {
      readonly decision: 'deny';
      readonly policies: readonly string[];
      readonly because:
        /** No permit covers these classes; none at all where the action has no class. */
        | { readonly why: 'not-permitted'; readonly classes: readonly CapabilityClass[] }
        | { readonly why: 'forbidden' }
        | { readonly why: 'unenforceable'; readonly obligation: Obligation }
        /** Policies look at these arguments, and Cedar has no such values. */
        | { readonly why: 'unreadable'; readonly names: readonly string[] }
        | { readonly why: 'error' };
    };

export type Settle = (
  question: Question,
  approvals: readonly string[],
  canEnforce: (obligation: Obligation) => boolean,
) => Outcome;

/**
 * Lifts forbids by what their annotations ask for and asks again, until nothing forbids or something cannot be lifted.
 * It ends: more approvals never forbid (the monotone rule of obligations.ts), and each round adds one.
 */
export function createSettle(judge: Judge, byId: ReadonlyMap<string, Compiled>): Settle {
  return function settle(question, approvals, canEnforce) {
    const pep = { approvals: new Set(approvals), enforce: new Set<string>() };
    const promised: Obligation[] = [];
    const lifted = new Set<string>();
    for (;;) {
      const judgement = judge(question, asPep(pep));
      const { policies, errors, uncovered } = judgement;
      if (errors.length > 0) return { decision: 'deny', policies, because: { why: 'error' } };
      if (judgement.allowed) {
        const obligations = obligationsFor(promised, [...lifted, ...policies]);
        const decision = obligations.approvals.length === 0 ? 'allow' : 'needs-approval';
        return { decision, permits: policies, lifted: [...lifted], obligations };
      }
      if (policies.length === 0 || uncovered.length > 0)
        return {
          decision: 'deny',
          policies,
          because: { why: 'not-permitted', classes: uncovered },
        };
      const wanted = policies.map((id) => wantedBy(id));
      const hard = policies.filter((_, at) => wanted[at]?.length === 0);
      if (hard.length > 0)
        return { decision: 'deny', policies: hard, because: { why: 'forbidden' } };
      let added = false;
      for (const obligation of wanted.flat()) {
        const set = obligation.kind === 'approval' ? pep.approvals : pep.enforce;
        if (tokensOf(obligation).every((token) => set.has(token))) continue;
        if (obligation.kind !== 'approval' && !canEnforce(obligation))
          return { decision: 'deny', policies, because: { why: 'unenforceable', obligation } };
        for (const token of tokensOf(obligation)) set.add(token);
        promised.push(obligation);
        added = true;
      }
      // Everything they ask for is given, and they forbid still.
      if (!added) return { decision: 'deny', policies, because: { why: 'forbidden' } };
      for (const id of policies) lifted.add(id);
    }
  };

  function wantedBy(id: string): readonly Obligation[] {
    const found = byId.get(id);
    return found ? obligationsOf(found.policy) : [];
  }

  function obligationsFor(
    promised: readonly Obligation[],
    policies: readonly string[],
  ): Obligations {
    const of = (kind: Obligation['kind']): string[] => [
      ...new Set(promised.filter((each) => each.kind === kind).map(({ value }) => value)),
    ];
    const egress = of('egress');
    const isolation = of('isolation').reduce<Tier | undefined>(strongerTier, undefined);
    return {
      approvals: of('approval'),
      ...(isolation !== undefined && { isolation }),
      redact: of('redact'),
      ...(egress.length > 0 && { egress }),
      ...(of('returns').length > 0 && { asHandle: true }),
      advice: [...new Set(policies.flatMap((id) => adviceOf(byId.get(id)) ?? []))],
    };
  }
}

/**
 * The refusal of a call that policies cannot be asked about: an argument they look at is missing in what Cedar would see,
 * and a forbid that looks for it would be silent.
 */
export function refuseUnreadable(
  { misfits, readersOf }: Typed,
  { lost }: Seen,
): Outcome | undefined {
  const policies = misfits();
  if (policies.length > 0) return { decision: 'deny', policies, because: { why: 'error' } };
  if (lost.size === 0) return undefined;
  const names = [...lost];
  return { decision: 'deny', policies: readersOf(names), because: { why: 'unreadable', names } };
}

function asPep({ approvals, enforce }: { approvals: Set<string>; enforce: Set<string> }): Pep {
  return { approvals: [...approvals], enforce: [...enforce] };
}

/** What a policy tells a person: its advice, else why a forbid is there. */
function adviceOf(found: Compiled | undefined): string | undefined {
  const { annotations, effect } = found?.policy ?? {};
  return annotations?.['advice'] ?? (effect === 'forbid' ? annotations?.['reason'] : undefined);
}
