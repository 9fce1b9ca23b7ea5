import { asBundleFault, type Contents } from '../../bundle/contents.ts';
import { preparePolicy } from '../../policy/policy.ts';
import { PolicyFault } from '../../policy/problem.ts';
import { withGuardrails } from '../../policy/texts.ts';

/** How many policies would be in force with these contents. Throws a `BundleFault` where they do not load. */
export async function requireLoadable({ policies }: Contents): Promise<number> {
  try {
    return preparePolicy(await withGuardrails(policies), { now: () => new Date() }).count;
  } catch (thrown) {
    throw thrown instanceof PolicyFault ? asBundleFault(thrown) : thrown;
  }
}
