import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import type { TestContext } from 'node:test';
import fc from './property.ts';
import { isJsonObject } from '../../src/lib/json.ts';
import type { Frame } from '../../src/wire/channel.ts';
import { createEraMemory } from '../../src/wire/modern-upstream/era-memory.ts';
import { openEitherEra } from '../../src/wire/modern-upstream/open-either-era.ts';
import { channelGate, type ChannelGate } from './channel-gate.ts';
import { FuzzedModernClient, SAID } from './fuzzed-modern-client.ts';
import { FuzzedModernServer } from './fuzzed-modern-server.ts';
import { modernRequest } from './modern-frames.ts';
import { mutate, mutation, type Mutation } from './mutations.ts';

const PATIENCE_MS = 30_000;
const CALLS = ['tools/call', 'resources/read', 'prompts/get', 'completion/complete'] as const;
const ASKS = new Set(['sampling/createMessage', 'elicitation/create', 'roots/list']);

export type Step = {
  readonly who: 0 | 1;
  readonly where: 'client' | 'server' | 'answer';
  readonly base: number;
  readonly mutations: readonly Mutation[];
  /** Frames sent without a pause in between reach what is still at work. */
  readonly pause: boolean;
};

const VALUES = [
  '2026-07-28', '2025-11-25', 'server/discover', 'subscriptions/listen', 'input_required', 'complete', 's1', 's2', 'ask-1', 'who',
  { who: { action: 'accept' } }, { resultType: 'input_required' }, ['2025-11-25'], ['test://7/x', 'test://7/x', 7],
  { 'io.modelcontextprotocol/subscriptionId': 's2' }, { 'io.modelcontextprotocol/protocolVersion': '2026-07-28' },
]; // prettier-ignore

/** One turn of a modern client or its server. */
export const step: fc.Arbitrary<Step> = fc.record({
  who: fc.constantFrom(0, 1),
  where: fc.constantFrom('client', 'client', 'server', 'answer'),
  base: fc.nat(1000),
  // Most changes of a modern frame end at its envelope: fewer of them get further.
  mutations: fc.oneof(
    { weight: 2, arbitrary: fc.constant([]) },
    { weight: 3, arbitrary: fc.array(mutation(VALUES), { minLength: 1, maxLength: 3 }) },
  ),
  pause: fc.boolean(),
});

/** For whom the gate works: a server that is connected again belongs to the client of the one before. */
const working = new AsyncLocalStorage<FuzzedSide>();

/** The gate whose servers are those of the side that it works for. */
export async function sidesGate(context: TestContext): Promise<ChannelGate> {
  return await channelGate(context, async (events, signal) => {
    const side = working.getStore();
    if (!side) throw new Error('Cannot connect for nobody');
    return await side.open(events, signal);
  });
}

/** One modern client with the servers that the gate opened for it. */
export class FuzzedSide {
  readonly client: FuzzedModernClient;
  readonly servers: FuzzedModernServer[] = [];
  readonly open: ReturnType<typeof openEitherEra>;

  constructor(secret: string, transmit: (frame: Frame) => void) {
    this.client = new FuzzedModernClient(secret, (frame) => this.act(() => transmit(frame)));
    this.open = openEitherEra({
      memory: createEraMemory(),
      open: async (events) => {
        const server = new FuzzedModernServer(secret, events);
        this.servers.push(server);
        return {
          send: async (frame) => server.take(frame),
          close: async () => events.onClose(),
        };
      },
    });
  }

  act<T>(what: () => T): T {
    return working.run(this, what);
  }

  /** Plays one step; `at` is a number of its own. */
  take({ where, base, mutations }: Step, at: number, other: FuzzedSide): void {
    const server = this.servers.at(-1);
    if (where === 'server') this.act(() => server?.push(base, at, mutations));
    else if (where === 'answer')
      (base % 16 === 0 ? server?.spoilLists : server?.spoil)?.push(mutations);
    else {
      const made = SAID[base % SAID.length]?.(at, this.client, other.client) ?? {};
      this.client.say(mutations.reduce(base % 4 === 0 ? mutate : mutateParams, made));
    }
  }

