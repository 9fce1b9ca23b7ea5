import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { isJsonObject, parseJson } from '../../src/lib/json.ts';
import { signingKey, signToken } from './keys.ts';
import { listenHttp } from './listen-http.ts';

type Context = Parameters<typeof listenHttp>[0];

export type LeakyWorld = {
  readonly issuer: string;
  /** `/mcp/NAME` of the servers. */
  readonly url: (name: string) => string;
  readonly token: (claims: Readonly<Record<string, unknown>>) => Promise<string>;
  /** Everything that was shown to the issuer and to the servers, and what the issuer gave, by where. */
  readonly shown: Readonly<Record<string, string>>;
};

/** Tools of the servers; each says in its own way what the server was shown. */
export const LEAKS = ['read_text', 'read_throw', 'read_rpc', 'read_500', 'read_html', 'read_cut'];

/**
 * An issuer and servers that repeat whatever they are shown: in results, in errors of every kind, in descriptions and in
 * challenges. Half of what is asked of the issuer it refuses, and says with what it was asked.
 */
export async function leakyWorld(context: Context): Promise<LeakyWorld> {
  const key = await signingKey('k1');
  const shown: Record<string, string> = {};
  const http = createServer((request, response) => {
    void answer(request, response).catch(() => response.destroy());
  });
  const issuer = await listenHttp(context, http);
  const url = (name: string): string => `${issuer}/mcp/${name}`;
  let given = 0;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await textOf(request);
    const path = request.url ?? '';
    if (path.includes('.well-known')) {
      const metadata = { issuer, jwks_uri: `${issuer}/jwks`, token_endpoint: `${issuer}/token` };
      json(response, 200, metadata);
    } else if (path === '/jwks') json(response, 200, { keys: [key.jwk] });
    else if (path === '/token') issue(body, response);
    else await serve(path.split('/').at(-1) ?? '', body, request, response);
  }

  function issue(body: string, response: ServerResponse): void {
    given++;
    const form = new URLSearchParams(body);
    if (given % 2 === 1)
      return json(response, 400, { error: 'temporarily_unavailable', error_description: body });
    const token = `opaque/${given}+${form.get('grant_type')?.length}-${crypto.randomUUID()}`;
    shown[`given ${given}`] = token;
    const refresh_token = `refresh/${crypto.randomUUID()}`;
    shown[`refresh ${given}`] = refresh_token;
    json(response, 200, {
      access_token: token, token_type: 'Bearer', expires_in: 300, issued_token_type:
      'urn:ietf:params:oauth:token-type:access_token', refresh_token,
    }); // prettier-ignore
  }

  async function serve(
    name: string,
    body: string,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const secret = String(request.headers['x-api-key'] ?? request.headers.authorization ?? '');
    shown[`at ${name}: ${secret}`] = secret.replace('Bearer ', '');
    const leak = `I was shown ${secret}, or ${Buffer.from(`me:${secret}`).toString('base64')}`;
    const called = LEAKS.find((tool) => body.includes(`"name":"${tool}"`));
    const message = body === '' ? {} : parseJson(body, { maxBytes: 1 << 20, maxDepth: 16 });
    const id = isJsonObject(message) ? message['id'] : null;
    if (name === 'login' && secret.includes('stale')) {
      response.writeHead(401, { 'www-authenticate': `Bearer error_description="${leak}"` });
      response.end(leak);
    } else if (called === 'read_rpc')
      json(response, 200, {
        jsonrpc: '2.0',
        id,
        error: { code: -32000, message: leak, data: leak },
      });
    else if (called === 'read_500') response.writeHead(500).end(leak);
    else if (called === 'read_html')
      response.writeHead(200, { 'content-type': 'text/html' }).end(leak);
    else if (called === 'read_cut') {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(`{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":${leak}`);
    } else {
      const mcp = createMcp(leak);
      const transport = new StreamableHTTPServerTransport({ enableJsonResponse: true });
      response.once('close', () => void mcp.close());
      await mcp.connect(transport);
      await transport.handleRequest(request, response, body === '' ? undefined : message);
    }
  }

  return { issuer, url, shown, token: async (claims) => await signToken(key, issuer, claims) };
}

function createMcp(leak: string): McpServer {
  const mcp = new McpServer({ name: 'leaky', version: '1' });
  for (const tool of LEAKS)
    mcp.registerTool(tool, { description: `Reads. ${leak}` }, () => {
      if (tool === 'read_throw') throw new Error(leak);
      return { content: [{ type: 'text', text: leak }], _meta: { [leak]: leak } };
    });
  return mcp;
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString();
}
