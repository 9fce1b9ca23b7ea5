import { readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { stringify } from 'yaml';
import { Denial } from '../../src/denial.ts';
import type { Language } from '../../src/sandbox/languages.ts';
import { isJsonObject } from '../../src/lib/json.ts';
import { BIN } from '../support/gate.ts';
import { scratch, type Context } from '../support/scratch.ts';
import { residentBytes } from './http-load.ts';
import { time, type Row } from './measure.ts';
import { findEngine, SAY } from './sandbox.ts';

const CALLS = 1000;
const WARM_UP = 200;
const AT_ONCE = 8;
const SETTLE_MS = 5000;
/** Of growth that is none: code that was compiled meanwhile, garbage that nobody has collected. */
const NOTHING = 10e6;
const LANGUAGES: readonly Language[] = ['python', 'javascript', 'bash'];

type Seen = { readonly ids: Set<string>; readonly failed: string[]; hot: number };
type State = { readonly bytes: number; readonly descriptors: number };

/** A gateway that runs many programs: whether all are answered, what it grows by, and what it leaves. */
export async function sandboxEnduranceRows(context: Context): Promise<Row[]> {
  const engine = await findEngine();
  if (engine instanceof Denial)
    return [{ what: 'sandbox: gVisor through Docker', value: `not here: ${engine.message}` }];
  const folder = await scratch(context);
  const { client, pid } = await start(folder);
  const seen: Seen = { ids: new Set(), failed: [], hot: 0 };
  await run(client, seen, 0, WARM_UP);
  const before = await settled(pid);
  const took = await time(async () => await run(client, seen, WARM_UP, CALLS));
  const after = await settled(pid);
  await client.close();
  await pause(SETTLE_MS);
  const files = filesIn(folder);
  const label = [`dev.sallyport.pid=${pid}`];
  const containers = await engine.docker.listContainers({ all: true, filters: { label } });
  const grown = after.bytes - before.bytes;
  for (const why of seen.failed.slice(0, 5)) process.stderr.write(`${why}\n`);
  return [
    {
      what: `sandboxes: failures of ${CALLS} programs in three languages, ${AT_ONCE} at once, ${((CALLS - WARM_UP) / (took / 1000)).toFixed(1)} a second; ${seen.hot} found a sandbox that waited`,
      ...none(seen.failed.length),
    },
    {
      what: 'programs that had a sandbox to themselves',
      value: String(seen.ids.size),
      target: String(CALLS),
      met: seen.ids.size === CALLS,
    },
    {
      what: `growth of the gateway from call ${WARM_UP} to call ${CALLS} (VmRSS, ${mb(before.bytes)} before)`,
      value: mb(grown),
      target: `≤ ${mb(NOTHING)}`,
      met: grown <= NOTHING,
    },
    {
      what: `file descriptors it has more then (${before.descriptors} before)`,
      ...none(Math.max(0, after.descriptors - before.descriptors)),
    },
    { what: 'containers left when it has ended', ...none(containers.length) },
    { what: 'processes of theirs that are left', ...none(processesOf(seen.ids)) },
    {
      what: 'files that it has left beside its state, its audit and the lock',
      ...none(files.filter((name) => !OWN.test(name)).length),
    },
  ];
}

const OWN =
  /^(?:policy\.cedar|sallyport\.yaml|sallyport\.lock\.json|audit\/[^/]+|state\/(?:audit-head-\w+|audit-key)\.json)$/u;

const none = (count: number): Pick<Row, 'value' | 'target' | 'met'> => ({
  value: String(count),
  target: '0',
  met: count === 0,
});

const mb = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
const pause = async (ms: number): Promise<void> =>
  await new Promise((resolve) => setTimeout(resolve, ms));

async function start(folder: string): Promise<{ readonly client: Client; readonly pid: number }> {
  const config = join(folder, 'sallyport.yaml');
  await writeFile(
    join(folder, 'policy.cedar'),
    '@id("bench.all") permit(principal, action, resource);',
  );
  await writeFile(
    config,
    stringify({
      mcpServers: {},
      builtin: { code: {} },
      sandbox: { tiers: { gvisor: ['docker'] } },
      policy: { path: './policy.cedar' },
      catalogue: { onNew: 'pin' },
      state: { path: './state' },
      audit: { path: './audit' },
    }),
  );
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [BIN, 'serve', '--config', config],
    env: inherited(),
    stderr: 'ignore',
  });
  const client = new Client({ name: 'bench', version: '1' });
  await client.connect(transport);
  return { client, pid: transport.pid ?? 0 };
}

/** The engine is named by variables that are not handed on by themselves. */
function inherited(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]],
    ),
  );
}

async function run(client: Client, seen: Seen, from: number, to: number): Promise<void> {
  let next = from;
  const worker = async (): Promise<void> => {
    while (next < to) await call(client, seen, next++);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

async function call(client: Client, seen: Seen, number: number): Promise<void> {
  const language = LANGUAGES[number % LANGUAGES.length] ?? 'python';
  const word = `word${number}`;
  try {
    const result = await client.callTool({
      name: `code__execute_${language}`,
      arguments: { code: SAY[language](word) },
    });
    const found = result.structuredContent;
    if (!isJsonObject(found) || found['stdout'] !== `${word}\n`)
      throw new Error(JSON.stringify(result));
    seen.ids.add(JSON.stringify(found['sandboxId']).slice(1, -1));
    if (found['path'] === 'hot') seen.hot++;
  } catch (error) {
    seen.failed.push(String(error));
  }
}

/** When nothing runs any more but the cells that wait. */
async function settled(pid: number): Promise<State> {
  await pause(SETTLE_MS);
  return { bytes: await residentBytes(pid), descriptors: readdirSync(`/proc/${pid}/fd`).length };
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
}

/** gVisor's and containerd's have the container on their command line. */
function processesOf(ids: ReadonlySet<string>): number {
  return readdirSync('/proc').filter((name) => {
    if (!/^\d+$/u.test(name)) return false;
    const words = commandLine(name).split(/[\0/]/u);
    return words.some((word) => ids.has(word));
  }).length;
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
