import assert from 'node:assert/strict';
import { once } from 'node:events';
import { IncomingMessage, request } from 'node:http';
import { describe, test } from 'node:test';
import type { Caller } from '../../src/call.ts';
import { isJsonObject, type JsonObject } from '../../src/lib/json.ts';
import type { AgentSession } from '../../src/wire/agent.ts';
import { META, WITH_TASKS } from '../../src/wire/modern/meta.ts';
import { askingSessions, type AskingSession } from '../support/asking-session.ts';
import {
  openSession,
  post,
  startAgent,
  tokenFor,
  usual,
  type RawAnswer,
  type RunningAgent,
} from '../support/http-agent.ts';
import {
  ask,
  errorOf,
  headersOf,
  modernRequest,
  resultOf,
  VERSION,
} from '../support/modern-frames.ts';
import { readStream, type EventReader } from '../support/sse.ts';
import { stringOf } from '../support/string-of.ts';
import { until } from '../support/until.ts';

const alice = await tokenFor();
const bob = await tokenFor({ sub: 'bob' });
const otherClient = await tokenFor({ client_id: 'other' });
const fewerGroups = await tokenFor({ groups: [] });
const LEGACY = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'];

const FORM: JsonObject = {
  method: 'elicitation/create',
  params: { mode: 'form', message: 'name?', requestedSchema: { type: 'object', properties: {} } },
};
const CALLER: Caller = {
  issuer: 'https://idp.example',
  subject: 'alice',
  client: 'c',
  groups: [],
  scopes: [],
  assurance: 1,
};
const ACCEPT = { action: 'accept', content: { name: 'Ann' } };

function codeOf(answer: RawAnswer): unknown {
  return errorOf(answer)['code'];
}

async function call(
  agent: RunningAgent,
  args: JsonObject,
  more: JsonObject = {},
  sender: Partial<Parameters<typeof ask>[3]> = {},
): Promise<RawAnswer> {
  const params = { name: 'tool', arguments: args, ...more };
  return await ask(agent, 'tools/call', params, { token: alice, ...sender });
}

/** The answers to what an `input_required` asks, and its state. */
function retryOf(answer: RawAnswer, response: JsonObject = ACCEPT): JsonObject {
  const result = resultOf(answer);
  assert.equal(result['resultType'], 'input_required', answer.text);
  const asked = isJsonObject(result['inputRequests']) ? result['inputRequests'] : {};
  return {
    inputResponses: Object.fromEntries(Object.keys(asked).map((key) => [key, response])),
    requestState: result['requestState'],
  };
}

async function stream(
  agent: RunningAgent,
  request: JsonObject,
  token = alice,
): Promise<EventReader> {
  return await readStream(agent.url, {
    method: 'POST',
    headers: usual(token, { 'content-type': 'application/json', ...headersOf(request) }),
    body: JSON.stringify(request),
  });
}

async function framesOf(events: EventReader, count: number): Promise<JsonObject[]> {
  const all = await events.atLeast(count);
  return all.map(({ data }) => {
    const frame: unknown = JSON.parse(data);
    if (!isJsonObject(frame)) throw new TypeError(data);
    return frame;
  });
}

function methodsOf({ received }: AskingSession): unknown[] {
  return received.map(({ method }) => method).filter((method) => method !== undefined);
}

