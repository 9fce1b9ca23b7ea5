import { parseArgs } from 'node:util';
import { collectBenign } from '../collect-benign.ts';
import { countTable } from './count-table.ts';
import { generateRows } from './generate.ts';

/** `node dist/src/scan/train/grammar/main.js [--seed N] [--injections N] [--benign N] [--packages DIR]`: rows as JSONL. */
const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    injections: { type: 'string', default: '12000' },
    benign: { type: 'string', default: '12000' },
    packages: { type: 'string' },
  },
});
const found =
  values.packages === undefined ? [] : collectBenign(values.packages).map(({ text }) => text);
const rows = generateRows({
  seed: Number(values.seed),
  injections: Number(values.injections),
  benign: Number(values.benign),
  found,
});
process.stdout.write(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
process.stderr.write(`${countTable(rows)}\n`);
