import type { Call, Grant, JsonObject, Session } from '../call.ts';
import { Denial } from '../denial.ts';
import { placesOf } from '../handles/places.ts';
import type { Handles } from '../handles/handles.ts';
import { jsonSize } from '../lib/json-size.ts';
import type { RunCall } from '../pipeline.ts';
import type { AgentPort } from '../wire/agent.ts';
import { progressToken } from '../wire/progress-token.ts';
import type { LookUp } from './check-steps.ts';
import type { Keep, KeepOptions } from './keep.ts';
import { end, isOpen, type KeptPlan, type KeptStep, type PlanState } from './kept.ts';
import { CANCEL, RUN, STATUS, SUBMIT } from './names.ts';
import { runSteps } from './run.ts';
import type { Shelves } from './shelves.ts';
import { acceptedReply, type Draft } from './submit.ts';

export type AnswerOptions = Pick<KeepOptions, 'record' | 'now'> & {
  readonly parallel: number;
  readonly shelves: Shelves;
  readonly keeping: Keep;
  readonly drafts: WeakMap<Call, Draft>;
  readonly run: RunCall;
  readonly port: AgentPort;
  readonly lookUpFor: (session: Session) => LookUp;
  /** From here on it takes its time: a client that wants a task has one. */
  readonly onStarted: (call: Call) => void;
  readonly handles: Pick<Handles, 'keep'>;
  /** Bytes of results that an answer may show; it has each of them twice, as text and as structured content. */
  readonly maxShown: number;
};

/** Does what the gateway's own tools are for; the result of a `tools/call`. */
export function createAnswer(
  options: AnswerOptions,
): (grant: Grant, signal: AbortSignal) => Promise<JsonObject> {
  const { shelves, keeping, record } = options;

  return async function answer(grant, signal) {
    const { call } = grant.permit;
    const { name } = call.subject;
    if (name === SUBMIT) return resultOf(submit(grant));
    if (name === STATUS) return resultOf(status(call));
    if (name === CANCEL) return resultOf(cancel(call));
    if (name === RUN) return resultOf(await run(call, signal));
    throw new TypeError(`Cannot answer ${name}: there is no such tool`);
  };

  function submit(grant: Grant): JsonObject {
    const { call } = grant.permit;
    const draft = options.drafts.get(call);
    if (!draft) throw new TypeError('Cannot keep a plan: nobody has looked at it');
    const kept = keeping.keep(grant, draft);
    shelves.keep(call.session.caller, kept);
    shelves.of(call.session.caller).reach = draft.reach;
    return acceptedReply(kept.id, draft, kept.sealed, kept.expires);
  }

  function find({ session, args }: Call): KeptPlan {
    const { plan: id } = args;
    const plans = shelves.find(session.caller)?.plans;
    const kept = typeof id === 'string' ? plans?.get(id) : undefined;
    if (kept) return kept;
    throw new Denial('arguments-invalid', 'Cannot find the plan: you have none of this id', {
      hint: 'submit it again; plans end with the gateway, and after their time',
    });
  }

  function status(call: Call): JsonObject {
    if (call.args['plan'] !== undefined) return described(find(call));
    const plans = [...(shelves.find(call.session.caller)?.plans.values() ?? [])];
    return {
      plans: plans.map(({ id, state, steps }) => ({ plan: id, state, steps: steps.length })),
    };
  }

  function cancel(call: Call): JsonObject {
    const kept = find(call);
    if (!isOpen(kept)) throw over(kept, 'cancel');
    const { stop } = kept;
    end(kept, 'cancelled');
    record(call.session, 'cancelled', { plan: kept.sealed.digest, id: kept.id });
    stop?.abort(new Denial('plan-violated', 'Cannot go on with the plan: it was cancelled'));
    return described(kept);
  }

  function expire({ caller }: Session): void {
    try {
      shelves.find(caller);
    } catch {
      // It has ended, and could not be written down; calls are refused from here on.
    }
  }

  async function run(call: Call, signal: AbortSignal): Promise<JsonObject> {
    const kept = find(call);
    const { session } = call;
    if (kept.state !== 'ready' && kept.state !== 'waiting') throw over(kept, 'run');
    keeping.recheck(kept, session, options.lookUpFor(session));
    const stop = new AbortController();
    kept.state = 'running';
    kept.stop = stop;
    // Also where a step of it waits for a person, and nobody looks at the plan meanwhile.
    const timer = setTimeout(() => expire(session), kept.expires - options.now() + MARGIN_MS);
    try {
      record(session, 'run', { plan: kept.sealed.digest, id: kept.id });
      options.onStarted(call);
      await runSteps(kept, call, AbortSignal.any([signal, stop.signal]), {
        run: options.run,
        parallel: options.parallel,
        recheck: keeping.recheck,
        onStep: (one) => tell(kept, one, call),
      });
      signal.throwIfAborted();
      const shown = reveal(kept, session, options);
      const state = stateAfter(kept);
      if (isOpen(kept)) settle(kept, state, session);
      return { ...described(kept, shown) };
    } finally {
      clearTimeout(timer);
      kept.stop = undefined;
      // Whoever asked has gone, or may not have an answer: nobody knows what became of it.
      if (isRunning(kept)) settle(kept, 'cancelled', session);
    }
  }

  function settle(kept: KeptPlan, state: PlanState, session: Session): void {
    const count = (wanted: KeptStep['state']): number =>
      kept.steps.filter((one) => one.state === wanted).length;
    const fields = { state, done: count('done'), failed: count('failed') };
    if (state === 'waiting') {
      kept.state = state;
      for (const one of kept.steps) if (one.state === 'failed') reopen(one);
    } else end(kept, state);
    record(session, 'ended', { plan: kept.sealed.digest, id: kept.id, ...fields });
  }

  function tell({ steps }: KeptPlan, { step, state }: KeptStep, { id, params }: Call): void {
    const token = progressToken(params);
    if (token === undefined) return;
    const progress = steps.filter((one) => one.state === 'done' || one.state === 'failed').length;
    const said = { progress, total: steps.length, message: `${step.id}: ${state}` };
    const told = { progressToken: token, ...said };
    options.port.send({ jsonrpc: '2.0', method: 'notifications/progress', params: told }, id);
  }
}

