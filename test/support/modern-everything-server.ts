import { gzipSync } from 'node:zlib';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  acceptedContent,
  completable,
  inputRequired,
  McpServer,
  ResourceTemplate,
} from '@modelcontextprotocol/server';
import { z } from 'zod';
import { serveModern, type Tell } from './serve-modern.ts';

/**
 * What `@modelcontextprotocol/server-everything` offers, as a server of the modern era alone, made with the official SDK
 * 2.x. Argument: `stdio` or `http`, which says its port.
 */
const [transport = 'stdio'] = process.argv.slice(2);
const DOCUMENT = 'demo://resource/static/document/features.md';
const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==';
const TEAMS: Readonly<Record<string, readonly string[]>> = {
  Engineering: ['Alice', 'Bob', 'Charlie'],
  Sales: ['David', 'Eve', 'Frank'],
};
type Made = { readonly name: string; readonly blob: string };
/** Resources made by calls, by URI. */
const made = new Map<string, Made>();
let tell: Tell | undefined;
let updating: NodeJS.Timeout | undefined;

const text = (value: string): { type: 'text'; text: string } => ({ type: 'text', text: value });
const says = (...values: string[]): { content: { type: 'text'; text: string }[] } => ({
  content: values.map(text),
});
const READS = { annotations: { readOnlyHint: true, openWorldHint: false } };
const template = (kind: string): string => `demo://resource/dynamic/${kind}/{resourceId}`;

function build(): McpServer {
  const server = new McpServer(
    { name: 'modern-everything', version: '1.0.0' },
    {
      capabilities: {
        tools: { listChanged: true },
        resources: { listChanged: true, subscribe: true },
        prompts: { listChanged: true },
        logging: {},
        completions: {},
      },
    },
  );
  addTools(server);
  addAskingTools(server);
  addResources(server);
  addPrompts(server);
  return server;
}

function addTools(server: McpServer): void {
  const nothing = z.object({});
  server.registerTool(
    'echo',
    { ...READS, inputSchema: z.object({ message: z.string() }) },
    ({ message }) => says(`Echo: ${message}`),
  );
  server.registerTool(
    'get-sum',
    { ...READS, inputSchema: z.object({ a: z.number(), b: z.number() }) },
    ({ a, b }) => says(`The sum of ${a} and ${b} is ${a + b}.`),
  );
  server.registerTool('get-env', { ...READS, inputSchema: nothing }, () => says('{}'));
  server.registerTool('get-annotated-message', { ...READS, inputSchema: nothing }, () => says(''));
  server.registerTool('get-tiny-image', { ...READS, inputSchema: nothing }, () => ({
    content: [
      text("Here's the image you requested:"),
      { type: 'image', data: PNG, mimeType: 'image/png' },
      text('The image above is the MCP logo.'),
    ],
  }));
  server.registerTool(
    'get-structured-content',
    {
      ...READS,
      inputSchema: z.object({ location: z.enum(['Chicago']) }),
      outputSchema: z.object({
        temperature: z.number(),
        conditions: z.string(),
        humidity: z.number(),
      }),
    },
    () => {
      const structuredContent = {
        temperature: 36,
        conditions: 'Light rain / drizzle',
        humidity: 82,
      };
      return { ...says(JSON.stringify(structuredContent)), structuredContent };
    },
  );
  server.registerTool(
    'get-resource-links',
    { ...READS, inputSchema: z.object({ count: z.number() }) },
    () => ({
      content: [
        text('Here are 1 resource links to resources available in this server:'),
        {
          type: 'resource_link',
          uri: 'demo://resource/dynamic/blob/1',
          name: 'Blob Resource 1',
          mimeType: 'text/plain',
        },
      ],
    }),
  );
  server.registerTool(
    'get-resource-reference',
    { ...READS, inputSchema: z.object({ resourceType: z.string(), resourceId: z.number() }) },
    ({ resourceId }) => {
      throw new Error(`Invalid resourceId: ${resourceId}. Must be a finite positive integer.`);
    },
  );
  server.registerTool(
    'trigger-long-running-operation',
    { ...READS, inputSchema: z.object({ duration: z.number(), steps: z.number() }) },
    async ({ duration, steps }, { mcpReq }) => {
      const progressToken = mcpReq._meta?.progressToken;
      for (let progress = 1; progress <= steps && !mcpReq.signal.aborted; progress++) {
        // One step after the other is what is meant.
        // oxlint-disable-next-line no-await-in-loop
        await sleep((duration / steps) * 1000);
        if (progressToken === undefined) continue;
        const params = { progressToken, progress, total: steps };
        // oxlint-disable-next-line no-await-in-loop
        await mcpReq.notify({ method: 'notifications/progress', params });
      }
      return says(
        `Long running operation completed. Duration: ${duration} seconds, Steps: ${steps}.`,
      );
    },
  );
  server.registerTool('toggle-subscriber-updates', { inputSchema: nothing }, () => {
    clearInterval(updating);
    updating = updating ? undefined : setInterval(() => tell?.updated(DOCUMENT), 5000).unref();
    if (updating) tell?.updated(DOCUMENT);
    return says(updating ? 'Started' : 'Stopped');
  });
  server.registerTool(
    'gzip-file-as-resource',
    { inputSchema: z.object({ name: z.string(), data: z.string(), outputType: z.string() }) },
    ({ name, data }) => {
      const uri = `demo://resource/session/${name}`;
      const bytes = Buffer.from(data.slice(data.indexOf(',') + 1), 'base64');
      const one = { name, blob: gzipSync(bytes).toString('base64') };
      made.set(uri, one);
      // Over HTTP each request has a server of its own, and finds the new one there.
      if (transport === 'http') tell?.resources();
      else addMade(server, uri, one);
      return { content: [{ type: 'resource_link', uri, name, mimeType: 'application/gzip' }] };
    },
  );
}

