import { createEffort } from '../effort.ts';
import { createFeatures } from '../model/features.ts';
import { ownFeatures } from '../model/lexeme.ts';
import { readings } from '../readings.ts';
import { bookOf } from '../rule-book.ts';
import { RULES } from '../rules.ts';
import { rawView } from '../view.ts';
import type { Row } from './corpora.ts';

/** What is learned from of one text: characters, and words of all its readings together. */
const MAX_TEXT = 3000;
const MAX_WORDS = 900;

/** Whether a word belongs to the attack. */
export const PLACE = { outside: 0, inside: 1, unknown: 2 } as const;

/** The texts as the model sees them, in one row: texts hold readings, readings words, words features. Arrays are longer than what they hold. */
export type Dataset = {
  readonly size: number;
  /** First reading of each text, and one more. */
  readonly firstReading: Int32Array;
  /** First word of each reading, and one more. */
  readonly firstWord: Int32Array;
  /** First feature of each word, and one more. */
  readonly firstFeature: Int32Array;
  readonly features: Uint32Array;
  /** A `PLACE` for each word. */
  readonly places: Uint8Array;
};

/** Reads every text through the readings and features of the detector. */
export function createDataset(rows: readonly Row[], onProgress: (done: number) => void): Dataset {
  const seen = createFeatures();
  const { matchPhrases } = bookOf(RULES);
  const firstReading = new Int32Array(rows.length + 1);
  const firstWord = createRow(Int32Array, 1 << 18);
  const firstFeature = createRow(Int32Array, 1 << 22);
  const features = createRow(Uint32Array, 1 << 26);
  const places = createRow(Uint8Array, 1 << 22);
  let readingCount = 0;
  let wordCount = 0;
  let featureCount = 0;
  firstWord.set(0, 0);
  firstFeature.set(0, 0);
  for (const [at, row] of rows.entries()) {
    if (at % 5000 === 0) onProgress(at);
    const text = row.text.slice(0, MAX_TEXT);
    const [from, to] = payloadOf(row, text);
    const known = row.kind === 'benign' || from >= 0;
    const before = wordCount;
    for (const { view } of readings(rawView(text), createEffort(text.length))) {
      if (wordCount - before >= MAX_WORDS) break;
      const first = wordCount;
      seen.begin(view.text);
      matchPhrases(view.text, ignore, (start, end, lexeme, ended) => {
        if (wordCount - before >= MAX_WORDS) return;
        const count = seen.word(start, end, lexeme, ended);
        for (const feature of ownFeatures(lexeme)) features.set(featureCount++, feature);
        for (let index = 0; index < count; index++)
          features.set(featureCount++, seen.found[index] ?? 0);
        let place: number = known ? PLACE.outside : PLACE.unknown;
        if (from >= 0) {
          const [left, right] = view.locate(start, end);
          if (right > from && left < to) place = PLACE.inside;
        }
        places.set(wordCount++, place);
        firstFeature.set(wordCount, featureCount);
      });
      if (wordCount > first) firstWord.set(++readingCount, wordCount);
    }
    firstReading[at + 1] = readingCount;
  }
  return {
    size: rows.length,
    firstReading,
    firstWord: firstWord.array(),
    firstFeature: firstFeature.array(),
    features: features.array(),
    places: places.array(),
  };
}

function ignore(): void {
  // What the rules find is theirs.
}

/** Where the attack stands in its text; -1 where that is not known. */
function payloadOf(row: Row, text: string): readonly [from: number, to: number] {
  const { payload = '', start, end } = row.meta;
  if (row.kind === 'benign' || payload === '') return [-1, -1];
  if (start !== undefined && end !== undefined) return [start, end];
  for (const written of [payload, JSON.stringify(payload).slice(1, -1)]) {
    const whole = text.indexOf(written);
    if (whole >= 0) return [whole, whole + written.length];
  }
  return [-1, -1];
}

type Numbers = Int32Array | Uint32Array | Uint8Array;
type Row32<T> = { readonly set: (at: number, value: number) => void; readonly array: () => T };

/** An array that grows. */
function createRow<T extends Numbers>(Kind: new (size: number) => T, size: number): Row32<T> {
  let items = new Kind(size);
  return {
    set(at, value) {
      if (at >= items.length) {
        const more = new Kind(items.length * 2);
        more.set(items);
        items = more;
      }
      items[at] = value;
    },
    array: () => items,
  };
}
