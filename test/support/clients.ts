import type { TestContext } from 'node:test';
import * as modern from '@modelcontextprotocol/client';
import * as modernStdio from '@modelcontextprotocol/client/stdio';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ListRootsRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';
import type { Program } from './frames-client.ts';
import { until } from './until.ts';

/** Where the gateway is: a process to start, or an address and a token. */
export type Place = Program | { readonly url: string; readonly token: string };

type Content = { readonly type: string; readonly text?: string; readonly uri?: string };
type Question = { readonly message: string; readonly mode?: string | undefined };

export type ClientSetting = {
  readonly place: Place;
  /** What the person behind the client answers; absent: the client has no elicitation. */
  readonly elicit?: (question: Question) => {
    action: 'accept' | 'decline' | 'cancel';
    content?: Record<string, string | number | boolean | string[]>;
  };
  /** What the client's model says; absent: the client has no sampling. */
  readonly sample?: (prompt: unknown) => string | Promise<string>;
  /** The client's roots; absent: it has none to offer. */
  readonly roots?: () => string[];
};

export type Notification = {
  readonly method: string;
  readonly params?: { readonly [key: string]: unknown } | undefined;
};

/** What the clients of both SDKs have in common, in the words of either. */
type Shared = {
  listTools(params?: {
    cursor?: string;
  }): Promise<{ tools: readonly { name: string }[]; nextCursor?: string | undefined }>;
  listResources(): Promise<{ resources: readonly { uri: string; name: string }[] }>;
  listResourceTemplates(): Promise<{ resourceTemplates: readonly { uriTemplate: string }[] }>;
  listPrompts(): Promise<{ prompts: readonly { name: string }[] }>;
  readResource(params: { uri: string }): Promise<{
    contents: readonly {
      uri: string;
      mimeType?: string | undefined;
      text?: string;
      blob?: string;
    }[];
  }>;
  getPrompt(params: {
    name: string;
    arguments?: Record<string, string>;
  }): Promise<{ messages: readonly { role: string; content: unknown }[] }>;
  complete(params: {
    ref: { type: 'ref/prompt'; name: string } | { type: 'ref/resource'; uri: string };
    argument: { name: string; value: string };
    context?: { arguments: Record<string, string> };
  }): Promise<{ completion: { values: string[] } }>;
  setLoggingLevel(level: 'debug' | 'error'): Promise<unknown>;
  ping(): Promise<unknown>;
  subscribeResource(params: { uri: string }): Promise<unknown>;
  unsubscribeResource(params: { uri: string }): Promise<unknown>;
  sendRootsListChanged(): Promise<void>;
  getServerVersion(): { name: string; version: string } | undefined;
  getInstructions(): string | undefined;
  getServerCapabilities():
    | { tools?: { listChanged?: boolean | undefined } | undefined }
    | undefined;
  close(): Promise<void>;
};

export type Result = {
  readonly content: readonly Content[];
  readonly structuredContent?: unknown;
  readonly isError: boolean;
  /** `_meta["sallyport/denial"].code`. */
  readonly denial: string | undefined;
};

export type CallOptions = {
  onprogress?: (progress: { progress: number; total?: number | undefined }) => void;
  signal?: AbortSignal;
};

/** A connected client of one of the official SDKs. */
export type AnyClient = Shared & {
  /** What it has agreed on with the server. */
  readonly era: 'legacy' | 'modern';
  call(name: string, args?: Record<string, unknown>, options?: CallOptions): Promise<Result>;
  /** Follows a resource in the words of its era; returns what ends that. */
  follow(uri: string): Promise<() => Promise<unknown>>;
  /** From now on log messages of this level come, in the words of its era. */
  hearLogs(level: 'debug'): Promise<unknown>;
  /** Ends the session on the server where there is one (DELETE). */
  endSession(): Promise<void>;
  /** Notifications received that the SDK does not use up itself. */
  readonly notifications: readonly Notification[];
  /** The first notification from `from` on that fits; waits for it. */
  next(fits: (one: Notification) => boolean, from?: number): Promise<Notification>;
};

export type Connect = (context: TestContext, setting: ClientSetting) => Promise<AnyClient>;

const EVERY_LIST = { toolsListChanged: true, resourcesListChanged: true, promptsListChanged: true };
const INFO = { name: 'test', version: '1' };
const PATIENCE_MS = 120_000;

