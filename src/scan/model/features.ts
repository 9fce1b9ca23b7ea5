import { featureOf, mix } from './hash.ts';
import { createTrail, IDEA } from './ideas.ts';
import { KIND, type Lexeme } from './lexeme.ts';

/**
 * What the learned score sees of a text beside the words themselves: what stands between a word and the one before, two,
 * three and skipped words in a row, and the ideas of the lexicon with those shortly before. The trainer and the detector
 * read through this same object.
 */
export type Features = {
  /** Begins a text. */
  readonly begin: (text: string) => void;
  /** Takes the next word, with the ideas of the expressions that it ends; fills `found` and returns how many. */
  readonly word: (start: number, end: number, lexeme: Lexeme, ended: readonly number[]) => number;
  readonly found: Uint32Array;
};

/** Ideas of one word; more than the lexicon gives to any. */
const MAX_IDEAS = 12;
const MAX_FOUND = 512;

export function createFeatures(): Features {
  const found = new Uint32Array(MAX_FOUND);
  const ideas: number[] = [];
  let text = '';
  let index = 0;
  let done = 0;
  let first = 0;
  let second = 0;
  let count = 0;
  let fenced = false;
  const add = (hash: number, kind: number): void => {
    found[count++] = featureOf(hash, kind);
  };
  const trail = createTrail(add);

  /** A hash of the signs between two words, each once in a row; 0: nothing but spaces. */
  function readGap(from: number, to: number): number {
    let hash = 0;
    let last = 0;
    fenced = false;
    for (let at = from; at < to; at++) {
      const code = text.charCodeAt(at);
      if (code === 0x20 || code === 0x09 || code === 0x0d) continue;
      if (code === last) {
        fenced ||= FENCES.has(code);
        continue;
      }
      last = code;
      hash = Math.imul(hash ^ code ^ 0x811c9dc5, 0x01000193);
    }
    // `<` or `[` right before a word opens a tag.
    fenced ||= to > from && (last === 0x3c || last === 0x5b) && text.charCodeAt(to - 1) === last;
    return hash;
  }

  return {
    found,
    begin(next) {
      text = next;
      index = 0;
      done = 0;
      first = 0;
      second = 0;
      trail.clear();
    },
    word(start, end, lexeme, ended) {
      const { hash } = lexeme;
      index++;
      count = 0;
      if (index > 1) add(mix(first, hash), KIND.pair);
      if (index > 2) {
        add(mix(mix(second, first), hash), KIND.triple);
        add(mix(second, hash), KIND.skip);
      }
      second = first;
      first = hash;
      const gap = start > done ? readGap(Math.max(done, start - GAP), start) : 0;
      done = end;
      if (gap !== 0) {
        add(gap, KIND.gap);
        add(mix(gap, hash), KIND.afterGap);
      }
      const isFenced = gap !== 0 && fenced;
      if (lexeme.ideas.length === 0 && ended.length === 0 && !isFenced) return count;
      ideas.length = 0;
      if (isFenced) {
        ideas.push(IDEA.fence);
        if (lexeme.ideas.includes(IDEA.shout)) ideas.push(IDEA.shoutedTag);
      }
      for (const one of lexeme.ideas) ideas.push(one);
      for (const one of ended) ideas.push(one);
      if (ideas.length > MAX_IDEAS) ideas.length = MAX_IDEAS;
      trail.say(index, ideas);
      return count;
    },
  };
}

/** Characters before a word that are looked at, and those that fence something off when they stand twice. */
const GAP = 8;
const FENCES = new Set(Array.from('<[|#=`*!-{>', (character) => character.charCodeAt(0)));
