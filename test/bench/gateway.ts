import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { residentBytes } from './http-load.ts';
import { messages, ms, quantile, repeat, time, type Row } from './measure.ts';

const ROUNDS = 20;
const CALLS_A_ROUND = 100;
/** V8 still compiles what runs often; a gateway serves for hours. */
const WARM_UP = 1000;

export type Side = { readonly client: Client; readonly name: string };

/** `echo` at 1 KB, direct, through a proxy that checks nothing and through the gateway in turns: a noisy machine is noisy for all. */
export async function compareCalls(direct: Side, naive: Side, gated: Side): Promise<Row[]> {
  const next = messages();
  const sides = [direct, naive, gated].map(({ client, name }) => ({
    call: async (): Promise<unknown> =>
      await client.callTool({ name, arguments: { message: next() } }),
    times: [] as number[],
    rates: [] as number[],
  }));
  for (const { call } of sides) await repeat(WARM_UP, call);
  for (let round = 0; round < ROUNDS; round++)
    for (const { call, times } of sides) times.push(...(await repeat(CALLS_A_ROUND, call)));
  for (let round = 0; round < RATE_ROUNDS; round++)
    for (const { call, rates } of sides) rates.push(await rate(call));
  const [a = [], n = [], b = []] = sides.map(({ times }) => times);
  const [a50, n50, b50] = [quantile(a, 0.5), quantile(n, 0.5), quantile(b, 0.5)];
  const added99 = quantile(b, 0.99) - quantile(a, 0.99);
  return [
    { what: `echo 1 KB direct, p50 / p99 of ${a.length} after ${WARM_UP}`, value: both(a) },
    { what: 'echo 1 KB through a naive proxy of the SDK, p50 / p99', value: both(n) },
    { what: 'echo 1 KB through the gateway, p50 / p99', value: both(b) },
    { what: 'added at p50', value: ms(b50 - a50), target: '≤ 0.6 ms', met: b50 - a50 <= 0.6 },
    { what: 'added at p99', value: ms(added99), target: '≤ 5 ms', met: added99 <= 5 },
    times('p50, gateway to direct', b50 / a50, 5),
    times('p50, gateway to naive proxy', b50 / n50, 1.6),
    ...sides.map(({ rates }, at) => ({
      what: `calls/s, ${AT_ONCE} at once, ${['direct', 'through the naive proxy', 'through the gateway'][at]}`,
      value: quantile(rates, 0.5).toFixed(0),
    })),
  ];
}

const both = (times: readonly number[]): string =>
  `${ms(quantile(times, 0.5))} / ${ms(quantile(times, 0.99))}`;

function times(what: string, ratio: number, limit: number): Row {
  return { what, value: `${ratio.toFixed(1)}×`, target: `≤ ${limit}×`, met: ratio <= limit };
}

const RATE_ROUNDS = 5;
const AT_ONCE = 8;
const CALLS_EACH = 50;

/** Calls per second, so many at once. */
async function rate(call: () => Promise<unknown>): Promise<number> {
  const took = await time(
    async () => await Promise.all(Array.from({ length: AT_ONCE }, () => repeat(CALLS_EACH, call))),
  );
  return (AT_ONCE * CALLS_EACH) / (took / 1000);
}

type Start = () => Promise<() => Promise<void>>;

/** From the start of the process to the answer of `tools/list`, against the slowest of the upstreams alone. */
export async function compareStart(direct: readonly Start[], gated: Start): Promise<Row[]> {
  const slowest: number[] = [];
  const through: number[] = [];
  for (let round = 0; round < 5; round++) {
    const each: number[] = [];
    for (const start of direct) each.push(await timed(start));
    slowest.push(Math.max(...each));
    through.push(await timed(gated));
  }
  const [alone, gate] = [quantile(slowest, 0.5), quantile(through, 0.5)];
  const limit = alone * 1.5 + 400;
  return [
    { what: 'start to tools/list, slowest upstream alone (median of 5)', value: ms(alone) },
    {
      what: 'start to tools/list through the gateway (median of 5)',
      value: ms(gate),
      target: `≤ 1.5 × + 400 = ${ms(limit)}`,
      met: gate <= limit,
    },
  ];
}

async function timed(start: Start): Promise<number> {
  const began = performance.now();
  const end = await start();
  const took = performance.now() - began;
  await end();
  return took;
}

/** Resident memory of an idle gateway. */
export async function residentMemory(pid: number): Promise<Row> {
  const megabytes = (await residentBytes(pid)) / 1e6;
  return {
    what: 'idle memory of the gateway (VmRSS)',
    value: `${megabytes.toFixed(1)} MB`,
    target: '≤ 120 MB',
    met: megabytes <= 120,
  };
}
