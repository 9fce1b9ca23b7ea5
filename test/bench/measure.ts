/** Quantile of measured values, nearest rank; `p` from 0 to 1. */
export function quantile(values: readonly number[], p: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return (
    sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(p * sorted.length) - 1))] ?? Number.NaN
  );
}

/** Milliseconds that one run of `work` takes. */
export async function time(work: () => unknown): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

export async function repeat(times: number, work: () => unknown): Promise<number[]> {
  const all: number[] = [];
  for (let n = 0; n < times; n++) all.push(await time(work));
  return all;
}

export type Row = {
  readonly what: string;
  readonly value: string;
  readonly target?: string;
  readonly met?: boolean;
};

/** Prints rows as a Markdown table. */
export function table(rows: readonly Row[]): string {
  const lines = rows.map(
    ({ what, value, target, met }) => `| ${what} | ${value} | ${target ?? ''} | ${verdict(met)} |`,
  );
  return ['| measured in one run | value | target | |', '|---|---|---|---|', ...lines].join('\n');
}

export const ms = (value: number): string =>
  `${value < 10 ? value.toFixed(2) : value.toFixed(0)} ms`;

/** The same measures of several, side by side; `ratio` is that of the first to the best of the others. */
export type Comparison = {
  readonly of: string;
  readonly columns: readonly string[];
  readonly rows: readonly {
    readonly what: string;
    readonly cells: readonly string[];
    readonly ratio?: string;
    readonly target?: string;
    readonly met?: boolean;
  }[];
};

/** Prints a comparison as a Markdown table. */
export function comparisonTable({ of, columns, rows }: Comparison): string {
  const head = [of, ...columns, `${columns[0]} to the better`, 'target', ''];
  const lines = rows.map(({ what, cells, ratio = '', target = '', met }) => [
    what,
    ...columns.map((_, at) => cells[at] ?? ''),
    ratio,
    target,
    verdict(met),
  ]);
  return [head, head.map(() => '---'), ...lines].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

const verdict = (met: boolean | undefined): string =>
  met === undefined ? '' : met ? 'met' : '**not met**';

const PROSE =
  'The quarterly report shows that revenue grew while costs stayed level and nobody complained. '.repeat(
    11,
  );

/** Messages of 1 KB. No two are the same: nothing that is remembered of one helps the next. */
export function messages(): () => string {
  let made = 0;
  return () => `${made++} ${PROSE}`.slice(0, 1000);
}
