/**
 * `npm run bench -- detectors FOLDER`: detectors of the npm registry that run offline, and this one, on the same texts. They
 * are installed into a folder of their own and thrown away. Prints recall and false positives by group and each group of ten
 * texts or more in which one of them finds more attacks than this one withholds with no more false positives.
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { shareAsText } from '../../src/redteam/report.ts';
import { wilson, type Share } from '../../src/lib/intervals.ts';
import { createScan, type Scan } from '../../src/scan/scan.ts';
import { channelOf, readCorpora, type Row } from '../../src/scan/train/corpora.ts';
import { groupOf } from '../../src/scan/train/groups.ts';
import { NOTHING_LEARNED } from '../../src/scan/train/weakened.ts';
import { scratch, type Context } from '../support/scratch.ts';
import { ms, quantile } from './measure.ts';

type Detect = (row: Row) => boolean | Promise<boolean>;
type Detector = { readonly name: string; readonly detect: Detect };

/** Exact versions, so that a table can be made again; what each calls its detector of injections, as its README says. */
const PEERS: Readonly<Record<string, string>> = {
  'llm_guardrail@2.1.2': `const m = await import('llm_guardrail');
    export const detect = async (text) => (await m.checkInjection(text)).detected;`,
  'llm-guard@0.1.9': `import m from 'llm-guard';
    const guard = new m.LLMGuard({ promptInjection: true });
    export const detect = async (text) => (await guard.validate(text)).isValid === false;`,
  '@andersmyrmel/vard@1.2.0': `import vard from '@andersmyrmel/vard';
    const guard = vard();
    export const detect = (text) => guard.safeParse(text).safe === false;`,
  '@reactive-agents/guardrails@0.9.0': `import { detectInjection } from '@reactive-agents/guardrails';
    import { Effect } from 'effect';
    export const detect = async (text) => (await Effect.runPromise(detectInjection(text))).detected;`,
  '@claude-flow/aidefence@3.0.3': `import { isSafe } from '@claude-flow/aidefence';
    export const detect = (text) => isSafe(text) === false;`,
  'llmverify@1.6.1': `import m from 'llmverify';
    export const detect = (text) => m.checkPromptInjection(text).length > 0;`,
};

/** `folder` holds `*.jsonl.gz` as those of the red team; `each` is how many texts of a group are read, evenly spread. */
export async function detectorTables(
  context: Context,
  folder: string,
  each = 400,
): Promise<string> {
  const detectors = [...own(), ...(await peers(await scratch(context)))];
  const groups = groupsOf(readCorpora([folder]), each);
  const shares = new Map<string, Share[]>();
  const times = detectors.map((): number[] => []);
  const failed = detectors.map(() => 0);
  for (const [group, rows] of groups) {
    const found: Share[] = [];
    for (const [of, { detect }] of detectors.entries()) {
      let hits = 0;
      for (const row of rows) {
        const began = performance.now();
        try {
          if (await detect(row)) hits++;
        } catch {
          failed[of] = (failed[of] ?? 0) + 1;
        }
        times[of]?.push(performance.now() - began);
      }
      found.push(wilson(hits, rows.length));
    }
    shares.set(group, found);
  }
  const names = detectors.map(({ name }) => name);
  return [
    `| Group | ${names.join(' | ')} |`,
    `|---|${names.map(() => '---|').join('')}`,
    ...[...shares].map(([group, found]) => `| ${group} | ${found.map(shareAsText).join(' | ')} |`),
    `| Milliseconds, p50 / p95 | ${times.map((all) => `${ms(quantile(all, 0.5))} / ${ms(quantile(all, 0.95))}`).join(' | ')} |`,
    `| Texts on which it failed | ${failed.join(' | ')} |`,
    '',
    ...[SHIPPED, RULES_ALONE].flatMap((ours) => betterThan(ours, names, shares)),
  ].join('\n');
}

const withholds =
  (scan: Scan): Detect =>
  (row) =>
    scan(row.text, channelOf(row)).verdict === 'block';

/** This one, as shipped and without what it learned: it has learned from some of the texts that it is run on here. */
function own(): Detector[] {
  const thresholds = { mark: 0.5, block: 0.9 };
  const shipped = createScan(thresholds);
  const rulesAlone = createScan(thresholds, { weights: NOTHING_LEARNED });
  return [
    { name: 'sallyport, block', detect: withholds(shipped) },
    { name: 'sallyport, mark', detect: (row) => shipped(row.text, channelOf(row)).verdict !== 'pass' },
    { name: 'sallyport, rules alone, block', detect: withholds(rulesAlone) },
  ];
} // prettier-ignore

async function peers(folder: string): Promise<Detector[]> {
  const npm = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefix', folder];
  execFileSync('npm', [...npm, ...Object.keys(PEERS), 'effect@3'], { stdio: 'ignore' });
  return await Promise.all(
    Object.entries(PEERS).map(async ([name, program], at) => {
      const file = join(folder, `peer${at}.mjs`);
      writeFileSync(file, program);
      const module: unknown = await import(pathToFileURL(file).href);
      const detect: unknown = Reflect.get(Object(module), 'detect');
      if (typeof detect !== 'function') throw new TypeError(`Cannot run ${name}`);
      return { name, detect: async ({ text }: Row) => Boolean(await detect(text)) };
    }),
  );
}

function groupsOf(rows: readonly Row[], each: number): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const group = groupOf(row);
    if (group) groups.set(group.name, [...(groups.get(group.name) ?? []), row]);
  }
  return new Map(
    [...groups].map(([name, all]) => {
      const every = Math.max(1, all.length / each);
      return [name, all.filter((_, at) => Math.floor(at / every) !== Math.floor((at - 1) / every))];
    }),
  );
}

const LEAST = 10;
const [SHIPPED, RULES_ALONE, FIRST_PEER] = [0, 2, 3];

/** Groups of attacks in which a peer finds more than one of ours withholds, and raises no more false alarms on ordinary texts. */
function betterThan(ours: number, names: readonly string[], shares: ReadonlyMap<string, readonly Share[]>): string[] {
  const ordinary = shares.get('Benign, ordinary') ?? [];
  const better = [...shares].flatMap(([group, found]) =>
    names.flatMap((name, at) => {
      const [own, peer] = [found[ours], found[at]];
      if (at < FIRST_PEER || group.startsWith('Benign') || !own || !peer || own.n < LEAST) return [];
      const isQuieter = (ordinary[at]?.value ?? 1) <= (ordinary[ours]?.value ?? 0);
      return peer.value > own.value && isQuieter ? [`- ${group}: ${name}`] : [];
    }),
  );
  return [
    `Better in both than ${names[ours] ?? ''}, by group of ten texts or more:`,
    '',
    ...(better.length > 0 ? better : ['- none']),
    '',
  ];
} // prettier-ignore
