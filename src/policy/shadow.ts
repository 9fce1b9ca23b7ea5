import type { Call, JsonObject, Permit } from '../call.ts';
import { Denial } from '../denial.ts';
import { createCedar } from './cedar.ts';
import { tryPolicies } from './canary.ts';
import { createPolicy, type Policy, type PolicyOptions } from './policy.ts';
import { digestOf } from './sources.ts';
import { readTexts, withTools } from './texts.ts';

export type ShadowOptions = Omit<PolicyOptions, 'paths'> & {
  readonly paths: readonly string[];
  /** Takes each call that these policies decide otherwise. */
  readonly onDifference: (call: Call, difference: JsonObject) => void;
  /** Takes why it could not be asked. */
  readonly onFailed: (thrown: unknown) => void;
  /** When it ends, they are loaded no further. */
  readonly signal: AbortSignal;
};

/** Policies that are asked beside those in force, and enforce nothing. */
export type Shadow = {
  readonly digest: string;
  readonly count: number;
  /** Decides as `decide` does, and compares; what it returns or throws is that of `decide`. */
  readonly beside: (decide: Policy['decide']) => Policy['decide'];
};

/** Loads them into an instance of Cedar of their own, after a trial: what they do to it, those in force do not feel. */
export async function loadShadow(options: ShadowOptions): Promise<Shadow> {
  const { paths, onDifference, onFailed, signal, ...rest } = options;
  const texts = await withTools(await readTexts(paths), rest.knownTools);
  const compiled = await tryPolicies(texts, { signal });
  const policy = createPolicy(createCedar(), compiled, digestOf(texts.sources), rest);

  function compare(call: Call, enforced: JsonObject): void {
    try {
      const { decision, policies, missing } = policy.explain(call);
      if (decision === enforced['decision']) return;
      const shadow = { decision, policies: policies.map(({ id }) => id), missing };
      onDifference(call, { enforced, shadow });
    } catch (thrown) {
      onFailed(thrown);
    }
  }

  return {
    digest: policy.digest,
    count: policy.count,
    beside: (decide) =>
      function decideBeside(call, approvals) {
        // A question that is asked again after an approval was compared when it was asked first.
        if (approvals !== undefined && approvals.length > 0) return decide(call, approvals);
        try {
          const permit = decide(call, approvals);
          compare(call, describe(permit));
          return permit;
        } catch (thrown) {
          if (thrown instanceof Denial && thrown.code === 'policy-denied')
            compare(call, { decision: 'deny', policies: thrown.policies });
          throw thrown;
        }
      },
  };
}

function describe({ policies, obligations }: Permit): JsonObject {
  return { decision: obligations.approvals.length === 0 ? 'allow' : 'needs-approval', policies };
}
