import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeWeights, encodeWeights, type Weights } from '../model/weights.ts';
import type { Row } from './corpora.ts';
import type { Dataset } from './dataset.ts';
import { learn, type Recipe, type Targets } from './learn.ts';

type Learn = (targets: Targets, recipe: Recipe, onProgress: (line: string) => void) => Weights;

/**
 * Learns, or takes out of a folder what was learned before of the same texts by the same recipe. It does not know when the
 * features change: whoever changes them empties the folder.
 */
export function createKept(
  folder: string | undefined,
  rows: readonly Row[],
  read: () => Dataset,
): Learn {
  let data: Dataset | undefined;
  const learned: Learn = (targets, recipe, onProgress) =>
    learn((data ??= read()), targets, recipe, onProgress);
  if (folder === undefined) return learned;
  mkdirSync(folder, { recursive: true });
  const texts = createHash('sha256');
  for (const row of rows) texts.update(JSON.stringify(row));

  return function kept(targets, recipe, onProgress) {
    const digest = texts
      .copy()
      .update(targets.label)
      .update(targets.weight)
      .update(JSON.stringify(recipe))
      .digest('hex');
    const path = join(folder, `${digest}.bin`);
    if (existsSync(path)) return decodeWeights(readFileSync(path));
    const weights = learned(targets, recipe, onProgress);
    writeFileSync(path, encodeWeights(weights));
    return weights;
  };
}
