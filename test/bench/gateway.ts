import { readFile } from 'node:fs/promises';
import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { ms, quantile, repeat, time, type Row } from './measure.ts';

const ROUNDS = 20;
const CALLS_A_ROUND = 100;
/** V8 still compiles what runs often; a gateway serves for hours. */
const WARM_UP = 1000;

/** `echo` at 1 KB, direct and through the gateway in turns, so that a noisy machine is noisy for both. */
export async function compareCalls(
  direct: Client,
  gated: { client: Client; name: string },
): Promise<Row[]> {
  let calls = 0;
  // No two messages are the same: nothing that is remembered of one helps the next.
  const message = (): string => `${calls++} ${PROSE}`.slice(0, 1000);
  const plain = async (): Promise<unknown> =>
    await direct.callTool({ name: 'echo', arguments: { message: message() } });
  const through = async (): Promise<unknown> =>
    await gated.client.callTool({ name: gated.name, arguments: { message: message() } });
  await repeat(WARM_UP, plain);
  await repeat(WARM_UP, through);
  const a: number[] = [];
  const b: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    a.push(...(await repeat(CALLS_A_ROUND, plain)));
    b.push(...(await repeat(CALLS_A_ROUND, through)));
  }
  const aRates: number[] = [];
  const bRates: number[] = [];
  for (let round = 0; round < 5; round++) {
    aRates.push(await rate(plain));
    bRates.push(await rate(through));
  }
  const [a50, a99, b50, b99] = [
    quantile(a, 0.5),
    quantile(a, 0.99),
    quantile(b, 0.5),
    quantile(b, 0.99),
  ];
  return [
    {
      what: `echo 1 KB direct, p50 / p99 of ${a.length} after ${WARM_UP}`,
      value: `${ms(a50)} / ${ms(a99)}`,
    },
    { what: 'echo 1 KB through the gateway, p50 / p99', value: `${ms(b50)} / ${ms(b99)}` },
    { what: 'added at p50', value: ms(b50 - a50), target: '≤ 0.6 ms', met: b50 - a50 <= 0.6 },
    { what: 'added at p99', value: ms(b99 - a99), target: '≤ 5 ms', met: b99 - a99 <= 5 },
    { what: 'ratio at p50', value: `${(b50 / a50).toFixed(1)}×` },
    { what: `calls/s, ${AT_ONCE} at once, direct`, value: quantile(aRates, 0.5).toFixed(0) },
    {
      what: `calls/s, ${AT_ONCE} at once, through the gateway`,
      value: quantile(bRates, 0.5).toFixed(0),
    },
  ];
}

const PROSE =
  'The quarterly report shows that revenue grew while costs stayed level and nobody complained. '.repeat(
    11,
  );
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

/** Resident memory of a process, MB (10⁶ bytes); Linux only. */
export async function residentMemory(pid: number): Promise<Row> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const kilobytes = Number(/VmRSS:\s+(\d+)/u.exec(status)?.[1] ?? Number.NaN);
  const megabytes = (kilobytes * 1024) / 1e6;
  return {
    what: 'idle memory of the gateway (VmRSS)',
    value: `${megabytes.toFixed(1)} MB`,
    target: '≤ 120 MB',
    met: megabytes <= 120,
  };
}
