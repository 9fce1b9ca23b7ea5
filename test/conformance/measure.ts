import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { packageRoot } from '../../src/lib/package-root.ts';
import { open, type Pairing } from './pairings.ts';
import {
  clientScenarios,
  runClientScenario,
  runServerSuite,
  type ClientRevision,
  type Score,
  type Suite,
} from './run-suite.ts';

/** What one suite scored over one pairing. */
export type Row = {
  readonly side: 'server' | 'client';
  readonly suite: Suite | ClientRevision;
  readonly pairing: string;
  readonly scores: readonly Score[];
};

export type Verdict = {
  /** Failed, and no line says why. */
  readonly unexpected: readonly string[];
  /** Lines of `expected.yaml` that excuse nothing. */
  readonly stale: readonly string[];
};

const entry = z.strictObject({
  side: z.enum(['server', 'client']),
  suite: z.string().optional(),
  pairing: z.string().optional(),
  scenario: z.string(),
  skip: z.literal(true).optional(),
  why: z.string().min(20),
});
export type Expected = z.infer<typeof entry>;

const FOLDER = join(packageRoot(), 'test', 'conformance');
const CLIENT = join(packageRoot(), 'dist', 'test', 'conformance', 'client.js');
const CLIENT_PAIRING = 'gate as client';
export function readExpected(): Expected[] {
  const read: unknown = parse(readFileSync(join(FOLDER, 'expected.yaml'), 'utf8'));
  return z.array(entry).parse(read ?? []);
}

/** Plays the suites against the fixture over one pairing. */
export async function measureServer(pairing: Pairing, suites: readonly Suite[]): Promise<Row[]> {
  await using way = await open(pairing);
  const rows: Row[] = [];
  for (const suite of suites)
    rows.push({ side: 'server', suite, pairing, scores: await runServerSuite(way.url, suite) });
  return rows;
}

/** Plays the suite's own servers to a gateway; each scenario has a server and a gateway of its own. */
export async function measureClient(
  suite: ClientRevision,
  expected: readonly Expected[],
  scenarios = clientScenarios(suite),
): Promise<Row> {
  const row = { side: 'client', suite, pairing: CLIENT_PAIRING } as const;
  const left = scenarios.filter(
    (scenario) => !expected.some((line) => line.skip && covers(line, row, scenario)),
  );
  const scores: Score[] = [];
  // One after the other: the suite and the gate wait a second here and there, which is little on a busy machine.
  for (const scenario of left)
    scores.push(...(await runClientScenario(`${process.execPath} ${CLIENT}`, scenario, suite)));
  return { ...row, scores };
}

/** Compares what failed with what is known to fail. */
export function judge(rows: readonly Row[], expected: readonly Expected[]): Verdict {
  const used = new Set<Expected>(expected.filter(({ skip }) => skip));
  const unexpected = rows.flatMap((row) =>
    row.scores.flatMap(({ scenario, failures }) => {
      const line = expected.find((one) => covers(one, row, scenario));
      if (failures.length === 0) return [];
      if (line) used.add(line);
      return line
        ? []
        : failures.map((failure) => `${row.suite}, ${row.pairing}, ${scenario}: ${failure}`);
    }),
  );
  const played = expected.filter((line) => rows.some((row) => ofRow(line, row)));
  const stale = played
    .filter((line) => !used.has(line))
    .map((line) => `nothing fails any more of ${JSON.stringify(line)}`);
  return { unexpected, stale };
}

type Place = Pick<Row, 'side' | 'suite' | 'pairing'>;

function ofRow(line: Expected, { side, suite, pairing }: Place): boolean {
  return (
    line.side === side &&
    (line.suite === undefined || line.suite === suite) &&
    (line.pairing === undefined || fits(line.pairing, pairing))
  );
}

function covers(line: Expected, row: Place, scenario: string): boolean {
  return fits(line.scenario, scenario) && ofRow(line, row);
}

function fits(pattern: string, text: string): boolean {
  const [before = '', after] = pattern.split('*');
  return after === undefined ? text === before : text.startsWith(before) && text.endsWith(after);
}

/** One line a row: scenarios and checks that passed and failed. */
export function table(rows: readonly Row[]): string {
  const cells = rows.map(({ suite, pairing, scores }) => {
    const failed = scores.filter(({ failures }) => failures.length > 0).length;
    const sum = (of: (score: Score) => number): string =>
      String(scores.reduce((total, score) => total + of(score), 0));
    return [
      suite,
      pairing,
      `${scores.length - failed}/${scores.length}`,
      `${sum(({ passed }) => passed)}/${sum(({ failures }) => failures.length)}`,
      sum(({ warnings }) => warnings.length),
    ];
  });
  const all = [['suite', 'way', 'scenarios', 'checks passed/failed', 'warnings'], ...cells];
  const widths = all[0]?.map((_, at) => Math.max(...all.map((row) => row[at]?.length ?? 0))) ?? [];
  return all
    .map((row) =>
      row
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join('   ')
        .trimEnd(),
    )
    .join('\n');
}
