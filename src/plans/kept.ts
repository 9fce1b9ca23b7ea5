import type { Denial } from '../denial.ts';
import type { Call, JsonObject, Label, PlanStep, Subject } from '../call.ts';
import type { CheckedStep } from './check-steps.ts';
import { onlyReads } from '../handles/unread.ts';
import { fill } from './references.ts';
import { follow } from './pointer.ts';
import type { Sealed, Statement } from './statement.ts';
import { kindOf } from './step-session.ts';

/** A step, and what has become of it. */
export type KeptStep = {
  readonly step: CheckedStep;
  state: 'open' | 'running' | 'done' | 'failed';
  attempts: number;
  /** Of the last attempt that failed. */
  failure: { readonly code: Denial['code']; readonly message: string } | undefined;
  traceId: string | undefined;
  /** Its whole arguments as canonical JSON, once all that it needs is done and somebody has looked. */
  due: string | undefined;
  /** As its tool gave it, without what policies take out; let go when the plan ends. */
  result: JsonObject | undefined;
  /** Of that result. */
  labels: ReadonlySet<Label>;
  /** The model is not to read it. */
  isApart: boolean;
};

/** `waiting`: for an approval; `void`: something that it was validated with has changed. */
export type PlanState =
  | 'ready'
  | 'running'
  | 'waiting'
  | 'done'
  | 'failed'
  | 'cancelled'
  | 'void'
  | 'expired';

export type KeptPlan = {
  readonly id: string;
  readonly steps: readonly KeptStep[];
  readonly byId: ReadonlyMap<string, KeptStep>;
  /** Steps by the call that they are, where that is known, else by their tool alone; see `callKey`. */
  readonly byCall: ReadonlyMap<string, readonly KeptStep[]>;
  /** What the session had read when it was validated. */
  readonly labels: ReadonlySet<Label>;
  /** The call that submitted it, and who approved that. */
  readonly submitted: Call;
  readonly approvedBy: readonly string[];
  /** Milliseconds since 1970. */
  readonly expires: number;
  statement: Statement;
  sealed: Sealed;
  /** Digests of all that was signed of it: it is signed anew under other policies, also while steps of it are under way. */
  readonly signed: Set<string>;
  state: PlanState;
  /** By server, what the session had read by the time it wrote something there: results of that server may hold it. */
  readonly written: Map<string, ReadonlySet<Label>>;
  /** Under which policies and labels it was last looked through. */
  checkedUnder: string;
  /** Bytes of the results that are held. */
  held: number;
  /** Ends the run. */
  stop: AbortController | undefined;
};

/** What a call of a tool is looked for under; without arguments what any call of it is. */
export function callKey({ server, name }: Subject, args?: string): string {
  return args === undefined ? `${server}/${name}` : `${server}/${name}\n${args}`;
}

/** Whether steps of it may still be made. */
export function isOpen({ state }: KeptPlan): boolean {
  return state === 'ready' || state === 'waiting' || state === 'running';
}

/** It goes no further; what it held is let go. */
export function end(kept: KeptPlan, state: PlanState): void {
  kept.state = state;
  kept.held = 0;
  for (const one of kept.steps) one.result = undefined;
}

/**
 * A call may leave at its server what its session has read since a plan was validated. Of a step only what stands in its
 * arguments: all else of it was fixed before. What a run gives to a server is noted where it is sent.
 */
export function noteWritten(plans: Iterable<KeptPlan>, { subject, session }: Call): void {
  if (onlyReads(subject)) return;
  const { step, labels } = session;
  for (const kept of plans) {
    const isOwn = step !== undefined && kept.signed.has(step.plan);
    const left = isOwn ? (step.isRun ? [] : step.argLabels) : labels;
    if (isOpen(kept))
      kept.written.set(subject.server, new Set([...writtenTo(kept, subject), ...left]));
  }
}

/** What results of this tool may hold besides: somebody has written it there since the plan was validated. */
export function writtenTo({ written }: KeptPlan, { server }: Subject): ReadonlySet<Label> {
  return written.get(server) ?? NONE;
}

const NONE: ReadonlySet<Label> = new Set();

export function isReady(kept: KeptPlan, { state, step }: KeptStep): boolean {
  return state === 'open' && step.needs.every((need) => kept.byId.get(need)?.state === 'done');
}

/**
 * The arguments of a step with what earlier ones gave, and what is known of the call by that. Throws a `RangeError` where
 * something is not there.
 */
export function madeOf(
  kept: KeptPlan,
  { step }: KeptStep,
  isRun: boolean,
): { readonly args: JsonObject; readonly place: PlanStep } {
  const argLabels = new Set<Label>();
  const fromUntrusted = new Set<'text' | 'numbers'>();
  for (const { step: from, tokens } of step.references.values()) {
    const { result, labels } = kept.byId.get(from) ?? { result: undefined, labels: argLabels };
    const value = result && follow(result, tokens);
    for (const label of labels) argLabels.add(label);
    if (value !== undefined && labels.has('untrusted')) fromUntrusted.add(kindOf(value));
  }
  const args = fill(step.arguments, step.references, (id) => kept.byId.get(id)?.result);
  const { digest: plan } = kept.sealed;
  return {
    args,
    place: { plan, number: step.at, isRun, labels: kept.labels, argLabels, fromUntrusted },
  };
}
