import type { RequestListener } from 'node:http';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { createWorldServer } from './world-server.ts';
import type { PartName } from './worlds.ts';

/**
 * The servers of a world over Streamable HTTP, each below its name: `/mail`. Nothing is kept between requests, so that
 * the file of the world may be put back between two of them.
 */
export function createWorldHttp(
  parts: readonly PartName[],
  path: string,
  version: string,
): RequestListener {
  return function handle(request, response) {
    const part = parts.find((name) => request.url === `/${name}`);
    if (part === undefined || request.method !== 'POST') {
      response.writeHead(part === undefined ? 404 : 405, { allow: 'POST' }).end();
      return;
    }
    const server = createWorldServer(part, path, version);
    const transport = new StreamableHTTPServerTransport({ enableJsonResponse: true });
    response.once('close', () => void server.close());
    server
      .connect(transport)
      .then(async () => await transport.handleRequest(request, response))
      .catch(() => response.destroy());
  };
}
