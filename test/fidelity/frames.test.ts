import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { isJsonObject, type JsonObject } from '../../src/lib/json.ts';
import { progressToken } from '../../src/wire/progress-token.ts';
import type { Frame, FramesTalk } from '../support/frames-client.ts';
import { realServer } from '../support/gate.ts';
import { oddServer } from '../support/odd.ts';
import { stringOf } from '../support/string-of.ts';
import { play, twoSides, type Side, type Step } from '../support/two-sides.ts';

const CAPABILITIES = {
  roots: { listChanged: true },
  sampling: { tools: {}, context: {} },
  elicitation: { form: {}, url: {} },
  experimental: { 'example/odd': { level: 3 } },
};

const call =
  (tool: string, args?: JsonObject, meta?: JsonObject): Step =>
  async ({ client, name }) =>
    await client.request('tools/call', {
      name: name(tool),
      ...(args && { arguments: args }),
      ...(meta && { _meta: meta }),
    });
const prompt =
  (own: string, args?: JsonObject): Step =>
  async ({ client, name }) =>
    await client.request('prompts/get', { name: name(own), ...(args && { arguments: args }) });
const read =
  (own: string): Step =>
  async ({ client, uri }) =>
    await client.request('resources/read', { uri: uri(own) });
const list =
  (method: string): Step =>
  async ({ client }) =>
    await client.request(method);

const DOCUMENT = 'demo://resource/static/document/features.md';

const STEPS: Readonly<Record<string, Step>> = {
  ping: list('ping'),
  'tools/list': list('tools/list'),
  'resources/list': list('resources/list'),
  'resources/templates/list': list('resources/templates/list'),
  'prompts/list': list('prompts/list'),
  'a text': call('echo', { message: 'hällo ☃ \u{1f600} "quoted" \\ </script>' }),
  'a text with _meta': call('echo', { message: 'x' }, { 'example/trace': { deep: [1, null] } }),
  'a sum': call('get-sum', { a: 0.1, b: -2e10 }),
  'annotated content with an image': call('get-annotated-message', {
    messageType: 'error',
    includeImage: true,
  }),
  'an image': call('get-tiny-image', {}),
  'no arguments member': call('get-tiny-image'),
  'structured content': call('get-structured-content', { location: 'Chicago' }),
  'resource links': call('get-resource-links', { count: 4 }),
  'an embedded text resource': call('get-resource-reference', {
    resourceType: 'Text',
    resourceId: 7,
  }),
  'an embedded blob resource': call('get-resource-reference', {
    resourceType: 'Blob',
    resourceId: 8,
  }),
  "the server's own error": call('get-resource-reference', { resourceId: 0.5 }),
  'progress with a string token': call(
    'trigger-long-running-operation',
    { duration: 0.05, steps: 3 },
    { progressToken: 'näme of mine' },
  ),
  'progress with token 0': call(
    'trigger-long-running-operation',
    { duration: 0.05, steps: 2 },
    { progressToken: 0, 'example/kept': true },
  ),
  'the client is asked for a completion': call('trigger-sampling-request', {
    prompt: 'say hello',
    maxTokens: 5,
  }),
  'the client is asked to fill in a form': call('trigger-elicitation-request', {}),
  'the client is asked to open a page': call('trigger-url-elicitation', {
    url: 'https://example.com/sign-in',
    message: 'Sign in',
    elicitationId: 'e-1',
  }),
  'an error with data': call('trigger-url-elicitation', {
    url: 'https://example.com/sign-in',
    message: 'Sign in',
    elicitationId: 'e-2',
    errorPath: true,
  }),
  'the roots of the client': call('get-roots-list', {}),
  'a document': read(DOCUMENT),
  'a text from a template': read('demo://resource/dynamic/text/12'),
  'a blob from a template': read('demo://resource/dynamic/blob/3'),
  "a resource error of the server's own": read('demo://resource/dynamic/text/none'),
  'a prompt': prompt('simple-prompt'),
  'a prompt with arguments': prompt('args-prompt', { city: 'Köln', state: 'NRW' }),
  'a prompt with an embedded resource': prompt('resource-prompt', {
    resourceType: 'Text',
    resourceId: '5',
  }),
  "a prompt error of the server's own": prompt('resource-prompt', {
    resourceType: 'None',
    resourceId: '5',
  }),
  'completion of a prompt argument': async ({ client, name }) =>
    await client.request('completion/complete', {
      ref: { type: 'ref/prompt', name: name('completable-prompt') },
      argument: { name: 'name', value: '' },
      context: { arguments: { department: 'Sales' } },
    }),
  'completion of a template variable': async ({ client, uri }) =>
    await client.request('completion/complete', {
      ref: { type: 'ref/resource', uri: uri('demo://resource/dynamic/text/{resourceId}') },
      argument: { name: 'resourceId', value: '42' },
    }),
  subscribe: async ({ client, uri }) =>
    await client.request('resources/subscribe', { uri: uri(DOCUMENT) }),
  'updates of what is subscribed to': async ({ client, name }) => {
    const from = client.received.length;
    const answer = await client.request('tools/call', {
      name: name('toggle-subscriber-updates'),
      arguments: {},
    });
    await client.next(({ method }) => method === 'notifications/resources/updated', from);
    return answer;
  },
  unsubscribe: async ({ client, uri }) =>
    await client.request('resources/unsubscribe', { uri: uri(DOCUMENT) }),
  'logging/setLevel': async ({ client }) =>
    await client.request('logging/setLevel', { level: 'debug' }),
  'a level that does not exist': async ({ client }) =>
    (await client.request('logging/setLevel', { level: 'loud' }))['error'] !== undefined,
  'a new resource and its announcement': async ({ client, name }) => {
    const from = client.received.length;
    const answer = await client.request('tools/call', {
      name: name('gzip-file-as-resource'),
      arguments: {
        name: 'made.gz',
        data: 'data:text/plain;base64,aGVsbG8=',
        outputType: 'resourceLink',
      },
    });
    await client.next(({ method }) => method === 'notifications/resources/list_changed', from);
    return answer;
  },
  'the new resource read': read('demo://resource/session/made.gz'),
  // Last: what it shows counts as secret, and the guardrails let nothing leave after that.
  'the environment': call('get-env', {}),
};

