import { issue } from '../call.ts';
import type { Call, Permit, PlanStep, Subject } from '../call.ts';
import { Denial } from '../denial.ts';
import { finish, type Steps } from '../lib/steps.ts';
import { createCedar, type Cedar } from './cedar.ts';
import { compile } from './compile.ts';
import type { Compilation, KnownTools } from './compile.ts';
import { createEngine, type Engine } from './engine.ts';
import { deedOf, explanationOf, refusalOf } from './explain.ts';
import type { Explanation } from './explain.ts';
import type { FactsOptions } from './facts/facts.ts';
import { TO_TRUSTED } from './facts/trust.ts';
import { contextPath, partsOf } from './expressions.ts';
import { createJudge } from './judge.ts';
import { listPolicies, toleratesInLists } from './list-policies.ts';
import type { Obligation } from './obligations.ts';
import { shippedParsed } from './parsed.ts';
import { PolicyFault } from './problem.ts';
import type { State } from './question.ts';
import { createSettle, refuseUnreadable } from './settle.ts';
import type { Outcome } from './settle.ts';
import { createCallerSlicer } from './slices.ts';
import { digestOf } from './sources.ts';
import { readTexts, withTools, type Texts } from './texts.ts';
import { createVisible } from './visible.ts';
import type { Visible } from './visible.ts';

export type { KnownTools } from './compile.ts';
export type { FactsOptions } from './facts/facts.ts';
export type { Explanation } from './explain.ts';
export type { Obligation } from './obligations.ts';

export type PolicyOptions = {
  /** Folders or `.cedar` files; the guardrails are loaded in any case. */
  readonly paths: readonly string[];
  readonly now: () => Date;
  /** Whether the gateway will keep a promise of isolation or redaction for this call; absent: it promises nothing. */
  readonly canEnforce?: (call: Call, obligation: Obligation) => boolean;
  /** Definitions that were accepted, asked for where a policy looks at arguments; absent: none are known. */
  readonly knownTools?: () => Promise<KnownTools>;
  /** What facts about arguments are found by. */
  readonly facts?: FactsOptions;
  /** The tool that plans are submitted with; absent: none are offered. */
  readonly plans?: Subject | undefined;
};

const ANY_STEP: PlanStep = {
  plan: '',
  number: 0,
  isRun: true,
  labels: new Set(),
  argLabels: new Set(),
  fromUntrusted: new Set(),
};

export type Policy = {
  /**
   * Decides one call, with what has been approved so far; the permit says what is still needed. Throws a `Denial` with
   * code `policy-denied`; anything else that it throws means no as well.
   */
  decide(call: Call, approvals?: readonly string[]): Permit;
  /** Those that some call of this caller could be permitted for now, perhaps after an approval. */
  readonly visible: Visible;
  /** The same decision, told to a person; issues nothing. */
  explain(call: Call): Explanation;
  /** sha256 of the exact texts, hexadecimal. */
  readonly digest: string;
  /** sha256 of the file with shipped policies as Cedar reads them, absent where it was not used. */
  readonly parsed: string | undefined;
  /** How many policies are in force. */
  readonly count: number;
  /** Policies about arguments of tools that nobody has accepted yet, in words. */
  readonly unchecked: readonly string[];
  /** Frees what Cedar has prepared for it: others are in force now, and this one decides no more. */
  readonly close: () => void;
};

/** Reads, checks and prepares policies. Throws a `PolicyFault` with every problem; then nothing is in force. */
export async function loadPolicy({ paths, ...options }: PolicyOptions): Promise<Policy> {
  return preparePolicy(await withTools(await readTexts(paths), options.knownTools), options);
}

/** The same for what has been read. */
export function preparePolicy(
  texts: Texts,
  options: Omit<PolicyOptions, 'paths'>,
  cedar = createCedar(),
): Policy {
  const { sources, base } = texts;
  // The same instance checks and decides: had a policy broken it, the self-test of the engine would not pass.
  const compiled = compile(cedar, sources, base, shippedParsed(cedar), texts.tools);
  const problems = [...texts.problems, ...compiled.problems];
  if (problems.length > 0) throw new PolicyFault(problems);
  return createPolicy(cedar, compiled, digestOf(sources), options);
}

/** The policy of checked texts. Throws a `TypeError` when it fails its self-test. */
export function createPolicy(...parts: Parameters<typeof policySteps>): Policy {
  return finish(policySteps(...parts));
}

