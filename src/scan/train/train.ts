/**
 * `npm run train -- --corpora FOLDER[,FOLDER]… [--out FOLDER]`: learns the weights of the detector from `*.jsonl.gz` and
 * writes them with their model card. The same texts give the same bytes.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { packageRoot } from '../../lib/package-root.ts';
import { encodeWeights } from '../model/weights.ts';
import { STRETCHES } from '../model/windows.ts';
import { readCorpora, type Row } from './corpora.ts';
import { createDataset } from './dataset.ts';
import { learn, RECIPE } from './learn.ts';
import { createProgress } from './progress.ts';
import { targetsOf } from './targets.ts';

const { values } = parseArgs({
  options: {
    corpora: { type: 'string' },
    out: { type: 'string', default: join(packageRoot(), 'model') },
  },
});
if (values.corpora === undefined) throw new TypeError('Cannot train: name folders by --corpora');
const progress = createProgress();
const rows = readCorpora(values.corpora.split(','));
const data = createDataset(rows, (done) => progress(`${done} of ${rows.length} texts read`));
const weights = encodeWeights(learn(data, targetsOf(rows), RECIPE, progress));
mkdirSync(values.out, { recursive: true });
writeFileSync(join(values.out, 'weights.bin'), weights);
const card = {
  sha256: createHash('sha256').update(weights).digest('hex'),
  model: 'Logistic regression over hashed features of stretches of words, one signed byte a bucket',
  stretches: STRETCHES,
  recipe: RECIPE,
  sources: sourcesOf(rows),
};
writeFileSync(join(values.out, 'card.json'), `${JSON.stringify(card, undefined, 2)}\n`);
progress(`${weights.length} bytes, SHA-256 ${card.sha256}`);

type Source = { source: string; licence: string; attacks: number; benign: number };

/** What was learned from: names, licences and numbers. */
function sourcesOf(texts: readonly Row[]): Source[] {
  const sources = new Map<string, Source & { licences: Set<string> }>();
  for (const { source, license, kind } of texts) {
    const known = sources.get(source) ?? {
      source,
      licence: '',
      attacks: 0,
      benign: 0,
      licences: new Set<string>(),
    };
    known.licences.add(license);
    known[kind === 'injection' ? 'attacks' : 'benign']++;
    sources.set(source, known);
  }
  return Array.from(sources.values(), ({ licences, ...one }) => ({
    ...one,
    // Of more than a few, each text's own project has its own.
    licence: licences.size > 3 ? 'per project' : [...licences].toSorted().join(', '),
  }));
}
