import { withResolvers } from '../lib/resolvers.ts';
import type { Upstream } from './upstream.ts';

export type StartupOptions = {
  readonly upstreams: readonly Pick<Upstream, 'name' | 'state' | 'settled'>[];
  /** Milliseconds from the first wait on; afterwards nobody waits for a server that has not come up. */
  readonly settleMs: number;
  /** The same while no server at all has come up: a first start may have to download it, and there is nothing else. */
  readonly aloneMs: number;
  readonly now: () => number;
};

/** What the others get that start beside the first one that came late: this part of `settleMs`. */
const GRACE = 1 / 8;

/** Waits for servers that are still starting, all callers together until one deadline; never rejects. */
export function createStartup({
  upstreams,
  settleMs,
  aloneMs,
  now,
}: StartupOptions): () => Promise<void> {
  // Not those that are `connecting`: one that is ready has not said yet what it offers.
  const starting = new Set(upstreams);
  const first = withResolvers<void>();
  let began: number | undefined;
  let firstAt: number | undefined;
  const all = Promise.all(upstreams.map(watch));

  async function watch(upstream: StartupOptions['upstreams'][number]): Promise<void> {
    await upstream.settled;
    starting.delete(upstream);
    if (upstream.state !== 'ready') return;
    firstAt ??= now();
    first.resolve();
  }

  async function waitUntil(moment: number, what: Promise<unknown>): Promise<void> {
    const left = moment - now();
    if (starting.size > 0 && left > 0) await inTime(what, left);
  }

  return async function startup() {
    if (starting.size === 0) return;
    began ??= now();
    await waitUntil(began + settleMs, all);
    if (firstAt === undefined) await waitUntil(began + aloneMs, Promise.race([all, first.promise]));
    if (firstAt !== undefined) await waitUntil(firstAt + settleMs * GRACE, all);
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
