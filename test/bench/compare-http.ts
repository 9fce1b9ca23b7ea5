import { openHttpSession, processorTime, type HttpSession } from './http-load.ts';
import { messages, ms, quantile, repeat, time, type Comparison } from './measure.ts';
import { startPeers, startSallyport, type Peer } from './peers.ts';
import { realServer } from '../support/gate.ts';
import type { Context } from '../support/scratch.ts';

/** V8 compiles what runs often for thousands of calls, and a gateway serves for hours. */
const WARM_UP = 2400;
const ROUNDS = 6;
const CALLS_ONE_BY_ONE = 60;
const CALLS_AT_ONCE = 160;
const AT_ONCE = [8, 32];
const STATELESS_CALLS = 3;

type Runner = {
  readonly peer: Peer;
  readonly session: HttpSession;
  readonly times: number[];
  /** Calls per second of each round, by how many are in flight. */
  readonly rates: Map<number, number[]>;
  processor: number;
  calls: number;
};

/** `echo` at 1 KB over HTTP to the same stdio server, behind each gateway in turns. Sallyport is the first column. */
export async function compareHttp(context: Context): Promise<Comparison> {
  const sallyport = await startSallyport(context, { everything: realServer('everything') });
  const { peers, stateless } = await startPeers(context);
  const next = messages();
  const runners: Runner[] = [];
  for (const peer of [sallyport, ...peers])
    runners.push({
      peer,
      session: await openHttpSession(peer),
      times: [],
      rates: new Map(AT_ONCE.map((count) => [count, []])),
      processor: 0,
      calls: 0,
    });

  async function together({ session }: Runner, count: number, calls: number): Promise<number> {
    const took = await time(
      async () =>
        await Promise.all(
          Array.from({ length: count }, async () => {
            await repeat(calls / count, async () => await session.echo(next()));
          }),
        ),
    );
    return calls / (took / 1000);
  }

  for (const runner of runners) await together(runner, 8, WARM_UP);
  for (let round = 0; round < ROUNDS; round++)
    // Whoever is first after a pause would always be the same one.
    for (const runner of rotated(runners, round)) {
      const before = await processorTime(runner.peer.pid);
      const one = async (): Promise<void> => await runner.session.echo(next());
      runner.times.push(...(await repeat(CALLS_ONE_BY_ONE, one)));
      runner.calls += CALLS_ONE_BY_ONE;
      for (const [count, rates] of runner.rates) {
        rates.push(await together(runner, count, CALLS_AT_ONCE));
        runner.calls += CALLS_AT_ONCE;
      }
      runner.processor += (await processorTime(runner.peer.pid)) - before;
    }

  const fresh = await openHttpSession(stateless);
  const alone = await repeat(STATELESS_CALLS, async () => await fresh.echo(next()));
  for (const session of [fresh, ...runners.map(({ session }) => session)]) await session.close();

  const p50 = runners.map(({ times }) => quantile(times, 0.5));
  return {
    of: `HTTP to stdio, echo 1 KB, ${ROUNDS} rounds in turns after ${WARM_UP} calls`,
    columns: [...runners.map(({ peer }) => peer.name), stateless.name],
    rows: [
      {
        what: `p50 of ${ROUNDS * CALLS_ONE_BY_ONE}, one at a time`,
        cells: [...p50, quantile(alone, 0.5)].map(ms),
        // A process for every call is no rival: it is left out of what the first column is held against.
        ...against(p50, 'less'),
      },
      { what: 'p99', cells: runners.map(({ times }) => ms(quantile(times, 0.99))) },
      ...AT_ONCE.map((count) => {
        const rates = runners.map((runner) => quantile(runner.rates.get(count) ?? [], 0.5));
        return {
          what: `calls/s, ${count} at once`,
          cells: rates.map((rate) => rate.toFixed(0)),
          ...against(rates, 'more'),
        };
      }),
      {
        what: 'processor time of the gateway per call',
        cells: runners.map(({ processor, calls }) => ms(processor / calls)),
      },
    ],
  };
}

/** The first value against the best of the others. */
function against(
  [own = Number.NaN, ...others]: readonly number[],
  better: 'less' | 'more',
): { ratio: string; target: string; met: boolean } {
  const ratio = own / (better === 'less' ? Math.min(...others) : Math.max(...others));
  return better === 'less'
    ? { ratio: `${ratio.toFixed(2)}×`, target: '≤ 1', met: ratio <= 1 }
    : { ratio: `${ratio.toFixed(2)}×`, target: '≥ 1', met: ratio >= 1 };
}

function rotated<T>(all: readonly T[], by: number): T[] {
  return [...all.slice(by % all.length), ...all.slice(0, by % all.length)];
}
