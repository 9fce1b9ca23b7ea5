import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { CallToolResultSchema, ErrorCode, McpError } from '@modelcontextprotocol/sdk/types.js';
import { stringify } from 'yaml';
import { readRecords } from '../../src/audit/read-records.ts';
import { isJsonObject } from '../../src/lib/json.ts';
import { packageRoot } from '../../src/lib/package-root.ts';
import { createRandom, type Random } from '../../src/redteam/random.ts';
import { BIN } from '../support/gate.ts';
import { scratch, type Context } from '../support/scratch.ts';
import { until } from '../support/until.ts';
import { PLACE, type Fault, type PlaceFault } from './faults.ts';
import { limited, STRIKES } from './strike.ts';

export type Round = {
  readonly fault: Fault;
  readonly seed: string;
  readonly calls: number;
  /** How calls ended: `answered`, `failed` upstream, a code, `unknown`, `closed`, or what must not be, `hung` and `wrong`. */
  readonly ends: Readonly<Record<string, number>>;
  /** What the upstream got although the audit has no intent for it, or no policy would have let it. */
  readonly unchecked: readonly string[];
  /** The state of a plan that ran meanwhile, or why it cannot be asked for; `running` and `hung` must not be. */
  readonly plan: string;
  /** `sallyport audit verify` afterwards. */
  readonly verified: boolean;
};

const TIMEOUT_MS = 1500;
/** A call that has not ended by then hangs; it may wait for the upstream and for a busy machine. */
const DEADLINE_MS = 30_000;
/** Files are looked at again by then. */
const SEEN_MS = 500;
/** What the SDK's client says by itself. */
const RPC: Readonly<Record<string, number>> = {
  timeout: ErrorCode.RequestTimeout,
  closed: ErrorCode.ConnectionClosed,
};
const WAVE = 5;
const CODE = 'code__execute_javascript';

const POLICY = `@id("all") permit (principal, action, resource);
@id("never") forbid (principal, action, resource == Tool::"up/forbidden");
@id("asks") @requires_approval("user") forbid (principal, action, resource == Tool::"up/asked")
unless { context.pep.approvals.contains("user") };
`;
const TOOLS = ['echo', 'echo', 'echo', 'echo', 'forbidden', 'asked', 'invalid'] as const;

/** One gateway, one upstream, three waves of calls, and one fault that strikes in the second. */
export async function runRound(context: Context, fault: Fault, seed: string): Promise<Round> {
  const folder = await scratch(context);
  const log = join(folder, 'arrived.jsonl');
  const random = createRandom(`${seed} ${fault}`);
  const place = isPlace(fault) ? fault : undefined;
  await writeSetting(folder, log, place === undefined ? fault : 'none');
  const serve = [process.execPath, BIN, 'serve', '--config', join(folder, 'sallyport.yaml')];
  const client = new Client({ name: 'chaos', version: '1' });
  const transport = new StdioClientTransport({
    ...(fault === 'disk full'
      ? limited(serve)
      : { command: process.execPath, args: serve.slice(1) }),
    stderr: 'ignore',
    cwd: folder,
  });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the SDK's own class, laxer about `undefined` than its interface
  await client.connect(transport);
  context.after(async () => await client.close());
  const gateway = transport.pid ?? 0;
  const needed = fault === 'sandbox killed' ? ['up__echo', CODE] : ['up__echo'];
  await until(async () => {
    const { tools } = await client.listTools();
    return needed.every((name) => tools.some((tool) => tool.name === name));
  });
  const ends: string[] = [];
  const arrived = (): Arrived[] => readLog(log);
  const target = { folder, gateway, upstream: () => arrived().at(-1)?.pid };

  const plan = await submit(client);
  // Code first: a session that has read what the upstream says is asked before code.
  const program = fault === 'sandbox killed' ? [call(client, CODE, { code: 'for(;;);' })] : [];
  if (program.length === 0) ends.push(...(await wave(client, random, 'first')));
  const struck = (async () => {
    await sleep(random(60));
    await STRIKES[place ?? 'no fault'](target);
  })();
  ends.push(
    ...(
      await Promise.all([
        ...program,
        ...(program.length === 0 ? [wave(client, random, 'second')] : []),
        planned(client, 'run', { plan }).then(() => []),
      ])
    ).flat(),
  );
  await struck;
  await sleep(SEEN_MS);
  ends.push(...(await wave(client, random, 'third')));
  const { state = 'unknown' } = await planned(client, 'status', { plan });
  await client.close();
  return {
    fault,
    seed,
    calls: ends.length,
    ends: counted(ends),
    unchecked: uncheckedIn(folder, arrived()),
    plan: state,
    verified: await verifies(folder),
  };
}

const isPlace = (fault: Fault): fault is PlaceFault => Object.hasOwn(PLACE, fault);

