import type { Verdict } from '../../call.ts';
import { createEffort } from '../effort.ts';
import { measure } from '../evidence.ts';
import { createScore } from '../model/score.ts';
import type { Weights } from '../model/weights.ts';
import { likelihood, together, verdictOf, type Thresholds } from '../odds.ts';
import { readings } from '../readings.ts';
import { NOTHING_QUOTED } from '../quoted.ts';
import { RULES } from '../rules.ts';
import { rawView } from '../view.ts';
import { channelOf, type Row } from './corpora.ts';

/** The verdict of the learned score as if no rule had found anything. */
export function scoreLearned(weights: Weights, thresholds: Thresholds): (row: Row) => Verdict {
  const score = createScore(weights);

  return function verdict(row) {
    let most = 0;
    for (const reading of readings(rawView(row.text), createEffort(row.text.length))) {
      const { learned } = measure(reading, channelOf(row), score, RULES, NOTHING_QUOTED);
      most = Math.max(most, together(0, learned?.logit ?? -Infinity));
    }
    return verdictOf(likelihood(most, channelOf(row)), thresholds);
  };
}
