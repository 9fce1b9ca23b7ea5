import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isJsonObject, type JsonObject } from '../../src/lib/json.ts';
import { serve, startFrames, type Frame, type FramesClient } from '../support/frames-client.ts';
import { createGate } from '../support/gate.ts';
import { modernServer } from '../support/modern.ts';
import { stringOf } from '../support/string-of.ts';
import { until } from '../support/until.ts';

/** What a server says during a call; that lists changed may come at any time. */
const SPOKEN = new Set<unknown>(['notifications/progress', 'notifications/message']);
const CAPABILITIES = { sampling: {}, elicitation: {}, roots: {} };

function textOf({ result, error }: Frame): string {
  const content = isJsonObject(result) ? result['content'] : undefined;
  const first: unknown = Array.isArray(content) ? content[0] : undefined;
  if (isJsonObject(first) && typeof first['text'] === 'string') return first['text'];
  throw new TypeError(`no text: ${JSON.stringify(result ?? error)}`);
}

async function call(client: FramesClient, tool: string, args: JsonObject = {}): Promise<Frame> {
  return await client.request('tools/call', { name: `new__${tool}`, arguments: args });
}

const ANSWERS: Readonly<Record<string, JsonObject>> = {
  'elicitation/create': { action: 'accept', content: { name: 'Ada' } },
  'sampling/createMessage': {
    role: 'assistant',
    model: 'm',
    content: { type: 'text', text: 'Paris' },
  },
  'roots/list': { roots: [{ uri: 'file:///home' }] },
};

