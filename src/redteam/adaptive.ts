import { setImmediate } from 'node:timers/promises';
import { wilson, type Share } from '../lib/intervals.ts';
import type { ScanJson } from '../scan/scan-json.ts';
import { seamsOf, type Tails } from '../scan/seam.ts';
import { deliver, MUTATIONS, type Attack } from './mutations.ts';
import type { Payload } from './payloads.ts';
import { shareAsText } from './report.ts';
import { createRandom, pick, type Random } from './random.ts';

export type AdaptiveOptions = {
  readonly payloads: readonly Payload[];
  readonly scanJson: ScanJson;
  /** What the attacker has to stay below. */
  readonly against: 'mark' | 'block';
  /** Questions to the detector for each attack. */
  readonly budget: number;
  readonly seed: number;
  readonly progress: (done: number) => void;
};

export type Outcome = {
  readonly id: string;
  readonly source: string;
  /** Questions until it got past; absent: it did not within the budget. */
  readonly queries?: number;
  /** What was done to it, in order; `[]`: it got past as it was. */
  readonly steps: readonly string[];
  /** The lowest score that was reached. */
  readonly score: number;
};
export type AdaptiveReport = {
  readonly against: 'mark' | 'block';
  readonly budget: number;
  readonly seed: number;
  /** Attacks that did not get past within the budget. */
  readonly held: Share;
  /** Attacks that got past as they were. */
  readonly missed: Share;
  /** Of those that got past changed: the median number of questions. */
  readonly medianQueries: number | undefined;
  /** The last step of those that got past changed, most frequent first. */
  readonly lastSteps: Readonly<Record<string, number>>;
  readonly attacks: readonly Outcome[];
};

const GRAVITY = { pass: 0, mark: 1, block: 2 } as const;
/** The best so far, from which the attacker goes on. */
const BEAM = 4;
const MAX_STEPS = 5;

/**
 * An attacker who sees scores: changes the best attacks so far, a step at a time, keeps what scores lower, and stops with the
 * first that gets past or when the budget is spent. Deterministic for a seed.
 */
export async function runAdaptive(options: AdaptiveOptions): Promise<AdaptiveReport> {
  const { payloads, against, budget, seed, progress } = options;
  const attacks: Outcome[] = [];
  for (const [at, payload] of payloads.entries()) {
    progress(at / payloads.length);
    attacks.push(await attack(payload, createRandom(`${seed} ${payload.id}`), options));
  }
  const past = attacks.filter(({ queries }) => queries !== undefined);
  const changed = past.filter(({ steps }) => steps.length > 0);
  const lastSteps = new Map<string, number>();
  for (const { steps } of changed) {
    const last = steps.at(-1) ?? '';
    lastSteps.set(last, (lastSteps.get(last) ?? 0) + 1);
  }
  const sorted = changed.map(({ queries = 0 }) => queries).toSorted((a, b) => a - b);
  return {
    against,
    budget,
    seed,
    held: wilson(attacks.length - past.length, attacks.length),
    missed: wilson(past.length - changed.length, attacks.length),
    medianQueries: sorted[Math.floor(sorted.length / 2)],
    lastSteps: Object.fromEntries([...lastSteps].toSorted(([, a], [, b]) => b - a)),
    attacks,
  };
}

async function attack(
  { id, source, text }: Payload,
  random: Random,
  { scanJson, against, budget }: AdaptiveOptions,
): Promise<Outcome> {
  type Tried = { readonly attack: Attack; readonly score: number };
  const seen = new Set<string>();
  let best: Tried[] = [];
  let queries = 0;

  /** Undefined: it was tried before. */
  function ask(tried: Attack): { score: number; isPast: boolean } | undefined {
    const delivery = deliver(tried);
    const key = JSON.stringify(delivery);
    if (seen.has(key)) return undefined;
    seen.add(key);
    queries++;
    let tails: Tails = new Map();
    const scannings = delivery.flatMap(({ value, channel }) => {
      const { seams, tails: next } = seamsOf(tails, value);
      tails = next;
      const across = seams.map(({ tail, head }) => scanJson(`${tail}\n${head}`, channel));
      return [scanJson(value, channel), ...across];
    });
    return {
      score: Math.max(...scannings.map(({ score }) => score)),
      isPast: scannings.every(({ verdict }) => GRAVITY[verdict] < GRAVITY[against]),
    };
  }

  const plain: Attack = { text, depth: 0, delivery: 'plain', steps: [] };
  const first = ask(plain);
  if (first?.isPast === true) return { id, source, queries, steps: [], score: first.score };
  best = [{ attack: plain, score: first?.score ?? 1 }];
  // What changes nothing asks nothing: an end for attacks that no mutation fits.
  for (let turn = 0; queries < budget && turn < budget * 8; turn++) {
    if (turn % 16 === 0) await setImmediate();
    const from = pick(best, random).attack;
    const mutate = MUTATIONS[pick(Object.keys(MUTATIONS), random)];
    const next = from.steps.length >= MAX_STEPS ? undefined : mutate?.(from, random);
    const answer = next && ask(next);
    if (next === undefined || answer === undefined) continue;
    const { score, isPast } = answer;
    if (isPast) return { id, source, queries, steps: next.steps, score };
    best = [...best, { attack: next, score }].toSorted((a, b) => a.score - b.score).slice(0, BEAM);
    // The attack as it was stays a place to begin from, or the beam ends where nothing fits any more.
    if (!best.some((one) => one.attack === plain)) best[BEAM - 1] = { attack: plain, score: 1 };
  }
  return { id, source, steps: [], score: Math.min(...best.map(({ score }) => score)) };
}

/** A page for people. */
export function adaptiveAsMarkdown(report: AdaptiveReport): string {
  const { against, budget, seed, held, missed, medianQueries, lastSteps, attacks } = report;
  return [
    `# Red team: adaptive, against ${against}`,
    '',
    `${budget} questions for each attack, seed ${seed}. Held ${shareAsText(held)}; past as it was ${shareAsText(missed)}; median of questions of those that got past changed: ${medianQueries ?? '–'}.`,
    '',
    '| Last step | Attacks |',
    '|---|---|',
    ...Object.entries(lastSteps).map(([step, count]) => `| ${step} | ${count} |`),
    '',
    '| Attack | Questions | Steps |',
    '|---|---|---|',
    ...attacks.map(
      ({ id, queries, steps }) =>
        `| ${id} | ${queries ?? 'held'} | ${steps.join(' ') || (queries === undefined ? '' : 'as it was')} |`,
    ),
    '',
  ].join('\n');
}