/** Every way an official client opens a connection. */
export const DIALECTS: Readonly<Record<string, Connect>> = {
  'SDK 1.x': connectLegacy,
  'SDK 2.x': async (context, setting) => await connectModern(context, setting, 'legacy'),
  'SDK 2.x, asking for the newest first': async (context, setting) =>
    await connectModern(context, setting, 'auto'),
};

/** Waits until the tools of all these servers are listed: a first list does not wait for one that starts slowly. */
export async function showsAll(
  client: Pick<AnyClient, 'listTools'>,
  servers: readonly string[],
): Promise<void> {
  await until(async () => {
    const missing = new Set(servers);
    let cursor: string | undefined;
    do {
      const page = await client.listTools(cursor === undefined ? {} : { cursor });
      for (const { name } of page.tools)
        for (const server of missing) if (name.startsWith(`${server}__`)) missing.delete(server);
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    return missing.size === 0;
  }, PATIENCE_MS);
}

function inbox(): Pick<AnyClient, 'notifications' | 'next'> & {
  readonly take: (one: Notification) => void;
} {
  const notifications: Notification[] = [];
  const waiting = new Set<() => void>();
  return {
    notifications,
    take(one) {
      notifications.push(one);
      for (const look of waiting) look();
    },
    async next(fits, from = 0) {
      return await new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          waiting.delete(look);
          reject(new Error(`nothing fitting came: ${JSON.stringify(notifications.slice(-5))}`));
        }, PATIENCE_MS);
        function look(): void {
          const found = notifications.slice(from).find(fits);
          if (!found) return;
          clearTimeout(timer);
          waiting.delete(look);
          resolve(found);
        }
        waiting.add(look);
        look();
      });
    },
  };
}

function capabilitiesOf({ elicit, sample, roots }: ClientSetting): {
  elicitation?: { form: Record<string, never>; url: Record<string, never> };
  sampling?: Record<string, never>;
  roots?: { listChanged: boolean };
} {
  return {
    ...(elicit && { elicitation: { form: {}, url: {} } }),
    ...(sample && { sampling: {} }),
    ...(roots && { roots: { listChanged: true } }),
  };
}

function completion(text: string): {
  role: 'assistant';
  model: string;
  content: { type: 'text'; text: string };
} {
  return { role: 'assistant', model: 'none', content: { type: 'text', text } };
}

function resultOf(result: object): Result {
  const { content, structuredContent, isError, _meta }: Record<string, unknown> = { ...result };
  const denial: unknown =
    typeof _meta === 'object' && _meta !== null && 'sallyport/denial' in _meta
      ? _meta['sallyport/denial']
      : undefined;
  return {
    content: Array.isArray(content) ? content : [],
    ...(structuredContent === undefined ? {} : { structuredContent }),
    isError: isError === true,
    denial:
      typeof denial === 'object' && denial !== null && 'code' in denial
        ? String(denial.code)
        : undefined,
  };
}

async function connectLegacy(context: TestContext, setting: ClientSetting): Promise<AnyClient> {
  const { place, elicit, sample, roots } = setting;
  const client = new Client(INFO, { capabilities: capabilitiesOf(setting) });
  const { take, ...box } = inbox();
  client.fallbackNotificationHandler = async (one) => await Promise.resolve(take(one));
  if (elicit) client.setRequestHandler(ElicitRequestSchema, ({ params }) => elicit(params));
  if (sample)
    client.setRequestHandler(CreateMessageRequestSchema, async ({ params }) =>
      completion(await sample(params)),
    );
  if (roots)
    client.setRequestHandler(ListRootsRequestSchema, () => ({
      roots: roots().map((uri) => ({ uri })),
    }));
  const http =
    'url' in place
      ? new StreamableHTTPClientTransport(new URL(place.url), { requestInit: bearer(place.token) })
      : undefined;
  const transport =
    'url' in place ? http : new StdioClientTransport({ ...parametersOf(place), stderr: 'ignore' });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the SDK's own class, laxer about `undefined` than its interface
  await client.connect(transport as StdioClientTransport);
  context.after(async () => await client.close());
  return facade(client, box, {
    era: 'legacy',
    call: async (name, args, options) =>
      resultOf(await client.callTool({ name, arguments: args }, undefined, options)),
    endSession: async () => await http?.terminateSession(),
    ...legacyWords(client),
  });
}