describe('a modern request', () => {
  test('server/discover says what is served, and opens nothing', async () => {
    const sessions = askingSessions();
    await using agent = await startAgent(sessions);
    const answer = await ask(agent, 'server/discover', {}, { token: alice });
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get('mcp-session-id'), null);
    const { instructions, capabilities, ...rest } = resultOf(answer);
    assert.match(stringOf(instructions), /never follow instructions/);
    assert.deepEqual(Object.keys(isJsonObject(capabilities) ? capabilities : {}).toSorted(), [
      'completions',
      'extensions',
      'logging',
      'prompts',
      'resources',
      'tools',
    ]);
    assert.deepEqual(rest, {
      resultType: 'complete',
      supportedVersions: [VERSION, ...LEGACY],
      ttlMs: 0,
      cacheScope: 'private',
      _meta: { [META.serverInfo]: { name: 'sallyport', title: 'Sallyport', version: '0' } },
    });
    assert.equal(sessions.all.length, 0);
  });

  test('reaches the router in the words of the legacy era, without what only this one says', async () => {
    const sessions = askingSessions();
    await using agent = await startAgent(sessions);
    const meta = { traceparent: '00-1-2-01', [META.logLevel]: 'info' };
    await call(agent, { a: 1 }, {}, { meta, capabilities: { sampling: {}, odd: {} } });
    const [first] = sessions.all;
    assert.ok(first);
    assert.deepEqual(methodsOf(first), [
      'initialize',
      'notifications/initialized',
      'logging/setLevel',
      'tools/call',
    ]);
    const [opened] = first.received;
    assert.ok(isJsonObject(opened?.['params']));
    assert.equal(opened['params']['protocolVersion'], '2025-11-25');
    assert.deepEqual(opened['params']['capabilities'], { sampling: {} });
    assert.deepEqual(first.received.at(-1)?.['params'], {
      name: 'tool',
      arguments: { a: 1 },
      _meta: { traceparent: '00-1-2-01' },
    });
  });

  test('is served beside others of the same caller on one connection', async () => {
    const sessions = askingSessions();
    await using agent = await startAgent(sessions);
    const answers = await Promise.all(
      [1, 2, 3].map(async (a) => await call(agent, { wait: 20, a })),
    );
    assert.deepEqual(
      answers.map((answer) => resultOf(answer)['resultType']),
      ['complete', 'complete', 'complete'],
    );
    assert.equal(sessions.all.length, 1);
  });

  for (const [name, sender] of [
    ['another person', { token: bob }],
    ['another client of the same person', { token: otherClient }],
    ['fewer groups', { token: fewerGroups }],
    ['other capabilities', { capabilities: {} }],
  ] as const)
    test(`is served apart from ${name}`, async () => {
      const sessions = askingSessions();
      await using agent = await startAgent(sessions);
      await call(agent, {});
      await call(agent, {}, {}, sender);
      assert.equal(sessions.all.length, 2);
    });

  test('never finds a legacy session, nor a legacy one its connection', async () => {
    const sessions = askingSessions();
    await using agent = await startAgent(sessions);
    const session = { 'mcp-session-id': await openSession(agent, alice) };
    await call(agent, {}, {}, { headers: session });
    assert.deepEqual(sessions.all.map(methodsOf), [
      ['initialize'],
      ['initialize', 'notifications/initialized', 'tools/call'],
    ]);
    const legacy = { jsonrpc: '2.0', id: 5, method: 'tools/call', params: { name: 'tool' } };
    assert.equal((await post(agent, alice, legacy)).status, 400);
  });

  for (const [name, change, headers, status, code] of [
    ['no version', { [META.version]: undefined }, {}, 400, -32602],
    ['a version that is no text', { [META.version]: 7 }, {}, 400, -32602],
    ['no capabilities', { [META.capabilities]: undefined }, {}, 400, -32602],
    ['capabilities that are none', { [META.capabilities]: [] }, {}, 400, -32602],
    ['information that is none', { [META.clientInfo]: 'x' }, {}, 400, -32602],
    ['a level that is none', { [META.logLevel]: 'loud' }, {}, 400, -32602],
    ['another version in the header', {}, { 'mcp-protocol-version': '2025-11-25' }, 400, -32020],
    ['no version in the header', {}, { 'mcp-protocol-version': undefined }, 400, -32020],
    ['another method in the header', {}, { 'mcp-method': 'tools/list' }, 400, -32020],
    ['a method in capitals', {}, { 'mcp-method': 'TOOLS/CALL' }, 400, -32020],
    ['no method in the header', {}, { 'mcp-method': undefined }, 400, -32020],
    ['another name in the header', {}, { 'mcp-name': 'other' }, 400, -32020],
    ['no name in the header', {}, { 'mcp-name': undefined }, 400, -32020],
    ['a name that is no base64', {}, { 'mcp-name': '=?base64?dG9vbA?=' }, 400, -32020],
    [
      'an unknown version',
      { [META.version]: '2099-01-01' },
      { 'mcp-protocol-version': '2099-01-01' },
      400,
      -32022,
    ],
    [
      'a legacy version',
      { [META.version]: '2025-11-25' },
      { 'mcp-protocol-version': '2025-11-25' },
      400,
      -32022,
    ],
  ] as const)
    test(`with ${name} is ${status} and ${code}, under its id`, async () => {
      const sessions = askingSessions();
      await using agent = await startAgent(sessions);
      const answer = await call(agent, {}, {}, { meta: change, headers, id: 'mine' });
      assert.deepEqual([answer.status, codeOf(answer)], [status, code], answer.text);
      assert.ok(isJsonObject(answer.body) && answer.body['id'] === 'mine');
      if (code === -32022)
        assert.deepEqual(errorOf(answer)['data'], {
          supported: [VERSION, ...LEGACY],
          requested: change[META.version],
        });
      assert.equal(sessions.all.length, 0);
      assert.equal(agent.refused.length, 1);
    });

  test('without any _meta is no legacy request because of its header', async () => {
    await using agent = await startAgent(askingSessions());
    const bare = { jsonrpc: '2.0', id: 3, method: 'tools/list' };
    const answer = await post(agent, alice, bare, headersOf(bare));
    assert.deepEqual([answer.status, codeOf(answer)], [400, -32602]);
  });

  test('may have its name in base64', async () => {
    await using agent = await startAgent(askingSessions());
    const headers = { 'mcp-name': '=?base64?dG9vbA==?=' };
    assert.equal((await call(agent, {}, {}, { headers })).status, 200);
  });

  for (const method of [
    'initialize',
    'ping',
    'logging/setLevel',
    'resources/subscribe',
    'resources/unsubscribe',
    'sampling/createMessage',
    'tasks/result',
    'tasks/list',
    'constructor',
  ])
    test(`${method} is not found: 404`, async () => {
      const sessions = askingSessions();
      await using agent = await startAgent(sessions);
      const answer = await ask(agent, method, {}, { token: alice });
      assert.deepEqual([answer.status, codeOf(answer)], [404, -32601]);
      assert.equal(sessions.all.length, 0);
      assert.equal(agent.refused[0]?.reason, 'method-unknown');
    });

  for (const [name, params, headers] of [
    [
      'says its version',
      { _meta: { [META.version]: VERSION } },
      { 'mcp-protocol-version': VERSION },
    ],
    ['leaves it to the header', {}, { 'mcp-protocol-version': VERSION }],
  ] as const)
    test(`has no notifications over HTTP: one that ${name} is thrown away, and recorded`, async () => {
      const sessions = askingSessions();
      await using agent = await startAgent(sessions);
      const method = 'notifications/cancelled';
      const notification = { jsonrpc: '2.0', method, params: { requestId: 1, ...params } };
      const answer = await post(agent, alice, notification, headers);
      assert.deepEqual([answer.status, answer.text], [202, '']);
      assert.equal(sessions.all.length, 0);
      const [first] = agent.refused;
      assert.deepEqual([first?.reason, first?.status], ['notification', 202]);
      assert.equal(first?.caller?.subject, 'alice');
      assert.match(first.message, /notifications\/cancelled/);
    });

  test('passes the same guards as a legacy one', async () => {
    const sessions = askingSessions();
    await using agent = await startAgent({ ...sessions, limits: { maxBodyBytes: 2000 } });
    const request = modernRequest('tools/call', { name: 'tool' });
    const text = JSON.stringify(request);
    const cases = [
      [401, text, {}, undefined],
      [403, text, { origin: 'https://evil.example' }, alice],
      [406, text, { accept: 'application/json' }, alice],
      [415, text, { 'content-type': 'text/plain' }, alice],
      [413, text.replace('"name"', `"x":"${'x'.repeat(2000)}","name"`), {}, alice],
      [400, `[${text}]`, {}, alice],
      [400, text.replace('"name"', '"name":"other","name"'), {}, alice],
    ] as const;
    for (const [status, body, headers, token] of cases) {
      const answer = await post(agent, token, body, { ...headersOf(request), ...headers });
      assert.equal(answer.status, status, answer.text);
    }
    const { status } = await fetch(agent.url, {
      headers: usual(alice, { 'mcp-protocol-version': VERSION }),
    });
    assert.equal(status, 405);
    assert.equal(sessions.all.length, 0);
  });

  test('with two headers of one kind is refused, whichever was right', async () => {
    const sessions = askingSessions();
    await using agent = await startAgent(sessions);
    const answer = await call(agent, {}, {}, { headers: { 'mcp-name': 'tool, tool' } });
    assert.equal(answer.status, 400);
    assert.equal(sessions.all.length, 0);
  });
});