const ODD_STEPS: Readonly<Record<string, Step>> = {
  'tools/list, without what is held back': async ({ client }) => {
    const answered = await client.request('tools/list');
    const tools = isJsonObject(answered['result']) ? answered['result']['tools'] : undefined;
    return {
      tools: (Array.isArray(tools) ? tools : []).filter(
        (tool: JsonObject) => !stringOf(tool['name']).endsWith('read_reference'),
      ),
    };
  },
  'resources/list': list('resources/list'),
  'resources/templates/list': list('resources/templates/list'),
  'prompts/list': list('prompts/list'),
  'what the server receives': async ({ client, name }) =>
    await client.request('tools/call', {
      name: name('read_mirror'),
      arguments: { nothing: null, deep: { list: [[], {}] } },
      _meta: { 'example/kept': [1, null], traceparent: '00-1-2-01', progressToken: 'x' },
      'example/unknown': 'kept',
    }),
  'no arguments': call('read_mirror'),
  'unknown content': call('read_unknown_parts'),
  'no content': call('read_no_content'),
  'an error with data': call('read_error_data'),
  'progress in the chunk of the response': call(
    'read_progress_and_result',
    {},
    { progressToken: '7' },
  ),
  'progress with a token that looks like an id': call(
    'read_progress_and_result',
    {},
    { progressToken: 1 },
  ),
  // A modern server sends none before a level was named.
  'logging/setLevel': async ({ client }) =>
    await client.request('logging/setLevel', { level: 'debug' }),
  'log messages': call('read_messages'),
  'sampling with progress': call('read_sampling'),
  roots: call('read_roots'),
  'a resource of two parts': async ({ client, uri }) =>
    await client.request('resources/read', { uri: uri('odd://one'), _meta: { kept: 1 }, more: 2 }),
  'a URI without slashes': read('odd:one?a=b#c'),
  'a URI of a template': read('odd://host/a/b?q=1'),
  'a prompt': prompt('read_ask', { q: 'x' }),
  'a completion': async ({ client, uri }) =>
    await client.request('completion/complete', {
      ref: { type: 'ref/resource', uri: uri('odd://{host}/{+path}{?q*}'), more: 1 },
      argument: { name: 'host', value: '' },
      context: { arguments: { path: 'p' } },
      _meta: { kept: 1 },
    }),
  'the answer to a subscription': async ({ client, uri }) =>
    await client.request('resources/subscribe', { uri: uri('odd://one'), _meta: { kept: 1 } }),
  'a subscription to a resource': async ({ client, uri }) =>
    (await client.request('resources/subscribe', { uri: uri('odd://one') }))['error'],
  'an update of a part of it': call('read_update'),
  'the end of the subscription': async ({ client, uri }) =>
    await client.request('resources/unsubscribe', { uri: uri('odd://one') }),
  'a request with id 0': async ({ client, name }) =>
    await client.request('tools/call', { name: name('read_mirror'), arguments: {} }, 0),
  'a request with an id that is a text': async ({ client, name }) =>
    await client.request('tools/call', { name: name('read_mirror'), arguments: {} }, 'näme'),
  'a request with an empty id': async ({ client }) => await client.request('ping', undefined, ''),
  'a cancelled request with id 0': async ({ client, name }) => {
    const from = client.received.length;
    const params = { name: name('read_wait'), arguments: { key: 'zero' } };
    client.send({ jsonrpc: '2.0', id: 0, method: 'tools/call', params });
    await client.next(({ method }) => method === 'notifications/message', from);
    client.notify('notifications/cancelled', { requestId: 0, reason: 'of no use' });
    return await client.request('tools/call', { name: name('read_reasons'), arguments: {} });
  },
  'an answer after which the server speaks': async ({ client, name }) => {
    const from = client.received.length;
    const answer = await client.request('tools/call', { name: name('read_later'), arguments: {} });
    await client.next(({ method }) => method === 'notifications/message', from);
    return answer;
  },
  'an announcement before the answer': async ({ client, name }) => {
    const from = client.received.length;
    const answer = await client.request('tools/call', { name: name('read_grow'), arguments: {} });
    await client.next(({ method }) => method === 'notifications/tools/list_changed', from);
    return answer;
  },
  'an answer of 8 MB': call('read_large', { mib: 8 }),
  'an answer of 12 MB': call('read_large', { mib: 12 }),
};