for (const [transport, ...habits] of [
  ['stdio', 'only'],
  ['stdio'],
  ['http', 'only'],
  ['http'],
] as const)
  test(`a legacy client has all of a ${habits[0] ?? 'dual'} modern server over ${transport}`, async (context) => {
    const server = await modernServer(context, transport, ...habits);
    const gate = await createGate(context, { servers: { new: server.entry }, firstUse: true });
    const client = startFrames(context, serve(gate));
    const asked: Frame[] = [];
    client.answer = (request) => {
      // The approvals of the gate are its own questions.
      if (JSON.stringify(request).includes('[new]') || request['method'] !== 'elicitation/create')
        asked.push(request);
      return { result: ANSWERS[stringOf(request['method'])] ?? {} };
    };
    await client.open(CAPABILITIES);

    const listed = await client.request('tools/list');
    assert.match(JSON.stringify(listed['result']), /new__echo/u);
    const said: unknown = JSON.parse(textOf(await call(client, 'echo', { text: 'hello' })));
    assert.ok(isJsonObject(said) && isJsonObject(said['client']));
    assert.equal(said['era'], 'modern');
    assert.equal(said['said'], 'hello');
    assert.deepEqual(said['client'], {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientCapabilities': CAPABILITIES,
      'io.modelcontextprotocol/clientInfo': said['client']['io.modelcontextprotocol/clientInfo'],
    });

    // Over HTTP the server refuses a call whose headers do not repeat its arguments.
    for (const args of [
      { region: 'Z\u00fcrich\r\nx-admin: 1', size: { count: 3 } },
      { region: '=?base64?x?=' },
    ])
      assert.deepEqual(JSON.parse(textOf(await call(client, 'place', args))), args);

    const uri = 'sallyport://new/note://one';
    for (const [method, params, want] of [
      ['resources/list', {}, /sallyport:\/\/new\/note:\/\/one/u],
      ['resources/templates/list', {}, /note:\/\/all\/\{id\}/u],
      ['resources/read', { uri }, /the first note/u],
      ['resources/read', { uri: 'sallyport://new/note://all/red' }, /note red/u],
      ['prompts/list', {}, /new__greet/u],
      ['prompts/get', { name: 'new__greet', arguments: { name: 'ada' } }, /Hi ada/u],
      [
        'completion/complete',
        { ref: { type: 'ref/prompt', name: 'new__greet' }, argument: { name: 'name', value: 'b' } },
        /bob/u,
      ],
    ] as const)
      assert.match(JSON.stringify((await client.request(method, params))['result']), want, method);

    // Questions inside of a result reach the client as requests, and their answers the server with its own state.
    const given: unknown = JSON.parse(textOf(await call(client, 'ask')));
    assert.deepEqual(given, {
      name: ANSWERS['elicitation/create'],
      capital: ANSWERS['sampling/createMessage'],
      folders: ANSWERS['roots/list'],
      state: 'opaque "state" \u00e9',
    });
    assert.deepEqual(
      asked.map(({ method }) => stringOf(method)).toSorted((a, b) => (a < b ? -1 : 1)),
      ['elicitation/create', 'roots/list', 'sampling/createMessage'],
    );
    assert.equal(textOf(await call(client, 'rounds')), 'after 3 rounds');

    // Progress under the client's own token; log messages once a level is set, and none before.
    const stepping = async (): Promise<Frame[]> => {
      const from = client.received.length;
      const params = { name: 'new__steps', arguments: {}, _meta: { progressToken: 'mine' } };
      assert.equal(textOf(await client.request('tools/call', params)), 'done');
      return client.received.slice(from).filter(({ method }) => SPOKEN.has(method));
    };
    const quiet = await stepping();
    assert.deepEqual(
      quiet.map(({ params }) => params),
      [1, 2, 3].map((progress) => ({ progressToken: 'mine', progress, total: 3 })),
    );
    assert.deepEqual((await client.request('logging/setLevel', { level: 'info' }))['result'], {});
    const loud = await stepping();
    assert.equal(loud.filter(({ method }) => method === 'notifications/message').length, 3);

    // Cancellation reaches the server's own signal.
    client.send({
      jsonrpc: '2.0',
      id: 'w',
      method: 'tools/call',
      params: { name: 'new__wait', arguments: {} },
    });
    await until(() => server.log().includes('waiting'));
    client.notify('notifications/cancelled', { requestId: 'w' });
    await until(() => server.log().includes('cancelled'));

    // Changes come on the stream of a subscription.
    const from = client.received.length;
    await call(client, 'change', { text: 'note://one' });
    assert.deepEqual((await client.request('resources/subscribe', { uri }))['result'], {});
    await call(client, 'change', { text: 'note://one' });
    const updated = await client.next(
      ({ method }) => method === 'notifications/resources/updated',
      from,
    );
    assert.deepEqual(updated['params'], { uri });
    assert.deepEqual((await client.request('resources/unsubscribe', { uri }))['result'], {});
    await call(client, 'change', { text: 'note://one' });
    await call(client, 'change');
    await client.next(({ method }) => method === 'notifications/tools/list_changed', from);
    await until(async () =>
      JSON.stringify((await client.request('tools/list'))['result']).includes('new__extra'),
    );
    assert.equal(textOf(await call(client, 'extra')), 'extra');
    const updates = client.received
      .slice(from)
      .filter(({ method }) => method === 'notifications/resources/updated');
    assert.equal(updates.length, 1);
  });

test('a modern client and a modern server ask and answer through the gate', async (context) => {
  const server = await modernServer(context, 'http', 'only');
  const gate = await createGate(context, { servers: { new: server.entry }, firstUse: true });
  const client = startFrames(context, serve(gate));
  const _meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientCapabilities': CAPABILITIES,
  };
  const params = { name: 'new__ask', arguments: {}, _meta };
  let given: JsonObject = {};
  const asked: string[] = [];
  for (let round = 0; ; round++) {
    assert.ok(round < 10);
    const answer = await client.request('tools/call', { ...params, ...given });
    const { result } = answer;
    assert.ok(isJsonObject(result), JSON.stringify(answer));
    if (result['resultType'] === 'complete') {
      assert.match(textOf(answer), /Ada.*Paris.*file:/u);
      break;
    }
    const questions = isJsonObject(result['inputRequests']) ? result['inputRequests'] : {};
    const inputResponses = Object.fromEntries(
      Object.entries(questions).map(([key, question]) => {
        const method = isJsonObject(question) ? stringOf(question['method']) : '';
        asked.push(method);
        return [key, ANSWERS[method]];
      }),
    );
    // The server's own state stays between it and the gate.
    assert.ok(!stringOf(result['requestState']).includes('opaque'));
    given = { inputResponses, requestState: result['requestState'] };
  }
  for (const method of Object.keys(ANSWERS)) assert.ok(asked.includes(method), method);
});
