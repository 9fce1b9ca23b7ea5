import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';

import { packageRoot } from '../../src/lib/package-root.ts';
import { createScan } from '../../src/scan/scan.ts';
import { channelOf, readCorpus } from '../../src/scan/train/corpora.ts';
import { NOTHING_LEARNED } from '../../src/scan/train/weakened.ts';

/**
 * Texts in seventeen languages that were written before their rules and are never learned from: attacks of many families
 * and harmless texts with their words. The rules were mended by them since, so they guard against loss.
 */
const rows = readCorpus(join(packageRoot(), 'test/corpora/own/held-out.jsonl'));
const THRESHOLDS = { mark: 0.5, block: 0.9 };

const LIMITS = {
  injection: { block: { least: 0.6, most: 1 }, mark: { least: 0.84, most: 1 } },
  benign: { block: { least: 0, most: 0.01 }, mark: { least: 0, most: 0.09 } },
} as const;

for (const [name, scan] of [
  ['the detector as shipped', createScan(THRESHOLDS)],
  ['its rules alone', createScan(THRESHOLDS, { weights: NOTHING_LEARNED })],
] as const)
  for (const kind of ['injection', 'benign'] as const)
    test(`${name}: held-out texts of kind ${kind}`, () => {
      const texts = rows.filter((row) => row.kind === kind);
      assert.ok(texts.length > 100);
      const verdicts = texts.map((row) => scan(row.text, channelOf(row)).verdict);
      for (const [level, { least, most }] of Object.entries(LIMITS[kind])) {
        const hits = verdicts.filter((verdict) =>
          level === 'block' ? verdict === 'block' : verdict !== 'pass',
        );
        const share = hits.length / texts.length;
        assert.ok(share >= least && share <= most, `${level} ${share.toFixed(3)}`);
      }
    });

test('without the rules the held-out attacks pass', () => {
  const scan = createScan(THRESHOLDS, { weights: NOTHING_LEARNED, rules: [] });
  assert.ok(rows.every((row) => scan(row.text, channelOf(row)).verdict === 'pass'));
});
