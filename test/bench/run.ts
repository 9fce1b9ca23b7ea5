/** `npm run bench`: every claim about speed and memory, measured in one run. Prints a Markdown table. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { stringify } from 'yaml';
import { BIN, realServer } from '../support/gate.ts';
import { compareCalls, compareStart, residentMemory } from './gateway.ts';
import { table, type Row } from './measure.ts';
import { policyStage, sandboxStage, scanStage } from './stages.ts';

const folder = await mkdtemp(join(tmpdir(), 'sallyport-bench-'));
const servers = { everything: realServer('everything'), files: realServer('filesystem', folder) };
const config = join(folder, 'sallyport.yaml');
await writeFile(
  config,
  stringify({
    mcpServers: servers,
    catalogue: { onNew: 'pin' },
    state: { path: './state' },
    audit: { path: './audit' },
  }),
);
const gate = { command: process.execPath, args: [BIN, 'serve', '--config', config] };

type Connected = { readonly client: Client; readonly pid: number };

async function connect(entry: { command: string; args: string[] }): Promise<Connected> {
  const transport = new StdioClientTransport({ ...entry, stderr: 'ignore' });
  const client = new Client({ name: 'bench', version: '1' });
  await client.connect(transport);
  return { client, pid: transport.pid ?? 0 };
}

/** Starts a server, lists its tools, ends it; only the way to the list counts. */
function starting(entry: { command: string; args: string[] }): () => Promise<() => Promise<void>> {
  return async () => {
    const { client } = await connect(entry);
    await client.listTools();
    return async () => await client.close();
  };
}

const load = (): string => (loadavg()[0] ?? Number.NaN).toFixed(1);
const loadBefore = load();

try {
  // First use: definitions are pinned, Cedar's code is in the file cache.
  await (
    await starting(gate)()
  )();
  const rows: Row[] = [];
  rows.push(...(await compareStart(Object.values(servers).map(starting), starting(gate))));
  const direct = await connect(servers.everything);
  const gated = await connect(gate);
  await gated.client.listTools();
  await new Promise((resolve) => setTimeout(resolve, 5000));
  rows.push(await residentMemory(gated.pid));
  rows.push(
    ...(await compareCalls(direct.client, { client: gated.client, name: 'everything__echo' })),
  );
  await direct.client.close();
  await gated.client.close();
  rows.push(...(await policyStage()), ...scanStage(), ...(await sandboxStage()));
  const [cpu] = cpus();
  process.stdout.write(
    `Node ${process.version}, ${cpus().length} × ${cpu?.model.trim() ?? 'CPU'}, load of the last minute ${loadBefore} before and ${load()} after\n\n${table(rows)}\n`,
  );
} finally {
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}
