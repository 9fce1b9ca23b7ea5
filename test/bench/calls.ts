import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { stringify } from 'yaml';
import { packageRoot } from '../../src/lib/package-root.ts';
import { BIN, realServer } from '../support/gate.ts';
import { scratch, type Context } from '../support/scratch.ts';
import { compareCalls, compareStart, residentMemory } from './gateway.ts';
import type { Row } from './measure.ts';

type Program = { readonly command: string; readonly args: string[] };
type Connected = { readonly client: Client; readonly pid: number };

/** What the gateway costs on stdio: start, memory, calls. */
export async function benchCalls(context: Context): Promise<Row[]> {
  const folder = await scratch(context);
  const files = join(folder, 'files');
  await mkdir(files);
  const servers = { everything: realServer('everything'), files: realServer('filesystem', files) };
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
  const { command, args } = servers.everything;
  const naive = {
    command,
    args: [join(packageRoot(), 'dist', 'test', 'bench', 'naive-proxy-server.js'), command, ...args],
  };
  // First use: definitions are pinned, Cedar's code is in the file cache.
  const end = await starting(gate)();
  await end();
  const start = await compareStart(Object.values(servers).map(starting), starting(gate));
  const [plain, proxied, gated] = [
    await connect(servers.everything),
    await connect(naive),
    await connect(gate),
  ];
  await gated.client.listTools();
  await new Promise((resolve) => setTimeout(resolve, 5000));
  const idle = await residentMemory(gated.pid);
  const calls = await compareCalls(
    { client: plain.client, name: 'echo' },
    { client: proxied.client, name: 'echo' },
    { client: gated.client, name: 'everything__echo' },
  );
  for (const { client } of [plain, proxied, gated]) await client.close();
  return [...start, idle, ...calls];
}

async function connect(entry: Program): Promise<Connected> {
  const transport = new StdioClientTransport({ ...entry, stderr: 'ignore' });
  const client = new Client({ name: 'bench', version: '1' });
  await client.connect(transport);
  return { client, pid: transport.pid ?? 0 };
}

/** Starts a server, lists its tools, ends it; only the way to the list counts. */
function starting(entry: Program): () => Promise<() => Promise<void>> {
  return async () => {
    const { client } = await connect(entry);
    await client.listTools();
    return async () => await client.close();
  };
}
