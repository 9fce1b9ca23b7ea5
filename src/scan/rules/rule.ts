import type { Channel } from '../channel.ts';

/**
 * What instructions to a model look like. Weights are log-odds: 4 alone marks a text, 6.2 alone withholds it at the
 * default thresholds. `phrases` are matched as `phrases.ts` says; `pattern` is linear: single bounded repetitions only.
 */
export type Rule = {
  readonly id: string;
  readonly weight: number;
  readonly why: string;
  readonly source: string;
  readonly phrases?: readonly string[];
  readonly pattern?: RegExp;
  /** What right before it makes it say the opposite. */
  readonly notBehind?: RegExp;
  /** Rules of one family say the same thing: only the heaviest of them counts. */
  readonly family?: string;
  /** Channels where the same words are ordinary. */
  readonly notIn?: readonly Channel[];
  /** The only channels where the words are strange. */
  readonly onlyIn?: readonly Channel[];
};

/** Where texts speak to the model by right. */
export const FOR_MODELS = [
  'prompt',
  'instructions',
  'server-request',
] as const satisfies readonly Channel[];
