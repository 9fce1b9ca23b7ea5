import { runInNewContext } from 'node:vm';
import { setFlagsFromString } from 'node:v8';
import { join } from 'node:path';
import type { Call } from '../../src/call.ts';
import { packageRoot } from '../../src/lib/package-root.ts';
import { createAlong } from '../../src/plans/along.ts';
import { end } from '../../src/plans/kept.ts';
import { loadPolicy } from '../../src/policy/policy.ts';
import { createShelves, type Shelf } from '../../src/plans/shelves.ts';
import { callerOf, callOf } from '../policy/support.ts';
import type { Context } from '../support/scratch.ts';
import { openKeeping } from '../plans/kept.ts';
import { TOOLS, LIMITS, planOf, problemsOf, ref, stepOf } from '../plans/support.ts';
import { processorMs } from '../support/processor-time.ts';
import { ms, quantile, repeat, type Row } from './measure.ts';

/** A chain of bills that are read and paid: every second step refers to the one before it. */
function planWith(steps: number, mark = ''): Parameters<typeof problemsOf>[0] {
  return planOf(
    ...Array.from({ length: steps }, (_, at) =>
      at % 2 === 0
        ? stepOf(`s${at}`, 'bank__read_bill', { file: `bill-${mark}${at}.txt` })
        : stepOf(`s${at}`, 'bank__pay', {
            to: 'landlord',
            amount: ref(`s${at - 1}`, '/structuredContent/amount'),
          }),
    ),
  );
}

function look(plan: Parameters<typeof problemsOf>[0], steps: number): void {
  const problems = problemsOf(plan, { ...LIMITS, maxSteps: steps, maxBytes: 1 << 24 });
  if (problems.length > 0) throw new Error(problems.join('\n'));
}

/** Milliseconds of the processor that a plan of so many steps takes: what else the machine does is not in it. */
function costOf(steps: number): number {
  const plan = planWith(steps);
  for (let warm = 0; warm < 20; warm++) look(plan, steps);
  const all = processorMs(() => {
    for (let run = 0; run < 50; run++) look(plan, steps);
  });
  return all / 50;
}

/** How long it takes to look plans through and to match calls to them, how that grows, and what is kept. */
export async function planRows(context: Context): Promise<Row[]> {
  const plan = planWith(100);
  const few = Array.from({ length: 220 }, () => processorMs(() => look(plan, 100))).slice(20);
  const ratio = costOf(1000) / costOf(100);
  return [
    {
      what: 'plan: processor time to look through 100 steps, p50 / p95',
      value: `${ms(quantile(few, 0.5))} / ${ms(quantile(few, 0.95))}`,
      target: 'p95 ≤ 10 ms',
      met: quantile(few, 0.95) <= 10,
    },
    {
      what: 'plan: processor time for 1,000 steps, in times of that for 100',
      value: ratio.toFixed(1),
      target: '≤ 15',
      met: ratio <= 15,
    },
    ...(await decideRows(context)),
    await matchRow(context),
    await memoryRow(context),
  ];
}

const RUNS = 60;

/** Mails, each to somebody else: no two of its steps are decided alike. */
function mailsTo(steps: number, mark: string): ReturnType<typeof planOf> {
  return planOf(
    ...Array.from({ length: steps }, (_, at) =>
      stepOf(`s${at}`, 'mail__send', { to: `u${mark}${at}@h${mark}${at}.example`, body: 'x' }),
    ),
  );
}

/** The whole of a submission, each step decided by Cedar under the shipped policies. No two plans are alike. */
async function decideRows(context: Context): Promise<Row[]> {
  const personal = join(packageRoot(), 'policies', 'personal');
  const policy = await loadPolicy({ paths: [personal], now: () => new Date() });
  const { submit } = await openKeeping(context, policy);
  let made = 0;
  function rowOf(steps: number, what: string, planFor: typeof mailsTo): { p50: number; row: Row } {
    const all = Array.from({ length: RUNS + 10 }, () => {
      const plan = planFor(steps, `${++made}-`);
      const start = performance.now();
      const processor = processorMs(() => submit(plan));
      return { processor, wall: performance.now() - start };
    }).slice(10);
    const processor = all.map((one) => one.processor);
    const p95 = quantile(processor, 0.95);
    return {
      p50: quantile(processor, 0.5),
      row: {
        what: `plan: ${steps} ${what} submitted, decided and signed: processor time, p50 / p95`,
        value: `${both(processor)}; by the clock ${both(all.map(({ wall }) => wall))}`,
        target: 'p95 ≤ 10 ms',
        met: p95 <= 10,
      },
    };
  }
  const rows = [25, 50, 100].map((steps) => rowOf(steps, 'steps', planWith));
  const mails = rowOf(100, 'mails to different people', mailsTo);
  const ratio = (rows[2]?.p50 ?? NaN) / (rows[0]?.p50 ?? NaN);
  policy.close();
  return [
    ...rows.map(({ row }) => row),
    mails.row,
    {
      what: 'plan: processor time to submit 100 steps, in times of that for 25',
      value: ratio.toFixed(1),
      target: '≤ 6',
      met: ratio <= 6,
    },
  ];
}

/** A call of a tool that 8 open plans have 50 steps with that are due, and is none of them. */
async function matchRow(context: Context): Promise<Row> {
  const { submit } = await openKeeping(context);
  const shelf: Shelf = { plans: new Map(), reach: undefined, suspected: new Set() };
  for (let at = 0; at < 8; at++) {
    const plan = submit(planWith(100));
    for (const one of plan.steps) {
      if (one.step.references.size > 0) continue;
      one.state = 'done';
      one.result = { structuredContent: { amount: at } };
    }
    shelf.plans.set(plan.id, plan);
  }
  const along = createAlong({ recheck: () => undefined, onStep: () => undefined });
  const subject = TOOLS['bank__pay'];
  if (!subject) throw new TypeError('no such tool');
  const call: Call = callOf({ subject, args: { to: 'landlord', amount: 99 } });
  const message = { ...call, session: call.session };
  const times = await repeat(2000, () => {
    if (along.match(message, call, shelf) !== call) throw new Error('it is a step of none');
  });
  const p50 = quantile(times.slice(200), 0.5);
  return {
    what: 'plan: a call held against 400 steps with its tool, p50',
    value: ms(p50),
    target: '≤ 0.1 ms',
    met: p50 <= 0.1,
  };
}

const PLANS = 400;

/** What 1,200 more plans leave in memory behind the first 400, of one caller. */
async function memoryRow(context: Context): Promise<Row> {
  setFlagsFromString('--expose-gc');
  const gc: unknown = runInNewContext('gc');
  const { submit, world } = await openKeeping(context);
  const shelves = createShelves(
    () => world.time,
    () => undefined,
  );
  const caller = callerOf();
  function fill(plans: number): number {
    for (let at = 0; at < plans; at++) {
      const plan = submit(planWith(100));
      shelves.keep(caller, plan);
      end(plan, 'done');
    }
    if (typeof gc === 'function') gc();
    return process.memoryUsage().heapUsed;
  }
  const before = fill(PLANS);
  const grown = (fill(3 * PLANS) - before) / 1024 / 1024;
  return {
    what: `plan: memory that ${3 * PLANS} plans of 100 steps leave behind`,
    value: `${grown.toFixed(1)} MiB`,
    target: '≤ 2 MiB',
    met: grown <= 2,
  };
}

function both(times: readonly number[]): string {
  return `${ms(quantile(times, 0.5))} / ${ms(quantile(times, 0.95))}`;
}
