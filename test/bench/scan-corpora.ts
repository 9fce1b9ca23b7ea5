/** Measures the detector on folders of `*.jsonl.gz`: node dist/test/bench/scan-corpora.js FOLDER [--misses SET | --alarms SET] */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import type { Channel } from '../../src/scan/channel.ts';
import { createScan } from '../../src/scan/scan.ts';

type Row = { id: string; kind: string; channel: string; text: string; meta: { attack?: string } };

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { misses: { type: 'string' }, alarms: { type: 'string' }, limit: { type: 'string' } },
});
const folder = positionals[0];
if (folder === undefined) throw new TypeError('Cannot measure: name a folder of *.jsonl.gz');
const limit = Number(values.limit ?? 20);
const only = values.misses ?? values.alarms;
const scan = createScan({ mark: 0.5, block: 0.9 });
const channelOf = (name: string): Channel =>
  name === 'tool_description'
    ? 'tool-description'
    : name === 'document'
      ? 'resource'
      : 'tool-output';

/** Benign sets that speak about attacks, and sets made to provoke: reported, not counted as ordinary. */
const HARD = /security|agent_instructions|synth_hardneg|agt_smoke|notinject/;
const LEVELS = [2.5, 3, 3.5, 4, 4.5, 5, 5.5, 6, 6.2, 7];
const ordinary: number[] = [];
const groups = new Map<string, number[]>();
const times: number[] = [];
const rules = new Map<string, [attack: number, benign: number]>();
const totals = { attack: [0, 0, 0], benign: [0, 0, 0] };
for (const file of readdirSync(folder).filter((name) => name.endsWith('.jsonl.gz'))) {
  const set = file.replace('.jsonl.gz', '');
  if (only !== undefined && only !== set && only !== 'all') continue;
  const rows = gunzipSync(readFileSync(join(folder, file)))
    .toString('utf8')
    .trim()
    .split('\n')
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- our own file format
    .map((line) => JSON.parse(line) as Row);
  for (const kind of ['injection', 'benign']) {
    const some = rows.filter((row) => row.kind === kind);
    if (some.length === 0) continue;
    let mark = 0;
    let block = 0;
    let shown = 0;
    for (const row of some) {
      const started = performance.now();
      const { verdict, score, findings } = scan(row.text, channelOf(row.channel));
      times.push(performance.now() - started);
      const evidence = Math.log(score / (1 - score)) + 4;
      if (kind === 'benign') {
        if (!HARD.test(set)) ordinary.push(evidence);
      } else if (row.channel !== 'user_prompt' || set === 'deepset') {
        const group = `${set} ${set === 'synth_grammar' ? (row.meta.attack ?? '').replace(/(ml).*/, '$1') : (row.meta.attack ?? '')}`;
        groups.set(group, [...(groups.get(group) ?? []), evidence]);
      }
      if (verdict !== 'pass') mark++;
      if (verdict === 'block') block++;
      for (const rule of new Set(findings.map((finding) => finding.rule))) {
        const counts = rules.get(rule) ?? [0, 0];
        if (kind === 'injection') counts[0]++;
        else if (!HARD.test(set)) counts[1]++;
        rules.set(rule, counts);
      }
      const wanted =
        values.misses === undefined
          ? kind === 'benign' && verdict !== 'pass'
          : kind === 'injection' && verdict === 'pass';
      if (only !== undefined && wanted && shown++ < limit) {
        console.log(`--- ${row.id} ${row.meta.attack ?? ''} ${score.toFixed(2)}`);
        if (values.misses === undefined)
          for (const { rule, view, start, end } of findings.slice(0, 6))
            console.log(
              `   ${rule} [${view}] ${JSON.stringify(row.text.slice(Math.max(0, start - 20), end + 20))}`,
            );
        else console.log(`   ${JSON.stringify(row.text.slice(0, 400))}`);
      }
    }
    const n = some.length;
    const total = kind === 'injection' ? totals.attack : totals.benign;
    total[0] = (total[0] ?? 0) + n;
    total[1] = (total[1] ?? 0) + mark;
    total[2] = (total[2] ?? 0) + block;
    console.log(
      `${set.padEnd(26)} ${kind.padEnd(9)} n=${String(n).padEnd(5)} mark ${(mark / n).toFixed(4)} block ${(block / n).toFixed(4)}`,
    );
  }
}
times.sort((a, b) => a - b);
const quantile = (q: number): string => (times[Math.floor(times.length * q)] ?? 0).toFixed(2);
console.log(
  `ms p50 ${quantile(0.5)} p95 ${quantile(0.95)} p99 ${quantile(0.99)} max ${quantile(0.99999)}`,
);
console.log(totals);
for (const [rule, [attack, benign]] of [...rules].toSorted(([, a], [, b]) => b[1] - a[1]))
  console.log(`${rule.padEnd(22)} attack ${String(attack).padEnd(6)} ordinary ${benign}`);

console.log('level  ordinary-fpr  macro-recall');
for (const level of LEVELS) {
  const share = (list: readonly number[]): number =>
    list.filter((value) => value >= level).length / list.length;
  const macro =
    [...groups.values()].map(share).reduce((sum, value) => sum + value, 0) / groups.size;
  console.log(
    `${level.toFixed(1).padEnd(6)} ${share(ordinary).toFixed(5)}       ${macro.toFixed(3)}`,
  );
}
for (const [group, list] of groups)
  console.log(
    group.padEnd(44),
    LEVELS.map((level) =>
      (list.filter((value) => value >= level).length / list.length).toFixed(2),
    ).join(' '),
  );
