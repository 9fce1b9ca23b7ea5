import { setImmediate } from 'node:timers/promises';

/** Work in steps, between which others may have a turn. */
export type Steps<T> = Generator<void, T>;

/** Does it all at once. */
export function finish<T>(steps: Steps<T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}

/** Does one step, and the next when everybody else has had a turn. */
export async function finishGently<T>(steps: Steps<T>): Promise<T> {
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
    await setImmediate();
  }
}
