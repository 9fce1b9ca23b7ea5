/** Numbers in [0, 1) that are the same for the same seed (mulberry32). */
export function createNumbers(seed: number): () => number {
  let state = seed;
  return function number() {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), state | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Puts the items in another order, in place. */
export function shuffle(items: Int32Array, number: () => number): void {
  for (let at = items.length - 1; at > 0; at--) {
    const other = Math.floor(number() * (at + 1));
    const item = items[at] ?? 0;
    items[at] = items[other] ?? 0;
    items[other] = item;
  }
}
