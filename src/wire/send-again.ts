import { Denial } from '../denial.ts';
import type { JsonObject } from '../lib/json.ts';
import { NotServed } from './not-served.ts';
import type { RequestOptions } from './pending.ts';

export type SendAgainOptions = {
  readonly send: (limits: RequestOptions) => Promise<JsonObject>;
  /** Questions that the server has asked so far. */
  readonly asked: () => number;
  /** Resolves when the request may be sent on a new connection. */
  readonly next: Promise<void>;
};

/**
 * Sends a request, and once more on the next connection when the server said that it did nothing about it. What it has
 * asked or told meanwhile says otherwise: then it is not sent again, as a person would answer, or a tool act, twice. Both
 * attempts share the deadlines of one.
 */
export async function sendAgain(
  limits: RequestOptions,
  { send, asked, next }: SendAgainOptions,
): Promise<JsonObject> {
  const { onProgress } = limits;
  const began = performance.now();
  const askedBefore = asked();
  let begun = false;
  const watched = onProgress && {
    onProgress(params: JsonObject) {
      begun = true;
      onProgress(params);
    },
  };
  try {
    return await send({ ...limits, ...watched });
  } catch (thrown) {
    const unserved = thrown instanceof Denial && thrown.cause instanceof NotServed;
    if (!unserved || begun || asked() !== askedBefore) throw thrown;
    if (!(await inTime(next, leftOf(limits, began)))) throw thrown;
    const left = leftOf(limits, began);
    if (left.timeoutMs <= 0) throw thrown;
    limits.beforeRetry?.();
    return await send(left);
  }
}

function leftOf(limits: RequestOptions, began: number): RequestOptions {
  const gone = performance.now() - began;
  return {
    ...limits,
    timeoutMs: limits.timeoutMs - gone,
    maxTotalMs: limits.maxTotalMs - gone,
  };
}

/** Whether it comes before the request's own deadline and while it is wanted. */
async function inTime(promise: Promise<void>, limits: RequestOptions): Promise<boolean> {
  const patience = AbortSignal.timeout(Math.max(0, Math.floor(limits.timeoutMs)));
  const over = AbortSignal.any([limits.signal, patience]);
  // Of a signal that is aborted already no event comes any more.
  if (over.aborted) return false;
  return await new Promise((resolve) => {
    over.addEventListener('abort', () => resolve(false), { once: true });
    void promise.then(() => resolve(!over.aborted));
  });
}
