import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { writeSample } from '../../servers/metrics/sample.ts';
import { packageRoot } from '../../src/lib/package-root.ts';
import { scratch, type Context } from './scratch.ts';

/** How to start one of our own example servers on this database, as a configuration entry. */
export function ownServer(
  name: 'metrics' | 'hostile',
  database: string,
): { command: string; args: string[] } {
  const main = join(packageRoot(), 'dist', 'servers', name, 'server.js');
  return { command: process.execPath, args: [main, database] };
}

/** The sample database of `metrics`, in a folder of the test's own. */
export async function sampleDatabase(context: Context): Promise<string> {
  const path = join(await scratch(context), 'metrics.db');
  writeSample(path);
  return path;
}

/** A client of that server without a gate between them. */
export async function connectDirectly(
  context: Context,
  server: { command: string; args: string[] },
): Promise<Client> {
  const client = new Client({ name: 'test', version: '0' });
  await client.connect(new StdioClientTransport({ ...server, stderr: 'inherit' }));
  context.after(async () => await client.close());
  return client;
}
