import type { Row } from './generate.ts';

/** How many rows there are by language and kind, by register and by goal, as a Markdown table. */
export function countTable(rows: readonly Row[]): string {
  const written = ['|what|which|injections|benign|', '|---|---|---|---|'];
  for (const what of ['lang', 'register', 'goal'] as const) {
    const counts = new Map<string, { injection: number; benign: number }>();
    for (const { kind, meta } of rows) {
      const count = counts.get(meta[what]) ?? { injection: 0, benign: 0 };
      count[kind]++;
      counts.set(meta[what], count);
    }
    for (const [which, { injection, benign }] of [...counts].toSorted(([a], [b]) =>
      a < b ? -1 : 1,
    ))
      written.push(`|${what}|${which}|${injection}|${benign}|`);
  }
  return written.join('\n');
}