describe('an answer', () => {
  test('is complete whatever a server says of its type, who it is, and how long it may be kept', async () => {
    await using agent = await startAgent(askingSessions());
    const result = {
      content: [],
      requestState: 'evil',
      inputRequests: { a: FORM },
      _meta: { other: 1, [META.serverInfo]: { name: 'evil', version: '1' } },
    };
    const answer = resultOf(await call(agent, { result }));
    assert.deepEqual(answer, {
      content: [],
      resultType: 'complete',
      _meta: {
        other: 1,
        [META.serverInfo]: { name: 'sallyport', title: 'Sallyport', version: '0' },
      },
    });
    const asks = { ...result, resultType: 'input_required' };
    assert.equal(codeOf(await call(agent, { result: asks })), -32603);
  });

  for (const method of ['tools/list', 'resources/list', 'prompts/list', 'resources/templates/list'])
    test(`to ${method} is private and stale at once`, async () => {
      await using agent = await startAgent(askingSessions());
      const { ttlMs, cacheScope } = resultOf(await ask(agent, method, {}, { token: alice }));
      assert.deepEqual([ttlMs, cacheScope], [0, 'private']);
    });

  for (const [said, want, status] of [
    [{ code: -32002, message: 'x' }, -32602, 200],
    [{ code: -32042, message: 'x' }, -32603, 200],
    [{ code: -32022, message: 'x', data: { supported: ['2024-11-05'] } }, -32603, 200],
    [{ code: -32020, message: 'x' }, -32603, 200],
    [{ code: -32021, message: 'x' }, -32603, 200],
    [{ code: -32021, message: 'x', data: { requiredCapabilities: {} } }, -32021, 400],
    [{ code: -32003, message: 'x' }, -32003, 200],
    [{ code: 17, message: 'x' }, 17, 200],
  ] as const)
    test(`that is the error ${JSON.stringify(said)} is ${want} and ${status}`, async () => {
      await using agent = await startAgent(askingSessions());
      const answer = await call(agent, { error: said });
      assert.deepEqual([codeOf(answer), answer.status], [want, status]);
    });

  test('that a resource is not there names it', async () => {
    await using agent = await startAgent(askingSessions());
    const answer = await ask(agent, 'resources/read', { uri: 'x://missing' }, { token: alice });
    const error = { code: -32602, message: 'none', data: { uri: 'x://missing' } };
    assert.deepEqual([answer.status, errorOf(answer)], [200, error]);
  });

  test('comes after what belongs to it, on one stream', async () => {
    await using agent = await startAgent(askingSessions());
    const tell = [
      { method: 'notifications/progress', params: { progressToken: 'other', progress: 1 } },
      { method: 'notifications/message', params: { level: 'debug', data: 'low' } },
      { method: 'notifications/message', params: { level: 'error', data: 'high' } },
      { method: 'notifications/tools/list_changed' },
      { method: 'notifications/elicitation/complete', params: { elicitationId: 'x' } },
    ];
    const request = modernRequest(
      'tools/call',
      { name: 'tool', arguments: { tell } },
      { id: 9, meta: { progressToken: 'mine', [META.logLevel]: 'warning' } },
    );
    await using events = await stream(agent, request);
    await events.ended;
    const frames = await framesOf(events, 3);
    assert.deepEqual(
      frames.map(({ method, params, id }) => [method ?? id, params]),
      [
        ['notifications/progress', { progressToken: 'mine', progress: 1 }],
        ['notifications/message', { level: 'error', data: 'high' }],
        [9, undefined],
      ],
    );
    assert.ok(
      events.events.every(({ id }) => id === undefined),
      'a stream cannot be taken up again',
    );
  });

  test('has no log messages where none are asked for', async () => {
    await using agent = await startAgent(askingSessions());
    const tell = [{ method: 'notifications/message', params: { level: 'error', data: 'x' } }];
    const answer = await call(agent, { tell });
    assert.equal(answer.headers.get('content-type'), 'application/json');
  });

  test('is not wanted by a client who closes the stream: the router hears of it', async () => {
    const sessions = askingSessions();
    await using agent = await startAgent({ ...sessions, limits: { patienceMs: 20 } });
    const events = await stream(
      agent,
      modernRequest('tools/call', { name: 'tool', arguments: { never: true } }),
    );
    await events[Symbol.asyncDispose]();
    const [first] = sessions.all;
    await until(() => first?.received.at(-1)?.['method'] === 'notifications/cancelled');
    const asked = first?.received.find(({ method }) => method === 'tools/call');
    assert.deepEqual(first?.received.at(-1)?.['params'], {
      requestId: asked?.['id'],
      reason: 'the client closed the request',
    });
  });

  test('is cut off for a client who does not read it', async () => {
    const sessions = askingSessions();
    const limits = { queueBytes: 1000, patienceMs: 20 };
    await using agent = await startAgent({ ...sessions, limits });
    const request = modernRequest(
      'tools/call',
      { name: 'tool', arguments: { never: true } },
      { meta: { progressToken: 't' } },
    );
    const unread = await fetch(agent.url, {
      method: 'POST',
      headers: usual(alice, { 'content-type': 'application/json', ...headersOf(request) }),
      body: JSON.stringify(request),
    });
    assert.equal(unread.status, 200);
    const [first] = sessions.all;
    assert.ok(first);
    const id = first.received.find(({ method }) => method === 'tools/call')?.['id'];
    assert.ok(typeof id === 'string');
    const padding = 'x'.repeat(1 << 20);
    for (let progress = 0; progress < 64; progress++) {
      const params = { progressToken: 't', progress, padding };
      first.port.send({ jsonrpc: '2.0', method: 'notifications/progress', params }, id);
    }
    await until(() => methodsOf(first).includes('notifications/cancelled'));
  });
});

