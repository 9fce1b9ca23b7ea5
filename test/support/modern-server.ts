import { appendFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  completable,
  createMcpHandler,
  inputRequired,
  McpServer,
  ResourceTemplate,
  type McpRequestContext,
} from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { z } from 'zod';

/**
 * A real server of the official SDK 2.x. Arguments: `stdio` or `http` (says its port), then `only` for one that knows no
 * `initialize`, `late` for one that starts slowly. `LOG` is a file that takes what it was called with.
 */
const [transport = 'stdio', ...habits] = process.argv.slice(2);
const legacy = !habits.includes('only');
const state = { extra: false };
const tell = { tools: (): void => undefined, updated: (_uri: string): void => undefined };

function log(line: string): void {
  const file = process.env['LOG'];
  if (file !== undefined) appendFileSync(file, `${line}\n`);
}

const text = (said: unknown): { content: { type: 'text'; text: string }[] } => ({
  content: [{ type: 'text', text: typeof said === 'string' ? said : JSON.stringify(said) }],
});

function build({ era }: Pick<McpRequestContext, 'era'>): McpServer {
  const server = new McpServer(
    { name: 'modern', version: '2.0.0' },
    {
      instructions: 'Ask it anything.',
      capabilities: {
        tools: { listChanged: true },
        resources: { listChanged: true, subscribe: true },
        prompts: { listChanged: true },
        logging: {},
        completions: {},
      },
    },
  );
  const anything = z.object({ text: z.string().optional() });

  server.registerTool('echo', { inputSchema: anything }, async ({ text: said }, { mcpReq }) => {
    const { progressToken: _token, ...meta } = mcpReq._meta ?? {};
    return text({ era, said, client: mcpReq.envelope, meta });
  });

  const where = z.object({
    region: z.string().meta({ 'x-mcp-header': 'Region' }),
    size: z.object({ count: z.int().meta({ 'x-mcp-header': 'Count' }) }).optional(),
  });
  server.registerTool('place', { inputSchema: where }, async (args) => text(args));

  server.registerTool('ask', { inputSchema: anything }, async (_args, { mcpReq }) => {
    const { inputResponses } = mcpReq;
    if (inputResponses) return text({ ...inputResponses, state: mcpReq.requestState() });
    return inputRequired({
      inputRequests: {
        name: inputRequired.elicit({
          message: 'Who are you?',
          requestedSchema: { type: 'object', properties: { name: { type: 'string' } } },
        }),
        capital: inputRequired.createMessage({
          messages: [{ role: 'user', content: { type: 'text', text: 'Capital of France?' } }],
          maxTokens: 10,
        }),
        folders: inputRequired.listRoots(),
      },
      requestState: 'opaque "state" \u00e9',
    });
  });

  server.registerTool('rounds', { inputSchema: anything }, async (_args, { mcpReq }) => {
    const round = Number(mcpReq.requestState() ?? 0);
    if (round === 3) return text(`after ${round} rounds`);
    return inputRequired({ requestState: String(round + 1) });
  });

  server.registerTool('steps', { inputSchema: anything }, async (_args, { mcpReq }) => {
    const progressToken = mcpReq._meta?.progressToken;
    for (const progress of [1, 2, 3]) {
      if (progressToken !== undefined)
        await mcpReq.notify({
          method: 'notifications/progress',
          params: { progressToken, progress, total: 3 },
        });
      await mcpReq.log('info', `step ${progress}`);
    }
    return text('done');
  });

  server.registerTool('wait', { inputSchema: anything }, async (_args, { mcpReq }) => {
    log('waiting');
    await sleep(60_000, undefined, { signal: mcpReq.signal }).catch(() => log('cancelled'));
    return text('waited');
  });

  server.registerTool('change', { inputSchema: anything }, async ({ text: uri }) => {
    if (uri !== undefined) tell.updated(uri);
    else {
      state.extra = true;
      tell.tools();
    }
    return text('changed');
  });

  if (state.extra) server.registerTool('extra', { inputSchema: anything }, () => text('extra'));

  server.registerResource('one', 'note://one', {}, async ({ href: uri }) => ({
    contents: [{ uri, text: 'the first note' }],
  }));
  server.registerResource(
    'note',
    new ResourceTemplate('note://all/{id}', {
      list: undefined,
      complete: { id: (value) => ['red', 'green'].filter((id) => id.startsWith(value)) },
    }),
    {},
    async ({ href: uri }, { id }) => ({ contents: [{ uri, text: `note ${String(id)}` }] }),
  );
  server.registerPrompt(
    'greet',
    {
      argsSchema: z.object({
        name: completable(z.string(), (value) => ['ada', 'bob'].filter((n) => n.startsWith(value))),
      }),
    },
    async ({ name }) => ({
      messages: [{ role: 'user' as const, content: { type: 'text' as const, text: `Hi ${name}` } }],
    }),
  );
  return server;
}

async function overHttp(): Promise<void> {
  const handler = createMcpHandler(build, { legacy: legacy ? 'stateless' : 'reject' });
  tell.tools = () => handler.notify.toolsChanged();
  tell.updated = (uri) => handler.notify.resourceUpdated(uri);

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const headers = Object.entries(request.headers).map(
      ([name, value]) => [name, String(value)] as [string, string],
    );
    log(JSON.stringify({ method: request.method, ...request.headers }));
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
}

if (habits.includes('late')) await sleep(2000);
if (transport === 'http') await overHttp();
else
  serveStdio(
    (context) => {
      const server = build(context);
      tell.tools = () => server.registerTool('extra', {}, () => text('extra'));
      tell.updated = (uri) => void server.server.sendResourceUpdated({ uri });
      return server;
    },
    { legacy: legacy ? 'serve' : 'reject' },
  );
