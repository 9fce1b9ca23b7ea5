import { readFile } from 'node:fs/promises';
import { issue } from '../call.ts';
import type { Call, Permit } from '../call.ts';
import { Denial } from '../denial.ts';
import { createCedar, type Cedar } from './cedar.ts';
import { compile } from './compile.ts';
import type { Compilation } from './compile.ts';
import { createEngine } from './engine.ts';
import { deedOf, explanationOf, refusalOf } from './explain.ts';
import type { Explanation } from './explain.ts';
import { createJudge } from './judge.ts';
import type { Obligation } from './obligations.ts';
import { BASE_SCHEMA, SHIPPED } from './policies.ts';
import { PolicyFault } from './problem.ts';
import type { Problem } from './problem.ts';
import { createSettle } from './settle.ts';
import type { Outcome } from './settle.ts';
import { digestOf, readSources } from './sources.ts';
import { splitPolicies } from './split.ts';
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
};

/** Reads, checks and prepares policies. Throws a `PolicyFault` with every problem; then nothing is in force. */
export async function loadPolicy(options: PolicyOptions): Promise<Policy> {
  const problems: Problem[] = [];
  const note = (problem: Problem): void => void problems.push(problem);
  if (options.paths.length === 0) note({ file: 'policy.path', what: 'it names no policies' });
  const own = await readSources(options.paths, note);
  for (const { file, text } of own)
    if (splitPolicies(text).length === 0) note({ file, what: 'there is no policy in it' });
  const guardrails = await readSources([SHIPPED.guardrails], note);
  const sources = [
    ...guardrails,
    ...own.filter(({ real }) => !guardrails.some((each) => each.real === real)),
  ];
  // The same instance checks and decides: had a policy broken it, the self-test of the engine would not pass.
  const cedar = createCedar();
  const compiled = compile(cedar, sources, await readFile(BASE_SCHEMA, 'utf8'));
  problems.push(...compiled.problems);
  if (problems.length > 0) throw new PolicyFault(problems);

  return createPolicy(cedar, compiled, digestOf(sources), options);
}

/** The policy of checked texts. Throws a `TypeError` when it fails its self-test. */
export function createPolicy(
  cedar: Cedar,
  compiled: Compilation,
  digest: string,
  { now, canEnforce = () => false }: Omit<PolicyOptions, 'paths'>,
): Policy {
  const { vocabulary, asking, judge, byId } = createEngine(cedar, compiled, now);
  const settle = createSettle(judge, byId);
  const forLists = listPolicies(compiled.policies);

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
    visible: createVisible({
      judge: createJudge({
        cedar,
        vocabulary,
        policies: forLists,
        tolerates: toleratesInLists,
      }),
      asking,
      listPolicies: forLists,
    }),
    explain: (call) => explanationOf(outcomeOf(call, []), call, byId),
    digest,
    parsed: compiled.parsed,
    count: compiled.policies.length,
  };
}
