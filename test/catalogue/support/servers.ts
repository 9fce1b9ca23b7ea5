import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import * as z from 'zod';
import { isJsonObject } from '../../../src/lib/json.ts';
import type { JsonObject } from '../../../src/lib/json.ts';

const require = createRequire(import.meta.url);

/** All tools a real server of the registry's lists to a client that can do everything. */
export async function listRealTools(
  name: 'everything' | 'filesystem' | 'memory',
  ...args: string[]
): Promise<JsonObject[]> {
  const manifest = require.resolve(`@modelcontextprotocol/server-${name}/package.json`);
  const client = new Client(
    { name: 'sallyport', version: '0' },
    { capabilities: { sampling: {}, elicitation: {}, roots: { listChanged: true } } },
  );
  const server = join(dirname(manifest), 'dist', 'index.js');
  try {
    await client.connect(
      new StdioClientTransport({
        command: process.execPath,
        args: [server, ...args],
        stderr: 'ignore',
      }),
    );
    // Tools that depend on the client's capabilities come a moment after the handshake.
    await new Promise((resolve) => setTimeout(resolve, 500));
    const result = await client.request({ method: 'tools/list', params: {} }, z.looseObject({}));
    const tools: unknown = result['tools'];
    return Array.isArray(tools) ? tools.filter((tool) => isJsonObject(tool)) : [];
  } finally {
    await client.close();
  }
}
