/** Names that are good for one use. */
export type Seen = {
  /** Whether `name` of `holder` comes for the first time; it is remembered until `until`, milliseconds since 1970. */
  readonly first: (holder: string, name: string, until: number) => boolean;
};

type Held = { readonly names: Map<string, number>; until: number };

const MOST = 200_000;

/**
 * Bounded by an equal share for each who holds something now: one who fills theirs is refused, because what is forgotten
 * could be used again, and takes nothing from the others.
 */
export function createSeen(now: () => number, most = MOST): Seen {
  /** Last used last, which is nearly the order in which they may be forgotten. */
  const holders = new Map<string, Held>();

  function heldBy(holder: string): Held {
    for (const [old, { until }] of holders) {
      if (until > now()) break;
      holders.delete(old);
    }
    const held = holders.get(holder) ?? { names: new Map<string, number>(), until: 0 };
    holders.delete(holder);
    holders.set(holder, held);
    return held;
  }

  return {
    first(holder, name, until) {
      const held = heldBy(holder);
      const { names } = held;
      for (const [old, end] of names) {
        if (end > now()) break;
        names.delete(old);
      }
      if (names.has(name) || names.size >= Math.max(1, most / holders.size)) return false;
      names.set(name, until);
      held.until = Math.max(held.until, until);
      return true;
    },
  };
}
