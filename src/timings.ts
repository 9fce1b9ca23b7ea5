/** How long the gateway waits for what, in milliseconds. */
export const TIMINGS = {
  backoffMs: 500,
  backoffMaxMs: 30_000,
  listMs: 15_000,
  freshMs: 250,
  settleMs: 8000,
  aloneMs: 45_000,
  patienceMs: 300_000,
  maxTotalMs: 3_600_000,
} as const;
