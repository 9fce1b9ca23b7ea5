import type { Config } from '../config/config.ts';
import type { Reach } from './server-labels.ts';

/**
 * Whom a server tells apart. One that is shown who asks keeps people's things apart, and what it shares among them it
 * shares knowingly. To any other everybody is the same: what one person gave it, it may give to all. Code without ways out
 * runs in a sandbox that ends with its call.
 */
export function createReach({
  mcpServers,
  builtin,
}: Pick<Config, 'mcpServers' | 'builtin'>): (server: string) => Reach {
  const own = new Set(
    Object.values(mcpServers)
      .filter(
        (server) =>
          server.secretIn !== undefined ||
          (server.kind === 'http' &&
            (server.exchange ?? server.enterprise ?? server.login) !== undefined),
      )
      .map(({ name }) => name),
  );
  return function reach(server) {
    if (server === 'code' && builtin.code?.egress.length === 0) return 'nobody';
    return own.has(server) ? 'person' : 'everybody';
  };
}