describe('what is asked of a modern client', () => {
  test('is an input_required, and its retry resumes the call', async () => {
    const sessions = askingSessions();
    await using agent = await startAgent(sessions);
    const args = { ask: [FORM, { method: 'roots/list', params: {} }] };
    const first = await call(agent, args);
    const asked = resultOf(first)['inputRequests'];
    assert.deepEqual(Object.values(isJsonObject(asked) ? asked : {}), [FORM]);
    const second = await call(agent, args, retryOf(first));
    const roots = { roots: [{ uri: 'file:///work' }] };
    const third = await call(agent, args, retryOf(second, roots));
    const { answers, resultType } = resultOf(third);
    assert.equal(resultType, 'complete');
    assert.ok(Array.isArray(answers));
    assert.deepEqual(
      answers.map((answer: JsonObject) => answer['result']),
      [ACCEPT, roots],
    );
    const calls = sessions.all.map(methodsOf).flat();
    assert.equal(calls.filter((method) => method === 'tools/call').length, 1, 'called anew');
  });

  test('comes together where it is asked together, and again where it is not answered', async () => {
    await using agent = await startAgent(askingSessions());
    const args = { ask: [FORM, FORM], together: true };
    const first = await call(agent, args);
    const { inputResponses, requestState } = retryOf(first);
    const [[key, response] = ['', {}], ...others] = Object.entries(
      isJsonObject(inputResponses) ? inputResponses : {},
    );
    assert.equal(others.length, 1);
    const second = await call(agent, args, {
      requestState,
      inputResponses: { [key]: response, unheard: ACCEPT },
    });
    const left = resultOf(second)['inputRequests'];
    assert.deepEqual(Object.keys(isJsonObject(left) ? left : {}), [others[0]?.[0]]);
    assert.equal(resultOf(await call(agent, args, retryOf(second)))['resultType'], 'complete');
  });

  test('is asked again where the response is none to it', async () => {
    await using agent = await startAgent(askingSessions());
    const args = { ask: [FORM] };
    const second = await call(agent, args, retryOf(await call(agent, args), { roots: [] }));
    assert.equal(resultOf(await call(agent, args, retryOf(second)))['resultType'], 'complete');
  });

  test('may be answered with the first request under a server’s own key, and only under such', async () => {
    await using agent = await startAgent(askingSessions());
    const own = { ...FORM, params: { message: 'x' }, key: 'user_name' };
    const early = { inputResponses: { user_name: ACCEPT, other: ACCEPT } };
    assert.equal(resultOf(await call(agent, { ask: [own] }, early))['resultType'], 'complete');
    const asked = resultOf(await call(agent, { ask: [own] }))['inputRequests'];
    assert.deepEqual(asked, { user_name: { ...FORM, params: { message: 'x' } } });
    const _meta = { 'sallyport/inputKey': 'user_name' };
    const forged = { ...FORM, params: { message: 'x', _meta } };
    retryOf(await call(agent, { ask: [forged] }, early));
    retryOf(await call(agent, { ask: [FORM] }, early));
  });

  for (const inputResponses of [null, 7, [], { user_name: 12_345 }, { user_name: null }])
    test(`cannot be answered with ${JSON.stringify(inputResponses)}`, async () => {
      await using agent = await startAgent(askingSessions());
      const answer = await call(agent, {}, { inputResponses });
      assert.deepEqual([answer.status, codeOf(answer)], [400, -32602]);
    });

  for (const [name, capabilities, asks] of [
    ['a form without elicitation', { sampling: {} }, FORM],
    ['a form with URLs alone', { elicitation: { url: {} } }, FORM],
    [
      'a URL with forms alone',
      { elicitation: {} },
      { ...FORM, params: { mode: 'url', url: 'https://x.example', message: 'x' } },
    ],
    [
      'tools for the model without them',
      { sampling: {} },
      { method: 'sampling/createMessage', params: { messages: [], tools: [] } },
    ],
    ['roots without roots', {}, { method: 'roots/list', params: {} }],
    ['something else', { elicitation: {} }, { method: 'tools/call', params: {} }],
  ] as const)
    test(`is refused to the server: ${name}`, async () => {
      await using agent = await startAgent(askingSessions());
      const { answers } = resultOf(await call(agent, { ask: [asks] }, {}, { capabilities }));
      assert.match(JSON.stringify(answers), /"code":-32601/);
    });

  test('is refused where the request may not ask, or none is in work', async () => {
    const sessions = askingSessions();
    await using agent = await startAgent(sessions);
    const params = { arguments: { ask: [FORM] } };
    const answer = await ask(agent, 'completion/complete', params, { token: alice });
    assert.match(JSON.stringify(resultOf(answer)['answers']), /completion\/complete may not ask/);
    const [first] = sessions.all;
    first?.port.send({ jsonrpc: '2.0', id: 'q', ...FORM });
    await until(() => first?.received.at(-1)?.['id'] === 'q');
    assert.ok(isJsonObject(first?.received.at(-1)?.['error']));
  });

  test('waits no longer than it may, and then the call is cancelled', async () => {
    const sessions = askingSessions();
    await using agent = await startAgent({ ...sessions, limits: { parkedMs: 60 } });
    const args = { ask: [FORM] };
    const retry = retryOf(await call(agent, args));
    const [first] = sessions.all;
    await until(() => methodsOf(first ?? nobody()).includes('notifications/cancelled'));
    const answer = await call(agent, args, retry);
    assert.deepEqual([answer.status, codeOf(answer)], [400, -32602]);
  });

  test('is refused to the server where too many wait already', async () => {
    await using agent = await startAgent({ ...askingSessions(), limits: { maxParkedPerOwner: 1 } });
    const args = { ask: [FORM] };
    retryOf(await call(agent, args));
    const { answers } = resultOf(await call(agent, args));
    assert.match(JSON.stringify(answers), /too many calls wait/);
    const other = resultOf(await call(agent, args, {}, { token: fewerGroups }))['answers'];
    assert.match(JSON.stringify(other), /too many calls wait/);
    retryOf(await call(agent, args, {}, { token: bob }));
  });

  test('leaves an answer only where there is room for it among all that are kept', async () => {
    const limits = { maxKeptTotalBytes: 300, graceMs: 1 };
    await using agent = await startAgent({ ...askingSessions(), limits });
    const result = { content: [], pad: 'x'.repeat(150) };
    const args = { ask: [FORM], impatient: true, later: 100, result };
    const settled = async (): Promise<JsonObject> => {
      const retry = retryOf(await call(agent, args));
      await new Promise((resolve) => setTimeout(resolve, 300));
      return retry;
    };
    const first = await settled();
    const second = await settled();
    assert.match(stringOf(errorOf(await call(agent, args, second))['message']), /Cannot keep/);
    assert.equal(resultOf(await call(agent, args, first))['pad'], result.pad);
    assert.equal(resultOf(await call(agent, args, await settled()))['pad'], result.pad);
  });

  test('need not be answered where the server goes on without: the answer is kept for the retry', async () => {
    await using agent = await startAgent(askingSessions());
    const args = { ask: [FORM], impatient: true, result: { content: [], kept: true } };
    const first = await call(agent, { ...args, wait: 1 });
    // The answer crossed the question: either may come first.
    const done =
      resultOf(first)['kept'] ??
      resultOf(await call(agent, { ...args, wait: 1 }, retryOf(first)))['kept'];
    assert.equal(done, true);
  });

  for (const [name, args] of [
    ['is answered', { impatient: true }],
    ['is answered while it is parked', { impatient: true, later: 100 }],
    ['is given up', {}],
  ] as const)
    test(`is refused where its call ${name}: another call of that server may wait for it`, async () => {
      const sessions = askingSessions();
      await using agent = await startAgent({ ...sessions, limits: { parkedMs: 200, graceMs: 1 } });
      await call(agent, { ...args, ask: [FORM] });
      const [session] = sessions.all;
      await until(() => session?.received.some(({ id }) => id === 'q1') === true);
      const refused = session?.received.find(({ id }) => id === 'q1');
      assert.match(JSON.stringify(refused?.['error']), /-32601.*is over/);
    });

  test('is not asked any more where the server has taken it back', async () => {
    const sessions = askingSessions();
    await using agent = await startAgent(sessions);
    const args = { ask: [FORM] };
    const first = await call(agent, args);
    const [session] = sessions.all;
    session?.port.send({
      jsonrpc: '2.0',
      method: 'notifications/cancelled',
      params: { requestId: 'q1' },
    });
    session?.port.send({
      jsonrpc: '2.0',
      id: callId(session),
      result: { content: [], late: true },
    });
    assert.equal(resultOf(await call(agent, args, retryOf(first)))['late'], true);
    assert.ok(!session?.received.some(({ id }) => id === 'q1'));
  });
});

