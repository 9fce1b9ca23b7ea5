import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { packageRoot } from '../../src/lib/package-root.ts';
import { installNode } from '../support/install-node.ts';
import { time, type Row } from './measure.ts';

const DECISIONS = 200_000;
const LINES = [20, 22, 24] as const;
const PATIENCE_MS = 1_200_000;

/** Questions that nobody has asked before, in one process of each line of Node.js: some of them abort without the flags. */
export async function enduranceRows(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const line of LINES) rows.push(await enduranceRow(await installNode(line)));
  return rows;
}

async function enduranceRow(node: string): Promise<Row> {
  const run = promisify(execFile);
  const { stdout: version } = await run(node, ['--version']);
  const script = join(packageRoot(), 'dist', 'test', 'policy', 'endure.js');
  let said = '';
  const took = await time(async () => {
    const options = { timeout: PATIENCE_MS };
    said = await run(node, [script, String(DECISIONS)], options).then(
      ({ stdout }) => stdout.trim(),
      (error: unknown) => String(error),
    );
  });
  const want = `${DECISIONS} decisions, ${DECISIONS * 0.9} allowed`;
  return {
    what: `endurance: new decisions in one process, Node ${version.trim()}, in ${(took / 1000).toFixed(0)} s`,
    value: said,
    target: want,
    met: said === want,
  };
}
