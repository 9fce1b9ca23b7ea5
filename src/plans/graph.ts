/** What depends on what. */
export type Node = { readonly id: string; readonly needs: readonly string[] };

export type Graph = {
  /** Nodes on the longest way from first to last. */
  readonly depth: number;
  /** Those that wait for each other, or for such ones, in the order given; empty where there is no cycle. */
  readonly stuck: readonly string[];
  /** The others, each behind all that it needs. */
  readonly order: readonly string[];
};

/** Orders a graph in linear time and without recursion (Kahn 1962). Needs that name nothing are passed over. */
export function graphOf(nodes: readonly Node[]): Graph {
  const waiting = new Map<string, number>();
  const followers = new Map<string, string[]>();
  const depths = new Map<string, number>();
  const ids = new Set(nodes.map(({ id }) => id));
  for (const { id, needs } of nodes) {
    const known = new Set(needs.filter((need) => ids.has(need)));
    waiting.set(id, known.size);
    for (const need of known) {
      const own = followers.get(need);
      if (own) own.push(id);
      else followers.set(need, [id]);
    }
  }
  /** Those that wait for nothing any more, in the order in which they came to. */
  const order = nodes.filter(({ id }) => waiting.get(id) === 0).map(({ id }) => id);
  let depth = 0;
  for (let at = 0; at < order.length; at++) {
    const id = order[at] ?? '';
    const own = depths.get(id) ?? 1;
    depth = Math.max(depth, own);
    waiting.delete(id);
    for (const follower of followers.get(id) ?? []) {
      const left = (waiting.get(follower) ?? 0) - 1;
      waiting.set(follower, left);
      depths.set(follower, Math.max(depths.get(follower) ?? 1, own + 1));
      if (left === 0) order.push(follower);
    }
  }
  return { depth, stuck: [...waiting.keys()], order };
}
