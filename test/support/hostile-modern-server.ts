import { createInterface } from 'node:readline';

/** A modern server over stdio with one bad habit, its first argument; without an SDK, because no SDK does these things. */
type Message = {
  readonly id?: string | number;
  readonly method?: string;
  readonly params?: {
    readonly name?: string;
    readonly requestState?: string;
    readonly requestId?: string | number;
    readonly notifications?: object;
  };
};

const [habit = ''] = process.argv.slice(2);
const SUBSCRIPTION = 'io.modelcontextprotocol/subscriptionId';
const heard: Message[] = [];

const send = (...frames: readonly object[]): boolean =>
  process.stdout.write(
    frames.map((frame) => `${JSON.stringify({ jsonrpc: '2.0', ...frame })}\n`).join(''),
  );
const asks = (count: number, method = 'roots/list'): object =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`ask${at}`, { method }]));
const requires = (more: object): object => ({ resultType: 'input_required', ...more });

/** What `tools/call` answers. */
const RESULTS: Readonly<Record<string, (message: Message) => object | undefined>> = {
  'odd-type': () => ({ resultType: 'task', content: [] }),
  'type-no-string': () => ({ resultType: 7, content: [] }),
  endless: ({ params }) =>
    requires({ inputRequests: asks(1), requestState: `${params?.requestState ?? ''}x` }),
  'endless-state': () => requires({ requestState: 'again' }),
  'large-state': () => requires({ requestState: 'x'.repeat(5_000_000) }),
  'state-no-string': () => requires({ inputRequests: asks(1), requestState: { a: 1 } }),
  'asks-nothing': () => requires({ inputRequests: {} }),
  'asks-a-list': () => requires({ inputRequests: [] }),
  'asks-odd': () => requires({ inputRequests: asks(1, 'tools/call') }),
  'asks-much': () => requires({ inputRequests: asks(17) }),
  'asks-slowly': () => requires({ inputRequests: asks(2, 'elicitation/create') }),
  'forgets-version-after-asking': () => requires({ inputRequests: asks(1), requestState: 'asked' }),
  'forgets-version-after-working': () => requires({ requestState: 'worked' }),
  'asks-for-pages': () =>
    requires({
      inputRequests: {
        page: {
          method: 'elicitation/create',
          params: { mode: 'url', url: 'https://a.example/', message: 'Sign in' },
        },
      },
    }),
  'no-result': () => undefined,
};

function answer(message: Message): void {
  const { id, method, params } = message;
  heard.push(message);
  if (method === 'server/discover')
    send({
      id,
      result: {
        resultType: 'complete',
        supportedVersions: habit === 'other-versions' ? ['2099-01-01'] : ['2026-07-28'],
        capabilities: {
          tools: { listChanged: true },
          resources: { subscribe: true },
          logging: {},
          tasks: { requests: { tools: { call: {} } } },
        },
        ttlMs: 0,
        cacheScope: 'private',
      },
    });
  else if (method === 'subscriptions/listen') listen(id, params?.notifications ?? {});
  else if (method === 'tools/list')
    send({
      id,
      result:
        habit === 'list-asks'
          ? requires({ inputRequests: asks(1) })
          : { resultType: 'complete', tools: [] },
    });
  else if (method === 'tools/call' && params?.name === 'heard')
    send({ id, result: { resultType: 'complete', content: [], heard } });
  else if (method === 'tools/call') call(message);
  else if (id !== undefined) send({ id, error: { code: -32601, message: 'Method not found' } });
}

function listen(id: string | number | undefined, notifications: object): void {
  if (habit === 'never-acknowledges') return;
  if (habit === 'does-not-listen') {
    send({ id, error: { code: -32601, message: 'Method not found' } });
    return;
  }
  // The old stream ends while the new one is being opened.
  if (habit === 'ends-streams' && id !== 's1')
    send({ method: 'notifications/cancelled', params: { requestId: 's1' } });
  const params = { notifications, _meta: { [SUBSCRIPTION]: id } };
  send({ method: 'notifications/subscriptions/acknowledged', params });
  if (habit !== 'floods') return;
  const changed = { method: 'notifications/tools/list_changed', params: { _meta: params._meta } };
  send(...Array.from({ length: 5000 }, () => changed));
}

function call(message: Message): void {
  const { id } = message;
  if (habit === 'answers-others') {
    // What the owner might use for ids, and what the translator might.
    const guesses = [1, 2, 3, 4, 's1', 's2', 's9', 'ask-1', 'sallyport-discover'];
    for (const guess of guesses)
      if (guess !== id) send({ id: guess, result: { resultType: 'complete', forged: true } });
  }
  if (habit === 'sends-requests') send({ id: 1, method: 'sampling/createMessage', params: {} });
  if (habit === 'stray-changes')
    send(
      { method: 'notifications/tools/list_changed' },
      {
        method: 'notifications/resources/updated',
        params: { uri: 'a:b', _meta: { [SUBSCRIPTION]: 's99' } },
      },
      { method: 'notifications/cancelled', params: { requestId: 'ask-1' } },
    );
  const isLater = message.params?.requestState !== undefined;
  if (habit === 'forgets-version' || (habit.startsWith('forgets-version-') && isLater))
    send({ id, error: { code: -32022, message: 'no', data: { supported: ['2025-11-25'] } } });
  else {
    const result = RESULTS[habit] ?? ((): object => ({ resultType: 'complete', content: [] }));
    send({ id, result: result(message) });
  }
}

createInterface({ input: process.stdin }).on('line', (line) => {
  const message: Message = JSON.parse(line);
  answer(message);
});
