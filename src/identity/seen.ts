/** Names that are good for one use. */
export type Seen = {
  /** Whether `name` comes for the first time; it is remembered until `until`, milliseconds since 1970. */
  readonly first: (name: string, until: number) => boolean;
};

const MAX_NAMES = 200_000;

/** Bounded; when it is full nothing is new, because what is forgotten could be used again. */
export function createSeen(now: () => number, maxNames = MAX_NAMES): Seen {
  /** By when they came, which is nearly the order in which they may be forgotten. */
  const names = new Map<string, number>();
  return {
    first(name, until) {
      for (const [old, end] of names) {
        if (end > now()) break;
        names.delete(old);
      }
      if (names.has(name) || names.size >= maxNames) return false;
      names.set(name, until);
      return true;
    },
  };
}
