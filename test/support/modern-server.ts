import { appendFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  completable,
  inputRequired,
  McpServer,
  ResourceTemplate,
  type McpRequestContext,
} from '@modelcontextprotocol/server';
import { z } from 'zod';
import { serveModern, type Tell } from './serve-modern.ts';

/**
 * A real server of the official SDK 2.x. Arguments: `stdio` or `http` (says its port), then `only` for one that knows no
 * `initialize`, `late` for one that starts slowly. `LOG` is a file that takes what it was called with.
 */
const [transport = 'stdio', ...habits] = process.argv.slice(2);
const legacy = !habits.includes('only');
const state = { extra: false };
let tell: Tell | undefined;

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

  server.registerTool('ask', { inputSchema: anything }, async ({ text: when }, { mcpReq }) => {
    const { inputResponses } = mcpReq;
    if (when === 'later') await sleep(500);
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
    if (uri !== undefined) tell?.updated(uri);
    else {
      state.extra = true;
      // Over HTTP each request has a server of its own, and finds the new tool there.
      if (transport === 'http') tell?.tools();
      else server.registerTool('extra', {}, () => text('extra'));
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

if (habits.includes('late')) await sleep(2000);
tell = await serveModern({ transport, build, legacy, log });
