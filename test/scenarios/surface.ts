import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import {
  CallToolResultSchema,
  ElicitRequestSchema,
  McpError,
  type Tool,
} from '@modelcontextprotocol/sdk/types.js';

export type Answer = {
  /** Every text that the model sees. */
  readonly text: string;
  readonly data: unknown;
  readonly failed: boolean;
};

/** What an agent has in front of it: servers one by one, or a gateway. Tools are `server/tool`. */
export type Surface = {
  readonly tools: () => Promise<ReadonlyMap<string, Tool>>;
  /** What a tool is called there. */
  readonly nameOf: (tool: string) => string;
  readonly call: (tool: string, args: Record<string, unknown>) => Promise<Answer>;
  readonly read: (uri: string) => Promise<Answer>;
  /** Questions that a person was asked, and declined. */
  readonly questions: () => number;
};

const SEPARATOR = '__';
const nameOf = (tool: string): string => tool.replace('/', SEPARATOR);
const refused = (thrown: unknown): Answer => {
  if (!(thrown instanceof McpError)) throw thrown;
  return { text: thrown.message, data: undefined, failed: true };
};

export type Direct = {
  readonly surface: Surface;
  readonly clients: ReadonlyMap<string, Client>;
  readonly close: () => Promise<void>;
};

/** The servers without anything in between, by the name of each its URL. */
export async function connectDirectly(servers: Readonly<Record<string, string>>): Promise<Direct> {
  const clients = new Map<string, Client>();
  for (const [name, url] of Object.entries(servers)) {
    const client = new Client({ name: 'agent', version: '1' });
    await client.connect(transportTo(url));
    clients.set(name, client);
  }
  const surface: Surface = {
    async tools() {
      const found = new Map<string, Tool>();
      for (const [server, client] of clients)
        for (const tool of (await client.listTools()).tools)
          found.set(`${server}/${tool.name}`, tool);
      return found;
    },
    async call(tool, args) {
      const [server = '', name = ''] = tool.split('/');
      const client = clients.get(server);
      return client ? await callTool(client, name, args) : nothing(tool);
    },
    async read(uri) {
      for (const client of clients.values())
        if (client.getServerCapabilities()?.resources)
          for (const resource of (await client.listResources()).resources)
            if (resource.uri === uri) return await readResource(client, uri);
      return nothing(uri);
    },
    nameOf: (tool) => tool,
    questions: () => 0,
  };
  return {
    surface,
    clients,
    close: async () =>
      void (await Promise.all([...clients.values()].map(async (one) => await one.close()))),
  };
}

/** A gateway, as the person whose token it is; whoever is asked declines. */
export async function connectGate(
  url: string,
  token: string,
): Promise<Surface & { readonly close: () => Promise<void> }> {
  let questions = 0;
  const client = new Client({ name: 'agent', version: '1' }, { capabilities: { elicitation: {} } });
  client.setRequestHandler(ElicitRequestSchema, () => {
    questions++;
    return { action: 'decline' };
  });
  await client.connect(transportTo(url, { authorization: `Bearer ${token}` }));
  return {
    async tools() {
      const { tools } = await client.listTools();
      return new Map(tools.map((tool) => [tool.name.replace(SEPARATOR, '/'), tool]));
    },
    nameOf,
    call: async (tool, args) => await callTool(client, nameOf(tool), args),
    async read(uri) {
      const { resources } = await client.listResources();
      const found = resources.find((resource) => resource.uri.endsWith(uri));
      return found ? await readResource(client, found.uri) : nothing(uri);
    },
    questions: () => questions,
    close: async () => await client.close(),
  };
}

function transportTo(url: string, headers: Record<string, string> = {}): Transport {
  return new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } });
}

async function callTool(
  client: Client,
  name: string,
  args: Record<string, unknown>,
): Promise<Answer> {
  try {
    const result = CallToolResultSchema.parse(await client.callTool({ name, arguments: args }));
    const text = result.content.map((item) => (item.type === 'text' ? item.text : '')).join('\n');
    return { text, data: result.structuredContent, failed: result.isError === true };
  } catch (thrown) {
    return refused(thrown);
  }
}

async function readResource(client: Client, uri: string): Promise<Answer> {
  try {
    const { contents } = await client.readResource({ uri });
    const text = contents.map((item) => ('text' in item ? item.text : '')).join('\n');
    return { text, data: text, failed: false };
  } catch (thrown) {
    return refused(thrown);
  }
}

const nothing = (name: string): Answer => ({
  text: `Cannot find ${name}`,
  data: undefined,
  failed: true,
});