async function writeSetting(folder: string, log: string, upstream: string): Promise<void> {
  const server = join(packageRoot(), 'dist', 'test', 'chaos', 'faulty-server.js');
  await writeFile(join(folder, 'policy.cedar'), POLICY);
  await writeFile(
    join(folder, 'sallyport.yaml'),
    stringify({
      mcpServers: {
        up: { command: process.execPath, args: [server, upstream, log], timeoutMs: TIMEOUT_MS },
      },
      builtin: { code: { languages: ['javascript'], tier: 'wasm', timeoutMs: 10_000 } },
      // The one that needs nothing installed.
      sandbox: { tiers: { microvm: false, gvisor: false, process: false } },
      identity: { stdio: { user: 'alice' } },
      policy: { path: './policy.cedar' },
      catalogue: { onNew: 'pin' },
      plans: {},
      state: { path: './state' },
      // So that what arrived can be found again by its value.
      audit: { path: './audit', arguments: 'redacted' },
    }),
  );
}

async function wave(client: Client, random: Random, name: string): Promise<string[]> {
  const calls = Array.from({ length: WAVE }, async (_, at) => {
    const tool = TOOLS[random(TOOLS.length)] ?? 'echo';
    const nonce = `${tool} ${name} ${at}`;
    if (tool === 'invalid') return await call(client, 'up__echo', { nonce: [nonce] });
    return await call(client, `up__${tool}`, { nonce });
  });
  return await Promise.all(calls);
}

/** A plan of two calls, one after the other. */
const STEPS = [
  { id: 'a', tool: 'up__echo', arguments: { nonce: 'echo plan a' } },
  { id: 'b', tool: 'up__echo', arguments: { nonce: 'echo plan b' }, dependsOn: ['a'] },
];

async function submit(client: Client): Promise<string> {
  const { plan = '' } = await planned(client, 'submit', { purpose: 'chaos', steps: STEPS });
  return plan;
}

/** Ids and states of plans; of one that cannot be asked for how the call ended, as its state. */
async function planned(
  client: Client,
  verb: string,
  args: Record<string, unknown>,
): Promise<{ readonly plan?: string; readonly state?: string }> {
  let said: unknown;
  const end = await call(client, `sallyport__plan_${verb}`, args, (result) => (said = result));
  if (end !== 'answered') return { state: end };
  const found = isJsonObject(said) ? said : {};
  const textOf = (name: string): string | undefined => {
    const value = found[name];
    return typeof value === 'string' ? value : undefined;
  };
  return { plan: textOf('plan') ?? '', state: textOf('state') ?? 'unknown' };
}

/** How a call ended. */
async function call(
  client: Client,
  name: string,
  args: Record<string, unknown>,
  onAnswer?: (structured: unknown) => void,
): Promise<string> {
  try {
    const result = CallToolResultSchema.parse(
      await client.callTool({ name, arguments: args }, undefined, { timeout: DEADLINE_MS }),
    );
    const denied = denialIn(result._meta);
    if (denied !== undefined) return denied;
    if (result.isError === true) return 'failed';
    onAnswer?.(result.structuredContent);
    return result.structuredContent?.['nonce'] === args['nonce'] ? 'answered' : 'wrong';
  } catch (thrown) {
    if (!(thrown instanceof McpError)) return 'closed';
    if (thrown.code === RPC['timeout']) return 'hung';
    if (thrown.code === RPC['closed']) return 'closed';
    const other = thrown.message.includes('Unknown tool') ? 'unknown' : 'failed';
    return denialIn(thrown.data) ?? other;
  }
}

function denialIn(meta: unknown): string | undefined {
  const denial = isJsonObject(meta) ? meta['sallyport/denial'] : undefined;
  const code = isJsonObject(denial) ? denial['code'] : undefined;
  return typeof code === 'string' ? code : undefined;
}

type Arrived = { readonly name: string; readonly nonce: string; readonly pid: number };

function readLog(log: string): Arrived[] {
  if (!existsSync(log)) return [];
  const lines = readFileSync(log, 'utf8').trim().split('\n');
  return lines.map((line) => {
    const arrived: Arrived = JSON.parse(line);
    return arrived;
  });
}

/** Judged from outside: what the upstream was sent against what was written before it was sent. */
function uncheckedIn(folder: string, arrived: readonly Arrived[]): string[] {
  const intents = [...readRecords(join(folder, 'audit'), () => undefined)]
    .filter(({ event }) => event === 'intent')
    .map((record) => JSON.stringify(record));
  const nonces = arrived.map(({ nonce }) => nonce);
  return nonces.filter(
    (nonce, at) =>
      !nonce.startsWith('echo ') ||
      nonces.indexOf(nonce) !== at ||
      !intents.some((record) => record.includes(JSON.stringify(nonce))),
  );
}

async function verifies(folder: string): Promise<boolean> {
  const args = [BIN, 'audit', 'verify', '--config', join(folder, 'sallyport.yaml')];
  return await new Promise((resolve) =>
    execFile(process.execPath, args, { cwd: folder }, (error) => resolve(error === null)),
  );
}

function counted(ends: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const end of ends.toSorted()) counts[end] = (counts[end] ?? 0) + 1;
  return counts;
}
