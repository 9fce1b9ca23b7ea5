import { join } from 'node:path';
import { openAuditKey, type AuditKey } from '../../src/audit/key.ts';
import { issue, type Call, type Grant, type JsonObject, type Permit } from '../../src/call.ts';
import type { DecideOptions } from '../../src/plans/decide-steps.ts';
import { createKeep, type Keep } from '../../src/plans/keep.ts';
import type { KeptPlan } from '../../src/plans/kept.ts';
import { draftOf } from '../../src/plans/submit.ts';
import { callOf, subjectOf } from '../policy/support.ts';
import { scratch, type Context } from '../support/scratch.ts';
import { LIMITS, lookUp, schemas } from './support.ts';

/** The very parts that validate, sign and keep plans; policies permit everything unless some are given. */
export type Keeping = {
  readonly keep: Keep;
  readonly key: AuditKey;
  /** The policies in force and the time; may be changed. */
  readonly world: { policy: string; time: number };
  readonly submit: (args: JsonObject) => KeptPlan;
};

const permit = (call: Call): Permit =>
  issue('Permit', { call, policies: [], obligations: { approvals: [], redact: [], advice: [] } });

const subject = subjectOf({ server: 'sallyport', name: 'plan_submit' });

const permitAll: DecideOptions = {
  decide: permit,
  visible: (_session, _method, subjects) => subjects,
};

export async function openKeeping(
  context: Context,
  decides: DecideOptions = permitAll,
): Promise<Keeping> {
  const key = openAuditKey(join(await scratch(context), 'audit.key'));
  const world = { policy: 'p', time: 1_800_000_000_000 };
  let made = 0;
  const keep = createKeep({
    ...decides,
    key: () => key,
    policy: () => world.policy,
    now: () => world.time,
    lifetimeMs: 60_000,
    newId: () => `plan-${++made}`,
    record: () => undefined,
  });
  return {
    keep,
    key,
    world,
    submit(args) {
      const shelf = { plans: new Map(), reach: undefined, suspected: new Set<string>() };
      const bare = callOf({ subject, args });
      const { draft, call } = draftOf(bare, shelf, { ...decides, limits: LIMITS, lookUp, schemas });
      const grant: Grant = issue('Grant', { permit: decides.decide(call), approvedBy: [] });
      return keep.keep(grant, draft);
    },
  };
}
