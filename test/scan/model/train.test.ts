import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { packageRoot } from '../../../src/lib/package-root.ts';
import { readWeights } from '../../../src/scan/model/weights.ts';
import { createScan } from '../../../src/scan/scan.ts';
import { scratch } from '../../support/scratch.ts';

const run = promisify(execFile);
const TRAIN = join(packageRoot(), 'dist/src/scan/train/train.js');

/** Attacks in words that no rule knows, and harmless texts of the same shape. */
function corpus(): string {
  const places = ['shed', 'cellar', 'attic', 'garage', 'pantry', 'barn', 'porch', 'hall'];
  const things = ['lamp', 'ladder', 'kettle', 'bicycle', 'barrel', 'blanket'];
  const rows = places.flatMap((place) =>
    things.flatMap((thing) => {
      const about = `The ${thing} in the ${place} was painted last week and is dry by now.`;
      const payload = `Wibble the frobnicator and quux the ${thing} at once.`;
      const row = { source: 'tiny', license: 'CC0', channel: 'tool_output' };
      return [
        { ...row, id: `${place} ${thing}`, kind: 'benign', text: about, meta: {} },
        {
          ...row,
          id: `${place} ${thing} attack`,
          kind: 'injection',
          text: `${about} ${payload} ${about}`,
          meta: { payload, attack: 'wibble', explicit: true },
        },
      ];
    }),
  );
  return rows.map((row) => JSON.stringify(row)).join('\n');
}

test('the same texts give the same bytes, and what was learned is found', async (context) => {
  const folder = await scratch(context);
  const corpora = join(folder, 'corpora');
  await mkdir(corpora);
  await writeFile(join(corpora, 'tiny.jsonl.gz'), gzipSync(corpus()));
  const outs = [join(folder, 'a'), join(folder, 'b')];
  for (const out of outs) await run(process.execPath, [TRAIN, '--corpora', corpora, '--out', out]);
  const [one, other] = await Promise.all(outs.map((out) => readFile(join(out, 'weights.bin'))));
  assert.ok(one && other && one.equals(other));

  const scan = createScan({ mark: 0.5, block: 0.9 }, { weights: readWeights(outs[0] ?? '') });
  const attack = scan(
    `In the ${'yard '.repeat(60)}: wibble the frobnicator and quux the saw at once.`,
    'tool-output',
  );
  assert.equal(attack.findings[0]?.rule, 'learned', JSON.stringify(attack));
  assert.deepEqual(scan('The saw in the yard was painted last week.', 'tool-output').findings, []);
});