/** Where the gate differs on purpose: what a step brings directly and through it, and why. */
const DIFFERENT: Readonly<
  Record<string, { readonly step: Step; readonly gate: RegExp; readonly direct: RegExp }>
> = {
  // Nobody can say which arguments such a schema admits, and following the reference would be a request to anywhere.
  'a tool whose schema refers to an address is held back': {
    step: call('read_reference', {}),
    direct: /by reference/,
    gate: /"code":"quarantined"/,
  },
  // The update is of a resource that may be read; what else a server adds to it may name others.
  'an update says which resource, and nothing else': {
    async step(side) {
      const { client, uri } = side;
      await client.request('resources/subscribe', { uri: uri('odd://one') });
      const from = client.received.length;
      await call('read_update', { title: 'A part' })(side);
      await client.request('resources/unsubscribe', { uri: uri('odd://one') });
      return (
        client.received
          .slice(from)
          .find(({ method }) => method === 'notifications/resources/updated') ?? {}
      );
    },
    direct: /"title":"A part"/,
    gate: /"params":\{"uri":"sallyport:\/\/odd\/odd:\/\/one\/part","_meta":\{"odd":1\}\}/,
  },
  // Deny by default: a method that no table names could be anything.
  'a method nobody knows is refused': {
    step: async ({ client }) => await client.request('example/method', { x: 1 }),
    direct: /"received":\{"x":1\}/,
    gate: /Method not found: example\/method/,
  },
};

/** Gateways are started with another environment over HTTP. */
const WITHOUT_ENVIRONMENT: typeof STEPS = Object.fromEntries(
  Object.entries(STEPS).filter(([name]) => name !== 'the environment'),
);

