import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { test } from 'node:test';
import fc from '../support/property.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../src/lib/json.ts';
import { localCaller } from '../../src/identity/local-caller.ts';
import type { AgentSession } from '../../src/wire/agent.ts';
import type { ChannelEvents, Frame } from '../../src/wire/channel.ts';
import { classify } from '../../src/wire/frames.ts';
import { channelGate, type ChannelGate } from '../support/channel-gate.ts';
import { mutate, mutation, type Mutation } from '../support/mutations.ts';

/** Mutated frames; more with `SALLYPORT_FUZZ_CASES`, of all that are fuzzed. */
const CASES = Number(process.env['SALLYPORT_FUZZ_CASES'] ?? '100000') * 0.5;
const FRAMES_A_RUN = 100;
const PATIENCE_MS = 30_000;

type Where = 'client' | 'server';
type Step = {
  readonly who: 0 | 1;
  readonly where: Where;
  readonly base: number;
  readonly mutations: readonly Mutation[];
  /** Frames sent without a pause in between reach what is still at work. */
  readonly pause: boolean;
};

const tool = (name: string): JsonObject => ({
  name,
  description: `Reads ${name}`,
  inputSchema: { type: 'object', properties: { nonce: { type: 'string' } } },
  annotations: { readOnlyHint: true, openWorldHint: false },
});
const LISTS: Readonly<Record<string, JsonObject>> = {
  'tools/list': { tools: ['read_echo', 'read_late', 'read_asking'].map(tool) },
  'resources/list': { resources: [{ uri: 'test://one', name: 'one' }] },
  'resources/templates/list': { resourceTemplates: [{ uriTemplate: 'test://{id}/x', name: 't' }] },
  'prompts/list': { prompts: [{ name: 'read_prompt', arguments: [{ name: 'q' }] }] },
};
const CALLS = new Set([
  'tools/call',
  'resources/read',
  'prompts/get',
  'completion/complete',
  'resources/subscribe',
  'resources/unsubscribe',
]);
const ASKS = new Set(['sampling/createMessage', 'elicitation/create', 'roots/list']);
const CAPABILITIES = { sampling: {}, elicitation: {}, roots: { listChanged: true } };

/** What a client sends when it behaves; `$` is a number of its own, and what names the client is its secret. */
const CLIENT: readonly ((n: number, secret: string) => Frame)[] = [
  (n) => ({ jsonrpc: '2.0', id: n, method: 'ping' }),
  (n) => ({ jsonrpc: '2.0', id: n, method: 'tools/list', params: {} }),
  (n) => ({ jsonrpc: '2.0', id: `s${n}`, method: 'resources/list' }),
  ...['read_echo', 'read_late', 'read_asking'].map((name) => (n: number, secret: string) => ({
    jsonrpc: '2.0',
    id: n,
    method: 'tools/call',
    params: {
      name,
      arguments: { nonce: `${secret}/${n}` },
      _meta: { progressToken: `${secret}/${n}` },
    },
  })),
  (n, secret) => ({
    jsonrpc: '2.0',
    id: `s${n}`,
    method: 'tools/call',
    params: { name: 'read_echo', arguments: { nonce: `${secret}/s${n}` } },
  }),
  (n) => ({ jsonrpc: '2.0', id: n, method: 'resources/read', params: { uri: 'test://one' } }),
  (n) => ({ jsonrpc: '2.0', id: n, method: 'resources/subscribe', params: { uri: 'test://7/x' } }),
  (n) => ({ jsonrpc: '2.0', id: n, method: 'prompts/get', params: { name: 'read_prompt' } }),
  (n) => ({
    jsonrpc: '2.0',
    id: n,
    method: 'completion/complete',
    params: {
      ref: { type: 'ref/prompt', name: 'read_prompt' },
      argument: { name: 'q', value: '' },
    },
  }),
  (n) => ({ jsonrpc: '2.0', id: n, method: 'logging/setLevel', params: { level: 'info' } }),
  (n) => ({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: n - 1 } }),
  () => ({ jsonrpc: '2.0', method: 'notifications/roots/list_changed' }),
  (n) => ({
    jsonrpc: '2.0',
    method: 'notifications/progress',
    params: { progressToken: n % 8, progress: 1 },
  }),
  // Answers to what the gate asks: its ids are small numbers.
  (n, secret) => ({ jsonrpc: '2.0', id: n % 8, result: { roots: [], nonce: secret } }),
  (n) => ({ jsonrpc: '2.0', id: n % 8, error: { code: -1, message: 'no' } }),
];

