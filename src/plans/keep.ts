import type { AuditKey } from '../audit/key.ts';
import type { Call, Grant, JsonObject, Session } from '../call.ts';
import { Denial } from '../denial.ts';
import { canonicalJson } from '../lib/json.ts';
import type { CheckedStep, LookUp } from './check-steps.ts';
import { decideSteps, type DecideOptions } from './decide-steps.ts';
import { fingerprintOf } from './fingerprint.ts';
import { callKey, end, type KeptPlan, type KeptStep } from './kept.ts';
import { isSealed, seal, statementOf, type Statement } from './statement.ts';
import type { Draft } from './submit.ts';

export type KeepOptions = DecideOptions & {
  readonly key: () => AuditKey;
  /** sha256 of the policies in force. */
  readonly policy: () => string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly lifetimeMs: number;
  readonly newId: () => string;
  readonly record: (session: Session, step: string, fields: JsonObject) => void;
};

export type Keep = {
  /** Signs what was allowed. */
  readonly keep: (grant: Grant, draft: Draft) => KeptPlan;
  /**
   * Looks at a plan again where policies or labels have changed since; with `lookUp` at its tools and its signature in any
   * case. Throws `plan-violated`; then it is over.
   */
  readonly recheck: (kept: KeptPlan, session: Session, lookUp?: LookUp) => void;
};

export function createKeep(options: KeepOptions): Keep {
  const { key, policy, now, decide } = options;

  function sealedFor(
    id: string,
    steps: readonly CheckedStep[],
    { session }: Pick<Call, 'session'>,
    labels: ReadonlySet<string>,
    expires: number,
  ): Pick<KeptPlan, 'statement' | 'sealed'> {
    const [iat, exp] = [Math.floor(now() / 1000), Math.floor(expires / 1000)];
    const given = { caller: session.caller, policy: policy(), labels, iat, exp };
    const statement = statementOf(id, steps, given);
    return { statement, sealed: seal(statement, key()) };
  }

  function keep({ permit: { call }, approvedBy }: Grant, { steps }: Draft): KeptPlan {
    const id = options.newId();
    const labels = new Set(call.session.labels);
    const expires = now() + options.lifetimeMs;
    const kept = steps.map((step): KeptStep => ({
      step,
      state: 'open',
      attempts: 0,
      failure: undefined,
      traceId: undefined,
      due: undefined,
      result: undefined,
      labels: new Set(),
      isApart: step.subject.asHandle === true,
    }));
    const { statement, sealed } = sealedFor(id, steps, call, labels, expires);
    options.record(call.session, 'validated', {
      plan: sealed.digest,
      id,
      statement: { ...statement },
      sig: sealed.sig,
      steps: steps.length,
      tools: [...(call.plan?.tools ?? [])],
      departs: [...(call.plan?.departs ?? [])],
    });
    return {
      id,
      steps: kept,
      byId: new Map(kept.map((one) => [one.step.id, one])),
      byCall: byCall(kept),
      labels,
      submitted: call,
      approvedBy,
      expires,
      statement,
      sealed,
      signed: new Set([sealed.digest]),
      state: 'ready',
      written: new Map(),
      checkedUnder: underOf(call.session),
      held: 0,
      stop: undefined,
    };
  }

  function underOf({ labels }: Session): string {
    return JSON.stringify([policy(), [...labels].toSorted()]);
  }

  function recheck(kept: KeptPlan, session: Session, lookUp?: LookUp): void {
    if (kept.expires <= now()) throw giveUp(kept, session, 'its time is over', 'expired');
    const under = underOf(session);
    if (under === kept.checkedUnder && lookUp === undefined) return;
    const steps = kept.steps.map(({ step }) => step);
    const why = violated(kept, steps, session, lookUp);
    if (why !== undefined) throw giveUp(kept, session, why, 'void');
    kept.checkedUnder = under;
    if (kept.statement.policy === policy()) return;
    const resealed = sealedFor(kept.id, steps, { session }, kept.labels, kept.expires);
    options.record(session, 'validated again', {
      plan: resealed.sealed.digest,
      before: kept.sealed.digest,
      id: kept.id,
      statement: { ...resealed.statement },
      sig: resealed.sealed.sig,
    });
    Object.assign(kept, resealed);
    kept.signed.add(resealed.sealed.digest);
  }

  /** Why it does not hold any more, in words. */
  function violated(
    kept: KeptPlan,
    steps: readonly CheckedStep[],
    session: Session,
    lookUp: LookUp | undefined,
  ): string | undefined {
    const { statement, sealed } = kept;
    if (!isSealed(sealed.token, statement, key()) || !isWhole(statement, kept, steps))
      return 'it is not what was signed';
    for (const { tool, subject } of lookUp ? steps : []) {
      const current = lookUp?.(tool);
      if (typeof current !== 'object' || fingerprintOf(current) !== fingerprintOf(subject))
        return `${tool} is not the tool any more that it was validated with`;
    }
    const { traceId } = kept.submitted;
    const left = steps.filter(({ id }) => kept.byId.get(id)?.state !== 'done');
    const again = decideSteps(left, { session, labels: kept.labels, traceId }, options);
    if (again.problems.length > 0)
      return again.problems.map(({ place, what }) => `${place}: ${what}`).join('; ');
    return forbidden(kept, session);
  }

  /** Whether it could not be submitted now; what was approved counts. */
  function forbidden({ submitted, approvedBy }: KeptPlan, session: Session): string | undefined {
    try {
      const { obligations } = decide(Object.freeze({ ...submitted, session }), approvedBy);
      const more = obligations.approvals.filter((who) => !approvedBy.includes(who));
      return more.length === 0 ? undefined : `it needs the approval of ${more.join(', ')} by now`;
    } catch (thrown) {
      if (thrown instanceof Denial) return thrown.message;
      throw thrown;
    }
  }

  function giveUp(
    kept: KeptPlan,
    session: Session,
    why: string,
    state: 'void' | 'expired',
  ): Denial {
    const { stop, sealed } = kept;
    end(kept, state);
    const denial = new Denial('plan-violated', `Cannot go on with the plan: ${why}`, {
      hint: 'submit a plan again, for what is left to do',
    });
    options.record(session, state, { plan: sealed.digest, id: kept.id });
    stop?.abort(denial);
    return denial;
  }

  return { keep, recheck };
}

/** The steps that would be made are those that were signed, for this caller. */
function isWhole(
  statement: Statement,
  { id, submitted, labels, expires }: KeptPlan,
  steps: readonly CheckedStep[],
): boolean {
  const { caller } = submitted.session;
  const { policy, iat } = statement;
  const exp = Math.floor(expires / 1000);
  const again = statementOf(id, steps, { caller, policy, labels, iat, exp });
  return JSON.stringify(again) === JSON.stringify(statement);
}

function byCall(steps: readonly KeptStep[]): Map<string, KeptStep[]> {
  const found = new Map<string, KeptStep[]>();
  for (const one of steps) {
    const { subject, references, arguments: args } = one.step;
    const key = callKey(subject, references.size > 0 ? undefined : canonicalJson(args));
    const known = found.get(key);
    if (known) known.push(one);
    else found.set(key, [one]);
  }
  return found;
}
