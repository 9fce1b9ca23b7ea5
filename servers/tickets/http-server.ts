import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { freezeJson, isJsonObject, parseJson, type JsonObject } from '../../src/lib/json.ts';
import type { Audit } from './audit.ts';
import type { Tickets } from './database.ts';
import { Refusal, metadataPath } from './refusal.ts';
import { createTicketsServer, SCOPES, TOOL_SCOPES } from './tickets-server.ts';
import { createTokenCheck, TokenInvalid, type Caller, type TokenOptions } from './token.ts';

export type TicketsHttpOptions = TokenOptions & {
  readonly tickets: Tickets;
  readonly audit: Audit;
  readonly version: string;
};

const LIMITS = { maxBytes: 65_536, maxDepth: 16 };
const BEARER = /^Bearer +([A-Za-z0-9\-._~+/]+=*)$/i;

/**
 * MCP over Streamable HTTP, one request at a time and nothing kept between them: there is no session that could be taken
 * over, and each request stands on its own token.
 */
export function createTicketsHttp(options: TicketsHttpOptions): RequestListener {
  const { resource, issuer, audit, tickets } = options;
  const url = new URL(resource);
  const checkToken = createTokenCheck(options);
  const metadata = JSON.stringify({
    resource,
    authorization_servers: [issuer],
    scopes_supported: SCOPES,
    bearer_methods_supported: ['header'],
  });

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // A web page that a browser was led to from another name (DNS rebinding) says so in one of them.
    const { host, origin } = request.headers;
    if (host !== url.host || (origin !== undefined && origin !== url.origin))
      throw new Refusal(403, 'another host or origin');
    if (request.method === 'GET' && request.url === metadataPath(url)) {
      response.writeHead(200, { 'content-type': 'application/json' }).end(metadata);
      return;
    }
    if (request.url !== url.pathname) throw new Refusal(404, 'no such path');
    // Clients ask for a stream of their own with GET; that there is none is no event.
    if (request.method !== 'POST') {
      response.writeHead(405, { allow: 'POST' }).end();
      return;
    }
    const caller = await identify(request);
    if (!tickets.isKnown(caller.subject)) throw new Refusal(403, 'nobody of that name', { caller });
    const message = await readMessage(request);
    requireScope(message, caller);
    const server = createTicketsServer({ ...options, caller });
    const transport = new StreamableHTTPServerTransport({ enableJsonResponse: true });
    response.once('close', () => void server.close());
    await server.connect(transport);
    await transport.handleRequest(request, response, message);
  }

  async function identify(request: IncomingMessage): Promise<Caller> {
    const headers = request.headersDistinct['authorization'] ?? [];
    if (headers.length === 0) throw new Refusal(401, 'no token', { scopes: SCOPES });
    const token = headers.length === 1 ? BEARER.exec(headers[0] ?? '')?.[1] : undefined;
    if (token === undefined)
      throw new Refusal(401, 'not one bearer token', { error: 'invalid_token', scopes: SCOPES });
    try {
      return await checkToken(token);
    } catch (error) {
      if (!(error instanceof TokenInvalid)) throw error;
      throw new Refusal(401, error.message, { error: 'invalid_token', scopes: SCOPES });
    }
  }

  return function handle(request, response) {
    serve(request, response).catch((error: unknown) => {
      const refusal = error instanceof Refusal ? error : new Refusal(500, 'internal');
      const { caller, status, message: reason } = refusal;
      try {
        audit(caller, { event: 'request', outcome: 'refused', status, reason });
      } catch (failed) {
        // It is refused all the same; a full disk must not end the process.
        process.emitWarning(`Cannot write the audit: ${String(failed)}`);
      }
      refusal.answer(response, url);
    });
  };
}

/** What is read here is what the server gets: one message, read once. */
async function readMessage(request: IncomingMessage): Promise<JsonObject> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  const body: AsyncIterable<Uint8Array> = request;
  for await (const chunk of body) {
    bytes += chunk.byteLength;
    if (bytes > LIMITS.maxBytes) throw new Refusal(413, 'too large');
    chunks.push(chunk);
  }
  try {
    const message = parseJson(Buffer.concat(chunks), LIMITS);
    if (isJsonObject(message)) return freezeJson(message);
  } catch {
    // Said below, as for a list of messages.
  }
  throw new Refusal(400, 'not one JSON-RPC message');
}

/** Any of our scopes lets a client in; a tool needs its own. */
function requireScope({ method, params }: JsonObject, caller: Caller): void {
  const { scopes } = caller;
  const name = method === 'tools/call' && isJsonObject(params) ? params['name'] : undefined;
  const needed = typeof name === 'string' ? TOOL_SCOPES.get(name) : undefined;
  const isEnough =
    needed === undefined ? SCOPES.some((scope) => scopes.includes(scope)) : scopes.includes(needed);
  if (isEnough) return;
  const error = 'insufficient_scope';
  throw new Refusal(403, 'the scope is missing', {
    error,
    caller,
    scopes: needed === undefined ? SCOPES : [needed],
  });
}