/** What a server sends; its answers are for ids that the gate may have in flight. */
const SERVER: readonly ((n: number, secret: string) => Frame)[] = [
  (n, secret) => ({ jsonrpc: '2.0', id: n, result: { content: [{ type: 'text', text: secret }] } }),
  (n, secret) => ({ jsonrpc: '2.0', id: n % 16, result: { content: [], nonce: secret } }),
  (n) => ({ jsonrpc: '2.0', id: n % 16, error: { code: -32000, message: 'no', data: { n } } }),
  (n, secret) => ({
    jsonrpc: '2.0',
    method: 'notifications/progress',
    params: { progressToken: n % 16, progress: n, message: secret },
  }),
  (n, secret) => ({
    jsonrpc: '2.0',
    method: 'notifications/message',
    params: { level: 'info', data: { n, secret } },
  }),
  () => ({
    jsonrpc: '2.0',
    method: 'notifications/resources/updated',
    params: { uri: 'test://7/x' },
  }),
  () => ({ jsonrpc: '2.0', method: 'notifications/tools/list_changed' }),
  (n) => ({
    jsonrpc: '2.0',
    method: 'notifications/cancelled',
    params: { requestId: `a${n - 1}` },
  }),
  (n) => ({ jsonrpc: '2.0', id: `a${n}`, method: 'roots/list' }),
  (n) => ({ jsonrpc: '2.0', id: n, method: 'ping' }),
  (n, secret) => ({
    jsonrpc: '2.0',
    id: n,
    method: 'elicitation/create',
    params: { message: secret, requestedSchema: { type: 'object', properties: {} } },
  }),
  (n, secret) => ({
    jsonrpc: '2.0',
    id: `a${n}`,
    method: 'sampling/createMessage',
    params: { messages: [{ role: 'user', content: { type: 'text', text: secret } }], maxTokens: 1 },
  }),
];

const step: fc.Arbitrary<Step> = fc.record({
  who: fc.constantFrom(0, 1),
  where: fc.constantFrom('client', 'server'),
  base: fc.nat(1000),
  mutations: fc.array(mutation(), { maxLength: 3 }),
  pause: fc.boolean(),
});

/** For whom the gate works: a server that is connected again belongs to the client of the one before. */
const working = new AsyncLocalStorage<Side>();

/** One client with the server the gate opened for it; both keep what they received. */
class Side {
  readonly secret: string;
  readonly toClient: Frame[] = [];
  readonly toServer: Frame[] = [];
  /** Ids of requests that were sent and not answered, and how often each may still be. */
  readonly open = new Set<string | number>();
  readonly cancelled = new Set<JsonValue | undefined>();
  readonly tokens = new Set<JsonValue | undefined>();
  readonly problems: string[] = [];
  events: ChannelEvents | undefined;
  agent: AgentSession | undefined;
  /** Answers what comes, as long as it behaves. */
  obliging = true;

  constructor(secret: string) {
    this.secret = secret;
  }

  connect(gate: ChannelGate): void {
    this.agent = working.run(this, () =>
      gate.open({
        caller: localCaller({ user: this.secret, groups: [] }),
        transport: 'stdio',
        port: { send: (frame) => this.hear(frame) },
      }),
    );
  }

  /** What this client sends. */
  send(frame: Frame): void {
    working.run(this, () => this.agent?.receive(frame));
  }

  /** What this client's server sends. */
  push(frame: Frame): void {
    working.run(this, () => this.events?.onFrame(frame));
  }

