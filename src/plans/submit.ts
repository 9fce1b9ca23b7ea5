import type { Call, JsonObject, Session } from '../call.ts';
import { Denial } from '../denial.ts';
import { checkSteps, type CheckedStep, type CheckStepsOptions } from './check-steps.ts';
import { decideSteps, type Decided, type DecideOptions } from './decide-steps.ts';
import { departures, reachOf, type Reach } from './difference.ts';
import type { PlanLimits, Problem } from './plan.ts';
import { readPlan } from './read-plan.ts';
import { stepsDigest } from './statement.ts';
import { suspect, type Shelf } from './shelves.ts';

/** A plan in which everything is in order, before anybody has allowed it. */
export type Draft = {
  readonly steps: readonly CheckedStep[];
  readonly reach: Reach;
  readonly asks: Decided['asks'];
};

export type SubmitOptions = CheckStepsOptions & DecideOptions & { readonly limits: PlanLimits };

const MAX_SAID = 50;

/**
 * Looks a submitted plan through, and says in the call what policies and persons are told of it. Throws
 * `arguments-invalid` or `policy-denied` with every problem.
 */
export function draftOf(
  call: Call,
  shelf: Shelf,
  options: SubmitOptions,
): { readonly draft: Draft; readonly call: Call } {
  const { session, traceId, args } = call;
  const { plan, problems } = readPlan(args, options.limits);
  const checked = checkSteps(plan, options);
  const decided = decideSteps(checked.steps, { session, labels: session.labels, traceId }, options);
  refuse([...problems, ...checked.problems], decided);
  const { steps } = checked;
  const reach = reachOf(steps);
  const { departs, notes } =
    shelf.reach !== undefined && session.labels.has('untrusted')
      ? departures(shelf.reach, reach)
      : { departs: [], notes: [] };
  if (departs.length > 0 && suspect(shelf, stepsDigest(steps))) raise(session, call);
  const tools = steps.map(({ subject: { server, name } }) => `${server}/${name}`);
  const facts = {
    steps: steps.length,
    depth: plan.depth,
    tools: unique(tools),
    sinks: unique(steps.flatMap(({ subject }) => subject.sink)),
    departs,
  };
  return {
    draft: { steps, reach, asks: decided.asks },
    call: Object.freeze({ ...call, plan: facts, notes }),
  };
}

function refuse(problems: readonly Problem[], decided: Decided): void {
  const all = [...problems, ...decided.problems];
  if (all.length === 0) return;
  const said = all.slice(0, MAX_SAID).map(({ place, what }) => `${place}: ${what}`);
  const rest = all.length - said.length;
  const text = said.join('\n') + (rest > 0 ? `\nand ${rest} more` : '');
  throw new Denial(
    problems.length > 0 ? 'arguments-invalid' : 'policy-denied',
    `Cannot accept the plan:\n${text}`,
    {
      policies: decided.policies,
      hint: 'correct the plan at these places (JSON Pointers into it) and submit it again',
    },
  );
}

/** What a session plans otherwise after it has read untrusted text may be the text's plan. */
function raise(session: Session, { subject: { server, name }, traceId }: Call): void {
  session.escalate('mark', { server, name, traceId });
}

function unique(words: readonly string[]): string[] {
  return [...new Set(words)].toSorted();
}

/** What the model is told of a plan that is accepted. */
export function acceptedReply(
  id: string,
  { steps, asks }: Draft,
  sealed: { readonly token: string; readonly digest: string },
  expires: number,
): JsonObject {
  return {
    plan: id,
    state: 'ready',
    expires: new Date(expires).toISOString(),
    digest: sealed.digest,
    statement: sealed.token,
    steps: steps.map((step) => {
      const approvals = asks.get(step.id);
      return { id: step.id, ...(approvals && { asks: [...approvals] }) };
    }),
  };
}
