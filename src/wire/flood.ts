/** A token bucket over wall-clock seconds: what one peer may send before the rest is dropped. */
export function createFlood(
  perSecond: number,
  now: () => number = () => performance.now(),
): {
  /** `first-no` once per burst, so that a flood is one line in the audit and not a second flood. */
  admit(cost?: number): 'yes' | 'no' | 'first-no';
} {
  let tokens = perSecond;
  let at = now();
  let dropping = false;
  return {
    admit(cost = 1) {
      const time = now();
      tokens = Math.min(perSecond, tokens + ((time - at) / 1000) * perSecond);
      at = time;
      // Half full again: the burst is over. Sooner, a steady flood would say `first-no` every few milliseconds.
      if (tokens >= perSecond / 2) dropping = false;
      if (tokens >= cost) {
        tokens -= cost;
        return 'yes';
      }
      if (dropping) return 'no';
      dropping = true;
      return 'first-no';
    },
  };
}
