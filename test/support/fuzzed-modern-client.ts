import { freezeJson, isJsonObject, type JsonObject, type JsonValue } from '../../src/lib/json.ts';
import type { Frame } from '../../src/wire/channel.ts';
import { classify } from '../../src/wire/frames.ts';
import { META } from '../../src/wire/modern/meta.ts';
import { messageOf } from './fuzzed-modern-server.ts';
import { modernRequest } from './modern-frames.ts';
import { stringOf } from './string-of.ts';

const objectOf = (value: unknown): JsonObject => (isJsonObject(value) ? value : {});
const ASKS = new Set(['sampling/createMessage', 'elicitation/create', 'roots/list']);
const TOLD = new Set([
  'notifications/progress',
  'notifications/message',
  'notifications/subscriptions/acknowledged',
  'notifications/resources/updated',
  'notifications/tools/list_changed',
  'notifications/prompts/list_changed',
  'notifications/resources/list_changed',
]);

/** What an `input_required` wants, with the request that it answered. */
export type Question = { readonly request: Frame; readonly given: JsonObject };

/** A modern client in this process. It answers what it is asked, and notes where what it gets does not belong to it. */
export class FuzzedModernClient {
  readonly secret: string;
  readonly received: Frame[] = [];
  readonly problems: string[] = [];
  readonly questions: Question[] = [];
  /** Questions that it was shown. */
  asked = 0;
  readonly #transmit: (frame: Frame) => void;
  readonly #requests = new Map<JsonValue, Frame[]>();
  readonly #tokens = new Set<JsonValue | undefined>();
  readonly #streams = new Set<JsonValue>();
  readonly #given = new Set<JsonValue | undefined>();
  readonly #answered = new Set<JsonValue>();
  #lastRetry = 0;

  /** `transmit` hands a frame to the gate. */
  constructor(secret: string, transmit: (frame: Frame) => void) {
    this.secret = secret;
    this.#transmit = transmit;
  }

  say(made: Frame): void {
    // As it would come over a wire, which is where it is frozen too.
    const frame = freezeJson(JSON.parse(JSON.stringify(made)) as Frame); // oxlint-disable-line typescript/no-unsafe-type-assertion -- a frame before and after
    const { id } = frame;
    const params = objectOf(frame['params']);
    if (typeof id === 'string' || (typeof id === 'number' && Number.isSafeInteger(id)))
      this.#requests.set(id, [...(this.#requests.get(id) ?? []), frame]);
    this.#tokens.add(objectOf(params['_meta'])['progressToken']);
    if (frame['method'] === 'subscriptions/listen' && id !== undefined) this.#streams.add(id);
    if (frame['method'] === 'notifications/cancelled') this.#given.add(params['requestId']);
    try {
      this.#transmit(frame);
    } catch (thrown) {
      this.problems.push(`it threw ${String(thrown)} at ${JSON.stringify(frame)}`);
    }
  }

  /** Takes what the gate sends. */
  hear(frame: Frame): void {
    this.received.push(frame);
    const { id, method } = frame;
    if (method === undefined) this.#hearAnswer(frame);
    else if (id !== undefined || typeof method !== 'string' || !TOLD.has(method))
      this.problems.push(`what a modern client does not get: ${JSON.stringify(frame)}`);
    else this.#hearNotification(method, objectOf(frame['params']));
  }

  /** Ids of requests that have had no answer and should have. */
  get unanswered(): JsonValue[] {
    return [...this.#requests]
      .filter(
        ([id, frames]) =>
          !this.#answered.has(id) &&
          !this.#streams.has(id) &&
          !this.#given.has(id) &&
          frames.some(isRequest),
      )
      .map(([id]) => id);
  }

  /** The request of a question again, with what it wants. */
  retry({ request, given }: Question, more: JsonObject = {}): Frame {
    const id = `r${++this.#lastRetry}`;
    return { ...request, id, params: { ...objectOf(request['params']), ...given, ...more } };
  }

  #hearAnswer(frame: Frame): void {
    const { id = null } = frame;
    const result = objectOf(frame['result']);
    if (id !== null && !this.#requests.has(id))
      this.problems.push(`an answer nobody asked for: ${JSON.stringify(frame)}`);
    this.#answered.add(id);
    const requests = this.#requests.get(id) ?? [];
    const { nonce } = objectOf(result['structuredContent']);
    // Whatever a server made of it, it cannot have made another request's.
    const isOurs = typeof nonce === 'string' && nonce.startsWith(this.secret);
    if (isOurs && !requests.some((request) => nonceOf(request) === nonce))
      this.problems.push(`the answer of another request: ${JSON.stringify(frame)}`);
    if (result['resultType'] !== 'input_required') return;
    const inputRequests = objectOf(result['inputRequests']);
    this.asked += Object.keys(inputRequests).length;
    for (const asked of Object.values(inputRequests))
      if (!ASKS.has(stringOf(objectOf(asked)['method'])))
        this.problems.push(`what nobody may ask: ${JSON.stringify(frame)}`);
    const [request] = requests;
    if (!request) return;
    const answers = Object.entries(inputRequests).map(
      ([key, asked]) => [key, this.#answerTo(objectOf(asked))] as const,
    );
    const { requestState } = result;
    const inputResponses = Object.fromEntries(answers);
    const question: Question = { request, given: { inputResponses, requestState } };
    this.questions.push(question);
    queueMicrotask(() => this.say(this.retry(question)));
  }

  #answerTo(asked: JsonObject): JsonObject {
    const text = messageOf(asked);
    if (asked['method'] === 'roots/list') return { roots: [{ uri: `file:///${this.secret}` }] };
    if (asked['method'] === 'elicitation/create')
      return { action: 'accept', content: { echo: text } };
    return { role: 'assistant', model: 'none', content: { type: 'text', text } };
  }

  #hearNotification(method: string, params: JsonObject): void {
    const problem =
      method === 'notifications/progress'
        ? !this.#tokens.has(params['progressToken'])
        : method !== 'notifications/message' &&
          !this.#streams.has(objectOf(params['_meta'])[META.subscription] ?? null);
    if (problem)
      this.problems.push(`what it did not ask for: ${JSON.stringify({ method, params })}`);
  }
}

