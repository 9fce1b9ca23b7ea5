import { setTimeout as sleep } from 'node:timers/promises';
import type { Call, Label, Reply, Session } from '../call.ts';
import { Denial, type DenialCode } from '../denial.ts';
import { standsApart } from '../handles/carrying.ts';
import { jsonSize } from '../lib/json-size.ts';
import type { JsonObject } from '../lib/json.ts';
import type { RunCall } from '../pipeline.ts';
import { isOpen, isReady, madeOf, writtenTo, type KeptPlan, type KeptStep } from './kept.ts';
import { sessionOfStep } from './step-session.ts';

export type RunStepsOptions = {
  /** The whole way of one call. */
  readonly run: RunCall;
  /** Steps at once. */
  readonly parallel: number;
  /** Throws `plan-violated` where something that the plan was validated with has changed. */
  readonly recheck: (kept: KeptPlan, session: Session) => void;
  /** A step has ended. */
  readonly onStep: (one: KeptStep) => void;
};

/** What may go well the next time; a no of policies or persons stays one. */
const RETRIED: ReadonlySet<DenialCode> = new Set([
  'rate-limited',
  'upstream-failed',
  'upstream-timeout',
  'sandbox-failed',
  'sandbox-unavailable',
]);
const PAUSE_MS = 250;
const MAX_PAUSE_MS = 4000;
/** Of one plan. */
const MAX_HELD = 8 * 1024 * 1024;

/** Makes the calls that are left of a plan, each as soon as what it needs is there. Never throws for a step that fails. */
export async function runSteps(
  kept: KeptPlan,
  call: Call,
  signal: AbortSignal,
  options: RunStepsOptions,
): Promise<void> {
  const running = new Set<Promise<void>>();
  for (;;) {
    for (const one of kept.steps) {
      if (signal.aborted || running.size >= options.parallel) break;
      if (!isReady(kept, one)) continue;
      one.state = 'running';
      const work = runStep(kept, one, call, signal, options).finally(() => running.delete(work));
      running.add(work);
    }
    if (running.size === 0) return;
    await Promise.race(running);
  }
}

async function runStep(
  kept: KeptPlan,
  one: KeptStep,
  call: Call,
  signal: AbortSignal,
  options: RunStepsOptions,
): Promise<void> {
  for (;;) {
    const failure = await attempt(kept, one, call, signal, options).catch((thrown: unknown) =>
      Denial.from(thrown),
    );
    if (failure === undefined) break;
    one.traceId = failure.traceId ?? one.traceId;
    one.failure = { code: failure.code, message: failure.message };
    one.state = 'failed';
    if (!mayRetry(one, failure) || signal.aborted) break;
    const pause = Math.min(PAUSE_MS * 2 ** (one.attempts - 1), MAX_PAUSE_MS);
    await sleep(pause, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) break;
    one.state = 'running';
  }
  options.onStep(one);
}

export function mayRetry({ attempts, step }: KeptStep, { code }: Denial): boolean {
  return RETRIED.has(code) && attempts <= step.maxRetries;
}

async function attempt(
  kept: KeptPlan,
  one: KeptStep,
  call: Call,
  signal: AbortSignal,
  { run, recheck }: RunStepsOptions,
): Promise<Denial | undefined> {
  const { step } = one;
  recheck(kept, call.session);
  const { args, place } = made(kept, one);
  const value = new Set(place.argLabels);
  one.attempts++;
  const session = sessionOfStep(call.session, place, value);
  const params = { name: step.tool, arguments: args };
  const reply = await run({ session, method: 'tools/call', params, id: call.id }, signal);
  // Also what was written there while it waited.
  return settle(kept, one, reply, new Set([...value, ...writtenTo(kept, step.subject)]));
}

function made(kept: KeptPlan, one: KeptStep): ReturnType<typeof madeOf> {
  try {
    return madeOf(kept, one, true);
  } catch (thrown) {
    if (!(thrown instanceof RangeError)) throw thrown;
    throw new Denial('arguments-invalid', `Cannot fill in the arguments: ${thrown.message}`);
  }
}

/** Takes what a step gave. Returns why it counts as failed, if it does. */
export function settle(
  kept: KeptPlan,
  one: KeptStep,
  { scanned }: Reply,
  labels: ReadonlySet<Label>,
): Denial | undefined {
  const { raw, result } = scanned.output;
  const { permit } = raw.grant;
  const { call } = permit;
  one.traceId = call.traceId;
  one.isApart ||= standsApart(permit);
  one.labels = labels;
  const isError = raw.failed || result['isError'] === true;
  const refused = hold(kept, one, result) ?? (isError ? failed() : undefined);
  one.state = refused ? 'failed' : 'done';
  one.failure = refused && { code: refused.code, message: refused.message };
  return refused;
}

function failed(): Denial {
  return new Denial('upstream-failed', 'Cannot go on with the step: its tool says that it failed');
}

function hold(kept: KeptPlan, one: KeptStep, result: JsonObject): Denial | undefined {
  // Somebody has ended it meanwhile.
  if (!isOpen(kept)) return undefined;
  const { bytes } = jsonSize(result, MAX_HELD);
  if (kept.held + bytes > MAX_HELD)
    return new Denial(
      'too-large',
      `Cannot keep the result of the step: more than ${MAX_HELD} bytes of the plan's are kept`,
    );
  kept.held += bytes;
  one.result = result;
  return undefined;
}