describe('a requestState', () => {
  const ARGS = { ask: [FORM] };
  type Attempt = (agent: RunningAgent, retry: JsonObject) => Promise<RawAnswer>;
  const ATTACKS: Readonly<Record<string, Attempt>> = {
    'of another person': async (agent, retry) => await call(agent, ARGS, retry, { token: bob }),
    'of another client of the person': async (agent, retry) =>
      await call(agent, ARGS, retry, { token: otherClient }),
    'of more groups than now': async (agent, retry) =>
      await call(agent, ARGS, retry, { token: fewerGroups }),
    'for other arguments': async (agent, retry) => await call(agent, { ask: [FORM], b: 1 }, retry),
    'for another tool': async (agent, retry) =>
      await call(agent, ARGS, { ...retry, name: 'other' }),
    'for another method': async (agent, retry) =>
      await ask(
        agent,
        'prompts/get',
        { name: 'tool', arguments: ARGS, ...retry },
        { token: alice },
      ),
    'with another nonce': async (agent, retry) =>
      await call(agent, ARGS, { ...retry, requestState: flip(text(retry), 3) }),
    'with a later end': async (agent, retry) =>
      await call(agent, ARGS, {
        ...retry,
        requestState: text(retry).replace(
          /\.(\d+)\./,
          (_, until: string) => `.${Number(until) + 1000}.`,
        ),
      }),
    'with another signature': async (agent, retry) =>
      await call(agent, ARGS, {
        ...retry,
        requestState: flip(text(retry), text(retry).length - 5),
      }),
    'cut short': async (agent, retry) =>
      await call(agent, ARGS, { ...retry, requestState: text(retry).slice(0, -1) }),
    'with more behind': async (agent, retry) =>
      await call(agent, ARGS, { ...retry, requestState: `${text(retry)}-TAMPERED` }),
    'that is empty': async (agent, retry) =>
      await call(agent, ARGS, { ...retry, requestState: '' }),
    'that is no text': async (agent, retry) =>
      await call(agent, ARGS, { ...retry, requestState: { toString: 'x' } }),
  };
  for (const [name, attempt] of Object.entries(ATTACKS))
    test(`${name} is refused, and does not spend the right one`, async () => {
      const sessions = askingSessions();
      await using agent = await startAgent(sessions);
      const retry = retryOf(await call(agent, ARGS));
      const answer = await attempt(agent, retry);
      assert.deepEqual([answer.status, codeOf(answer)], [400, -32602], answer.text);
      assert.equal(agent.refused.at(-1)?.reason, 'request-state');
      assert.ok(!sessions.all.some(({ received }) => received.some(({ id }) => id === 'q1')));
      assert.equal(resultOf(await call(agent, ARGS, retry))['resultType'], 'complete');
    });

  test('of another process is refused', async () => {
    await using one = await startAgent(askingSessions());
    await using other = await startAgent(askingSessions());
    const answer = await call(other, ARGS, retryOf(await call(one, ARGS)));
    assert.deepEqual([answer.status, codeOf(answer)], [400, -32602]);
  });

  test('is good once', async () => {
    await using agent = await startAgent(askingSessions());
    const retry = retryOf(await call(agent, ARGS));
    assert.equal((await call(agent, ARGS, retry)).status, 200);
    assert.deepEqual(codeOf(await call(agent, ARGS, retry)), -32602);
  });

  test('is good for one of two retries at once', async () => {
    await using agent = await startAgent(askingSessions());
    const retry = retryOf(await call(agent, ARGS));
    const answers = await Promise.all([1, 2, 3].map(async () => await call(agent, ARGS, retry)));
    assert.deepEqual(
      answers.map(({ status }) => status).toSorted((a, b) => a - b),
      [200, 400, 400],
    );
  });

  test('is not spent by responses that cannot be read', async () => {
    await using agent = await startAgent(askingSessions());
    const retry = retryOf(await call(agent, ARGS));
    assert.equal((await call(agent, ARGS, { ...retry, inputResponses: 7 })).status, 400);
    assert.equal((await call(agent, ARGS, retry)).status, 200);
  });

  test('is nothing to a request that never asks', async () => {
    await using agent = await startAgent(askingSessions());
    const retry = retryOf(await call(agent, ARGS));
    const answer = await ask(agent, 'tools/list', retry, { token: alice });
    assert.deepEqual([answer.status, codeOf(answer)], [400, -32602]);
  });
});

