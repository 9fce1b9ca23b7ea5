import { setImmediate } from 'node:timers/promises';
import { wilson, type Share } from '../lib/intervals.ts';
import type { Thresholds } from '../scan/odds.ts';
import { createScan } from '../scan/scan.ts';
import { DEEP, ENCODINGS, isEncoding, UNDONE_BY, type EncodingName } from './encodings.ts';
import type { Payload } from './payloads.ts';
import { createRandom, sampleOfEach } from './random.ts';
import { shareAsText } from './report.ts';

export type EncodingRow = {
  readonly encoding: EncodingName;
  /** Of the attacks that are marked (withheld) as they stand, those that still are when they are encoded. */
  readonly mark: Share;
  readonly block: Share;
  /** The same for `block` when another encoding is inside this one; absent where this one would destroy it. */
  readonly deep: Share | undefined;
  /** Of harmless texts as they stand, those that are marked (withheld) only because this encoding is undone. */
  readonly alarms: { readonly mark: Share; readonly block: Share };
};
export type EncodingReport = {
  readonly version: string;
  readonly corpora: string;
  readonly seed: number;
  readonly sample: number;
  readonly rows: readonly EncodingRow[];
};

export type RunEncodingsOptions = {
  readonly payloads: readonly Payload[];
  readonly thresholds: Thresholds;
  readonly head: Omit<EncodingReport, 'rows'>;
  readonly progress: (done: number) => void;
};

type Verdict = 'pass' | 'mark' | 'block';
const isMarked = (verdict: Verdict): boolean => verdict !== 'pass';
const isWithheld = (verdict: Verdict): boolean => verdict === 'block';
const NAMES = Object.keys(ENCODINGS).filter(isEncoding);

/** Sends a sample of each kind of each source through every encoding. Attacks that nothing finds as they stand say nothing about encodings. */
export async function runEncodings(options: RunEncodingsOptions): Promise<EncodingReport> {
  const { payloads, thresholds, head, progress } = options;
  const scan = createScan(thresholds);
  const asItStands = createScan(thresholds, { reads: (name) => name === 'raw' });
  const without = NAMES.map((name) =>
    createScan(thresholds, { reads: (reading) => !UNDONE_BY[name].includes(reading) }),
  );
  const chosen = sampleOfEach(
    payloads,
    ({ kind, source }) => `${kind} ${source}`,
    head.sample,
    (key) => createRandom(`${head.seed} ${key}`),
  );
  const counts = NAMES.map(() => ({ mark: 0, block: 0, deep: 0, alarms: { mark: 0, block: 0 } }));
  let [harmless, marked, withheld] = [0, 0, 0];
  for (const [at, { kind, text, channel }] of chosen.entries()) {
    progress(at / chosen.length);
    await setImmediate();
    if (kind === 'benign') {
      harmless++;
      const { verdict } = scan(text, channel);
      if (verdict === 'pass') continue;
      for (const [of, count] of counts.entries()) {
        const other = without[of]?.(text, channel).verdict ?? verdict;
        if (!isMarked(other)) count.alarms.mark++;
        if (isWithheld(verdict) && !isWithheld(other)) count.alarms.block++;
      }
      continue;
    }
    const plain = asItStands(text, channel).verdict;
    if (!isMarked(plain)) continue;
    marked++;
    if (isWithheld(plain)) withheld++;
    for (const [of, count] of counts.entries()) {
      const name = NAMES[of] ?? 'base64';
      const { verdict } = scan(ENCODINGS[name](text), channel);
      if (isMarked(verdict)) count.mark++;
      if (!isWithheld(plain)) continue;
      if (isWithheld(verdict)) count.block++;
      const inner = innerOf(name, at);
      const deep = inner && ENCODINGS[name](ENCODINGS[inner](text));
      if (deep !== undefined && isWithheld(scan(deep, channel).verdict)) count.deep++;
    }
  }
  return {
    ...head,
    rows: NAMES.map((encoding, of) => {
      const { mark = 0, block = 0, deep = 0, alarms = { mark: 0, block: 0 } } = counts[of] ?? {};
      return {
        encoding,
        mark: wilson(mark, marked),
        block: wilson(block, withheld),
        deep: innerOf(encoding, 0) ? wilson(deep, withheld) : undefined,
        alarms: { mark: wilson(alarms.mark, harmless), block: wilson(alarms.block, harmless) },
      };
    }),
  };
}

/** Each text has another encoding inside than the text before it. */
function innerOf(outer: EncodingName, at: number): EncodingName | undefined {
  if (!DEEP.includes(outer)) return undefined;
  const others = DEEP.filter((name) => name !== outer);
  return others[at % others.length];
}

/** A page for people. */
export function encodingsAsMarkdown({
  version,
  corpora,
  seed,
  sample,
  rows,
}: EncodingReport): string {
  return [
    '# Red team: encodings',
    '',
    `sallyport ${version}, corpora ${corpora}, seed ${seed}, sample ${sample}. Of the attacks that are found as they stand, those that are found when they are encoded; of harmless texts, those that are found only because the encoding is undone. With Wilson's 95 % interval and the number of texts.`,
    '',
    '| Encoding | Kept, mark | Kept, block | Another inside, block | More false positives, mark | More false positives, block |',
    '|---|---|---|---|---|---|',
    ...rows.map(({ encoding, mark, block, deep, alarms }) => {
      const shares = [mark, block, deep, alarms.mark, alarms.block];
      return `| ${encoding} | ${shares.map((share) => (share ? shareAsText(share) : '–')).join(' | ')} |`;
    }),
    '',
  ].join('\n'); // prettier-ignore
}
