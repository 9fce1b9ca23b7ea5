import { BUCKETS, bucketOf, kindOf } from '../model/hash.ts';
import type { Weights } from '../model/weights.ts';
import { AHEAD, eachStretch } from '../model/windows.ts';
import { PLACE, type Dataset } from './dataset.ts';
import { createNumbers, shuffle } from './shuffle.ts';

/** What is to be learned of each text: an attack (1), none (0) or nothing (-1), and how much it counts. */
export type Targets = { readonly label: Int8Array; readonly weight: Float64Array };

export type Recipe = {
  readonly seed: number;
  readonly epochs: number;
  /** Rounds in which every stretch of an attack whose place is unknown counts as one. */
  readonly warmUp: number;
  readonly rate: number;
  readonly l2: number;
  /** How much an attack counts against one stretch of an innocent text. */
  readonly attacks: number;
  /** Share of the kinds of features that are left out, drawn anew for each text: no kind may do all the work. */
  readonly drop: number;
};

export const RECIPE: Recipe = {
  seed: 1,
  epochs: 5,
  warmUp: 2,
  rate: 0.1,
  l2: 1e-6,
  attacks: 4,
  drop: 0.3,
};

/** Innocent texts without a stretch above it have taught what they can: they are asked again in every third round. */
const DULL = -5;
const ASK_AGAIN = 3;
/** Stretches of an attack text without a word of the attack. */
const AROUND = 0.5;
/** Most of the attack must be in a stretch that counts as one. */
const MOST = 0.6;
const SMALLEST = 1e-3;
const KINDS = 32;

/**
 * Logistic regression over stretches of words, by AdaGrad over texts in a shuffled order. A text whose attack has no known
 * place is learned by its stretches that look most like one. The same input gives the same weights.
 */