  say(frame: Frame): void {
    const { id, params } = frame;
    try {
      const message = classify(frame);
      if (message.kind === 'request') this.open.add(message.id);
      if (message.kind === 'notification' && message.method === 'notifications/cancelled')
        this.cancelled.add(message.params['requestId']);
    } catch {
      // The gate answers what it cannot read, under the id where there is one.
      if (typeof id === 'string' || typeof id === 'number') this.open.add(id);
    }
    const meta = isJsonObject(params) && isJsonObject(params['_meta']) ? params['_meta'] : {};
    this.tokens.add(meta['progressToken']);
    const args =
      isJsonObject(params) && isJsonObject(params['arguments']) ? params['arguments'] : {};
    const nonces = this.nonces.get(id) ?? new Set();
    this.nonces.set(id, nonces.add(JSON.stringify(args['nonce'] ?? null)));
    this.send(frame);
  }

  /** Takes what the gate sends to this client. */
  hear(frame: Frame): void {
    this.toClient.push(frame);
    const { id, method, params, result } = frame;
    if (method === undefined) {
      if (id !== null && (typeof id === 'string' || typeof id === 'number') && !this.open.has(id))
        this.problems.push(`an answer nobody asked for: ${JSON.stringify(frame)}`);
      const content = isJsonObject(result) ? result['structuredContent'] : undefined;
      const nonce = isJsonObject(content) ? content['nonce'] : undefined;
      if (nonce !== undefined && !this.nonces.get(id)?.has(JSON.stringify(nonce)))
        this.problems.push(`the answer of another request: ${JSON.stringify(frame)}`);
    } else if (method === 'notifications/progress') {
      const token = isJsonObject(params) ? params['progressToken'] : undefined;
      if (!this.tokens.has(token))
        this.problems.push(`a token of nobody: ${JSON.stringify(frame)}`);
    } else if (id !== undefined && this.obliging) this.oblige(frame);
  }

  /** What was sent to be echoed under each id. */
  readonly nonces = new Map<JsonValue | undefined, Set<string>>();

  oblige({ id, method }: Frame): void {
    const result =
      method === 'roots/list'
        ? { roots: [] }
        : method === 'elicitation/create'
          ? { action: 'accept', content: {} }
          : { role: 'assistant', model: 'none', content: { type: 'text', text: 'hello' } };
    queueMicrotask(() => this.send({ jsonrpc: '2.0', id: id ?? null, result }));
  }

  /** Takes what the gate sends to this client's server. */
  serve(frame: Frame): void {
    this.toServer.push(frame);
    const { id, method, params } = frame;
    if (id === undefined || typeof method !== 'string') return;
    const args =
      isJsonObject(params) && isJsonObject(params['arguments']) ? params['arguments'] : {};
    const fixed = LISTS[method];
    const result: JsonObject =
      method === 'initialize'
        ? {
            protocolVersion: '2025-11-25',
            capabilities: {
              tools: {},
              resources: { subscribe: true },
              prompts: {},
              completions: {},
              logging: {},
            },
            serverInfo: { name: 'fuzzed', version: '0' },
          }
        : method === 'prompts/get'
          ? { messages: [] }
          : method === 'resources/read'
            ? { contents: [] }
            : method === 'completion/complete'
              ? { completion: { values: [] } }
              : method === 'tools/call'
                ? { content: [], structuredContent: { nonce: args['nonce'] ?? null } }
                : {};
    const name = isJsonObject(params) ? params['name'] : undefined;
    const answer = (): void => this.push({ jsonrpc: '2.0', id, result: fixed ?? result });
    if (name === 'read_asking')
      this.push({ jsonrpc: '2.0', id: `q${idText(id)}`, method: 'roots/list' });
    if (name === 'read_late') setTimeout(answer, 1);
    else queueMicrotask(answer);
  }
}

