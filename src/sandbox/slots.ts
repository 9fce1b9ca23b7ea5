import { Denial } from '../denial.ts';

/** A bounded number of things at once, and a bounded wait for a turn. */
export interface Slots {
  /** Resolves to the function that gives the place back. Throws `sandbox-unavailable`, or the reason of `signal`. */
  acquire(signal: AbortSignal): Promise<() => void>;
}

export type SlotsOptions = {
  readonly size: number;
  /** Callers that may wait; the next one is refused at once. */
  readonly queue: number;
  readonly waitMs: number;
};

type Waiting = { readonly start: () => void };

export function createSlots({ size, queue, waitMs }: SlotsOptions): Slots {
  const waiting = new Set<Waiting>();
  let taken = 0;

  function take(): () => void {
    taken++;
    let given = false;
    return () => {
      if (given) return;
      given = true;
      taken--;
      const [next] = waiting;
      next?.start();
    };
  }

  async function acquire(signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    if (taken < size) return take();
    if (waiting.size >= queue) throw busy(size);
    return await new Promise((resolve, reject) => {
      const leave = (settle: () => void): void => {
        waiting.delete(self);
        clearTimeout(patience);
        signal.removeEventListener('abort', aborted);
        settle();
      };
      const aborted = (): void => leave(() => reject(abortReason(signal)));
      const patience = setTimeout(() => leave(() => reject(busy(size))), waitMs);
      const self = { start: () => leave(() => resolve(take())) };
      signal.addEventListener('abort', aborted, { once: true });
      waiting.add(self);
    });
  }

  return { acquire };
}

function busy(size: number): Denial {
  return new Denial(
    'sandbox-unavailable',
    `Cannot run the program: all ${size} sandboxes are busy`,
    {
      hint: 'try again in a few seconds',
    },
  );
}

function abortReason(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error('Cannot go on: cancelled');
}
