import type { Verdict } from '../call.ts';
import { PRIORS, type Channel } from './channel.ts';

export type Thresholds = { readonly mark: number; readonly block: number };

/** Log-odds of a text without evidence. */
const BASE = -4;
/** Log-odds of the learned score from which on it counts, how much, and the most that it may add: by default enough to mark what a tool gives back, to withhold it takes a rule as well. */
const SILENT = -0.5;
const SLOPE = 1.4;
const MOST = 6;

/**
 * Rules and learned score of the same reading, in log-odds above those of a text without evidence. What was learned takes
 * nothing away: harmless words around an order must not talk it down.
 */
export function together(rules: number, learned: number): number {
  return rules + Math.max(0, Math.min(MOST, SLOPE * (learned - SILENT)));
}

/** How likely a text of that much evidence instructs the model. */
export function likelihood(weight: number, channel: Channel): number {
  return 1 / (1 + Math.exp(-BASE - weight - (weight > 0 ? PRIORS[channel] : 0)));
}

export function verdictOf(score: number, { mark, block }: Thresholds): Verdict {
  return score >= block ? 'block' : score >= mark ? 'mark' : 'pass';
}
