/**
 * A server that holds a text and gives it away in every form that MCP has: `house-server.js LOG` writes every frame that
 * reaches it into the file LOG.
 */
import { appendFileSync } from 'node:fs';
import { McpServer, ResourceTemplate } from '@modelcontextprotocol/sdk/server/mcp.js';
import { completable } from '@modelcontextprotocol/sdk/server/completable.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import {
  SubscribeRequestSchema,
  UnsubscribeRequestSchema,
  type CallToolResult,
  type JSONRPCMessage,
} from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import { HELD, inForm } from './held.ts';
import { until } from './until.ts';

const [log = ''] = process.argv.slice(2);
const server = new McpServer(
  { name: 'house', version: '1' },
  { capabilities: { logging: {}, resources: { subscribe: true } } },
);

const text = (value: string): CallToolResult => ({ content: [{ type: 'text', text: value }] });
server.registerTool(
  'read_held',
  { description: 'Reads what is held.', inputSchema: { form: z.string() } },
  async ({ form }, { sendNotification, _meta }) => {
    if (form === 'a log message before the result')
      await sendNotification({
        method: 'notifications/message',
        params: { level: 'error', data: HELD },
      });
    if (form === 'progress before the result' && _meta?.progressToken !== undefined)
      await sendNotification({
        method: 'notifications/progress',
        params: { progressToken: _meta.progressToken, progress: 1, message: HELD },
      });
    if (form === 'a changed list before the result') server.sendToolListChanged();
    return inForm(form);
  },
);
server.registerTool('status', { description: 'Reads the state.', inputSchema: {} }, () => ({
  content: [{ type: 'resource_link', uri: 'kept://one', name: 'one' }],
}));
let kept = 'nothing';
server.registerTool(
  'keep',
  { description: 'Writes a text down.', inputSchema: { text: z.string() } },
  ({ text: given }) => {
    kept = given;
    return text('kept');
  },
);
server.registerTool(
  'recall',
  { description: 'Reads it back.', inputSchema: { once: z.literal('kept').optional() } },
  async ({ once }) => {
    if (once !== undefined) await until(() => kept !== 'nothing');
    return text(kept);
  },
);
for (const name of ['send', 'post'])
  server.registerTool(
    name,
    {
      description: 'Sends anything anywhere.',
      inputSchema: z.looseObject({ body: z.string().optional() }),
    },
    () => text('sent'),
  );
server.registerTool(
  'pay',
  { description: 'Pays.', inputSchema: { to: z.string(), amount: z.number() } },
  () => text('paid'),
);
server.registerTool(
  'ask',
  {
    description: 'Reads what the client answers.',
    inputSchema: { method: z.string(), message: z.string() },
  },
  async ({ method, message }) => {
    const ask = server.server;
    if (method === 'sampling/createMessage')
      await ask.createMessage({
        messages: [{ role: 'user', content: { type: 'text', text: message } }],
        maxTokens: 10,
      });
    else if (method === 'elicitation/create')
      await ask.elicitInput({ message, requestedSchema: { type: 'object', properties: {} } });
    else await ask.sendLoggingMessage({ level: 'error', data: message });
    return text('asked');
  },
);
server.registerResource('one', 'kept://one', { description: 'What is kept' }, ({ href }) => ({
  contents: [{ uri: href, text: HELD }],
}));
server.registerResource(
  'page',
  new ResourceTemplate('page://{path}', {
    list: undefined,
    complete: { path: () => [HELD] },
  }),
  { description: 'A page' },
  ({ href }) => ({ contents: [{ uri: href, text: 'a page' }] }),
);
server.registerPrompt(
  'compose',
  { description: 'A letter', argsSchema: { about: completable(z.string(), () => [HELD]) } },
  () => ({ messages: [{ role: 'user', content: { type: 'text', text: HELD } }] }),
);

server.server.setRequestHandler(SubscribeRequestSchema, () => ({}));
server.server.setRequestHandler(UnsubscribeRequestSchema, () => ({}));

const transport = new StdioServerTransport();
await server.connect(transport);
const { onmessage } = transport;
Object.assign(transport, {
  onmessage(message: JSONRPCMessage) {
    appendFileSync(log, `${JSON.stringify(message)}\n`);
    onmessage?.(message);
  },
});
