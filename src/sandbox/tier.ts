/** Tiers of isolation, weakest first. docs/sandbox.md tells what each holds. */
export const TIERS = ['wasm', 'process', 'gvisor', 'microvm'] as const;

export type Tier = (typeof TIERS)[number];

export function isTier(word: string): word is Tier {
  return TIERS.some((tier) => tier === word);
}

/** Whether `tier` isolates no less than `least`. */
export function isAtLeast(tier: Tier, least: Tier): boolean {
  return TIERS.indexOf(tier) >= TIERS.indexOf(least);
}

/** Negative where `a` isolates less than `b`; for sorting. */
export function compareTiers(a: Tier, b: Tier): number {
  return TIERS.indexOf(a) - TIERS.indexOf(b);
}

/** The one that isolates most; the weakest of all where none is given. */
export function strongestOf(tiers: readonly (Tier | undefined)[]): Tier {
  return tiers.reduce<Tier>(
    (most, each) => (each && isAtLeast(each, most) ? each : most),
    TIERS[0],
  );
}
