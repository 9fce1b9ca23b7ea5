import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { packageRoot } from '../../src/lib/package-root.ts';
import { createScan } from '../../src/scan/scan.ts';
import { tangle } from '../scan/slow-texts.ts';
import { ms, quantile, type Row } from './measure.ts';

const KB = 1024;
const SCANS = 100_000;
const PIECES = [
  'ignore all previous instructions ',
  'a@b.co ',
  'the user and all this ',
  '{"a":"b",',
];

/** The detector: what a text of ordinary packages costs, one made to be slow, its start, and what many leave behind. */
export function scanRows(scans = SCANS): Row[] {
  const scan = createScan({ mark: 0.5, block: 0.9 });
  const texts = packageTexts();
  const pieces = (size: number): string[] =>
    texts.flatMap((text) =>
      Array.from({ length: Math.floor(text.length / size) }, (_, at) =>
        text.slice(at * size, (at + 1) * size),
      ),
    );
  const times = (all: readonly string[]): number[] =>
    all.map((text) => {
      const start = performance.now();
      scan(text, 'tool-output');
      return performance.now() - start;
    });
  const small = pieces(4 * KB);
  times(small.slice(0, 300));
  const rows = [
    timed('4 KB of packages', times(small.slice(0, 2000)), 0.95, 5),
    timed('64 KB of packages', times(pieces(64 * KB).slice(0, 100)), 0.95, 40),
  ];
  const slow = Array.from({ length: 200 }, (_, seed) =>
    tangle(seed + 1, PIECES)
      .repeat(4 * KB)
      .slice(0, 4 * KB),
  );
  // The best of three: what else the machine does is not the text's fault.
  const runs = [times(slow), times(slow), times(slow)];
  const best = slow.map((_, at) => Math.min(...runs.map((run) => run[at] ?? Infinity)));
  rows.push(timed(`4 KB made to be slow, ${slow.length} texts`, best, 1, 25));
  const { load, first } = start();
  rows.push(timed('the weights are read and held against their card', load, 0.95, 30));
  rows.push(timed('the first text, which learns the lexicon', first, 0.95, 100));
  const grown = growth(small, scans, (text) => scan(text, 'tool-output'));
  rows.push({
    what: `scan: memory after ${scans} texts against half of them`,
    value: `${(grown / 1e6).toFixed(1)} MB`,
    target: '≤ 4 MB',
    met: grown <= 4e6,
  });
  return rows;
}

function timed(what: string, values: readonly number[], share: number, limit: number): Row {
  const value = quantile(values, share);
  return {
    what: `scan: ${what}, p50 / ${share === 1 ? 'worst' : `p${share * 100}`}`,
    value: `${ms(quantile(values, 0.5))} / ${ms(value)}`,
    target: `≤ ${limit} ms`,
    met: value <= limit,
  };
}

/** READMEs, manifests, declarations and programs of the packages that the tests use. */
function packageTexts(): string[] {
  const modules = join(packageRoot(), 'node_modules');
  return readdirSync(modules)
    .toSorted()
    .filter((name) => !name.startsWith('.') && !name.startsWith('@'))
    .flatMap((name) => {
      const folder = join(modules, name);
      return readdirSync(folder, { withFileTypes: true })
        .filter((entry) => entry.isFile() && /\.(?:md|json|ts|js)$/.test(entry.name))
        .map((entry) => readFileSync(join(folder, entry.name), 'utf8').slice(0, 640 * KB));
    });
}

/** A process of its own each: milliseconds until the detector is there, and those of its first text. */
function start(): { load: number[]; first: number[] } {
  const module = pathToFileURL(join(packageRoot(), 'dist/src/scan/scan.js'));
  const program = `const { createScan } = await import(${JSON.stringify(module)});
    const begun = performance.now();
    const scan = createScan({ mark: 0.5, block: 0.9 });
    const loaded = performance.now();
    scan('The first text.', 'tool-output');
    console.log(loaded - begun, performance.now() - loaded);`;
  const runs = Array.from({ length: 10 }, () =>
    execFileSync(process.execPath, ['--input-type=module', '--eval', program], { encoding: 'utf8' })
      .trim()
      .split(' ')
      .map(Number),
  );
  return {
    load: runs.map(([load = Infinity]) => load),
    first: runs.map(([, one = Infinity]) => one),
  };
}

function growth(texts: readonly string[], scans: number, scan: (text: string) => unknown): number {
  const some = texts.map((text) => text.slice(0, 400));
  const half = (): number => {
    for (let at = 0; at < scans / 2; at++) scan(`${some[at % some.length]} ${at}`);
    return heapAfterCollection();
  };
  return -half() + half();
}

function heapAfterCollection(): number {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect !== 'function') throw new TypeError('Cannot measure: no gc');
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
