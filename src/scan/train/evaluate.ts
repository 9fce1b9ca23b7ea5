/**
 * `npm run evaluate -- --corpora FOLDER[,FOLDER]… [--out FOLDER]`: scores every family of sources by a detector that was
 * trained without it, rules and all, and prints the table. With --out it writes `detection.md` and `detection.json` too,
 * with --keep what each detector learned, so that the same need not be learned twice.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createScan } from '../scan.ts';
import { channelOf, readCorpora } from './corpora.ts';
import { createDataset } from './dataset.ts';
import { familyOf, foldsOf, isSynthetic } from './families.ts';
import { createKept } from './kept.ts';
import { RECIPE } from './learn.ts';
import { createProgress } from './progress.ts';
import { reportOf, THRESHOLDS, type Judged } from './report.ts';
import { scoreLearned } from './score-learned.ts';
import { targetsOf } from './targets.ts';
import { NOTHING_LEARNED } from './weakened.ts';

const { values } = parseArgs({
  options: {
    corpora: { type: 'string' },
    out: { type: 'string' },
    keep: { type: 'string' },
  },
});
if (values.corpora === undefined) throw new TypeError('Cannot evaluate: name folders by --corpora');
const progress = createProgress();
const rows = readCorpora(values.corpora.split(','));
const targets = targetsOf(rows);
const learned = createKept(values.keep, rows, () =>
  createDataset(rows, (done) => progress(`${done} of ${rows.length} texts read`)),
);
const rulesAlone = createScan(THRESHOLDS, { weights: NOTHING_LEARNED });

const judged: Judged[] = [];
for (const fold of foldsOf(rows)) {
  progress(`without ${fold.join(', ')}`);
  const isOut = (at: number): boolean => {
    const row = rows[at];
    return row !== undefined && fold.includes(familyOf(row));
  };
  const label = targets.label.map((known, at) => (isOut(at) ? -1 : known));
  const weights = learned({ ...targets, label }, RECIPE, progress);
  const scan = createScan(THRESHOLDS, { weights });
  const learnedAlone = scoreLearned(weights, THRESHOLDS);
  for (const [at, row] of rows.entries()) {
    if (!isOut(at) || isSynthetic(row)) continue;
    const began = performance.now();
    const { verdict } = scan(row.text, channelOf(row));
    const ms = performance.now() - began;
    judged.push({
      row,
      ms,
      verdict,
      rules: rulesAlone(row.text, channelOf(row)).verdict,
      learned: learnedAlone(row),
    });
  }
}
const { markdown, json } = reportOf(judged);
process.stdout.write(markdown);
if (values.out !== undefined) {
  mkdirSync(values.out, { recursive: true });
  writeFileSync(join(values.out, 'detection.md'), markdown);
  writeFileSync(join(values.out, 'detection.json'), json);
}
