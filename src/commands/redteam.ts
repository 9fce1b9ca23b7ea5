import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { EXIT, Fault } from '../lib/fault.ts';
import { packageVersion } from '../lib/package-root.ts';
import { visible } from '../lib/visible.ts';
import { createScanJson, type ScanJson } from '../scan/scan-json.ts';
import { createScan } from '../scan/scan.ts';
import type { Payload } from '../redteam/payloads.ts';
import type { Thresholds } from '../scan/odds.ts';
import type { Command, Io } from './command.ts';
import { parseOptions } from './parse-options.ts';
import { createProgressBar } from './progress.ts';

const usage = `Usage: sallyport redteam corpus [--corpora DIR] [--seed N] [--sample N] [--thresholds FILE] [--report md|json]
       sallyport redteam encodings [--corpora DIR] [--seed N] [--sample N] [--report md|json]
       sallyport redteam adaptive [--corpora DIR] [--seed N] [--sample N] [--budget N] [--against mark|block]
                                  [--least N] [--report md|json]
       sallyport redteam scenarios [--seed N] [--sample N] [--json]
       sallyport redteam chaos [--seed N] [--rounds N] [--json]

corpus    sends texts through every wrapping (places in documents, JSON, Markdown, HTML, other languages around them,
          encodings) as results of several sets of tools, and says which are marked and withheld, with 95 % intervals.
encodings says of each encoding how many of the attacks that are found as they stand are found when they are encoded, once
          and with another encoding inside, and how many harmless texts are found only because it is undone.
adaptive  lets an attacker who sees scores change each attack step by step (other words, two encodings deep, cut over fields
          or over two results, 200 KB of padding, another language around it, inside a schema) until one gets past.
scenarios lets agents that obey whatever they read work in four small worlds, without the gateway and with parts of it, and
          says how many attacks reach their goal and how many tasks get done. Only in a clone of the repository.
chaos     lets servers, files, processes and the disk fail while calls are under way, and says whether a call went unchecked
          or hung, and whether the audit verifies. Only in a clone of the repository, on Linux.

  --corpora DIR      *.jsonl or *.jsonl.gz with {id, source, kind: injection|benign, channel, text} a line; without it a few
                     texts of this package. What users themselves say (user_prompt) is left out
  --seed N           which texts are drawn, and what the attacker tries (default 1)
  --sample N         texts of each kind of each source (default 25); with scenarios, attacks of each world (default all)
  --thresholds FILE  JSON: { recall: { mark, block }, fpr: { mark, block }, latency: { p50, p95 }, by: { wrapping, tools,
                     channel, source: { NAME: { recall, fpr } } } }. Recall may not fall below with its lower bound, fpr and
                     latency (ms) may not rise above with their upper one
  --budget N         questions to the detector for each attack (default 200)
  --against LEVEL    what the attacker stays below (default block)
  --least N          the lower bound of the share of attacks that are held may not be below
  --mark N --block N thresholds of the detector (default 0.5 and 0.9)
  --rounds N         rounds of each fault (default 1)
  --report FORM      md or json (default md); two reports of one seed, sample and corpora can be compared
  --json             the same as --report json

Exit code: 0 accepted, 1 it falls short (on stderr), 2 wrong use.
`;

const WHATS = ['corpus', 'encodings', 'adaptive', 'scenarios', 'chaos'] as const;

export const command = {
  summary:
    'attacks the detector and whole sessions, with intervals, and says whether they hold as they should',
  usage,
  run,
} satisfies Command;

async function run(argv: readonly string[], io: Io): Promise<number> {
  const { values, positionals } = parseOptions(
    'redteam',
    argv,
    {
      corpora: { type: 'string' },
      seed: { type: 'string', default: '1' },
      sample: { type: 'string' },
      thresholds: { type: 'string' },
      budget: { type: 'string', default: '200' },
      against: { type: 'string', default: 'block' },
      least: { type: 'string' },
      rounds: { type: 'string' },
      mark: { type: 'string', default: '0.5' },
      block: { type: 'string', default: '0.9' },
      report: { type: 'string', default: 'md' },
      json: { type: 'boolean', default: false },
    },
    true,
  );
  const [what, ...more] = positionals;
  if (what === undefined || more.length > 0 || !(WHATS as readonly string[]).includes(what))
    throw new Fault(`Cannot run redteam: it takes one of ${WHATS.join(', ')}`);
  const form = values.json ? 'json' : oneOf('--report', values.report, ['md', 'json'] as const);
  const seed = whole('--seed', values.seed, 0);
  if (what === 'scenarios' || what === 'chaos') {
    const [option, count] =
      what === 'chaos'
        ? (['--rounds', values.rounds] as const)
        : (['--sample', values.sample] as const);
    return await inClone(what, { form, seed, option, count }, io);
  }
  const [mark, block] = [share('--mark', values.mark), share('--block', values.block)];
  if (mark > block) throw new Fault('Cannot run redteam: --mark is above --block');
  const common: Common = {
    form,
    seed,
    sample: whole('--sample', values.sample ?? '25', 1),
    corpora: values.corpora,
    thresholds: { mark, block },
    scanJson: createScanJson(createScan({ mark, block })),
  };
  if (what === 'encodings') return await encodings(common, io);
  if (what === 'corpus') return await corpus(common, values.thresholds, io);
  const settings = {
    budget: whole('--budget', values.budget, 1),
    against: oneOf('--against', values.against, ['mark', 'block'] as const),
    least: values.least === undefined ? undefined : share('--least', values.least),
  };
  return await adaptive(common, settings, io);
}

type Common = {
  readonly form: 'md' | 'json';
  readonly seed: number;
  readonly sample: number;
  readonly corpora: string | undefined;
  readonly thresholds: Thresholds;
  readonly scanJson: ScanJson;
};
type Texts = { readonly payloads: readonly Payload[]; readonly digest: string };

