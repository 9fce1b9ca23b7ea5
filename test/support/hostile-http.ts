import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { isJsonObject } from '../../src/lib/json.ts';
import type { Frame } from '../../src/wire/channel.ts';

export type Seen = {
  readonly method: string;
  readonly headers: IncomingMessage['headers'];
  readonly frame: Frame | undefined;
};

/** What the server does with one request; `frame` is absent for GET and DELETE. */
export type Misbehaviour = (response: ServerResponse, seen: Seen) => void;

export type HostileHttp = AsyncDisposable & {
  readonly url: URL;
  readonly port: number;
  /** Requests so far, in order. */
  readonly seen: Seen[];
  /** Connections that are open. */
  readonly connections: () => Promise<number>;
};

export const result = (frame: Frame | undefined, value: Frame = {}): Frame => ({
  jsonrpc: '2.0',
  id: frame?.['id'],
  result: value,
});

export function sendFrame(response: ServerResponse, frame: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(frame));
}

export function sendEvents(response: ServerResponse, ...texts: readonly string[]): void {
  if (!response.headersSent) response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const text of texts) response.write(text);
}

export const event = (frame: unknown, id?: string): string =>
  `${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(frame)}\n\n`;

/** An upstream over HTTP that opens sessions properly and then does what `misbehave` says for each method name (or GET, DELETE). */
export async function hostileHttp(
  misbehave: Readonly<Record<string, Misbehaviour>>,
): Promise<HostileHttp> {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    response.on('error', () => undefined);
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const parsed: unknown =
        chunks.length > 0 ? JSON.parse(Buffer.concat(chunks).toString()) : undefined;
      const frame = isJsonObject(parsed) ? parsed : undefined;
      const entry = { method: request.method ?? '', headers: request.headers, frame };
      seen.push(entry);
      const asked = frame?.['method'];
      const own = misbehave[typeof asked === 'string' ? asked : entry.method];
      if (own) own(response, entry);
      else if (frame?.['method'] === 'initialize') {
        response.setHeader('mcp-session-id', 'session-1');
        const params = isJsonObject(frame['params']) ? frame['params'] : {};
        const { protocolVersion = '2025-11-25' } = params;
        sendFrame(response, result(frame, { protocolVersion, capabilities: {} }));
      } else if (frame?.['id'] !== undefined && frame['method'] !== undefined)
        sendFrame(response, result(frame));
      else response.writeHead(frame ? 202 : request.method === 'GET' ? 405 : 200).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('Cannot listen');
  return {
    url: new URL(`http://127.0.0.1:${address.port}/mcp`),
    port: address.port,
    seen,
    connections: async () =>
      await new Promise((resolve) => {
        server.getConnections((_error, count) => resolve(count));
      }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
