import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { createCodeServer } from '../../servers/code/code-server.ts';
import { openTickets } from '../../servers/tickets/database.ts';
import { writeSample } from '../../servers/tickets/sample.ts';
import { createTicketsServer } from '../../servers/tickets/tickets-server.ts';
import { freezeJson, isJsonObject, type JsonObject } from '../../src/lib/json.ts';
import { realServer } from './gate.ts';
import { installAside } from './install-aside.ts';
import { ownServer, sampleDatabase } from './own-servers.ts';
import { scratch, type Context } from './scratch.ts';

const GITHUB = '@modelcontextprotocol/server-github';
const GITHUB_VERSION = '2025.4.8';

async function github(): Promise<{ command: string; args: string[] }> {
  const folder = await installAside(`github-${GITHUB_VERSION}`, [`${GITHUB}@${GITHUB_VERSION}`]);
  const main = join(folder, 'node_modules', ...GITHUB.split('/'), 'dist', 'index.js');
  readFileSync(main);
  return { command: process.execPath, args: [main] };
}

/** Nothing is called here. */
async function run(): Promise<never> {
  return await Promise.reject(new TypeError('a tool was called'));
}

type Databases = { readonly metrics: string; readonly tickets: string };

function audit(): never {
  throw new TypeError('a tool was called');
}

function stdio(server: { command: string; args: string[] }): () => Promise<Transport> {
  return async () =>
    await Promise.resolve(new StdioClientTransport({ ...server, stderr: 'ignore' }));
}

async function transports(databases: Databases): Promise<Record<string, () => Promise<Transport>>> {
  return {
    everything: stdio(realServer('everything')),
    filesystem: stdio(realServer('filesystem', '/')),
    memory: stdio(realServer('memory')),
    github: stdio(await github()),
    metrics: stdio(ownServer('metrics', databases.metrics)),
    async tickets() {
      const [ours, theirs] = InMemoryTransport.createLinkedPair();
      const caller = { subject: 'bob', actors: [], client: '', scopes: [], tokenId: '' };
      // Open until the process ends: nothing is asked of it.
      const tickets = openTickets(databases.tickets);
      await createTicketsServer({ tickets, caller, audit, version: '0' }).connect(theirs);
      return ours;
    },
    async code() {
      const [ours, theirs] = InMemoryTransport.createLinkedPair();
      const languages = ['python', 'javascript', 'bash'] as const;
      await createCodeServer({
        run,
        languages,
        isGated: false,
        timeoutMs: 1000,
        version: '0',
      }).connect(theirs);
      return ours;
    },
  };
}

/** The tools of real servers as they list them, by server. */
export async function realTools(context: Context): Promise<Map<string, JsonObject[]>> {
  const found = new Map<string, JsonObject[]>();
  const databases = {
    metrics: await sampleDatabase(context),
    tickets: join(await scratch(context), 'tickets.db'),
  };
  writeSample(databases.tickets);
  for (const [name, open] of Object.entries(await transports(databases))) {
    const client = new Client({ name: 'test', version: '0' });
    try {
      await client.connect(await open());
      const { tools } = await client.listTools();
      // oxlint-disable-next-line unicorn/prefer-structured-clone -- as JSON brings them
      const parsed: unknown = JSON.parse(JSON.stringify(tools));
      found.set(
        name,
        Array.isArray(parsed) ? parsed.filter(isJsonObject).map((tool) => freezeJson(tool)) : [],
      );
    } finally {
      await client.close();
    }
  }
  return found;
}
