import { LEXICON } from '../lexicon.ts';
import { mix } from './hash.ts';

const NUMBERS = new Map(Object.keys(LEXICON).map((name, at) => [name, at + 1]));

/** What is no word of the lexicon, but says something too. */
export const IDEA = {
  address: NUMBERS.size + 1,
  shout: NUMBERS.size + 2,
  fence: NUMBERS.size + 3,
  shoutedTag: NUMBERS.size + 4,
} as const;

/** The number of a row of the lexicon; `undefined` for any other word. */
export const ideaOf = (name: string): number | undefined => NUMBERS.get(name);

/** Ideas that are remembered, and for how many words. */
const MAX_IDEAS = 10;
const NEAR = 12;
/** Of the ideas remembered, so many are joined in threes. */
const IN_THREES = 5;
/** Kinds of features; apart from those of `lexeme.ts`. */
const KIND = { idea: 11, pair: 20, triple: 31 } as const;

export type Trail = {
  readonly clear: () => void;
  /** Adds the hashes of what the word at `index` says, alone and with what was said shortly before. */
  readonly say: (index: number, ideas: readonly number[]) => void;
};

/** Remembers the last ideas of a text. */
export function createTrail(add: (hash: number, kind: number) => void): Trail {
  const said = new Int32Array(MAX_IDEAS);
  const saidAt = new Int32Array(MAX_IDEAS);
  let known = 0;

  function forget(some: number, from: number): void {
    said.copyWithin(from, from + some, known);
    saidAt.copyWithin(from, from + some, known);
    known -= some;
  }

  function join(index: number, idea: number): void {
    add(idea, KIND.idea);
    for (let at = 0; at < known; at++) {
      if (said[at] === idea) continue;
      const words = index - (saidAt[at] ?? 0);
      const distance = words <= 2 ? 1 : words <= 6 ? 2 : 3;
      add(mix(said[at] ?? 0, idea), KIND.pair + distance);
    }
    for (let at = Math.max(0, known - IN_THREES); at < known; at++)
      for (let then = at + 1; then < known; then++)
        if (saidAt[at] !== saidAt[then] && said[at] !== idea && said[then] !== idea)
          add(mix(mix(said[at] ?? 0, said[then] ?? 0), idea), KIND.triple);
  }

  return {
    clear() {
      known = 0;
    },
    say(index, ideas) {
      let old = 0;
      while (old < known && index - (saidAt[old] ?? 0) > NEAR) old++;
      if (old > 0) forget(old, 0);
      for (const idea of ideas) join(index, 1000 + idea);
      for (const idea of ideas) {
        // Said again, it says no more: a list of one word is no sentence.
        const before = said.indexOf(1000 + idea);
        if (before !== -1 && before < known) forget(1, before);
        else if (known === MAX_IDEAS) forget(1, 0);
        said[known] = 1000 + idea;
        saidAt[known++] = index;
      }
    },
  };
}
