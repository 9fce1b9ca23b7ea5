import { EVENTS } from '../audit/events.ts';
import type { EndedCall } from '../audit/trail.ts';
import { STEPS } from '../pipeline.ts';
import { PATHS } from '../sandbox/path.ts';
import { TIERS } from '../sandbox/tier.ts';
import { FAMILIES } from './families.ts';
import { TRANSPORTS, type Metrics } from './metrics.ts';
import { OUTCOMES } from './outcomes.ts';
import type { Cell, Family, Registry } from './registry.ts';
import { createUpstreamMeters } from './upstreams.ts';

export type GatewayMetricsOptions = {
  readonly registry: Registry;
  /** Names of the configured servers: the only ones that become a label. */
  readonly servers: readonly string[];
  /** Monotonic, milliseconds. */
  readonly clock: () => number;
};

/** What its own chain writes is no part of what the gateway does. */
const OF_THE_CHAIN: ReadonlySet<string> = new Set(['audit-open', 'audit-close', 'checkpoint']);
const VERDICTS = ['pass', 'mark', 'block'] as const;

/** Makes every series there can be; from then on a call only adds to one. */
export function createGatewayMetrics(options: GatewayMetricsOptions): Metrics {
  const { registry, servers, clock } = options;
  const calls = createCalls(registry, servers);
  const times = cells(STEPS, (stage) => registry.histogram(FAMILIES.stage, { stage }));
  const verdicts = counters(registry, FAMILIES.verdicts, 'verdict', VERDICTS);
  const upstreams = createUpstreamMeters(registry, servers);
  const connections = counters(registry, FAMILIES.connections, 'transport', TRANSPORTS);
  const events = Object.keys(EVENTS).filter((event) => !OF_THE_CHAIN.has(event));
  const records = counters(registry, FAMILIES.records, 'event', events);
  const unwritten = registry.cell(FAMILIES.auditFailures, 0);
  const start = cells(TIERS, (tier) => registry.histogram(FAMILIES.sandboxStart, { tier }));
  const starts = cells(TIERS, (tier) =>
    cells(PATHS, (path) => registry.cell(FAMILIES.sandboxStarts, 0, { tier, path })),
  );
  const wait = registry.histogram(FAMILIES.sandboxWait);
  const queue = registry.cell(FAMILIES.sandboxQueue, 0);

  function ended({ server = '', code, failed, verdict, stages, sinceMs }: EndedCall): void {
    const ofServer = calls.get(server) ?? calls.get('');
    increase(ofServer?.get(code ?? (failed ? 'tool-error' : 'ok')));
    for (const [stage, observe] of times) {
      const ms = stages[stage];
      if (ms !== undefined) observe(ms / 1000);
    }
    // The one that refused the call is not among those that were passed.
    const open =
      code === undefined ? undefined : STEPS.find((stage) => stages[stage] === undefined);
    if (open !== undefined) times.get(open)?.(sinceMs / 1000);
    const withheld = code === 'output-withheld' && open === 'scan';
    increase(verdicts.get(withheld ? 'block' : (verdict ?? '')));
  }

  return {
    count: (audit) => ({
      ...audit,
      append(event, fields) {
        try {
          const seq = audit.append(event, fields);
          increase(records.get(event));
          return seq;
        } catch (thrown) {
          increase(unwritten);
          throw thrown;
        }
      },
    }),
    ended,
    watch(transport) {
      const open = connections.get(transport);
      const links = upstreams.connect();
      let gone = false;
      increase(open);
      return {
        up: links.up,
        down: links.down,
        closed() {
          if (gone) return;
          gone = true;
          increase(open, -1);
          links.closed();
        },
      };
    },
    sandbox: {
      waits() {
        const began = clock();
        let waiting = true;
        increase(queue);
        return () => {
          if (!waiting) return;
          waiting = false;
          increase(queue, -1);
          wait((clock() - began) / 1000);
        };
      },
      starts() {
        const began = clock();
        return (tier, path) => {
          start.get(tier)?.((clock() - began) / 1000);
          increase(starts.get(tier)?.get(path));
        };
      },
    },
  };
}

type Calls = ReadonlyMap<string, ReadonlyMap<string, Cell>>;

/** By server, `''` where none was found, and by denial code, `ok` or `tool-error`. */
function createCalls(registry: Registry, servers: readonly string[]): Calls {
  return cells([...servers, ''], (server) => {
    const cell = (outcome: string, code: string): Cell =>
      registry.cell(FAMILIES.calls, 0, { outcome, code, server });
    const answered = cells(['ok', 'tool-error'], (outcome) => cell(outcome, ''));
    const refused = Object.entries(OUTCOMES).map(
      ([code, outcome]) => [code, cell(outcome, code)] as const,
    );
    return new Map([...answered, ...refused]);
  });
}

function counters(
  registry: Registry,
  family: Family,
  label: string,
  values: readonly string[],
): ReadonlyMap<string, Cell> {
  return cells(values, (value) => registry.cell(family, 0, { [label]: value }));
}

function cells<K extends string, T>(keys: readonly K[], make: (key: K) => T): ReadonlyMap<K, T> {
  return new Map(keys.map((key) => [key, make(key)]));
}

function increase(cell: Cell | undefined, by = 1): void {
  if (cell) cell.value = (cell.value ?? 0) + by;
}