/** The same in steps, between which others may be served. What it has prepared is given back where a step fails. */
export function* policySteps(
  cedar: Cedar,
  compiled: Compilation,
  digest: string,
  { now, canEnforce = () => false, facts, plans }: Omit<PolicyOptions, 'paths'>,
): Steps<Policy> {
  const inForce = facts?.trusts ? compiled : withoutTrust(compiled);
  const engine = yield* createEngine(cedar, inForce, now, facts);
  try {
    return yield* policyOf(engine, inForce, digest, { canEnforce, plans });
  } catch (thrown) {
    engine.judge.close();
    throw thrown;
  }
}

/**
 * Where no host is trusted, nothing is lifted for one: then the guardrails look at no arguments, and what they forbid in any
 * case is not listed either.
 */
function withoutTrust(compiled: Compilation): Compilation {
  const policies = compiled.policies.map((each) => {
    const conditions = partsOf(each.policy.conditions);
    const kept = conditions.filter(
      ({ kind, body }) => kind === 'when' || contextPath(body)?.join('.') !== TO_TRUSTED,
    );
    if (kept.length === conditions.length) return each;
    return { ...each, policy: { ...each.policy, conditions: kept } };
  });
  return { ...compiled, policies };
}

function* policyOf(
  { cedar, vocabulary, asking, askingFor, judge, typeOf, byId }: Engine,
  compiled: Compilation,
  digest: string,
  { canEnforce, plans }: Required<Pick<PolicyOptions, 'canEnforce' | 'plans'>>,
): Steps<Policy> {
  yield;
  const settle = createSettle(judge, byId);
  const forLists = listPolicies(compiled.policies);
  yield;
  const listJudge = createJudge({
    cedar,
    vocabulary,
    policies: forLists,
    tolerates: toleratesInLists,
    sliceFor: createCallerSlicer(forLists),
  });
  yield;
  const visible = createVisible({
    judge: listJudge,
    asking: askingFor(forLists),
    listPolicies: forLists,
  });

  function outcomeOf(
    call: Call,
    approvals: readonly string[],
    session: State = call.session,
  ): Outcome {
    const { method, subject } = call;
    const what = asking.what(method, subject);
    const typed = typeOf(method, subject);
    const seen = typed?.read(call.args);
    if (typed && seen) {
      const refused = refuseUnreadable(typed, seen);
      if (refused) return refused;
    }
    const question = { ...asking.who(session, call, seen?.args), what };
    return settle(question, approvals, (obligation) => canEnforce(call, obligation));
  }

  /** Whether it is only refused because it is no step of a plan, and its caller could submit one. */
  function isForStepsAlone(call: Call, outcome: Outcome, approvals: readonly string[]): boolean {
    const { session } = call;
    if (!plans || visible(session, 'tools/call', [plans]).length === 0) return false;
    if (session.step !== undefined || outcome.decision !== 'deny') return false;
    if (outcome.because.why !== 'forbidden') return false;
    const { id, caller, labels, carried, escalation, calls } = session;
    const asStep = {
      id,
      caller,
      labels,
      ...(carried && { carried }),
      escalation,
      calls,
      step: ANY_STEP,
    };
    return outcomeOf(call, approvals, asStep).decision !== 'deny';
  }

  return {
    decide(call, approvals = []) {
      const outcome = outcomeOf(call, approvals);
      if (outcome.decision !== 'deny')
        return issue('Permit', {
          call,
          policies: outcome.permits,
          obligations: outcome.obligations,
        });
      if (isForStepsAlone(call, outcome, approvals))
        throw new Denial(
          'plan-violated',
          `Cannot ${deedOf(call.method, call.subject)}: policy wants it to be a step of a plan (${outcome.policies.join(', ')})`,
          {
            hint: 'submit a plan with this step, and run it',
            policies: outcome.policies,
          },
        );
      const { why, hint } = refusalOf(outcome, call.session.caller, byId);
      throw new Denial('policy-denied', `Cannot ${deedOf(call.method, call.subject)}: ${why}`, {
        hint,
        policies: outcome.policies,
      });
    },
    visible,
    explain: (call) => explanationOf(outcomeOf(call, []), call, byId),
    digest,
    parsed: compiled.parsed,
    count: compiled.policies.length,
    close() {
      judge.close();
      listJudge.close();
    },
    unchecked: compiled.unchecked.map(
      ({ policy: { id, file, line }, tool }) =>
        `${file}:${line}: ${id} looks at arguments of ${tool.replace(/^tools\/call:/u, '')}, which nobody has accepted yet`,
    ),
  };
}
