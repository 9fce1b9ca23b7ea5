import type { Payload } from './payloads.ts';
import { meanOf, wilson, type Share } from '../lib/intervals.ts';

export type Shares = { readonly mark: Share; readonly block: Share };
/** Milliseconds with a 95 % interval (order statistics). */
export type Quantile = { readonly value: number; readonly low: number; readonly high: number };
export type Group = { readonly recall: Shares; readonly fpr: Shares };
export type Report = {
  readonly version: string;
  readonly seed: number;
  readonly sample: number;
  readonly corpora: string;
  readonly all: Group;
  /** The mean over the sources of attacks, each as much as any other. */
  readonly macroRecall: Shares;
  /** By dimension (`wrapping`, `tools`, `channel`, `source`) and value. */
  readonly by: Readonly<Record<string, Readonly<Record<string, Group>>>>;
  readonly latency: { readonly p50: Quantile; readonly p95: Quantile; readonly n: number };
};

type Count = { n: number; mark: number; block: number; readonly texts: Set<string> };
type Counts = { injection: Count; benign: Count };

const zero = (): Counts => ({
  injection: { n: 0, mark: 0, block: 0, texts: new Set() },
  benign: { n: 0, mark: 0, block: 0, texts: new Set() },
});

/** Collects verdicts; each is counted in the whole and in one group of each dimension. */
export function createTally(): {
  add: (
    of: Pick<Payload, 'id' | 'source' | 'kind'>,
    verdict: 'pass' | 'mark' | 'block',
    groups: Readonly<Record<string, string>>,
    ms: number,
  ) => void;
  report: (head: Pick<Report, 'version' | 'seed' | 'sample' | 'corpora'>) => Report;
} {
  const all = zero();
  const by = new Map<string, Map<string, Counts>>();
  const times: number[] = [];

  return {
    add({ id, source, kind }, verdict, groups, ms) {
      times.push(ms);
      const counts = Object.entries(groups).map(([dimension, name]) => {
        const ofDimension = by.get(dimension) ?? new Map<string, Counts>();
        by.set(dimension, ofDimension);
        const found = ofDimension.get(name) ?? zero();
        ofDimension.set(name, found);
        return found;
      });
      for (const each of [all, ...counts]) {
        each[kind].n++;
        each[kind].texts.add(`${source} ${id}`);
        if (verdict !== 'pass') each[kind].mark++;
        if (verdict === 'block') each[kind].block++;
      }
    },
    report: (head) => ({
      ...head,
      all: groupOf(all),
      macroRecall: macro([...(by.get('source')?.values() ?? [])]),
      by: Object.fromEntries(
        [...by].map(([dimension, groups]) => [
          dimension,
          Object.fromEntries(
            [...groups]
              .toSorted(([a], [b]) => (a < b ? -1 : 1))
              .map(([name, counts]) => [name, groupOf(counts)]),
          ),
        ]),
      ),
      latency: { p50: quantile(times, 0.5), p95: quantile(times, 0.95), n: times.length },
    }),
  };
}

function macro(sources: readonly Counts[]): Shares {
  const attacks = sources.map(({ injection }) => injection).filter(({ n }) => n > 0);
  const of = (level: 'mark' | 'block'): Share =>
    meanOf(
      attacks.map(({ texts, ...count }) => ({
        hits: (count[level] / count.n) * texts.size,
        n: texts.size,
      })),
    );
  return { mark: of('mark'), block: of('block') };
}

function groupOf({ injection, benign }: Counts): Group {
  return { recall: sharesOf(injection), fpr: sharesOf(benign) };
}

/** The interval is that of the ranks between which the true quantile lies with 95 % (normal approximation). */
export function quantile(times: readonly number[], share: number): Quantile {
  const sorted = times.toSorted((a, b) => a - b);
  const n = sorted.length;
  const spread = 1.96 * Math.sqrt(n * share * (1 - share));
  const at = (rank: number): number => sorted[Math.max(0, Math.min(n - 1, Math.round(rank)))] ?? 0;
  return {
    value: at(n * share - 0.5),
    low: at(n * share - spread - 1),
    high: at(n * share + spread),
  };
}

/** A page for people; two of them can be compared line by line. */
export function asMarkdown(report: Report): string {
  const { version, seed, sample, corpora, all, macroRecall, by, latency } = report;
  return [
    `# Red team: corpus`,
    '',
    `sallyport ${version}, corpora ${corpora}, seed ${seed}, sample ${sample}. Shares with Wilson's 95 % interval and the number of texts.`,
    '',
    ...tableOf('All', { all }),
    `Mean recall of the sources: ${shareAsText(macroRecall.mark)} marked, ${shareAsText(macroRecall.block)} withheld.`,
    '',
    ...Object.entries(by).flatMap(([dimension, groups]) => tableOf(dimension, groups)),
    `Latency of ${latency.n} scans: p50 ${milliseconds(latency.p50)}, p95 ${milliseconds(latency.p95)}.`,
    '',
  ].join('\n');
}

/** A text counts once in however many wrappings it came: they are no independent trials, and would prove too much. */
function sharesOf({ n, texts, ...count }: Count): Shares {
  const of = (level: 'mark' | 'block'): Share =>
    wilson(n === 0 ? 0 : (count[level] / n) * texts.size, texts.size);
  return { mark: of('mark'), block: of('block') };
}

function tableOf(title: string, groups: Readonly<Record<string, Group>>): string[] {
  return [
    `| ${title} | Recall, mark | Recall, block | False positives, mark | False positives, block |`,
    '|---|---|---|---|---|',
    ...Object.entries(groups).map(([name, { recall, fpr }]) => {
      const shares = [recall.mark, recall.block, fpr.mark, fpr.block];
      return `| ${name.replaceAll('|', '\\|')} | ${shares.map(shareAsText).join(' | ')} |`;
    }),
    '',
  ];
}

function milliseconds({ value, low, high }: Quantile): string {
  return `${value.toFixed(2)} ms (${low.toFixed(2)}–${high.toFixed(2)})`;
}

/** `0.663 (0.614–0.709, 374)`: the share, its interval, and of how many. */
export function shareAsText({ value, low, high, n }: Share): string {
  return n === 0 ? '–' : `${value.toFixed(3)} (${low.toFixed(3)}–${high.toFixed(3)}, ${n})`;
}