function nonceOf({ params }: Frame): JsonValue {
  return objectOf(objectOf(params)['arguments'])['nonce'] ?? null;
}

function isRequest(frame: Frame): boolean {
  try {
    return classify(frame).kind === 'request';
  } catch {
    // What cannot be read is answered too, under its id.
    return frame['method'] !== undefined;
  }
}

type Make = (n: number, client: FuzzedModernClient, other: FuzzedModernClient) => Frame;

const call =
  (name: string, more: JsonObject = {}, capabilities?: JsonObject): Make =>
  (n, { secret }) =>
    modernRequest(
      'tools/call',
      { name, arguments: { nonce: `${secret}/${n}`, place: 'here' }, ...more },
      {
        id: n % 3 === 0 ? `s${n}` : n,
        meta: { progressToken: `${secret}/${n}`, ...(n % 2 === 0 && { [META.logLevel]: 'info' }) },
        ...(capabilities && { capabilities }),
      },
    );
const ask =
  (method: string, params: JsonObject = {}): Make =>
  (n) =>
    modernRequest(method, params, { id: n });
const bare =
  (frame: (n: number, secret: string) => JsonObject): Make =>
  (n, { secret }) => ({ jsonrpc: '2.0', ...frame(n, secret) });

/** What a modern client sends, at its turn `n`, and what none should. */
export const SAID: readonly Make[] = [
  call('read_echo'),
  call('read_late'),
  call('read_header'),
  call('read_asking'),
  call('read_asking'),
  call('read_asking', {}, { elicitation: {} }),
  call('read_echo', {}, {}),
  call('read_asking', { inputResponses: { who: { action: 'accept', content: {} }, odd: {} } }),
  call('read_asking', { requestState: 'AAAAAAAAAAAAAAAAAAAAAA.1.x' }),
  // A question that was answered already, with everything that belongs to it.
  (n, client) => {
    const question = client.questions.at(-1 - (n % 3));
    return question ? client.retry(question) : call('read_asking')(n, client, client);
  },
  // Somebody else's state, with one's own call.
  (n, client, other) => {
    const { requestState } = other.questions.at(-1)?.given ?? {};
    return call('read_asking', { inputResponses: {}, requestState })(n, client, other);
  },
  ask('server/discover'),
  ask('tools/list'),
  ask('resources/list'),
  ask('resources/read', { uri: 'test://one' }),
  ask('prompts/get', { name: 'read_prompt' }),
  ask('completion/complete', {
    ref: { type: 'ref/prompt', name: 'read_prompt' },
    argument: { name: 'q', value: '' },
  }),
  ask('subscriptions/listen', {
    notifications: { toolsListChanged: true, resourceSubscriptions: ['test://7/x', 'test://one'] },
  }),
  ask('subscriptions/listen', { notifications: { promptsListChanged: true } }),
  ask('ping'),
  ask('resources/subscribe', { uri: 'test://7/x' }),
  bare((n) => ({ method: 'notifications/cancelled', params: { requestId: n - 1 } })),
  bare((n) => ({ method: 'notifications/cancelled', params: { requestId: `s${n - 1}` } })),
  bare(() => ({ method: 'notifications/roots/list_changed' })),
  bare((n) => ({ id: n % 8, result: { roots: [] } })),
  bare((n) => ({ id: n, method: 'tools/list' })),
  bare((n) => ({ id: n, method: 'initialize', params: { protocolVersion: '2025-11-25' } })),
];
