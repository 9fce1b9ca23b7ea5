import { LIMITS, planOf, problemsOf, ref, stepOf } from '../plans/support.ts';
import { ms, quantile, repeat, type Row } from './measure.ts';

/** A chain of bills that are read and paid: every second step refers to the one before it. */
function planWith(steps: number): Parameters<typeof problemsOf>[0] {
  return planOf(
    ...Array.from({ length: steps }, (_, at) =>
      at % 2 === 0
        ? stepOf(`s${at}`, 'bank__read_bill', { file: `bill-${at}.txt` })
        : stepOf(`s${at}`, 'bank__pay', {
            to: 'landlord',
            amount: ref(`s${at - 1}`, '/structuredContent/amount'),
          }),
    ),
  );
}

async function timesOf(steps: number): Promise<number[]> {
  const plan = planWith(steps);
  const limits = { ...LIMITS, maxSteps: steps, maxBytes: 1 << 24 };
  const times = await repeat(120, () => {
    const problems = problemsOf(plan, limits);
    if (problems.length > 0) throw new Error(problems.join('\n'));
  });
  return times.slice(20);
}

/** How long it takes to look a plan through, and how that grows. */
export async function planRows(): Promise<Row[]> {
  const [few, many] = [await timesOf(100), await timesOf(1000)];
  const ratio = quantile(many, 0.5) / quantile(few, 0.5);
  return [
    {
      what: 'plan: shape, graph, tools and arguments of 100 steps, p50 / p95',
      value: `${ms(quantile(few, 0.5))} / ${ms(quantile(few, 0.95))}`,
      target: 'p95 ≤ 10 ms',
      met: quantile(few, 0.95) <= 10,
    },
    {
      what: 'plan: the same of 1,000 steps, in times of that',
      value: ratio.toFixed(1),
      target: '≤ 15',
      met: ratio <= 15,
    },
  ];
}