function addAskingTools(server: McpServer): void {
  const nothing = z.object({});
  server.registerTool(
    'trigger-sampling-request',
    { inputSchema: z.object({ prompt: z.string() }) },
    ({ prompt }, { mcpReq: { inputResponses } }) => {
      if (inputResponses)
        return says(`LLM sampling result: \n${JSON.stringify(inputResponses['sample'], null, 2)}`);
      const content = text(`Resource trigger-sampling-request context: ${prompt}`);
      const messages = [{ role: 'user' as const, content }];
      const sample = inputRequired.createMessage({ messages, maxTokens: 100 });
      return inputRequired({ inputRequests: { sample } });
    },
  );
  server.registerTool(
    'trigger-elicitation-request',
    { inputSchema: nothing },
    (_args, { mcpReq: { inputResponses } }) => {
      if (inputResponses) {
        const given = acceptedContent(inputResponses, 'form');
        if (!given) return says('❌ User declined to provide the requested information.');
        return says(
          '✅ User provided the requested information!',
          `User inputs:\n- Name: ${String(given['name'])}\n- Agreed to terms: ${String(given['check'])}`,
        );
      }
      const form = inputRequired.elicit({
        message: 'Please provide inputs for the following fields:',
        requestedSchema: {
          type: 'object',
          properties: { name: { type: 'string' }, check: { type: 'boolean' } },
          required: ['name'],
        },
      });
      return inputRequired({ inputRequests: { form } });
    },
  );
  server.registerTool(
    'trigger-url-elicitation',
    { inputSchema: z.object({ url: z.string(), message: z.string() }) },
    ({ url, message }, { mcpReq: { inputResponses } }) => {
      if (inputResponses)
        return says(
          `✅ User completed the URL elicitation flow.\n${JSON.stringify(inputResponses)}`,
        );
      const page = inputRequired.elicitUrl({ url, message });
      return inputRequired({ inputRequests: { page } });
    },
  );
  server.registerTool(
    'get-roots-list',
    { ...READS, inputSchema: nothing },
    (_args, { mcpReq: { inputResponses } }) =>
      inputResponses
        ? says(`Current MCP Roots:\n\n${JSON.stringify(inputResponses['roots'])}`)
        : inputRequired({ inputRequests: { roots: inputRequired.listRoots() } }),
  );
}

function addResources(server: McpServer): void {
  server.registerResource('features.md', DOCUMENT, { mimeType: 'text/markdown' }, () => ({
    contents: [{ uri: DOCUMENT, mimeType: 'text/markdown', text: '# Everything Server' }],
  }));
  for (const kind of ['text', 'blob'])
    server.registerResource(
      `Dynamic ${kind} Resource`,
      new ResourceTemplate(template(kind), {
        list: undefined,
        complete: { resourceId: (value) => (Number(value) > 0 ? [value] : []) },
      }),
      { mimeType: 'text/plain' },
      ({ href: uri }, { resourceId }) => {
        const said = `Resource ${String(resourceId)}: This is made up`;
        const mimeType = 'text/plain';
        return {
          contents: [
            kind === 'text'
              ? { uri, mimeType, text: said }
              : { uri, mimeType, blob: Buffer.from(said).toString('base64') },
          ],
        };
      },
    );
  for (const [uri, one] of made) addMade(server, uri, one);
}

function addMade(server: McpServer, uri: string, { name, blob }: Made): void {
  const mimeType = 'application/gzip';
  server.registerResource(name, uri, { mimeType }, () => ({ contents: [{ uri, mimeType, blob }] }));
}

function user(said: string): {
  messages: { role: 'user'; content: ReturnType<typeof text> }[];
} {
  return { messages: [{ role: 'user', content: text(said) }] };
}

function addPrompts(server: McpServer): void {
  server.registerPrompt('simple-prompt', {}, () =>
    user('This is a simple prompt without arguments.'),
  );
  server.registerPrompt(
    'args-prompt',
    { argsSchema: z.object({ city: z.string(), state: z.string().optional() }) },
    ({ city, state }) => user(`What's weather in ${city}${state ? `, ${state}` : ''}?`),
  );
  server.registerPrompt(
    'completable-prompt',
    {
      argsSchema: z.object({
        department: completable(z.string(), (value) =>
          Object.keys(TEAMS).filter((name) => name.startsWith(value)),
        ),
        name: completable(z.string(), (value, context) =>
          (TEAMS[context?.arguments?.['department'] ?? ''] ?? []).filter((name) =>
            name.startsWith(value),
          ),
        ),
      }),
    },
    ({ department, name }) => user(`Please promote ${name} to the head of ${department}.`),
  );
}

tell = await serveModern({ transport, build, legacy: false });
