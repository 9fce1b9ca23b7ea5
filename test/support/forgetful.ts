import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { TestContext } from 'node:test';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { listenHttp } from './listen-http.ts';

export type ForgetfulServer = {
  readonly url: URL;
  /** Sessions that were opened. */
  readonly opened: number;
  /** Calls that were worked on. */
  readonly worked: number;
  /** What the tool says of itself from the next session on. */
  description: string;
  /** Drops all sessions, as a restart does, and answers with this status to who comes with one. */
  readonly forget: (status: 404 | 400) => void;
  /** The next call is worked on, and then the sessions are dropped without an answer. */
  readonly dieInNextCall: () => void;
};

/** A real sessionful server of the official SDK 1.x that can forget. It offers no standalone stream. */
export async function forgetfulServer(context: TestContext): Promise<ForgetfulServer> {
  const sessions = new Map<string, StreamableHTTPServerTransport>();
  const state = { opened: 0, worked: 0, status: 404, description: 'works', dies: false };

  async function open(): Promise<StreamableHTTPServerTransport> {
    state.opened++;
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => void sessions.set(id, transport),
    });
    const server = new McpServer({ name: 'forgetful', version: '1.0.0' });
    server.registerTool('work', { description: state.description }, () => {
      state.worked++;
      if (state.dies) {
        sessions.clear();
        http.closeAllConnections();
      }
      return { content: [{ type: 'text', text: 'worked' }] };
    });
    await server.connect(transport);
    return transport;
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const id = request.headers['mcp-session-id'];
    const known = typeof id === 'string' ? sessions.get(id) : undefined;
    if (request.method === 'GET') response.writeHead(405).end();
    else if (known) await known.handleRequest(request, response);
    else if (id === undefined) await (await open()).handleRequest(request, response);
    else {
      const error = { code: -32000, message: 'Bad Request: No valid session ID provided' };
      response.writeHead(state.status, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ jsonrpc: '2.0', error, id: null }));
    }
  }

  const http = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  const origin = await listenHttp(context, http);
  return {
    url: new URL(`${origin}/mcp`),
    get opened() {
      return state.opened;
    },
    get worked() {
      return state.worked;
    },
    get description() {
      return state.description;
    },
    set description(text) {
      state.description = text;
    },
    forget(status) {
      state.status = status;
      sessions.clear();
    },
    dieInNextCall() {
      state.dies = true;
    },
  };
}
