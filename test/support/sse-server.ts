import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { TestContext } from 'node:test';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { SSEServerTransport } from '@modelcontextprotocol/sdk/server/sse.js';
import { z } from 'zod';
import { listenHttp } from './listen-http.ts';

export type SseServer = {
  readonly url: URL;
  /** `METHOD path` of each request. */
  readonly seen: string[];
  /** Ends all event streams. */
  drop(): void;
};

/** A real server of the official SDK 1.x over HTTP+SSE, and over nothing else. */
export async function sseServer(context: TestContext): Promise<SseServer> {
  const sessions = new Map<string, SSEServerTransport>();
  const seen: string[] = [];

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    seen.push(`${request.method ?? ''} ${url.pathname}`);
    if (request.method === 'GET' && url.pathname === '/sse') {
      const transport = new SSEServerTransport('/messages', response);
      sessions.set(transport.sessionId, transport);
      const server = new McpServer({ name: 'old', version: '1.0.0' });
      server.registerTool(
        'ask',
        { inputSchema: { name: z.string() } },
        async ({ name }, { sendNotification, _meta }) => {
          if (_meta?.progressToken !== undefined)
            await sendNotification({
              method: 'notifications/progress',
              params: { progressToken: _meta.progressToken, progress: 1 },
            });
          const told = await server.server.elicitInput({
            message: `Is it ${name}?`,
            requestedSchema: { type: 'object', properties: {} },
          });
          return { content: [{ type: 'text', text: told.action }] };
        },
      );
      await server.connect(transport);
      return;
    }
    const transport = sessions.get(url.searchParams.get('sessionId') ?? '');
    if (request.method === 'POST' && url.pathname === '/messages' && transport)
      await transport.handlePostMessage(request, response);
    else response.writeHead(url.pathname === '/sse' ? 405 : 404).end('no');
  }

  const http = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  const origin = await listenHttp(context, http);
  return {
    url: new URL(`${origin}/sse`),
    seen,
    drop: () => http.closeAllConnections(),
  };
}
