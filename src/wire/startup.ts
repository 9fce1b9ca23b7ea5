import type { Upstream } from './upstream.ts';

export type StartupOptions = {
  readonly upstreams: readonly Upstream[];
  /** Milliseconds from the first wait on; afterwards nobody waits for a server that has not come up. */
  readonly settleMs: number;
  readonly now: () => number;
};

/** Waits for servers that are still starting, all callers together until one deadline; never rejects. */
export function createStartup(options: StartupOptions): () => Promise<void> {
  // Not those that are `connecting`: one that is ready has not said yet what it offers.
  const starting = new Map(options.upstreams.map(({ name, settled }) => [name, settled]));
  let deadline: number | undefined;

  for (const { name, settled } of options.upstreams) void settled.then(() => starting.delete(name));

  return async function startup() {
    if (starting.size === 0) return;
    deadline ??= options.now() + options.settleMs;
    const left = deadline - options.now();
    if (left > 0) await inTime(Promise.all(starting.values()), left);
  };
}

/** What `work` resolves to, or undefined when it takes longer than `ms` milliseconds. */
export async function inTime<T>(work: Promise<T>, ms: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms);
  });
  try {
    return await Promise.race([work, patience]);
  } finally {
    clearTimeout(timer);
  }
}