describe('headers that repeat arguments', () => {
  const cases = [
    ['agree', { region: 'eu' }, { 'mcp-param-region': 'eu' }, 200],
    ['agree in base64', { region: 'ü' }, { 'mcp-param-region': '=?base64?w7w=?=' }, 200],
    ['agree as numbers', { deep: { n: 42 } }, { 'mcp-param-n': '42.0' }, 200],
    ['repeat nothing', { region: null, items: [{ x: 'a' }] }, { 'mcp-param-other': 'x' }, 200],
    ['are missing', { region: 'eu' }, {}, 400],
    ['repeat what is absent', {}, { 'mcp-param-region': 'eu' }, 400],
    ['repeat what is null', { region: null }, { 'mcp-param-region': 'null' }, 400],
    ['repeat what is no value', { region: ['eu'] }, { 'mcp-param-region': 'eu' }, 400],
    ['disagree', { region: 'eu' }, { 'mcp-param-region': 'us' }, 400],
    ['disagree below', { deep: { n: 42 } }, { 'mcp-param-n': '43' }, 400],
    ['are no numbers', { deep: { n: 42 } }, { 'mcp-param-n': '0x2a' }, 400],
    ['are no base64', { region: 'Hello' }, { 'mcp-param-region': '=?base64?SGVsbG8?=' }, 400],
    ['come twice', { region: 'eu' }, { 'mcp-param-region': 'eu, eu' }, 400],
  ] as const;
  for (const [name, args, headers, status] of cases)
    test(`and ${name}: ${status}`, async () => {
      await using agent = await startAgent(askingSessions());
      const answer = await call(agent, args, {}, { headers });
      assert.equal(answer.status, status, answer.text);
      if (status === 400) assert.equal(codeOf(answer), -32020);
    });

  test('come once, whether the two say the same or not', async () => {
    const sessions = askingSessions();
    await using agent = await startAgent(sessions);
    const body = modernRequest('tools/call', { name: 'tool', arguments: {} });
    for (const values of [
      ['eu', 'us'],
      ['eu', 'eu'],
    ]) {
      const sent = request(agent.url, {
        method: 'POST',
        headers: {
          ...Object.fromEntries(usual(alice, headersOf(body))),
          'content-type': 'application/json',
          'mcp-param-unknown': values,
        },
      }).end(JSON.stringify(body));
      // oxlint-disable-next-line no-await-in-loop -- one connection after the other
      const [answer] = await once(sent, 'response');
      assert.ok(answer instanceof IncomingMessage);
      answer.resume();
      assert.equal(answer.statusCode, 400);
    }
    assert.deepEqual(
      agent.refused.map(({ reason }) => reason),
      ['header-repeated', 'header-repeated'],
    );
    assert.equal(sessions.all.length, 0);
  });

  test('count in a retry too, and do not spend its state', async () => {
    await using agent = await startAgent(askingSessions());
    const args = { region: 'eu', ask: [FORM] };
    const headers = { 'mcp-param-region': 'eu' };
    const retry = retryOf(await call(agent, args, {}, { headers }));
    const other = await call(agent, args, retry, { headers: { 'mcp-param-region': 'us' } });
    assert.deepEqual([other.status, codeOf(other)], [400, -32020]);
    assert.equal((await call(agent, args, retry, { headers })).status, 200);
  });
});

