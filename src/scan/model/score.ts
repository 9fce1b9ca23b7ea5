import type { OnWord } from '../phrases.ts';
import { createFeatures } from './features.ts';
import { bucketOf } from './hash.ts';
import { ownFeatures, type Lexeme } from './lexeme.ts';
import type { Weights } from './weights.ts';
import { AHEAD, eachStretch } from './windows.ts';

/** The stretch that reads most like an attack, and its log-odds. */
export type Learned = { readonly logit: number; readonly start: number; readonly end: number };

/** The learned score: reads a text word by word, along with the rules. */
export type Score = {
  readonly begin: (text: string) => void;
  readonly word: OnWord;
  /** Nothing for a text without words. */
  readonly end: () => Learned | undefined;
};

/** Makes the learned score. Takes time linear in the text; its memory is that of the longest one. */
export function createScore({ scale, bias, bytes }: Weights): Score {
  const features = createFeatures();
  const { found } = features;
  let sums = new Int32Array(1025);
  let counts = new Int32Array(1025);
  let places = new Int32Array(2048);
  let words = 0;
  let sum = 0;
  let seen = 0;

  function weigh(lexeme: Lexeme): void {
    const own = ownFeatures(lexeme);
    lexeme.count = own.length;
    lexeme.sum = 0;
    for (const feature of own) lexeme.sum += bytes[bucketOf(feature)] ?? 0;
    lexeme.under = bytes;
  }

  return {
    begin(text) {
      features.begin(text);
      words = 0;
      sum = 0;
      seen = 0;
    },
    word(start, end, lexeme, ended) {
      if (lexeme.under !== bytes) weigh(lexeme);
      const count = features.word(start, end, lexeme, ended);
      sum += lexeme.sum;
      for (let at = 0; at < count; at++) sum += bytes[bucketOf(found[at] ?? 0)] ?? 0;
      seen += count + lexeme.count;
      if (words + 1 === sums.length) {
        sums = grown(sums);
        counts = grown(counts);
        places = grown(places);
      }
      places[2 * words] = start;
      places[2 * words + 1] = end;
      words++;
      sums[words] = sum;
      counts[words] = seen;
    },
    end() {
      if (words === 0) return undefined;
      let most = -Infinity;
      let [first, last] = [0, 0];
      eachStretch(words, (from, to) => {
        const held = (counts[to] ?? 0) - (counts[from] ?? 0);
        const value = ((sums[to] ?? 0) - (sums[from] ?? 0)) / Math.sqrt(held + AHEAD);
        if (value <= most) return;
        most = value;
        first = from;
        last = to - 1;
      });
      return {
        logit: bias + scale * most,
        start: places[2 * first] ?? 0,
        end: places[2 * last + 1] ?? 0,
      };
    },
  };
}

function grown(array: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const more = new Int32Array(2 * array.length);
  more.set(array);
  return more;
}
