/** How many calls came at once lately. */
export interface Demand {
  note(): void;
  /** The most calls within one second of the time that is remembered; 0: there was none. */
  peak(): number;
}

const BURST_MS = 1000;
/** A pool is never so large. */
const MOST = 256;

export function createDemand({
  memoryMs,
  now,
}: {
  readonly memoryMs: number;
  /** Milliseconds; may jump. */
  readonly now: () => number;
}): Demand {
  const calls: number[] = [];

  function note(): void {
    calls.push(now());
    if (calls.length > MOST) calls.shift();
  }

  function peak(): number {
    const since = now() - memoryMs;
    while ((calls[0] ?? since) < since) calls.shift();
    let most = 0;
    let from = 0;
    for (const [at, call] of calls.entries()) {
      while ((calls[from] ?? call) <= call - BURST_MS) from++;
      most = Math.max(most, at - from + 1);
    }
    return most;
  }

  return { note, peak };
}