/** A timer may be early. */
const MARGIN_MS = 10;

const isRunning = ({ state }: KeptPlan): boolean => state === 'running';

type Shown = JsonObject | 'too-large';

/** What the model is to see of a run counts for its session before it is released. */
function reveal(
  { steps }: KeptPlan,
  session: Session,
  { handles, maxShown }: Pick<AnswerOptions, 'handles' | 'maxShown'>,
): ReadonlyMap<KeptStep, Shown> {
  const shown = new Map<KeptStep, Shown>();
  let left = maxShown;
  for (const one of steps) {
    const { step, result, labels } = one;
    if (!step.reveal || result === undefined) continue;
    if (one.isApart) {
      const places = placesOf(step.subject);
      const { structuredContent } = handles.keep(session.caller, result, labels, places);
      shown.set(one, { structuredContent });
      continue;
    }
    const { bytes } = jsonSize(result, left);
    if (bytes > left) {
      shown.set(one, 'too-large');
      continue;
    }
    left -= bytes;
    session.addLabels(labels);
    shown.set(one, result);
  }
  return shown;
}

function stateAfter({ steps }: KeptPlan): PlanState {
  if (steps.every(({ state }) => state === 'done')) return 'done';
  const failed = steps.filter(({ state }) => state === 'failed');
  const waits = failed.every(({ failure }) => failure?.code === 'approval-required');
  return waits && failed.length > 0 ? 'waiting' : 'failed';
}

/** It was not made: it can be, once somebody has approved it. */
function reopen(one: KeptStep): void {
  one.state = 'open';
  one.attempts--;
}

function over({ state }: KeptPlan, verb: string): Denial {
  return new Denial('plan-violated', `Cannot ${verb} the plan: it is ${WORDS[state]}`, {
    hint: 'submit a plan again, for what is left to do',
  });
}

/** A model with a shell of its own runs what it reads, so it reads of no command that approves. */
const WAITS =
  'ask the user to run `sallyport approvals` in a terminal of their own, which shows what waits and how to answer, and run this plan again once they say that they have; what is done is not done twice. The answer is theirs alone: do not give it for them';

const TOO_LARGE = 'what it gave is larger than an answer can show; later steps were given it whole';

const WORDS = {
  ready: 'ready',
  running: 'running',
  waiting: 'waiting for an approval',
  done: 'done',
  failed: 'over, steps of it failed',
  cancelled: 'cancelled',
  void: 'void: what it was validated with has changed',
  expired: 'too old',
} as const satisfies Record<PlanState, string>;

function described(
  { id, state, steps }: KeptPlan,
  shown: ReadonlyMap<KeptStep, Shown> = new Map(),
): JsonObject {
  return {
    plan: id,
    state,
    ...(state === 'waiting' && { hint: WAITS }),
    steps: steps.map((one) => {
      const { step, attempts, failure, traceId } = one;
      const result = shown.get(one);
      return {
        id: step.id,
        state:
          one.state === 'open' && state !== 'ready' && state !== 'waiting' ? 'not made' : one.state,
        attempts,
        ...(failure && { code: failure.code, message: failure.message }),
        ...(traceId !== undefined && { traceId }),
        ...(result === 'too-large' ? { note: TOO_LARGE } : result && { result }),
      };
    }),
  };
}

function resultOf(structuredContent: JsonObject): JsonObject {
  return {
    content: [{ type: 'text', text: JSON.stringify(structuredContent) }],
    structuredContent,
  };
}
