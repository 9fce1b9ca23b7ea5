/** A share with its 95 % interval. */
export type Share = {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  /** Texts that it was counted on. */
  readonly n: number;
};

const Z = 1.959964;

/** Wilson's score interval (1927); `hits` may be what a share of fewer texts stands for. */
export function wilson(hits: number, n: number, texts = n): Share {
  if (n === 0) return { value: Number.NaN, low: 0, high: 1, n: texts };
  const value = hits / n;
  const spread = Z * Math.sqrt((value * (1 - value)) / n + (Z * Z) / (4 * n * n));
  const middle = value + (Z * Z) / (2 * n);
  const whole = 1 + (Z * Z) / n;
  return {
    value,
    low: Math.max(0, (middle - spread) / whole),
    high: Math.min(1, (middle + spread) / whole),
    n: texts,
  };
}

/**
 * The mean of the shares of groups, each group as much as any other. Its interval is Wilson's for as many texts as would
 * spread as much: groups of few texts make it wide.
 */
export function meanOf(groups: readonly { readonly hits: number; readonly n: number }[]): Share {
  const texts = groups.reduce((sum, { n }) => sum + n, 0);
  if (groups.length === 0) return wilson(0, 0);
  const [only] = groups;
  if (groups.length === 1 && only) return wilson(only.hits, only.n);
  const value = groups.reduce((sum, { hits, n }) => sum + hits / n, 0) / groups.length;
  // One hit and one miss more, so that a group without misses is not taken to be certain.
  const variance =
    groups.reduce((sum, { hits, n }) => {
      const share = (hits + 1) / (n + 2);
      return sum + (share * (1 - share)) / n;
    }, 0) /
    groups.length ** 2;
  const smooth = Math.min(1 - 1 / (texts + 2), Math.max(1 / (texts + 2), value));
  const effective = Math.max(1, Math.min(texts, (smooth * (1 - smooth)) / variance));
  return wilson(value * effective, effective, texts);
}