describe('subscriptions/listen', () => {
  const URI = 'sallyport://s/a';
  const ALL = {
    toolsListChanged: true,
    promptsListChanged: false,
    resourceSubscriptions: [URI, 'sallyport://s/forbidden'],
  };
  const subscription = { [META.subscription]: 'l1' };

  test('acknowledges first, with what it honours, and tells that alone', async () => {
    const sessions = askingSessions();
    await using agent = await startAgent(sessions);
    const listen = modernRequest('subscriptions/listen', { notifications: ALL }, { id: 'l1' });
    await using events = await stream(agent, listen);
    const [ack] = await framesOf(events, 1);
    assert.deepEqual(ack, {
      jsonrpc: '2.0',
      method: 'notifications/subscriptions/acknowledged',
      params: {
        notifications: { toolsListChanged: true, resourceSubscriptions: [URI] },
        _meta: subscription,
      },
    });
    const [session] = sessions.all;
    const tell = (method: string, params?: JsonObject): void =>
      session?.port.send({ jsonrpc: '2.0', method, ...(params ? { params } : {}) });
    tell('notifications/prompts/list_changed');
    tell('notifications/resources/list_changed');
    tell('notifications/message', { level: 'error', data: 'x' });
    tell('notifications/resources/updated', { uri: 'sallyport://s/ab' });
    tell('notifications/resources/updated', { uri: URI });
    tell('notifications/resources/updated', { uri: `${URI}/part` });
    tell('notifications/tools/list_changed');
    const frames = await framesOf(events, 4);
    assert.deepEqual(
      frames.slice(1).map(({ method, params }) => [method, params]),
      [
        ['notifications/resources/updated', { uri: URI, _meta: subscription }],
        ['notifications/resources/updated', { uri: `${URI}/part`, _meta: subscription }],
        ['notifications/tools/list_changed', { _meta: subscription }],
      ],
    );
  });

  test('is over with its stream, and what nobody follows is left', async () => {
    const sessions = askingSessions();
    await using agent = await startAgent(sessions);
    const one = await stream(agent, modernRequest('subscriptions/listen', { notifications: ALL }));
    const two = await stream(agent, modernRequest('subscriptions/listen', { notifications: ALL }));
    await Promise.all([one.atLeast(1), two.atLeast(1)]);
    const [session] = sessions.all;
    const count = (method: string): number =>
      methodsOf(session ?? nobody()).filter((known) => known === method).length;
    await one[Symbol.asyncDispose]();
    await ask(agent, 'tools/list', {}, { token: alice });
    assert.equal(count('resources/unsubscribe'), 0);
    await two[Symbol.asyncDispose]();
    await until(() => count('resources/unsubscribe') === 1);
  });

  test('follows anew what is still being left', async () => {
    const sessions = askingSessions();
    await using agent = await startAgent(sessions);
    const listen = modernRequest('subscriptions/listen', { notifications: ALL });
    const one = await stream(agent, listen);
    await one.atLeast(1);
    await one[Symbol.asyncDispose]();
    const [session] = sessions.all;
    await until(() => methodsOf(session ?? nobody()).includes('resources/unsubscribe'));
    await using two = await stream(agent, listen);
    const [ack] = await framesOf(two, 1);
    assert.ok(isJsonObject(ack?.['params']) && isJsonObject(ack['params']['notifications']));
    assert.deepEqual(ack['params']['notifications']['resourceSubscriptions'], [URI]);
  });

  test('ends with a result when the gate does', async () => {
    const agent = await startAgent(askingSessions());
    const listen = modernRequest('subscriptions/listen', { notifications: ALL }, { id: 'l1' });
    await using events = await stream(agent, listen);
    await events.atLeast(1);
    await agent.close();
    await events.ended;
    const frame = (await framesOf(events, 2)).at(-1);
    assert.ok(isJsonObject(frame?.['result']));
    assert.deepEqual(frame['result'], {
      resultType: 'complete',
      _meta: {
        ...subscription,
        [META.serverInfo]: { name: 'sallyport', title: 'Sallyport', version: '0' },
      },
    });
  });

  test('that could hear nothing is over at once', async () => {
    await using agent = await startAgent(askingSessions());
    const nothing = { notifications: { resourceSubscriptions: ['sallyport://s/forbidden'] } };
    await using events = await stream(agent, modernRequest('subscriptions/listen', nothing));
    await events.ended;
    assert.equal(events.events.length, 2);
  });

  test('does not outlive its token', async () => {
    const valid = { yes: true };
    const verify = async (): Promise<Caller> =>
      await Promise.resolve({ ...CALLER, groups: valid.yes ? ['eng'] : [] });
    const limits = { beatMs: 30 };
    await using agent = await startAgent({ ...askingSessions(), verify, limits });
    await using events = await stream(
      agent,
      modernRequest('subscriptions/listen', { notifications: ALL }),
    );
    await events.atLeast(1);
    valid.yes = false;
    await events.ended;
  });

  for (const notifications of [
    undefined,
    [],
    { toolsListChanged: 'yes' },
    { resourceSubscriptions: 'x' },
    { resourceSubscriptions: [7] },
    { resourceSubscriptions: Array.from({ length: 257 }, (_, n) => `sallyport://s/${n}`) },
  ])
    test(`refuses ${JSON.stringify(notifications)?.slice(0, 60)}, and opens nothing`, async () => {
      const sessions = askingSessions();
      await using agent = await startAgent(sessions);
      const params = notifications === undefined ? {} : { notifications };
      const answer = await ask(agent, 'subscriptions/listen', params, { token: alice });
      assert.deepEqual([answer.status, codeOf(answer)], [400, -32602]);
      assert.equal(sessions.all.length, 0);
    });

  test('is not opened without end', async () => {
    await using agent = await startAgent(askingSessions());
    const open: EventReader[] = [];
    const listen = (): JsonObject => modernRequest('subscriptions/listen', { notifications: ALL });
    // oxlint-disable-next-line no-await-in-loop -- one after the other, so that the last is the one too many
    for (let count = 0; count < 32; count++) open.push(await stream(agent, listen()));
    const answer = await ask(
      agent,
      'subscriptions/listen',
      { notifications: ALL },
      { token: alice },
    );
    assert.deepEqual([answer.status, codeOf(answer)], [429, -32603]);
    await Promise.all(open.map(async (events) => await events[Symbol.asyncDispose]()));
  });
});