  /** From here on the servers behave; a list one lied about counts until it says otherwise. */
  behave(): void {
    for (const { spoil, spoilLists } of this.servers) spoil.length = spoilLists.length = 0;
    this.act(() => this.servers.forEach((server) => server.hangUp()));
  }

  /** Whatever came before: who asks properly is served, and by the own server. */
  async serves(): Promise<void> {
    let last = 0;
    const { client } = this;
    const isServed = await settled(() => {
      const given = client.received.find(({ id }) => id === `last${last}`);
      if (given && JSON.stringify(given).includes(`${client.secret}/last${last}`)) return true;
      if (last > 0 && !given) return false;
      const nonce = `${client.secret}/last${++last}`;
      const params = { name: 'read_echo', arguments: { nonce } };
      client.say(modernRequest('tools/call', params, { id: `last${last}` }));
      return false;
    });
    assert.ok(isServed, `${client.secret} is not served any more: ${this.story()}`);
  }

  /** The end of what happened, for whoever has to find out why. */
  story(): string {
    const frames = [this.client.received, ...this.servers.map(({ received }) => received)];
    return frames.map((some) => JSON.stringify(some.slice(-4))).join('\n');
  }
}

/** What is wrong with a frame itself is found before its era: fewer of those. */
function mutateParams(frame: Frame, change: Mutation): Frame {
  const { params } = frame;
  return isJsonObject(params) ? { ...frame, params: mutate(params, change) } : frame;
}

export async function settled(condition: () => boolean): Promise<boolean> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!condition()) {
    if (performance.now() > deadline) return false;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  return true;
}

/** Nothing was mixed between the two, and nothing went on that the pipeline had not granted. */
export function checkSides(
  sides: readonly [FuzzedSide, FuzzedSide],
  granted: readonly string[],
): void {
  for (const [at, { client, servers }] of sides.entries()) {
    assert.deepEqual(client.problems, []);
    for (const { problems } of servers) assert.deepEqual(problems, []);
    const other = sides[1 - at]?.client.secret ?? '';
    for (const frame of [...client.received, ...servers.flatMap(({ received }) => received)])
      assert.ok(!JSON.stringify(frame).includes(other), JSON.stringify(frame));
  }
  const servers = sides.flatMap((side) => side.servers);
  const received = servers.flatMap((server) => server.received);
  const sum = (of: (server: FuzzedModernServer) => number): number =>
    servers.reduce((total, server) => total + of(server), 0);
  // What a server refused for its version goes to it once more on the next connection.
  const again = sum(({ forgets }) => forgets);
  for (const method of CALLS) {
    const grants = granted.filter((one) => one === method).length;
    const count = forwarded(received, method).length;
    assert.ok(count <= grants + again, `${count} ${method} forwarded, ${grants} granted`);
  }
  const retries = received.filter(isRetry).length;
  assert.ok(retries <= sum(({ asks }) => asks), `${retries} retries`);
  const followed = new Set(forwarded(received, 'subscriptions/listen').flatMap(urisOf));
  const reads = granted.filter((one) => one === 'resources/read').length;
  assert.ok(followed.size <= reads, `${[...followed].join(' ')} followed, ${reads} granted`);
  const asked = sides.reduce((total, { client }) => total + client.asked, 0);
  const asks = granted.filter((one) => ASKS.has(one)).length;
  assert.ok(asked <= asks, `${asked} asked, ${asks} granted`);
}

/** Requests of this method that are no retries: those were asked for. */
function forwarded(received: readonly Frame[], method: string): Frame[] {
  return received.filter(
    (frame) => frame['method'] === method && frame['id'] !== undefined && !isRetry(frame),
  );
}

function isRetry({ params }: Frame): boolean {
  return (
    isJsonObject(params) &&
    (params['requestState'] !== undefined || params['inputResponses'] !== undefined)
  );
}

function urisOf({ params }: Frame): unknown[] {
  const filter = isJsonObject(params) ? params['notifications'] : undefined;
  const uris = isJsonObject(filter) ? filter['resourceSubscriptions'] : undefined;
  return Array.isArray(uris) ? uris : [];
}
