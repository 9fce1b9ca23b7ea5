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
    ({ what, value, target, met }) =>
      `| ${what} | ${value} | ${target ?? ''} | ${met === undefined ? '' : met ? 'met' : '**not met**'} |`,
  );
  return ['| measured in one run | value | target | |', '|---|---|---|---|', ...lines].join('\n');
}

export const ms = (value: number): string =>
  `${value < 10 ? value.toFixed(2) : value.toFixed(0)} ms`;
