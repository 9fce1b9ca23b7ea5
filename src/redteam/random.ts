import { createHash } from 'node:crypto';

/** Numbers below `below`, the same for the same seed on every machine. */
export type Random = (below: number) => number;

export function createRandom(seed: string): Random {
  let round = 0;
  return (below) => {
    const bytes = createHash('sha256').update(`${seed} ${round++}`).digest();
    return Math.floor((bytes.readUIntBE(0, 6) / 2 ** 48) * below);
  };
}

/** At most `count` of these, by chance, in their order. */
export function sample<T>(items: readonly T[], count: number, random: Random): T[] {
  const kept = new Set<number>();
  const order = items.map((_, at) => at);
  for (let at = 0; at < Math.min(count, items.length); at++) {
    const other = at + random(items.length - at);
    [order[at], order[other]] = [order[other] ?? 0, order[at] ?? 0];
    kept.add(order[at] ?? 0);
  }
  return items.filter((_, at) => kept.has(at));
}

/** At most `count` of each group, so that a large one does not drown a small one; the groups in the order of their keys. */
export function sampleOfEach<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  count: number,
  randomFor: (key: string) => Random,
): T[] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return [...groups]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([key, group]) => sample(group, count, randomFor(key)));
}

export function pick<T>(items: readonly T[], random: Random): T {
  const item = items[random(items.length)];
  if (item === undefined) throw new TypeError('Cannot pick from nothing');
  return item;
}