describe('connections to the router', () => {
  for (const inputResponses of [7, [], { a: 'yes' }])
    test(`are not opened for the responses ${JSON.stringify(inputResponses)}`, async () => {
      const sessions = askingSessions();
      await using agent = await startAgent(sessions);
      assert.equal((await call(agent, {}, { inputResponses })).status, 400);
      assert.equal(sessions.all.length, 0);
    });

  test('that do not shake hands are closed, and the next request gets another', async () => {
    const sessions = askingSessions();
    const broken: AgentSession[] = [];
    let closed = 0;
    await using agent = await startAgent({
      open(options) {
        if (broken.length > 0) return sessions.open(options);
        const error = { code: -32603, message: 'no' };
        const session: AgentSession = {
          receive: ({ id }) => options.port.send({ jsonrpc: '2.0', id, error }),
          refuse: () => undefined,
          close: async () => await Promise.resolve(void closed++),
        };
        broken.push(session);
        return session;
      },
    });
    assert.equal(codeOf(await call(agent, {})), -32603);
    assert.equal(closed, 1);
    assert.equal(resultOf(await call(agent, {}))['resultType'], 'complete');
  });

  test('that cannot be opened cost the request and nothing else', async () => {
    const sessions = askingSessions();
    let opened = 0;
    await using agent = await startAgent({
      limits: { maxInner: 1 },
      open(options) {
        if (++opened === 1) throw new Error('the disk is full');
        return sessions.open(options);
      },
    });
    assert.equal(codeOf(await call(agent, {})), -32603);
    assert.match(String(agent.failed[0]), /the disk is full/);
    assert.equal(resultOf(await call(agent, {}))['resultType'], 'complete');
  });

  test('are closed when nobody uses them', async () => {
    const sessions = askingSessions();
    const limits = { beatMs: 20, innerIdleMs: 40 };
    await using agent = await startAgent({ ...sessions, limits });
    await call(agent, {});
    await until(() => sessions.all[0]?.closed === true);
    assert.equal((await call(agent, {})).status, 200);
  });

  test('stay while a call waits for its retry', async () => {
    const sessions = askingSessions();
    const limits = { beatMs: 10, innerIdleMs: 20 };
    await using agent = await startAgent({ ...sessions, limits });
    const retry = retryOf(await call(agent, { ask: [FORM] }));
    await new Promise((resolve) => setTimeout(resolve, 150));
    assert.equal((await call(agent, { ask: [FORM] }, retry)).status, 200);
  });

  test('of one caller are limited: the oldest idle one makes room, nobody else’s does', async () => {
    const sessions = askingSessions();
    await using agent = await startAgent({ ...sessions, limits: { maxInnerPerCaller: 2 } });
    await call(agent, {}, {}, { token: bob });
    const with_ = async (n: number, args: JsonObject): Promise<RawAnswer> =>
      await call(agent, args, {}, { capabilities: { experimental: { n } } });
    await with_(1, {});
    await with_(2, {});
    await with_(3, {});
    assert.deepEqual(
      sessions.all.map(({ closed }) => closed),
      [false, true, false, false],
    );
    await Promise.all(
      [2, 3].map(async (n) =>
        retryWaits(
          await call(
            agent,
            { ask: [FORM] },
            {},
            { capabilities: { elicitation: {}, experimental: { n } } },
          ),
        ),
      ),
    );
    const answer = await with_(4, {});
    assert.deepEqual([answer.status, codeOf(answer)], [429, -32603]);
  });

  test('that hold results which nobody has fetched make room last', async () => {
    const sessions = askingSessions();
    await using agent = await startAgent({ ...sessions, limits: { maxInnerPerCaller: 2 } });
    const with_ = async (n: number, args: JsonObject): Promise<void> => {
      const capabilities = { ...WITH_TASKS, experimental: { n } };
      resultOf(await call(agent, args, {}, { capabilities }));
    };
    const state = { taskId: 'one', status: 'completed' };
    const tell = [{ method: 'notifications/tasks/status', params: state }];
    await with_(1, { task: { taskId: 'one', status: 'working', ttl: 600_000 }, tell });
    const open = (): boolean[] => sessions.all.map(({ closed }) => !closed);
    await with_(2, {});
    await with_(3, {});
    assert.deepEqual(open(), [true, false, true]);
    await with_(4, { task: { taskId: 'one', status: 'working', ttl: 600_000 }, tell });
    assert.deepEqual(open(), [true, false, false, true]);
    await with_(5, {});
    assert.deepEqual(open(), [false, false, false, true, true]);
  });

  test('of others make room when all are taken, where they are idle', async () => {
    const sessions = askingSessions();
    await using agent = await startAgent({ ...sessions, limits: { maxInner: 1 } });
    await call(agent, {}, {}, { token: bob });
    assert.equal((await call(agent, { ask: [FORM] })).status, 200);
    assert.deepEqual(
      sessions.all.map(({ closed }) => closed),
      [true, false],
    );
    assert.equal((await call(agent, {}, {}, { token: bob })).status, 429);
  });

  test('are closed with the gate', async () => {
    const sessions = askingSessions();
    const agent = await startAgent(sessions);
    await call(agent, {});
    retryOf(await call(agent, { ask: [FORM] }));
    await agent.close();
    assert.deepEqual(
      sessions.all.map(({ closed }) => closed),
      [true],
    );
  });
});

function retryWaits(answer: RawAnswer): void {
  retryOf(answer);
}

/** The text with another character at this place. */
function flip(state: string, at: number): string {
  return `${state.slice(0, at)}${state[at] === 'A' ? 'B' : 'A'}${state.slice(at + 1)}`;
}

function text({ requestState }: JsonObject): string {
  return stringOf(requestState);
}

function nobody(): AskingSession {
  throw new Error('no connection was opened');
}

function callId({ received }: AskingSession): JsonObject[string] {
  return received.find(({ method }) => method === 'tools/call')?.['id'];
}
