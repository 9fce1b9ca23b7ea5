import type { Call } from '../../call.ts';
import type { Config } from '../../config/config.ts';
import { Denial } from '../../denial.ts';
import { planLimits } from '../../open-plans.ts';
import { createSchemas } from '../../plan/arguments.ts';
import { OWN_SERVER, SUBMIT } from '../../plans/names.ts';
import { draftOf } from '../../plans/submit.ts';
import type { Explanation, Policy } from '../../policy/policy.ts';
import type { Accepted } from './accepted.ts';

/** A plan as one that follows none: what it would depart from is known to a gateway alone. */
const NOTHING_BEFORE = { plans: new Map(), reach: undefined, suspected: new Set<string>() };

export function submitsPlan({ subject: { server, name } }: Call): boolean {
  return server === OWN_SERVER && name === SUBMIT;
}

/** What a gateway would say of this plan: whether it may be submitted, and whether each of its steps may be made. */
export function explainPlan(
  call: Call,
  plans: NonNullable<Config['plans']>,
  { exposed }: Accepted,
  policy: Pick<Policy, 'decide' | 'visible' | 'explain'>,
): Explanation {
  const schemas = createSchemas();
  try {
    const { draft, call: drafted } = draftOf(call, NOTHING_BEFORE, {
      ...policy,
      limits: planLimits(plans),
      lookUp(name) {
        const subject = exposed.get(name);
        return subject && policy.visible(call.session, 'tools/call', [subject])[0]
          ? subject
          : 'unknown';
      },
      schemas: {
        // Of a tool whose text was not kept nothing is known.
        checkTemplate: (definition, ...about) =>
          definition['inputSchema'] === undefined
            ? undefined
            : schemas.checkTemplate(definition, ...about),
      },
    });
    const told = policy.explain(drafted);
    const asks = [...draft.asks].map(
      ([id, who]) => `for step ${id}: approval by ${who.join(' and ')}`,
    );
    return {
      ...told,
      missing: [...(told.missing === '' ? [] : [told.missing]), ...asks].join('; '),
    };
  } catch (thrown) {
    if (!(thrown instanceof Denial)) throw thrown;
    const refused = { decision: 'deny', policies: [], enforced: [], errors: [] } as const;
    const ids = thrown.policies.length === 0 ? '' : ` (${thrown.policies.join(', ')})`;
    const why = thrown.message.replace(':\n', ': ').replaceAll('\n', '; ');
    return { ...refused, missing: `${why}${ids}` };
  }
}