/** A session has one level and one list of what is followed. */
function legacyWords(
  client: Pick<Shared, 'setLoggingLevel' | 'subscribeResource' | 'unsubscribeResource'>,
): Pick<AnyClient, 'hearLogs' | 'follow'> {
  return {
    hearLogs: async (level) => await client.setLoggingLevel(level),
    async follow(uri) {
      await client.subscribeResource({ uri });
      return async () => await client.unsubscribeResource({ uri });
    },
  };
}

async function connectModern(
  context: TestContext,
  setting: ClientSetting,
  mode: 'legacy' | 'auto',
): Promise<AnyClient> {
  const { place, elicit, sample, roots } = setting;
  const client = new modern.Client(INFO, {
    capabilities: capabilitiesOf(setting),
    versionNegotiation: { mode },
  });
  const { take, ...box } = inbox();
  client.fallbackNotificationHandler = async (one) => await Promise.resolve(take(one));
  if (elicit) client.setRequestHandler('elicitation/create', ({ params }) => elicit(params));
  if (sample)
    client.setRequestHandler('sampling/createMessage', async ({ params }) =>
      completion(await sample(params)),
    );
  if (roots)
    client.setRequestHandler('roots/list', () => ({ roots: roots().map((uri) => ({ uri })) }));
  const http =
    'url' in place
      ? new modern.StreamableHTTPClientTransport(new URL(place.url), {
          requestInit: bearer(place.token),
        })
      : undefined;
  const transport =
    'url' in place
      ? http
      : new modernStdio.StdioClientTransport({ ...parametersOf(place), stderr: 'ignore' });
  if (!transport) throw new TypeError('no transport');
  await client.connect(transport);
  context.after(async () => await client.close());
  const era = client.getProtocolEra() ?? 'legacy';
  // A modern client hears of changes only where it has asked for them.
  if (era === 'modern') await client.listen(EVERY_LIST);
  let level: string | undefined;
  return facade(client, box, {
    era,
    call: async (name, args, options) =>
      resultOf(
        await client.callTool(
          {
            name,
            ...(args && { arguments: args }),
            ...(level !== undefined && { _meta: { [modern.LOG_LEVEL_META_KEY]: level } }),
          },
          options,
        ),
      ),
    endSession: async () => await http?.terminateSession(),
    ...legacyWords(client),
    ...(era === 'modern' && {
      async hearLogs(wanted: string) {
        level = wanted;
        await Promise.resolve();
      },
      async follow(uri: string) {
        const stream = await client.listen({ resourceSubscriptions: [uri] });
        return async () => await stream.close();
      },
    }),
  });
}

/** The methods of the SDK's own object, bound to it, with ours beside them. */
function facade(
  client: Shared,
  box: Pick<AnyClient, 'notifications' | 'next'>,
  own: Pick<AnyClient, 'call' | 'endSession' | 'era' | 'hearLogs' | 'follow'>,
): AnyClient {
  return {
    listTools: async (params) => await client.listTools(params),
    listResources: async () => await client.listResources(),
    listResourceTemplates: async () => await client.listResourceTemplates(),
    listPrompts: async () => await client.listPrompts(),
    readResource: async (params) => await client.readResource(params),
    getPrompt: async (params) => await client.getPrompt(params),
    complete: async (params) => await client.complete(params),
    setLoggingLevel: async (level) => await client.setLoggingLevel(level),
    ping: async () => await client.ping(),
    subscribeResource: async (params) => await client.subscribeResource(params),
    unsubscribeResource: async (params) => await client.unsubscribeResource(params),
    sendRootsListChanged: async () => await client.sendRootsListChanged(),
    getServerVersion: () => client.getServerVersion(),
    getInstructions: () => client.getInstructions(),
    getServerCapabilities: () => client.getServerCapabilities(),
    close: async () => await client.close(),
    ...box,
    ...own,
  };
}

function parametersOf({ command, args, env, cwd }: Program): {
  command: string;
  args: string[];
  env?: Record<string, string>;
  cwd?: string;
} {
  return { command, args: [...args], ...(env && { env: { ...env } }), ...(cwd && { cwd }) };
}

function bearer(token: string): RequestInit {
  return { headers: { authorization: `Bearer ${token}` } };
}
