import { createServer } from 'node:http';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { createRemoteJWKSet, jwtVerify, type JWTPayload } from 'jose';

export type ProtectedServer = AsyncDisposable & {
  readonly url: string;
  /** Every `Authorization` header that came, in order; what was accepted and what was not. */
  readonly seen: string[];
  /** Tokens that were good are not any more. */
  forget(): void;
};

/**
 * An MCP server that is an OAuth resource of its own: `whoami` for every token of its audience, `change` with the scope
 * `write`, asked for by a challenge.
 */
export async function startProtectedServer(options: {
  readonly issuer: string;
  /** Absent: its own address. */
  readonly audience?: string;
  readonly write: string;
  /** What it says of itself (RFC 9728) in place of the truth. */
  readonly metadata?: Readonly<Record<string, unknown>>;
}): Promise<ProtectedServer> {
  const { issuer, write } = options;
  let { audience = '' } = options;
  const keys = createRemoteJWKSet(new URL(`${issuer}/jwks`));
  const seen: string[] = [];
  const forgotten = new Set<string>();

  const server = createServer((request, response) => {
    void (async () => {
      if (request.url === '/.well-known/oauth-protected-resource/mcp') {
        const metadata = { resource: audience, authorization_servers: [issuer] };
        response.end(JSON.stringify({ ...metadata, ...options.metadata }));
        return;
      }
      const header = request.headers.authorization ?? '';
      seen.push(header);
      const token = header.replace(/^Bearer /u, '');
      const payload = await jwtVerify(token, keys, { issuer, audience, typ: 'at+jwt' }).then(
        (verified) => (forgotten.has(header) ? undefined : verified.payload),
        () => undefined,
      );
      if (!payload) {
        response.writeHead(401, { 'www-authenticate': 'Bearer error="invalid_token"' }).end();
        return;
      }
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(Buffer.from(chunk));
      const text = Buffer.concat(chunks).toString();
      const scopes = String(payload['scope']).split(' ');
      if (text.includes('"change"') && !scopes.includes(write)) {
        const challenge = `Bearer error="insufficient_scope", scope="${write} unheard:of", resource_metadata="https://evil.example/"`;
        response.writeHead(403, { 'www-authenticate': challenge }).end();
        return;
      }
      const mcp = createMcp(payload);
      const transport = new StreamableHTTPServerTransport({ enableJsonResponse: true });
      response.once('close', () => void mcp.close());
      await mcp.connect(transport);
      const body: unknown = text === '' ? undefined : JSON.parse(text);
      await transport.handleRequest(request, response, body);
    })().catch((error: unknown) => response.destroy(Error(String(error))));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('Cannot listen');
  const url = `http://127.0.0.1:${address.port}/mcp`;
  audience ||= url;
  return {
    url,
    seen,
    forget() {
      for (const header of seen) forgotten.add(header);
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function createMcp({ sub, aud, act, scope }: JWTPayload): McpServer {
  const mcp = new McpServer({ name: 'protected', version: '1' });
  const answer = (): { content: { type: 'text'; text: string }[] } => ({
    content: [{ type: 'text', text: JSON.stringify({ sub, aud, act, scope }) }],
  });
  mcp.registerTool('whoami', { description: 'Says whom the token names.' }, answer);
  mcp.registerTool('change', { description: 'Changes something.' }, answer);
  return mcp;
}