export function learn(
  data: Dataset,
  { label, weight }: Targets,
  recipe: Recipe,
  onProgress: (line: string) => void = () => undefined,
): Weights {
  const learned = new Float64Array(BUCKETS);
  const squares = new Float64Array(BUCKETS).fill(1e-4);
  let bias = -2;
  let biasSquares = 1e-2;
  const order = Int32Array.from(label.keys()).filter((at) => (label[at] ?? -1) >= 0);
  const numbers = createNumbers(recipe.seed);
  let sums = new Float64Array(1);
  let pull = new Float64Array(1);
  const isDull = new Uint8Array(data.size);
  /** A bit for each kind. */
  let dropped = 0;
  let loss = 0;

  /** Log-odds of the stretches of a text, and the words and readings they stand in. */
  type Stretch = { from: number; to: number; norm: number; logit: number; want: number };

  function stretchesOf(text: number): Stretch[] {
    const stretches: Stretch[] = [];
    const base = data.firstWord[data.firstReading[text] ?? 0] ?? 0;
    const end = data.firstWord[data.firstReading[text + 1] ?? 0] ?? 0;
    const words = end - base;
    if (sums.length < words + 1) {
      sums = new Float64Array(words + 1);
      pull = new Float64Array(words + 1);
    }
    let sum = 0;
    for (let word = base; word < end; word++) {
      const last = data.firstFeature[word + 1] ?? 0;
      for (let at = data.firstFeature[word] ?? 0; at < last; at++) {
        const feature = data.features[at] ?? 0;
        if (((dropped >>> kindOf(feature)) & 1) === 0) sum += learned[bucketOf(feature)] ?? 0;
      }
      sums[word - base + 1] = sum;
    }
    const readingEnd = data.firstReading[text + 1] ?? 0;
    for (let reading = data.firstReading[text] ?? 0; reading < readingEnd; reading++) {
      const first = data.firstWord[reading] ?? 0;
      const count = (data.firstWord[reading + 1] ?? 0) - first;
      const inside = insideOf(first, first + count);
      eachStretch(count, (left, right) => {
        const [from, to] = [first + left, first + right];
        const held = (data.firstFeature[to] ?? 0) - (data.firstFeature[from] ?? 0);
        const norm = 1 / Math.sqrt(held + AHEAD);
        const total = (sums[to - base] ?? 0) - (sums[from - base] ?? 0);
        const want = inside === 0 ? 0 : insideOf(from, to) / Math.min(right - left, inside);
        stretches.push({
          from: from - base,
          to: to - base,
          norm,
          logit: bias + total * norm,
          want,
        });
      });
    }
    return stretches;
  }

  function insideOf(from: number, to: number): number {
    let inside = 0;
    for (let word = from; word < to; word++) if (data.places[word] === PLACE.inside) inside++;
    return inside;
  }

  function draw(): number {
    let kinds = 0;
    for (let kind = 0; kind < KINDS; kind++) if (numbers() < recipe.drop) kinds |= 1 << kind;
    return kinds;
  }

  function step(text: number, warm: boolean): void {
    dropped = draw();
    const stretches = stretchesOf(text);
    if (stretches.length === 0) return;
    const base = data.firstWord[data.firstReading[text] ?? 0] ?? 0;
    const own = weight[text] ?? 0;
    let any = false;
    const correct = (stretch: Stretch, want: 0 | 1, mass: number): void => {
      const likely = 1 / (1 + Math.exp(-stretch.logit));
      const error = (likely - want) * mass;
      loss -= mass * Math.log(Math.max(want === 1 ? likely : 1 - likely, 1e-12));
      if (Math.abs(error) < SMALLEST) return;
      any = true;
      // A slope that begins at the first word and ends after the last.
      pull[stretch.from] = (pull[stretch.from] ?? 0) + error * stretch.norm;
      pull[stretch.to] = (pull[stretch.to] ?? 0) - error * stretch.norm;
      biasSquares += error * error;
      bias -= (recipe.rate * error) / Math.sqrt(biasSquares);
    };
    if (label[text] === 0) {
      for (const stretch of stretches) correct(stretch, 0, own);
      isDull[text] = stretches.every(({ logit }) => logit < DULL) ? 1 : 0;
    } else {
      const unknown = data.places[base] === PLACE.unknown;
      const attacks = unknown
        ? likeliest(stretches, warm, 0.3)
        : likeliest(
            stretches.filter(({ want }) => want >= MOST),
            warm,
            0.5,
          );
      const mass = (own * recipe.attacks) / Math.max(1, attacks.length);
      for (const stretch of attacks) correct(stretch, 1, mass);
      if (!unknown)
        for (const stretch of stretches) if (stretch.want === 0) correct(stretch, 0, own * AROUND);
    }
    if (any) move(base, stretches.at(-1)?.to ?? 0);
  }

  function move(base: number, words: number): void {
    let slope = 0;
    for (let word = 0; word < words; word++) {
      slope += pull[word] ?? 0;
      pull[word] = 0;
      if (Math.abs(slope) < 1e-9) continue;
      const last = data.firstFeature[base + word + 1] ?? 0;
      for (let at = data.firstFeature[base + word] ?? 0; at < last; at++) {
        const feature = data.features[at] ?? 0;
        if (((dropped >>> kindOf(feature)) & 1) === 1) continue;
        const bucket = bucketOf(feature);
        const value = learned[bucket] ?? 0;
        const gradient = slope + recipe.l2 * value;
        const square = (squares[bucket] ?? 0) + gradient * gradient;
        squares[bucket] = square;
        learned[bucket] = value - (recipe.rate * gradient) / Math.sqrt(square);
      }
    }
    pull[words] = 0;
  }

  for (let epoch = 0; epoch < recipe.epochs; epoch++) {
    loss = 0;
    shuffle(order, numbers);
    for (const text of order)
      if (isDull[text] === 0 || epoch % ASK_AGAIN === 0) step(text, epoch < recipe.warmUp);
    onProgress(`round ${epoch + 1} of ${recipe.epochs}: loss ${(loss / order.length).toFixed(5)}`);
  }
  return quantise(learned, bias);
}

/** A part of an attack may look like anything: only what looks most like one is learned. */
function likeliest<T extends { readonly logit: number }>(
  stretches: readonly T[],
  all: boolean,
  share: number,
): readonly T[] {
  if (all) return stretches;
  const keep = Math.min(6, Math.max(1, Math.ceil(stretches.length * share)));
  return stretches.toSorted((a, b) => b.logit - a.logit).slice(0, keep);
}

/** Rounds to one byte a bucket; the few largest are cut to what a byte holds. */
export function quantise(learned: Float64Array, bias: number): Weights {
  const sizes = Float64Array.from(learned, Math.abs).toSorted();
  const scale = Math.max((sizes[Math.floor(BUCKETS * 0.9995)] ?? 0) / 127, 1e-12);
  const bytes = Int8Array.from(learned, (value) =>
    Math.max(-127, Math.min(127, Math.round(value / scale))),
  );
  return { scale, bias, bytes };
}
