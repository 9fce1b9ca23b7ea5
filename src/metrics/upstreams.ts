import { FAMILIES } from './families.ts';
import type { ConnectionMeter } from './metrics.ts';
import type { Registry } from './registry.ts';

type State = 'ready' | 'down';

export type UpstreamMeters = {
  /** The meters of one client connection, which has one connection to each server. */
  readonly connect: () => ConnectionMeter;
};

/** Which servers answer, over all client connections. */
export function createUpstreamMeters(
  registry: Registry,
  servers: readonly string[],
): UpstreamMeters {
  const meters = new Map(
    servers.map((server) => [
      server,
      {
        up: registry.cell(FAMILIES.upstreamUp, undefined, { server }),
        ready: registry.cell(FAMILIES.upstreamConnections, 0, { server, state: 'ready' }),
        down: registry.cell(FAMILIES.upstreamConnections, 0, { server, state: 'down' }),
      },
    ]),
  );

  return {
    connect() {
      const states = new Map<string, State>();
      let gone = false;

      function move(server: string, to: State | undefined): void {
        const meter = meters.get(server);
        if (!meter || gone) return;
        const from = states.get(server);
        if (from) meter[from].value = (meter[from].value ?? 0) - 1;
        if (to) {
          meter[to].value = (meter[to].value ?? 0) + 1;
          states.set(server, to);
        }
        // A client that leaves says nothing about the server.
        if (meter.ready.value !== 0) meter.up.value = 1;
        else if (to === 'down' || meter.down.value !== 0) meter.up.value = 0;
      }

      return {
        up: (server) => move(server, 'ready'),
        down: (server) => move(server, 'down'),
        closed() {
          for (const server of states.keys()) move(server, undefined);
          gone = true;
        },
      };
    },
  };
}