/** What only a legacy server does. */
const LEGACY_ALONE: ReadonlySet<string> = new Set([
  // The modern era has no such request: the gate answers.
  'the answer to a subscription',
  // Log messages of the modern era belong to a request.
  'an answer after which the server speaks',
  // What a modern server asks comes with no token for progress, and the answers come with the next request.
  'sampling with progress',
]);

function answer(request: Frame, client: Pick<FramesTalk, 'notify'>): JsonObject {
  if (request['method'] === 'roots/list')
    return {
      result: {
        roots: [{ uri: 'file:///work', name: 'work', _meta: { odd: 1 } }],
        _meta: { more: true },
      },
    };
  if (request['method'] === 'sampling/createMessage') {
    const token = progressToken(isJsonObject(request['params']) ? request['params'] : {});
    if (token !== undefined)
      client.notify('notifications/progress', { progressToken: token, progress: 0.5, odd: null });
    return {
      result: {
        role: 'assistant',
        model: 'none',
        stopReason: 'endTurn',
        content: { type: 'text', text: 'hello' },
      },
    };
  }
  const params = isJsonObject(request['params']) ? request['params'] : {};
  return {
    result:
      params['mode'] === 'url'
        ? { action: 'accept' }
        : {
            action: 'accept',
            content: { name: 'Ann', check: true, email: 'ann@example.com', integer: 3 },
          },
  };
}

function toolNames(played: JsonObject): unknown[] {
  const answered = isJsonObject(played['result']) ? played['result']['result'] : undefined;
  const tools = isJsonObject(answered) ? answered['tools'] : undefined;
  return Array.isArray(tools)
    ? tools.map((tool: unknown) => (isJsonObject(tool) ? tool['name'] : undefined))
    : [];
}

async function compare(
  context: TestContext,
  steps: Readonly<Record<string, Step>>,
  [direct, through]: readonly [Side, Side],
): Promise<void> {
  for (const [name, step] of Object.entries(steps))
    await context.test(name, async () => {
      const [expected, actual] = await Promise.all([play(step, direct), play(step, through)]);
      assert.deepEqual(actual, expected);
    });
}

const EVERYTHING = realServer('everything');
const ODD = oddServer({ ODD_SCHEMAS: 'yes' });
const NEW_ODD = oddServer({ ODD_SCHEMAS: 'yes', ODD_ERA: 'modern' });

for (const [where, through, steps] of [
  ['the gate', {}, STEPS],
  ['the gate over HTTP', { agent: 'HTTP' }, WITHOUT_ENVIRONMENT],
] as const)
  test(`server-everything: the same frames come through ${where} as come directly`, async (context) => {
    const sides = await twoSides(context, 'everything', EVERYTHING, CAPABILITIES, answer, through);
    // The server asks for the roots by itself a moment after the start.
    for (const { client } of sides)
      await client.next(
        ({ params }) =>
          isJsonObject(params) && stringOf(params['data']).startsWith('Roots updated'),
      );
    await compare(context, steps, sides);
  });

for (const [where, through, without] of [
  ['the gate', {}, new Set<string>()],
  ['the gate over HTTP', { agent: 'HTTP' }, new Set<string>()],
  ['the gate to a modern one', { program: NEW_ODD }, LEGACY_ALONE],
] as const)
  test(`an odd server: nothing unknown is dropped in either direction by ${where}`, async (context) => {
    const sides = await twoSides(context, 'odd', ODD, CAPABILITIES, answer, through);
    const [direct, other] = sides;
    await context.test('every tool but the one that is held back is listed', async () => {
      const [all, listed] = await Promise.all(
        sides.map(async (side) => toolNames(await play(list('tools/list'), side))),
      );
      assert.deepEqual(
        listed,
        all?.filter((name) => name !== 'read_reference'),
      );
    });
    const steps = Object.entries(ODD_STEPS).filter(([name]) => !without.has(name));
    await compare(context, Object.fromEntries(steps), sides);
    for (const [name, expected] of Object.entries(DIFFERENT))
      await context.test(name, async () => {
        assert.match(JSON.stringify(await expected.step(direct)), expected.direct);
        assert.match(JSON.stringify(await expected.step(other)), expected.gate);
      });
  });
