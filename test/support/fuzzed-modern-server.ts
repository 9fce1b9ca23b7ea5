import { freezeJson, isJsonObject, type JsonObject, type JsonValue } from '../../src/lib/json.ts';
import type { ChannelEvents, Frame } from '../../src/wire/channel.ts';
import { META } from '../../src/wire/modern/meta.ts';
import { mutate, type Mutation } from './mutations.ts';
import { stringOf } from './string-of.ts';

const objectOf = (value: unknown): JsonObject => (isJsonObject(value) ? value : {});
const tool = (name: string, more: JsonObject = {}): JsonObject => ({
  name,
  description: `Reads ${name}`,
  inputSchema: { type: 'object', properties: { nonce: { type: 'string' }, ...more } },
  annotations: { readOnlyHint: true, openWorldHint: false },
});
const LISTS: Readonly<Record<string, JsonObject>> = {
  'tools/list': {
    tools: [
      ...['read_echo', 'read_late', 'read_asking'].map((name) => tool(name)),
      tool('read_header', { place: { type: 'string', 'x-mcp-header': 'Place' } }),
    ],
  },
  'resources/list': { resources: [{ uri: 'test://one', name: 'one' }] },
  'resources/templates/list': { resourceTemplates: [{ uriTemplate: 'test://{id}/x', name: 't' }] },
  'prompts/list': { prompts: [{ name: 'read_prompt', arguments: [{ name: 'q' }] }] },
};
const RESULTS: Readonly<Record<string, JsonObject>> = {
  'resources/read': { contents: [] },
  'prompts/get': { messages: [] },
  'completion/complete': { completion: { values: [] } },
};
const CAPABILITIES: JsonObject = {
  tools: { listChanged: true },
  resources: { subscribe: true, listChanged: true },
  prompts: { listChanged: true },
  completions: {},
  logging: {},
};

/** What a server asked in one `input_required`. */
type Asked = { readonly nonce: string; readonly messages: ReadonlyMap<string, string> };

const nonceOf = (frame: Frame): string =>
  JSON.stringify(objectOf(objectOf(frame['params'])['arguments'])['nonce'] ?? null);

/**
 * A modern server in this process, for one connection of the gate. It answers everything, spoilt where it is told to, and
 * notes where what reaches it does not belong together.
 */
export class FuzzedModernServer {
  readonly received: Frame[] = [];
  readonly problems: string[] = [];
  /** Changes of answers to come; each list is one answer's. */
  readonly spoil: (readonly Mutation[])[] = [];
  /** The same for lists, after which not much is left to call. */
  readonly spoilLists: (readonly Mutation[])[] = [];
  /** Results that asked, and errors after which the gate connects again and sends once more. */
  asks = 0;
  forgets = 0;
  readonly #secret: string;
  readonly #events: ChannelEvents;
  readonly #requests = new Map<JsonValue | undefined, Frame>();
  /** By state; a spoilt one may stand for several. */
  readonly #asked = new Map<string, Asked[]>();
  #lastAsk = 0;
  readonly #streams: JsonValue[] = [];
  /** Undefined until it is clear which era the gate took it for. */
  #era: 'legacy' | 'modern' | undefined;

  constructor(secret: string, events: ChannelEvents) {
    this.#secret = secret;
    this.#events = events;
  }

