import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { packageRoot } from '../../src/lib/package-root.ts';
import { RULES } from '../../src/scan/rules.ts';
import { createScan, type Knowledge } from '../../src/scan/scan.ts';
import { channelOf, readCorpus } from '../../src/scan/train/corpora.ts';
import { groupOf, type Part } from '../../src/scan/train/groups.ts';
import { meanOf } from '../../src/lib/intervals.ts';
import { NOTHING_LEARNED } from '../../src/scan/train/weakened.ts';

/** Bounds of the intervals, by part of the table and verdict: recall must not end below, false positives not above. */
type Limits = Partial<Record<Part, { readonly atLeast?: Pair; readonly atMost?: Pair }>>;
type Pair = { readonly block: number; readonly mark: number };

const folder = join(packageRoot(), 'test/corpora');
const rows = readCorpus(join(folder, 'sample.jsonl.gz'));
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- our own file
const limits = JSON.parse(readFileSync(join(folder, 'thresholds.json'), 'utf8')) as Limits;

/** What a detector misses of the limits. */
function shortfalls(knowledge: Knowledge): string[] {
  const scan = createScan({ mark: 0.5, block: 0.9 }, knowledge);
  const parts = new Map<Part, Map<string, { mark: number; block: number; n: number }>>();
  for (const row of rows) {
    const group = groupOf(row);
    assert.ok(group, row.id);
    const groups =
      parts.get(group.part) ?? new Map<string, { mark: number; block: number; n: number }>();
    parts.set(group.part, groups);
    const counts = groups.get(group.name) ?? { mark: 0, block: 0, n: 0 };
    groups.set(group.name, counts);
    const { verdict } = scan(row.text, channelOf(row));
    counts.n++;
    if (verdict !== 'pass') counts.mark++;
    if (verdict === 'block') counts.block++;
  }
  return [...parts].flatMap(([part, groups]) =>
    (['block', 'mark'] as const).flatMap((level) => {
      const { low, high, value } = meanOf(
        Array.from(groups.values(), (counts) => ({ hits: counts[level], n: counts.n })),
      );
      const told = `${part} ${level} ${value.toFixed(4)} (${low.toFixed(4)}–${high.toFixed(4)})`;
      const { atLeast, atMost } = limits[part] ?? {};
      const isShort =
        (atLeast !== undefined && low < atLeast[level]) ||
        (atMost !== undefined && high > atMost[level]);
      return isShort ? [told] : [];
    }),
  );
}

test('the fixed sample is held within the committed limits', () => {
  assert.ok(rows.length > 1000);
  assert.ok(Object.keys(limits).length >= 5);
  assert.deepEqual(shortfalls({}), []);
});

test('a table without a few of its rules does not hold the limits', () => {
  const weakened = RULES.filter(({ id }) => !/^(?:override|address|conceal|new-task)/.test(id));
  assert.ok(weakened.length < RULES.length);
  assert.notDeepEqual(shortfalls({ rules: weakened }), []);
});

test('rules without what was learned do not hold the limits', () => {
  assert.notDeepEqual(shortfalls({ weights: NOTHING_LEARNED }), []);
});
