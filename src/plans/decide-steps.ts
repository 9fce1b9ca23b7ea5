import type { Call, CallMethod, Label, Permit, PlanStep, Session, Subject } from '../call.ts';
import { Denial } from '../denial.ts';
import type { CheckedStep } from './check-steps.ts';
import { graphOf } from './graph.ts';
import type { Problem } from './plan.ts';
import { pointerOf } from './pointer.ts';
import { sessionOfStep } from './step-session.ts';

export type DecideOptions = {
  readonly decide: (call: Call, approvals?: readonly string[]) => Permit;
  readonly visible: (
    session: Session,
    method: CallMethod,
    subjects: readonly Subject[],
  ) => readonly Subject[];
};

/** What policies say of each step before it is made. */
export type Decided = {
  readonly problems: readonly Problem[];
  /** Ids of the policies that forbid steps. */
  readonly policies: readonly string[];
  /** Who has to approve which step, as far as that is known. */
  readonly asks: ReadonlyMap<string, readonly string[]>;
};

/**
 * Decides every step as far as it is known: with all its arguments where none come from other steps, else whether any
 * arguments could be permitted; each with the labels that it would have by then.
 */
export function decideSteps(
  steps: readonly CheckedStep[],
  { session, labels, traceId }: Pick<Call, 'session' | 'traceId'> & { labels: ReadonlySet<Label> },
  { decide, visible }: DecideOptions,
): Decided {
  const problems: Problem[] = [];
  const policies = new Set<string>();
  const asks = new Map<string, readonly string[]>();
  const byId = new Map(steps.map((step) => [step.id, step]));
  const carried = new Map<string, ReadonlySet<Label>>();
  for (const id of graphOf(steps).order) {
    const step = byId.get(id);
    if (!step) continue;
    const { subject, references, at } = step;
    const argLabels = new Set<Label>();
    for (const { step: from } of references.values())
      for (const label of carried.get(from) ?? []) argLabels.add(label);
    carried.set(id, new Set([...argLabels, ...subject.source]));
    const fromUntrusted: PlanStep['fromUntrusted'] = new Set();
    const place = { plan: '', number: at, isRun: true, labels, argLabels, fromUntrusted };
    const own = sessionOfStep(session, place, new Set());
    const say = (what: string): void =>
      void problems.push({ place: pointerOf(['steps', at]), what });
    if (references.size > 0) {
      if (visible(own, 'tools/call', [subject]).length === 0)
        say(`policy permits no call of ${step.tool} with what earlier steps give`);
      continue;
    }
    try {
      const { obligations } = decide(callOf(step, own, traceId));
      if (obligations.approvals.length > 0) asks.set(id, obligations.approvals);
    } catch (thrown) {
      if (!(thrown instanceof Denial)) throw thrown;
      say(thrown.message);
      for (const policy of thrown.policies) policies.add(policy);
    }
  }
  return { problems, policies: [...policies], asks };
}

function callOf(
  { subject, tool, arguments: args }: CheckedStep,
  session: Session,
  traceId: string,
): Call {
  return Object.freeze({
    traceId,
    id: 0,
    method: 'tools/call',
    session,
    subject,
    params: Object.freeze({ name: tool, arguments: args }),
    args,
  });
}
