import { randomBytes } from 'node:crypto';
import type { AuditKey } from './audit/key.ts';
import type { Subject } from './call.ts';
import type { Config } from './config/config.ts';
import type { Gate } from './gate.ts';
import type { PlanLimits } from './plans/plan.ts';
import type { Connected, Plans, PlansOptions } from './plans/plans.ts';
import { SUBMIT } from './plans/names.ts';
import type { Policy } from './policy/policy.ts';

export type OpenPlansOptions = Pick<PlansOptions, 'handles' | 'schemas'> & {
  readonly policy: Pick<Policy, 'decide' | 'visible'> & { readonly digest: () => string };
  readonly config: Config;
  readonly key: () => AuditKey;
  /** Throws where it cannot be written. */
  readonly record: Gate['record'];
};

/** Of the whole plan as JSON. */
const MAX_BYTES = 256 * 1024;

export function planLimits({ maxSteps, maxDepth }: NonNullable<Config['plans']>): PlanLimits {
  return { maxSteps, maxDepth, maxBytes: MAX_BYTES };
}

/** The tools for plans by the names that clients use; none where the configuration offers no plans. */
export async function planTools({
  plans,
  catalogue,
}: Pick<Config, 'plans' | 'catalogue'>): Promise<ReadonlyMap<string, Subject>> {
  if (plans === undefined) return new Map();
  const { ownTools } = await import('./plans/tools.ts');
  return ownTools(planLimits(plans), catalogue.separator);
}

/** The one that plans are submitted with. */
export async function planSubmit(
  config: Pick<Config, 'plans' | 'catalogue'>,
): Promise<Subject | undefined> {
  const tools = [...(await planTools(config)).values()];
  return tools.find(({ name }) => name === SUBMIT);
}

/** Plans, where the configuration offers them; a start without them loads nothing of them. */
export async function openPlans({
  config,
  policy: { decide, visible, digest },
  handles,
  schemas,
  key,
  record,
}: OpenPlansOptions): Promise<Plans | undefined> {
  if (config.plans === undefined) return undefined;
  const { createPlans } = await import('./plans/plans.ts');
  const { parallel, lifetimeMs } = config.plans;
  return createPlans({
    decide,
    visible,
    handles,
    schemas,
    key,
    policy: digest,
    limits: planLimits(config.plans),
    parallel,
    lifetimeMs,
    // Twice, and as text with what JSON escapes: that fits.
    maxShown: config.limits.maxMessageBytes / 4,
    separator: config.catalogue.separator,
    now: Date.now,
    newId: () => randomBytes(16).toString('hex'),
    record: (session, step, fields) => void record('plan', session, { step, ...fields }),
  });
}

/** For one client connection; without plans its stages and lists are what they are. */
export function plansFor(
  { plans, limits }: Pick<Gate, 'plans' | 'limits'>,
  connected: Omit<Connected, 'counted'>,
): ReturnType<Plans['open']> {
  if (plans) return plans.open({ ...connected, counted: limits.counted });
  return {
    within: (stages) => stages,
    list: (list) => list,
    isCurrent: (subject) => connected.catalogue.current(subject) !== undefined,
  };
}
