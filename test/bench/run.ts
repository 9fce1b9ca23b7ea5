/**
 * `npm run bench [-- PART…]`: every claim about speed and memory, measured in one run; a part is `calls`, `peers`, `memory`,
 * `stages`, `plans`, `flow`, `scan`, `identity`, `sandbox`, `sandbox-endurance`, `bundles` or `endurance`.
 * `npm run bench -- detectors FOLDER`
 * compares detectors of injections on the texts of a folder. Prints Markdown tables.
 */
import { cpus, loadavg } from 'node:os';
import type { Context } from '../support/scratch.ts';
import { benchCalls } from './calls.ts';
import { compareHttp } from './compare-http.ts';
import { detectorTables } from './detectors.ts';
import { enduranceRows } from './endurance.ts';
import { flowRows } from './flow.ts';
import { comparisonTable, table } from './measure.ts';
import { identityRows } from './identity.ts';
import { memoryRows } from './memory.ts';
import { scaleRows } from './policy-scale.ts';
import { reloadRows } from './reload.ts';
import { sandboxRows } from './sandbox.ts';
import { sandboxEnduranceRows } from './sandbox-endurance.ts';
import { scanRows } from './scan.ts';
import { planRows } from './plans.ts';
import { policyStage, scanStage } from './stages.ts';

const PARTS: Readonly<Record<string, (context: Context) => Promise<string>>> = {
  calls: async (context) => table(await benchCalls(context)),
  peers: async (context) => comparisonTable(await compareHttp(context)),
  memory: async (context) => table(await memoryRows(context)),
  stages: async () => table([...(await policyStage()), ...(await scaleRows()), ...scanStage()]),
  plans: async (context) => table(await planRows(context)),
  flow: async () => table(await flowRows()),
  scan: async () => table(scanRows()),
  identity: async (context) => table(await identityRows(context)),
  sandbox: async () => table(await sandboxRows()),
  'sandbox-endurance': async (context) => table(await sandboxEnduranceRows(context)),
  bundles: async () => table(await reloadRows()),
  endurance: async () => table(await enduranceRows()),
};

/** Runs a part, and ends what it started, newest first. */
async function run(part: (context: Context) => Promise<string>): Promise<string> {
  const ends: (() => unknown)[] = [];
  try {
    return await part({ after: (end) => void ends.push(end) });
  } finally {
    for (const end of ends.toReversed()) await end();
  }
}

/** Detectors of others: they are installed, and need texts to run on. */
const [first, folder] = process.argv.slice(2);
if (first === 'detectors') {
  if (folder === undefined) throw new TypeError('Cannot compare detectors: name a folder of texts');
  process.stdout.write(`${await run(async (context) => await detectorTables(context, folder))}\n`);
  process.exit(0);
}

const load = (): string => (loadavg()[0] ?? Number.NaN).toFixed(1);
const picked = process.argv.slice(2);
const unknown = picked.find((name) => !Object.hasOwn(PARTS, name));
if (unknown !== undefined)
  throw new TypeError(`Cannot measure ${unknown}: the parts are ${Object.keys(PARTS).join(', ')}`);
const loadBefore = load();
const tables: string[] = [];
for (const [name, part] of Object.entries(PARTS))
  if (picked.length === 0 || picked.includes(name)) tables.push(await run(part));
const [cpu] = cpus();
process.stdout.write(
  `Node ${process.version}, ${cpus().length} × ${cpu?.model.trim() ?? 'CPU'}, load of the last minute ${loadBefore} before and ${load()} after\n\n${tables.join('\n\n')}\n`,
);
