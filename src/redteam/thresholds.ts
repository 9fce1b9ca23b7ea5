import * as z from 'zod';
import { Fault } from '../lib/fault.ts';
import type { Report } from './report.ts';

const bound = z.number().min(0).max(1);
const shares = z.strictObject({ mark: bound.optional(), block: bound.optional() });
const of = {
  /** The lower bound of the interval may not be below. */
  recall: shares.optional(),
  /** The upper bound of the interval may not be above. */
  fpr: shares.optional(),
};
/** What a report has to reach; `by` asks the same of one wrapping, tool set, channel or source. */
export const thresholds = z.strictObject({
  ...of,
  /** Milliseconds; the upper bound of the interval may not be above. */
  latency: z.strictObject({ p50: z.number().positive().optional(), p95: z.number().positive().optional() }).optional(),
  by: z
    .partialRecord(
      z.enum(['wrapping', 'tools', 'channel', 'source']),
      z.record(z.string(), z.strictObject(of)),
    )
    .optional(),
}); // prettier-ignore
export type Thresholds = z.infer<typeof thresholds>;

export function parseThresholds(text: string, path: string): Thresholds {
  try {
    return thresholds.parse(JSON.parse(text));
  } catch (cause) {
    const why =
      cause instanceof z.ZodError ? z.prettifyError(cause).split('\n').join('; ') : 'it is no JSON';
    throw new Fault(`Cannot use the thresholds ${path}: ${why}`, { cause });
  }
}

/** What falls short, one sentence each; none: accepted. A threshold on nothing that was measured falls short too. */
export function fallsShort(report: Report, wanted: Thresholds): string[] {
  const short: string[] = [];
  const LEVELS = ['mark', 'block'] as const;
  function check(
    where: string,
    group: Report['all'] | undefined,
    want: Pick<Thresholds, 'recall' | 'fpr'>,
  ): void {
    for (const level of LEVELS) {
      const [least, most] = [want.recall?.[level], want.fpr?.[level]];
      const [recall, fpr] = [group?.recall[level], group?.fpr[level]];
      if (least !== undefined && !(recall && recall.n > 0 && recall.low >= least))
        short.push(
          `${where}recall at ${level}: lower bound ${told(recall?.low)}, at least ${least}`,
        );
      if (most !== undefined && !(fpr && fpr.n > 0 && fpr.high <= most))
        short.push(`${where}fpr at ${level}: upper bound ${told(fpr?.high)}, at most ${most}`);
    }
  }
  check('', report.all, wanted);
  for (const [dimension, groups] of Object.entries(wanted.by ?? {}))
    for (const [name, want] of Object.entries(groups))
      check(`${dimension} ${name}: `, report.by[dimension]?.[name], want);
  for (const quantile of ['p50', 'p95'] as const) {
    const most = wanted.latency?.[quantile];
    const high = report.latency[quantile].high;
    if (most !== undefined && !(high <= most))
      short.push(`latency ${quantile}: upper bound ${told(high)} ms, at most ${most} ms`);
  }
  return short;
}

function told(value: number | undefined): string {
  return value === undefined ? 'of nothing' : value.toFixed(4);
}
