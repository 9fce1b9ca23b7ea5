import type { Compiled } from './compile.ts';
import { contextPaths, createReads } from './expressions.ts';
import type { createAnomaly } from '../anomaly/anomaly.ts';
import type { createFactsOf } from './facts/facts.ts';
import type { createPrints } from './facts/prints.ts';
import { TO_TRUSTED } from './facts/trust.ts';
import type { Source } from './sources.ts';
import type { cedarRecord } from './typed/argument-type.ts';
import type { argumentTypes } from './typed/argument-types.ts';
import type { createTypeTool } from './typed/typed.ts';

type Looks = {
  readonly createAnomaly: typeof createAnomaly;
  readonly createFactsOf: typeof createFactsOf;
  readonly createPrints: typeof createPrints;
  readonly createTypeTool: typeof createTypeTool;
  readonly argumentTypes: typeof argumentTypes;
  readonly cedarRecord: typeof cedarRecord;
};

let loaded: Looks | undefined;

/**
 * Whether a text may look into a call: it says `context` and goes on with something else than one of these. Written
 * another way it counts as well, so that nothing that Cedar reads as such is missed. What trusted hosts are is known without.
 */
const INTO =
  /\bcontext\b(?!\s*\.\s*(?:session|req|pep|plan|facts\s*\.\s*toTrustedHosts)\b|\s+has\s+plan\b)/u;

export function mayLookInto({ text }: Pick<Source, 'text'>): boolean {
  return INTO.test(text);
}

/** Loads what finds out about arguments where one of these may want to know. The shipped policies do not. */
export async function loadLooks(sources: readonly Pick<Source, 'text'>[]): Promise<void> {
  if (loaded || !sources.some(mayLookInto)) return;
  const [anomaly, facts, prints, typed, types, type] = await Promise.all([
    import('../anomaly/anomaly.ts'),
    import('./facts/facts.ts'),
    import('./facts/prints.ts'),
    import('./typed/typed.ts'),
    import('./typed/argument-types.ts'),
    import('./typed/argument-type.ts'),
  ]);
  loaded = { ...anomaly, ...facts, ...prints, ...typed, ...types, ...type };
}

/** Throws a `TypeError` where it was not loaded: a policy that looks at nothing would be silent. */
export function looks(): Looks {
  if (!loaded) throw new TypeError('Cannot look into arguments: that was not loaded');
  return loaded;
}

/** Whether one of them reads this of the facts, or any that has to be looked for. */
export function readsFacts(policies: readonly Compiled[], fact?: string): boolean {
  return policies.some(({ policy }) => {
    const paths = contextPaths(policy.conditions);
    if (fact !== undefined) return createReads(paths)('facts', fact);
    return (
      [...paths].some((path) => path.startsWith('facts.') && path !== TO_TRUSTED) ||
      createReads(paths)('facts', '')
    );
  });
}