async function textsOf(corpora: string | undefined, io: Io): Promise<Texts> {
  if (corpora === undefined) {
    const { OWN_PAYLOADS } = await import('../redteam/payloads.ts');
    return { payloads: OWN_PAYLOADS, digest: 'own' };
  }
  const { readCorpora } = await import('../redteam/read-corpora.ts');
  const { payloads, leftOut, digest } = await readCorpora(resolve(io.cwd, corpora));
  if (leftOut > 0)
    io.stderr.write(`sallyport: left out ${leftOut} texts that users say themselves\n`);
  return { payloads, digest };
}

async function corpus(common: Common, thresholdsFile: string | undefined, io: Io): Promise<number> {
  const { asMarkdown } = await import('../redteam/report.ts');
  const { runCorpus } = await import('../redteam/run-corpus.ts');
  const { fallsShort, parseThresholds } = await import('../redteam/thresholds.ts');
  const { TOOL_SETS } = await import('../redteam/tool-sets.ts');
  const { WRAPPINGS } = await import('../redteam/wrappings.ts');
  const wanted =
    thresholdsFile === undefined
      ? {}
      : parseThresholds(await readText(resolve(io.cwd, thresholdsFile)), thresholdsFile);
  const { payloads, digest } = await textsOf(common.corpora, io);
  const bar = createProgressBar(io.stderr);
  const { seed, sample } = common;
  const report = await runCorpus({
    payloads,
    scanJson: common.scanJson,
    head: { version: packageVersion(), seed, sample, corpora: digest },
    wrappings: Object.keys(WRAPPINGS),
    tools: Object.keys(TOOL_SETS),
    now: () => performance.now(),
    progress: (done) => bar.progress('texts', done),
  }).finally(() => bar.end());
  const short = fallsShort(report, wanted);
  io.stdout.write(
    common.form === 'md'
      ? asMarkdown(report)
      : `${visible(JSON.stringify({ ...report, accepted: short.length === 0, short }))}\n`,
  );
  return verdict(short, io);
}

async function encodings(common: Common, io: Io): Promise<number> {
  const { encodingsAsMarkdown, runEncodings } = await import('../redteam/run-encodings.ts');
  const { payloads, digest } = await textsOf(common.corpora, io);
  const bar = createProgressBar(io.stderr);
  const { seed, sample, thresholds, form } = common;
  const report = await runEncodings({
    payloads,
    thresholds,
    head: { version: packageVersion(), corpora: digest, seed, sample },
    progress: (done) => bar.progress('texts', done),
  }).finally(() => bar.end());
  io.stdout.write(
    form === 'md' ? encodingsAsMarkdown(report) : `${visible(JSON.stringify(report))}\n`,
  );
  return EXIT.ok;
}

type Settings = {
  readonly budget: number;
  readonly against: 'mark' | 'block';
  readonly least: number | undefined;
};

async function adaptive(common: Common, settings: Settings, io: Io): Promise<number> {
  const { adaptiveAsMarkdown, runAdaptive } = await import('../redteam/adaptive.ts');
  const { createRandom, sampleOfEach } = await import('../redteam/random.ts');
  const { payloads } = await textsOf(common.corpora, io);
  const chosen = sampleOfEach(
    payloads.filter(({ kind }) => kind === 'injection'),
    ({ source }) => source,
    common.sample,
    (source) => createRandom(`${common.seed} ${source}`),
  );
  const bar = createProgressBar(io.stderr);
  const report = await runAdaptive({
    ...settings,
    payloads: chosen,
    scanJson: common.scanJson,
    seed: common.seed,
    progress: (done) => bar.progress('attacks', done),
  }).finally(() => bar.end());
  io.stdout.write(
    common.form === 'md'
      ? adaptiveAsMarkdown(report)
      : `${visible(JSON.stringify({ version: packageVersion(), ...report }))}\n`,
  );
  const { least } = settings;
  const isShort = least !== undefined && !(report.held.n > 0 && report.held.low >= least);
  return verdict(
    isShort ? [`held: lower bound ${report.held.low.toFixed(4)}, at least ${least}`] : [],
    io,
  );
}

type CloneSetting = {
  readonly form: Common['form'];
  readonly seed: number;
  /** How many of something, where that is said. */
  readonly option: string;
  readonly count: string | undefined;
};

async function inClone(
  what: 'scenarios' | 'chaos',
  { form, seed, option, count }: CloneSetting,
  io: Io,
): Promise<number> {
  const { runInClone } = await import('../redteam/in-clone.ts');
  const many = count === undefined ? [] : [option, String(whole(option, count, 1))];
  const args = ['--seed', String(seed), ...many, ...(form === 'json' ? ['--json'] : [])];
  return await runInClone(what, args, io);
}

function verdict(short: readonly string[], io: Io): number {
  for (const one of short) io.stderr.write(`sallyport: falls short: ${visible(one)}\n`);
  return short.length > 0 ? EXIT.no : EXIT.ok;
}

async function readText(path: string): Promise<string> {
  return await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new Fault(`Cannot read ${path}`, { cause });
  });
}

function whole(option: string, text: string, least: number): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isSafeInteger(value) && value >= least) return value;
  throw new Fault(`Cannot run redteam: ${option} takes a whole number from ${least}`);
}

function share(option: string, text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value > 0 && value <= 1) return value;
  throw new Fault(`Cannot run redteam: ${option} must be above 0 and at most 1`);
}

function oneOf<T extends string>(option: string, text: string, known: readonly T[]): T {
  const found = known.find((one) => one === text);
  if (found !== undefined) return found;
  throw new Fault(`Cannot run redteam: ${option} takes ${known.join(' or ')}`);
}
