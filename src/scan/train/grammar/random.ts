/** A source of repeatable choices. */
export type Random = {
  /** A whole number from 0 to `count - 1`. */
  below(count: number): number;
  chance(share: number): boolean;
  /** @throws TypeError when the list is empty. */
  pick<T>(list: readonly T[]): T;
  /** A seed for another source. */
  seed(): number;
};

/** The same seed gives the same choices on every machine (mulberry32). */
export function createRandom(seed: number): Random {
  let state = seed | 0;

  function next(): number {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }

  const below = (count: number): number => Math.floor((next() / 2 ** 32) * count);

  return {
    below,
    chance: (share) => next() / 2 ** 32 < share,
    pick<T>(list: readonly T[]): T {
      const one = list[below(list.length)];
      if (one === undefined) throw new TypeError('Cannot pick: the list is empty');
      return one;
    },
    seed: next,
  };
}
