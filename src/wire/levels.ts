import type { JsonObject } from '../lib/json.ts';
import type { Upstream } from './upstream.ts';

/** The level of logging that the client has set. */
export type Levels = {
  /** Tells every server that logs. */
  readonly set: (params: JsonObject) => Promise<void>;
  /** Tells a server that came up since. */
  readonly renew: (upstream: Upstream) => void;
};

export function createLevels(upstreams: () => readonly Upstream[], listMs: number): Levels {
  let level: JsonObject | undefined;

  async function tell(upstream: Upstream, params: JsonObject): Promise<void> {
    if (upstream.state !== 'ready' || upstream.capabilities['logging'] === undefined) return;
    const { signal } = new AbortController();
    const limits = { signal, timeoutMs: listMs, maxTotalMs: listMs };
    await upstream.request('logging/setLevel', params, limits).catch(() => undefined);
  }

  return {
    async set(params) {
      level = params;
      await Promise.all(upstreams().map(async (upstream) => await tell(upstream, params)));
    },
    renew(upstream) {
      if (level !== undefined) void tell(upstream, level);
    },
  };
}