/** Whatever came before: who asks properly is served, and by the own server; one that lied is connected again. */
async function serves(side: Side): Promise<boolean> {
  let last = 0;
  return await settled(() => {
    const given = side.toClient.find(
      ({ id, method }) => id === `last${last}` && method === undefined,
    );
    if (given && JSON.stringify(given).includes(`${side.secret}/last${last}`)) return true;
    if (last > 0 && !given) return false;
    const id = `last${++last}`;
    const params = { name: 'read_echo', arguments: { nonce: `${side.secret}/${id}` } };
    side.say({ jsonrpc: '2.0', id, method: 'tools/call', params });
    return false;
  });
}

async function settled(condition: () => boolean): Promise<boolean> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!condition()) {
    if (performance.now() > deadline) return false;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  return true;
}

const idText = (id: JsonValue | undefined): string =>
  JSON.stringify(id ?? null).replaceAll('"', '');

const count = (frames: readonly Frame[], methods: ReadonlySet<string>): number =>
  frames.filter(
    ({ method, id }) => typeof method === 'string' && id !== undefined && methods.has(method),
  ).length;

test(`${CASES} mutated frames, in both directions: nothing breaks, hangs, mixes or passes undecided`, async (context) => {
  const rejections: unknown[] = [];
  const note = (reason: unknown): void => void rejections.push(reason);
  process.on('unhandledRejection', note);
  context.after(() => process.off('unhandledRejection', note));
  const gate = await channelGate(context, async (events) => {
    const side = working.getStore();
    if (!side) throw new Error('Cannot connect for nobody');
    side.events = events;
    return {
      send: async (frame) => side.serve(frame),
      close: async () => events.onClose(),
    };
  });
  let decided = 0;

  async function play(steps: readonly Step[]): Promise<void> {
    const sides = [new Side('secret-of-anna'), new Side('secret-of-bert')] as const;
    gate.granted.length = 0;
    for (const side of sides) {
      side.connect(gate);
      side.say({
        jsonrpc: '2.0',
        id: 'first',
        method: 'initialize',
        params: {
          protocolVersion: '2025-11-25',
          capabilities: CAPABILITIES,
          clientInfo: { name: side.secret, version: '1' },
        },
      });
      side.say({ jsonrpc: '2.0', method: 'notifications/initialized' });
      side.say({ jsonrpc: '2.0', id: 'second', method: 'tools/list' });
      assert.ok(await settled(() => side.toClient.some(({ id }) => id === 'second')), 'no tools');
    }
    for (const [at, { who, where, base, mutations, pause }] of steps.entries()) {
      const side = sides[who];
      const table = where === 'client' ? CLIENT : SERVER;
      const made = table[base % table.length]?.(at + 1, side.secret) ?? {};
      const frame = mutations.reduce(mutate, made);
      if (where === 'client') side.say(frame);
      else side.push(frame);
      if (pause) await Promise.resolve();
    }
    for (const side of sides)
      assert.ok(await serves(side), `${side.secret} is not served any more`);
    for (const side of sides) {
      await side.agent?.close();
      const other = side === sides[0] ? sides[1] : sides[0];
      assert.deepEqual(side.problems, []);
      for (const frame of [...side.toClient, ...side.toServer])
        assert.ok(!JSON.stringify(frame).includes(other.secret), JSON.stringify(frame));
    }
    const forwarded = sides.reduce((sum, { toServer }) => sum + count(toServer, CALLS), 0);
    const asked = sides.reduce((sum, { toClient }) => sum + count(toClient, ASKS), 0);
    const grants = gate.granted.filter(
      (method) => CALLS.has(method) || method.startsWith('resources/'),
    );
    assert.ok(forwarded <= grants.length, `${forwarded} forwarded, ${grants.length} granted`);
    assert.ok(asked <= gate.granted.filter((method) => ASKS.has(method)).length, `${asked} asked`);
    decided += gate.granted.length;
    assert.deepEqual(rejections, []);
  }

  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: FRAMES_A_RUN, maxLength: FRAMES_A_RUN }), play),
    { numRuns: Math.ceil(CASES / FRAMES_A_RUN), includeErrorInReport: true },
  );
  context.diagnostic(`${decided} of them were decided about and granted`);
  assert.ok(decided > CASES / 50);
});
