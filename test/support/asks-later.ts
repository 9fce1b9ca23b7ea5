import { createServer, type Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { ElicitResultSchema } from '@modelcontextprotocol/sdk/types.js';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { TestContext } from 'node:test';

const ASK_MS = 500;

/** A legacy server over Streamable HTTP: `ask` asks after a while, on the stream of its call, and `wait` takes its time. */
export async function asksLater(context: TestContext): Promise<string> {
  const server = new McpServer({ name: 'later', version: '1' });
  server.registerTool('ask', { description: 'Asks.' }, async ({ sendRequest }) => {
    await sleep(ASK_MS);
    const params = {
      message: 'Who are you?',
      requestedSchema: { type: 'object' as const, properties: {} },
    };
    const { action } = await sendRequest(
      { method: 'elicitation/create', params },
      ElicitResultSchema,
    );
    return { content: [{ type: 'text', text: action }] };
  });
  server.registerTool('wait', { description: 'Waits.' }, async ({ signal }) => {
    await sleep(60_000, undefined, { signal, ref: false }).catch(() => undefined);
    return { content: [] };
  });
  const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: () => randomUUID() });
  await server.connect(transport);
  const http: Server = createServer((request, response) => {
    void transport.handleRequest(request, response);
  }).listen(0, '127.0.0.1');
  await once(http, 'listening');
  context.after(async () => {
    // Its question would be waited for, and the process with it, for a minute.
    await server.close();
    http.closeAllConnections();
    http.close();
  });
  const address = http.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/mcp`;
}
