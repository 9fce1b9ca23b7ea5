import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import {
  createMcpHandler,
  type McpRequestContext,
  type McpServer,
} from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';

export type ServeModernOptions = {
  readonly transport: string;
  readonly build: (context: Pick<McpRequestContext, 'era'>) => McpServer;
  /** Whether it knows `initialize` too. */
  readonly legacy: boolean;
  /** Told of every request over HTTP, with its headers. */
  readonly log?: (line: string) => void;
};

/** How a server tells all who listen. */
export type Tell = {
  readonly tools: () => void;
  readonly resources: () => void;
  readonly updated: (uri: string) => void;
};

/** Serves what `build` makes with the official SDK 2.x, over stdio or on a free port of HTTP, which is said. */
export async function serveModern(options: ServeModernOptions): Promise<Tell> {
  const { build, legacy, log } = options;
  if (options.transport !== 'http') return overStdio(options);
  const handler = createMcpHandler(build, { legacy: legacy ? 'stateless' : 'reject' });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const headers = Object.entries(request.headers).map(
      ([name, value]) => [name, String(value)] as [string, string],
    );
    log?.(JSON.stringify({ method: request.method, ...request.headers }));
    const reply = await handler.fetch(
      new Request(`http://127.0.0.1${request.url ?? '/'}`, {
        method: request.method ?? 'GET',
        headers,
        signal: gone.signal,
        ...(chunks.length === 0 ? {} : { body: Buffer.concat(chunks) }),
      }),
    );
    response.writeHead(reply.status, Object.fromEntries(reply.headers));
    if (reply.body) for await (const chunk of reply.body) response.write(chunk);
    response.end();
  }

  const http = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => response.destroy(Error(String(error))));
  }).listen(Number(process.env['PORT'] ?? 0), '127.0.0.1', () => {
    const address = http.address();
    process.stdout.write(`${typeof address === 'object' ? address?.port : ''}\n`);
  });
  return {
    tools: () => handler.notify.toolsChanged(),
    resources: () => handler.notify.resourcesChanged(),
    updated: (uri) => handler.notify.resourceUpdated(uri),
  };
}

function overStdio({ build, legacy }: ServeModernOptions): Tell {
  let server: McpServer | undefined;
  serveStdio((context) => (server = build(context)), { legacy: legacy ? 'serve' : 'reject' });
  return {
    tools: () => server?.sendToolListChanged(),
    resources: () => server?.sendResourceListChanged(),
    updated: (uri) => void server?.server.sendResourceUpdated({ uri }),
  };
}
