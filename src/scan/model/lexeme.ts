import { featureOf, hashOf } from './hash.ts';

/** What a word is to the learned score, wherever it stands. */
export type Lexeme = {
  readonly word: string;
  readonly hash: number;
  /** Numbers of the ideas it is. */
  readonly ideas: readonly number[];
  readonly shouts: boolean;
  /** Whether its letters say something: not those of an address or a number. */
  readonly spelled: boolean;
  /** How many features the word itself has, and what they add up to under some weights: reckoned once for a word that comes again and again. */
  count: number;
  sum: number;
  under: Int8Array | undefined;
};

/** Kinds of features, below 32; each has hashes of its own. Those of ideas are in `ideas.ts`. */
export const KIND = {
  word: 1,
  pair: 2,
  triple: 3,
  skip: 4,
  letters: 5,
  gap: 7,
  afterGap: 8,
  shout: 9,
} as const;

/** Letters of a word that are looked at. */
const MAX_LETTERS = 24;
const SOLID = /^[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]/;

/** A word that is looked at by its letters. */
export function lexemeOf(word: string, ideas: readonly number[], shouts: boolean): Lexeme {
  const hash = hashOf(word, 0, Math.min(word.length, MAX_LETTERS));
  return { word, hash, ideas, shouts, spelled: true, count: 0, sum: 0, under: undefined };
}

/** A word that stands for a kind of words: an address, a number. */
export function kindOfWord(word: string, ideas: readonly number[] = []): Lexeme {
  return { ...lexemeOf(word, ideas, false), spelled: false };
}

/** The features of the word itself: the word, that it is in capitals, its letters in fives, or in pairs where a script writes no spaces. */
export function ownFeatures({ word, hash, shouts, spelled }: Lexeme): number[] {
  const own = [featureOf(hash, KIND.word)];
  if (!spelled) return own;
  if (shouts) own.push(featureOf(0, KIND.shout));
  const short = word.slice(0, MAX_LETTERS);
  const size = SOLID.test(word) ? 2 : 5;
  const framed = size === 2 ? short : `^${short}$`;
  for (let at = 0; at + size <= framed.length; at++)
    own.push(featureOf(hashOf(framed, at, at + size), KIND.letters));
  return own;
}
