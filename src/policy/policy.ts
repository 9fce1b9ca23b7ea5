import { issue } from '../call.ts';
import type { Call, Permit } from '../call.ts';
import { Denial } from '../denial.ts';
import { finish, type Steps } from '../lib/steps.ts';
import { createCedar, type Cedar } from './cedar.ts';
import { compile } from './compile.ts';
import type { Compilation } from './compile.ts';
import { createEngine, type Engine } from './engine.ts';
import { deedOf, explanationOf, refusalOf } from './explain.ts';
import type { Explanation } from './explain.ts';
import { createJudge } from './judge.ts';
import type { Obligation } from './obligations.ts';
import { PolicyFault } from './problem.ts';
import { createSettle } from './settle.ts';
import type { Outcome } from './settle.ts';
import { digestOf } from './sources.ts';
import { readTexts, type Texts } from './texts.ts';
import { createVisible, listPolicies, toleratesInLists } from './visible.ts';
import type { Visible } from './visible.ts';

export type { Explanation } from './explain.ts';
export type { Obligation } from './obligations.ts';

export type PolicyOptions = {
  /** Folders or `.cedar` files; the guardrails are loaded in any case. */
  readonly paths: readonly string[];
  readonly now: () => Date;
  /** Whether the gateway will keep a promise of isolation or redaction for this call; absent: it promises nothing. */
  readonly canEnforce?: (call: Call, obligation: Obligation) => boolean;
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
  /** Frees what Cedar has prepared for it: others are in force now, and this one decides no more. */
  readonly close: () => void;
};

/** Reads, checks and prepares policies. Throws a `PolicyFault` with every problem; then nothing is in force. */
export async function loadPolicy({ paths, ...options }: PolicyOptions): Promise<Policy> {
  return preparePolicy(await readTexts(paths), options);
}

/** The same for what has been read. */
export function preparePolicy(
  texts: Texts,
  options: Omit<PolicyOptions, 'paths'>,
  cedar = createCedar(),
): Policy {
  const { sources, base } = texts;
  // The same instance checks and decides: had a policy broken it, the self-test of the engine would not pass.
  const compiled = compile(cedar, sources, base);
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
  { now, canEnforce = () => false }: Omit<PolicyOptions, 'paths'>,
): Steps<Policy> {
  const engine = yield* createEngine(cedar, compiled, now);
  try {
    return yield* policyOf(engine, compiled, digest, canEnforce);
  } catch (thrown) {
    engine.judge.close();
    throw thrown;
  }
}

function* policyOf(
  { cedar, vocabulary, asking, judge, byId }: Engine,
  compiled: Compilation,
  digest: string,
  canEnforce: NonNullable<PolicyOptions['canEnforce']>,
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
  });
  yield;
  const visible = createVisible({ judge: listJudge, asking, listPolicies: forLists });

  function outcomeOf(call: Call, approvals: readonly string[]): Outcome {
    const { session, method, subject, args } = call;
    const question = { ...asking.who(session, args), what: asking.what(method, subject) };
    return settle(question, approvals, (obligation) => canEnforce(call, obligation));
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
  };
}
