import type { Call, PlanStep, Reply } from '../call.ts';
import type { Denial } from '../denial.ts';
import { labelsOf } from '../handles/carrying.ts';
import { canonicalJson } from '../lib/json.ts';
import type { Message } from '../pipeline.ts';
import { fingerprintOf } from './fingerprint.ts';
import { callKey, isReady, madeOf, writtenTo, type KeptPlan, type KeptStep } from './kept.ts';
import { mayRetry, settle } from './run.ts';
import type { Shelf } from './shelves.ts';
import { sessionAlong } from './step-session.ts';

type Claimed = { readonly kept: KeptPlan; readonly one: KeptStep; readonly place: PlanStep };

export type Along = {
  /** The call, as a step of a plan where it is exactly one that is due; else as it is. */
  readonly match: (message: Message, call: Call, shelf: Shelf) => Call;
  readonly done: (message: Message, reply: Reply) => void;
  readonly failed: (message: Message, denial: Denial) => void;
};

export type AlongOptions = {
  /** Throws where the plan no longer holds. */
  readonly recheck: (kept: KeptPlan, session: Call['session']) => void;
  /** A step was made; it may have been the last. */
  readonly onStep: (kept: KeptPlan, session: Call['session']) => void;
};

/** Matches the calls that a model makes by itself to the plan that it has submitted. */
export function createAlong({ recheck, onStep }: AlongOptions): Along {
  const claims = new WeakMap<Message, Claimed>();

  function match(message: Message, call: Call, { plans }: Shelf): Call {
    const tool = callKey(call.subject);
    let text: string | undefined;
    for (const kept of plans.values()) {
      // A run makes its steps itself.
      if (kept.state !== 'ready' && kept.state !== 'waiting') continue;
      text ??= canonicalJson(call.args);
      const fixed = kept.byCall.get(callKey(call.subject, text)) ?? [];
      for (const one of [...fixed, ...(kept.byCall.get(tool) ?? [])]) {
        const place = isReady(kept, one) ? placeOf(kept, one, call, text) : undefined;
        if (!place || !holds(kept, call)) continue;
        one.state = 'running';
        one.attempts++;
        claims.set(message, { kept, one, place });
        return Object.freeze({ ...call, session: sessionAlong(call.session, place) });
      }
    }
    return call;
  }

  function holds(kept: KeptPlan, { session }: Call): boolean {
    try {
      recheck(kept, session);
      return true;
    } catch {
      // It is an ordinary call then, decided as such.
      return false;
    }
  }

  return {
    match,
    done(message, reply) {
      const claimed = claims.get(message);
      if (!claimed || !claims.delete(message)) return;
      const { kept, one, place } = claimed;
      const { raw } = reply.scanned.output;
      const marked = reply.scanned.verdict === 'mark' ? ['untrusted'] : [];
      const { call } = raw.grant.permit;
      const left = writtenTo(kept, call.subject);
      const labels = [...place.argLabels, ...labelsOf(call), ...left, ...marked];
      const failure = settle(kept, one, reply, new Set(labels));
      if (failure && mayRetry(one, failure)) one.state = 'open';
      onStep(kept, message.session);
    },
    failed(message, denial) {
      const claimed = claims.get(message);
      if (!claimed || !claims.delete(message)) return;
      const { kept, one } = claimed;
      const { code, message: said } = denial;
      one.failure = { code, message: said };
      // A no that may be a yes the next time takes no attempt away.
      const isRefusal = NOT_MADE.has(code);
      if (isRefusal) one.attempts--;
      one.state = isRefusal || mayRetry(one, denial) ? 'open' : 'failed';
      onStep(kept, message.session);
    },
  };
}

const NOT_MADE: ReadonlySet<Denial['code']> = new Set([
  'policy-denied',
  'plan-violated',
  'approval-required',
  'approval-denied',
  'killed',
  'quarantined',
]);

/** Undefined: it is another call. */
function placeOf(kept: KeptPlan, one: KeptStep, call: Call, text: string): PlanStep | undefined {
  try {
    one.due ??= canonicalJson(madeOf(kept, one, false).args);
    if (one.due !== text) return undefined;
    const isSame = fingerprintOf(one.step.subject) === fingerprintOf(call.subject);
    return isSame ? madeOf(kept, one, false).place : undefined;
  } catch (thrown) {
    if (thrown instanceof RangeError) return undefined;
    throw thrown;
  }
}
