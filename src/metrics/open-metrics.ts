import type { Log } from '../audit/log.ts';
import type { Config } from '../config/config.ts';
import { isLoopback, readAddress } from '../lib/address.ts';
import { createGatewayMetrics } from './gateway-metrics.ts';
import type { Metrics } from './metrics.ts';
import { observeProcess } from './process.ts';
import { createRegistry } from './registry.ts';
import { serveMetrics } from './serve-metrics.ts';

export type OpenMetricsOptions = {
  /** `http.metrics` as the configuration has it. */
  readonly address: string;
  readonly config: Config;
  readonly log: Log;
  readonly version: string;
};

export type OpenedMetrics = AsyncDisposable & { readonly metrics: Metrics };

/** Begins to count and serves what is counted until it is disposed. Throws a `Fault` when it cannot listen. */
export async function openMetrics(options: OpenMetricsOptions): Promise<OpenedMetrics> {
  const { config, log, version } = options;
  const address = readAddress(options.address);
  if (!address) throw new TypeError('Cannot serve metrics: the schema lets no such address pass');
  const servers = Object.values(config.mcpServers)
    .filter(({ disabled }) => !disabled)
    .map(({ name }) => name);
  const registry = createRegistry();
  const metrics = createGatewayMetrics({
    registry,
    servers: config.builtin.code ? [...servers, 'code'] : servers,
    clock: () => performance.now(),
  });
  const endpoint = await serveMetrics({
    ...address,
    allowedHosts: config.http.allowedHosts,
    render: (format) => registry.render(format),
    onFailed: (thrown) => log.error(thrown, 'metrics'),
  });
  const end = observeProcess(registry, version);
  const open = isLoopback(address.host) ? {} : { warning: 'whoever reaches it reads it' };
  log[isLoopback(address.host) ? 'info' : 'warn']({ url: endpoint.url, ...open }, 'metrics');
  return {
    metrics,
    async [Symbol.asyncDispose]() {
      end();
      await endpoint.close();
    },
  };
}
