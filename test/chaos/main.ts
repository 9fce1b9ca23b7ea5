#!/usr/bin/env node
/** The program behind `sallyport redteam chaos`: node dist/test/chaos/main.js [--rounds N] [--fault NAME] [--seed N] [--json] */
import { parseArgs } from 'node:util';
import { FAULTS, type Fault, type Stage } from './faults.ts';
import { runRound, type Round } from './round.ts';
import { endings } from '../support/endings.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '1' },
    fault: { type: 'string' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
});

const isFault = (name: string): name is Fault => Object.hasOwn(FAULTS, name);
const rounds: Round[] = [];
for (const fault of Object.keys(FAULTS)
  .filter(isFault)
  .filter((one) => one === (values.fault ?? one)))
  for (let round = 0; round < Number(values.rounds); round++) {
    await using ends = endings();
    rounds.push(await runRound(ends, fault, `${values.seed}.${round}`));
    if (process.stderr.isTTY) process.stderr.write(`${fault}\n`);
  }

const short = rounds.flatMap(({ fault, seed, ends, unchecked, plan, verified }) =>
  [
    ...unchecked.map((nonce) => `the upstream got "${nonce}" unchecked`),
    ...(ends['hung'] === undefined ? [] : [`${ends['hung']} calls hung`]),
    ...(ends['wrong'] === undefined ? [] : [`${ends['wrong']} calls got the answer to another`]),
    ...(['running', 'hung'].includes(plan) ? ['a plan did not end'] : []),
    ...(verified ? [] : ['the audit does not verify']),
  ].map((what) => `${fault}, seed ${seed}: ${what}`),
);
process.stdout.write(values.json ? `${JSON.stringify({ rounds, short })}\n` : asMarkdown());
for (const one of short) process.stderr.write(`sallyport: falls short: ${one}\n`);
process.exitCode = short.length > 0 ? 1 : 0;

function asMarkdown(): string {
  const head = [
    'stage',
    'fault',
    'calls',
    'how they ended',
    'unchecked',
    'hung',
    'plan',
    'audit verifies',
  ];
  const rows = Object.entries(FAULTS).map(([fault, stage]: [string, Stage]) => {
    const mine = rounds.filter((round) => round.fault === fault);
    const sum = (of: (round: Round) => number): string =>
      String(mine.reduce((all, round) => all + of(round), 0));
    const ends = [...new Set(mine.flatMap((round) => Object.keys(round.ends)))].toSorted();
    return [
      stage,
      fault,
      sum(({ calls }) => calls),
      ends.map((end) => `${end} ${sum((round) => round.ends[end] ?? 0)}`).join(', '),
      sum(({ unchecked }) => unchecked.length),
      sum(({ ends: all }) => all['hung'] ?? 0),
      [...new Set(mine.map(({ plan }) => plan))].toSorted().join(', '),
      mine.every(({ verified }) => verified) ? 'yes' : 'no',
    ];
  });
  return [head, head.map(() => '---'), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |\n`)
    .join('');
}
