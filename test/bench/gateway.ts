import { readFile } from 'node:fs/promises';
import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { ms, quantile, repeat, time, type Row } from './measure.ts';

const ROUNDS = 20;
const CALLS_A_ROUND = 100;

/** `echo` at 1 KB, direct and through the gateway in turns, so that a noisy machine is noisy for both. */
export async function compareCalls(
  direct: Client,
  gated: { client: Client; name: string },
): Promise<Row[]> {
  const message = 'x'.repeat(1000);
  const plain = async (): Promise<unknown> =>
    await direct.callTool({ name: 'echo', arguments: { message } });
  const through = async (): Promise<unknown> =>
    await gated.client.callTool({ name: gated.name, arguments: { message } });
  await repeat(300, plain);
  await repeat(300, through);
  const a: number[] = [];
  const b: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    a.push(...(await repeat(CALLS_A_ROUND, plain)));
    b.push(...(await repeat(CALLS_A_ROUND, through)));
  }
  const n = 2000;
  const aRate =
    n / ((await time(async () => await Promise.all(Array.from({ length: n }, plain)))) / 1000);
  const bRate =
    n / ((await time(async () => await Promise.all(Array.from({ length: n }, through)))) / 1000);
  const [a50, a99, b50, b99] = [
    quantile(a, 0.5),
    quantile(a, 0.99),
    quantile(b, 0.5),
    quantile(b, 0.99),
  ];
  return [
    { what: 'echo 1 KB direct, p50 / p99', value: `${ms(a50)} / ${ms(a99)}` },
    { what: 'echo 1 KB through the gateway, p50 / p99', value: `${ms(b50)} / ${ms(b99)}` },
    { what: 'added at p50', value: ms(b50 - a50), target: '≤ 0.6 ms', met: b50 - a50 <= 0.6 },
    { what: 'added at p99', value: ms(b99 - a99), target: '≤ 5 ms', met: b99 - a99 <= 5 },
    { what: 'ratio at p50', value: `${(b50 / a50).toFixed(1)}×` },
    { what: 'calls/s, all at once, direct', value: aRate.toFixed(0) },
    { what: 'calls/s, all at once, through the gateway', value: bRate.toFixed(0) },
  ];
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
    value: `${megabytes.toFixed(0)} MB`,
    target: '≤ 120 MB',
    met: megabytes <= 120,
  };
}
