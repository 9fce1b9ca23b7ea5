import { BUCKETS } from '../model/hash.ts';
import type { Weights } from '../model/weights.ts';

/** A model that says of every text that it never saw an attack: what is left is the rules. */
export const NOTHING_LEARNED: Weights = { scale: 1, bias: -20, bytes: new Int8Array(BUCKETS) };