  /** Takes what the gate sends. */
  take(frame: Frame): void {
    this.received.push(frame);
    const { id, method } = frame;
    if (typeof method !== 'string' || id === undefined) {
      if (id !== undefined && this.#era === 'modern')
        this.problems.push(`an answer to a modern server: ${JSON.stringify(frame)}`);
      return;
    }
    if (this.#requests.has(id)) this.problems.push(`an id used twice: ${JSON.stringify(frame)}`);
    this.#requests.set(id, frame);
    if (method === 'initialize') this.#era = 'legacy';
    else if (method !== 'server/discover') this.#era ??= 'modern';
    if (this.#era === 'modern') this.#checkMeta(frame);
    const answer = (): void => this.#answer(frame, method);
    if (objectOf(frame['params'])['name'] === 'read_late') setTimeout(answer, 1);
    else queueMicrotask(answer);
  }

  /** Sends what this server thinks of at its `n`th turn, spoilt. */
  push(base: number, n: number, mutations: readonly Mutation[]): void {
    const made = PUSHED[base % PUSHED.length]?.(n, this) ?? {};
    this.#send(mutations.reduce(mutate, made));
  }

  /** Ends the connection. */
  hangUp(): void {
    this.#events.onClose();
  }

  /** An id that was or is in flight, counted from the last one. */
  idAt(n: number): JsonValue {
    return [...this.#requests.keys()].at(-1 - (n % 6)) ?? 's1';
  }

  streamAt(n: number): JsonValue {
    return this.#streams.at(-1 - (n % 2)) ?? 's2';
  }

  tokenAt(n: number): JsonValue {
    const params = objectOf(this.#requests.get(this.idAt(n))?.['params']);
    return objectOf(params['_meta'])['progressToken'] ?? n;
  }

  get secret(): string {
    return this.#secret;
  }

  /** A result that asks about the request `id`. */
  requireInput(id: JsonValue): JsonObject {
    const own = `${this.#secret}/${nonceOf(this.#requests.get(id) ?? {})}/${++this.#lastAsk}`;
    return {
      resultType: 'input_required',
      inputRequests: {
        who: {
          method: 'elicitation/create',
          params: { message: `${own}/who`, requestedSchema: { type: 'object', properties: {} } },
        },
        what: {
          method: 'sampling/createMessage',
          params: {
            messages: [{ role: 'user', content: { type: 'text', text: `${own}/what` } }],
            maxTokens: 1,
          },
        },
        where: { method: 'roots/list' },
      },
      requestState: `${own}/state`,
    };
  }

  #send(frame: Frame): void {
    // As it would come over a wire, which is where it is frozen too.
    const sent = freezeJson(JSON.parse(JSON.stringify({ jsonrpc: '2.0', ...frame })) as Frame); // oxlint-disable-line typescript/no-unsafe-type-assertion -- a frame before and after
    const result = objectOf(sent['result']);
    const state = result['requestState'];
    if (typeof state === 'string')
      this.#asked.set(state, [
        ...(this.#asked.get(state) ?? []),
        {
          nonce: nonceOf(this.#requests.get(sent['id']) ?? {}),
          messages: messagesOf(objectOf(result['inputRequests'])),
        },
      ]);
    if (result['resultType'] === 'input_required') this.asks++;
    if (objectOf(sent['error'])['code'] === -32022) this.forgets++;
    this.#events.onFrame(sent);
  }

  #answer(frame: Frame, method: string): void {
    const { id = null } = frame;
    const params = objectOf(frame['params']);
    const changes = Object.hasOwn(LISTS, method) ? this.spoilLists : this.spoil;
    const mutations = method === 'initialize' ? [] : (changes.shift() ?? []);
    if (method === 'subscriptions/listen') {
      this.#streams.push(id);
      const { notifications = null } = params;
      const made = { notifications, _meta: { [META.subscription]: id } };
      const spoilt = mutations.reduce<JsonObject>(mutate, made);
      this.#send({ method: 'notifications/subscriptions/acknowledged', params: spoilt });
      return;
    }
    const result = this.#resultOf(id, method, params);
    // The id stays, so that each request has an answer.
    if (result) this.#send({ id, result: mutations.reduce<JsonObject>(mutate, result) });
    else this.#send({ id, error: { code: -32601, message: 'Method not found' } });
  }

  #resultOf(id: JsonValue, method: string, params: JsonObject): JsonObject | undefined {
    const complete = this.#era === 'legacy' ? {} : { resultType: 'complete' };
    if (method === 'server/discover')
      return { ...complete, supportedVersions: ['2026-07-28'], capabilities: CAPABILITIES };
    if (method === 'initialize')
      return {
        protocolVersion: '2025-11-25',
        capabilities: CAPABILITIES,
        serverInfo: { name: 'fuzzed', version: '0' },
      };
    if (method === 'tools/call') return this.#call(id, params, complete);
    const known = LISTS[method] ?? RESULTS[method] ?? (this.#era === 'legacy' ? {} : undefined);
    return known && { ...complete, ...known };
  }

  #call(id: JsonValue, params: JsonObject, complete: JsonObject): JsonObject {
    const { requestState, inputResponses } = params;
    if (requestState !== undefined || inputResponses !== undefined) this.#checkRetry(params);
    else if (params['name'] === 'read_asking' && this.#era !== 'legacy')
      return this.requireInput(id);
    const { nonce = null } = objectOf(params['arguments']);
    return { ...complete, content: [], structuredContent: { nonce } };
  }

  #checkMeta(frame: Frame): void {
    const meta = objectOf(objectOf(frame['params'])['_meta']);
    const { [META.version]: version, [META.capabilities]: capabilities } = meta;
    if (version !== '2026-07-28' || !isJsonObject(capabilities))
      this.problems.push(`a request without its envelope: ${JSON.stringify(frame)}`);
  }

  /** The answers are for what was asked, and come with the same call. */
  #checkRetry(params: JsonObject): void {
    const { requestState, inputResponses } = params;
    if (requestState === undefined) return;
    const asked = this.#asked.get(stringOf(requestState)) ?? [];
    if (!asked.some(({ nonce }) => nonce === nonceOf({ params })))
      this.problems.push(`the state of another call: ${JSON.stringify(params)}`);
    for (const [key, response] of Object.entries(objectOf(inputResponses))) {
      const { content } = objectOf(response);
      const echo = stringOf(objectOf(content)['echo'] ?? objectOf(content)['text']);
      const isOurs = echo.startsWith(this.#secret);
      if (isOurs && !asked.some(({ messages }) => messages.get(key) === echo))
        this.problems.push(`the answer to another question: ${JSON.stringify(params)}`);
    }
  }
}

function messagesOf(inputRequests: JsonObject): Map<string, string> {
  return new Map(
    Object.entries(inputRequests).map(([key, asked]) => [key, messageOf(objectOf(asked))]),
  );
}

/** What a question says, and what a client answers it with here. */
export function messageOf({ params }: JsonObject): string {
  const { message, messages } = objectOf(params);
  const first: unknown = Array.isArray(messages) ? messages[0] : undefined;
  return stringOf(message ?? objectOf(objectOf(first)['content'])['text']);
}

const stream = (server: FuzzedModernServer, n: number): JsonObject => ({
  _meta: { [META.subscription]: server.streamAt(n) },
});

/** What a modern server may send at any time, and what it may not. */
const PUSHED: readonly ((n: number, server: FuzzedModernServer) => Frame)[] = [
  (n, server) => ({
    id: server.idAt(n),
    result: { resultType: 'complete', content: [{ type: 'text', text: server.secret }] },
  }),
  (n, server) => ({ id: server.idAt(n), result: server.requireInput(server.idAt(n)) }),
  (n, server) => ({
    id: server.idAt(n),
    result: { resultType: 'input_required', requestState: `${server.secret}/again/${n}` },
  }),
  (n, server) => ({ id: server.idAt(n), error: { code: -32000, message: server.secret } }),
  (n, server) => ({
    id: server.idAt(n),
    error: { code: n % 3 === 0 ? -32022 : -32021, message: 'no', data: { supported: ['x'] } },
  }),
  (n, server) => ({ id: server.streamAt(n), result: { resultType: 'complete' } }),
  (n) => ({ id: `ask-${n % 4}`, result: { resultType: 'complete', roots: [] } }),
  (n) => ({ id: n % 16, result: { resultType: 'complete', content: [] } }),
  (n) => ({ id: n, method: 'sampling/createMessage', params: { messages: [], maxTokens: 1 } }),
  (n, server) => ({
    method: 'notifications/subscriptions/acknowledged',
    params: { notifications: { toolsListChanged: true }, ...stream(server, n) },
  }),
  (n, server) => ({ method: 'notifications/tools/list_changed', params: stream(server, n) }),
  () => ({ method: 'notifications/prompts/list_changed' }),
  (n, server) => ({
    method: 'notifications/resources/updated',
    params: { uri: 'test://7/x', ...stream(server, n) },
  }),
  (n, server) => ({
    method: 'notifications/progress',
    params: { progressToken: server.tokenAt(n), progress: n, message: server.secret },
  }),
  (n, server) => ({
    method: 'notifications/message',
    params: { level: 'error', data: { n, secret: server.secret } },
  }),
  (n, server) => ({
    method: 'notifications/cancelled',
    params: { requestId: n % 2 === 0 ? server.streamAt(n) : server.idAt(n) },
  }),
];
