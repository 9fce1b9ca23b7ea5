import type { MemoryWatch } from './watch-memory.ts';

/** How much memory a cell uses. */
export interface Meter {
  /** Bytes. */
  used(): number;
  close(): void;
}

const LOOK_MS = 40;

/** Looks again and again at how much memory a cell uses, for machines where no control group can be had. */
export function watchUsage(meter: Meter, limit: number): MemoryWatch {
  const exceeded = new AbortController();
  const timer = setInterval(() => {
    if (meter.used() > limit) exceeded.abort();
  }, LOOK_MS);
  return {
    exceeded: exceeded.signal,
    close() {
      clearInterval(timer);
      meter.close();
    },
  };
}
