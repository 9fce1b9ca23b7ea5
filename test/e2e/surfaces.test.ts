import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { isJsonObject, type JsonObject, type JsonValue } from '../../src/lib/json.ts';
import { serve, startFrames, type Frame, type FramesClient } from '../support/frames-client.ts';
import { createGate, hostileServer, realServer, type Gate } from '../support/gate.ts';
import { denialOf } from '../support/replies.ts';
import { oddServer } from '../support/odd.ts';
import { until } from '../support/until.ts';

const ON_FIRST_USE = { catalogue: { onNew: 'pin' } };

async function oddGate(context: TestContext, env: Record<string, string> = {}): Promise<Gate> {
  return await createGate(context, {
    servers: { odd: oddServer(env) },
    pinned: false,
    config: ON_FIRST_USE,
  });
}

async function start(
  context: TestContext,
  capabilities: JsonObject = {},
  gate?: Gate,
): Promise<FramesClient> {
  const client = startFrames(context, serve(gate ?? (await oddGate(context))));
  await client.open(capabilities);
  return client;
}

/** Calls a tool of the odd server and parses what it says. */
async function ask(client: FramesClient, tool: string, args: JsonObject = {}): Promise<unknown> {
  const answer = await client.request('tools/call', { name: `odd__${tool}`, arguments: args });
  const text: unknown = JSON.parse(textOf(answer));
  return text;
}

function textOf({ result }: Frame): string {
  const content: JsonValue | undefined = isJsonObject(result) ? result['content'] : undefined;
  const first: unknown = Array.isArray(content) ? content[0] : undefined;
  if (typeof first === 'object' && first !== null && 'text' in first) return String(first.text);
  throw new TypeError(`no text: ${JSON.stringify(result)}`);
}

function errorOf({ error }: Frame): { code: unknown; message: string } {
  if (!isJsonObject(error)) throw new TypeError('no error');
  return { code: error['code'], message: JSON.stringify(error['message']) };
}

function isUpdate({ method }: Frame): boolean {
  return method === 'notifications/resources/updated';
}

function page({ result }: Frame): { names: string[]; nextCursor: string | undefined } {
  const { tools, nextCursor } = isJsonObject(result) ? result : {};
  const names = Array.isArray(tools)
    ? tools.map((tool: JsonValue) => (isJsonObject(tool) ? JSON.stringify(tool['name']) : ''))
    : [];
  return { names, nextCursor: typeof nextCursor === 'string' ? nextCursor : undefined };
}

test('a long list comes in pages, whole, under cursors of the connection', async (context) => {
  const gate = await oddGate(context, { ODD_TOOLS: '500' });
  const [client, other] = await Promise.all([start(context, {}, gate), start(context, {}, gate)]);
  const names: string[] = [];
  const cursors: string[] = [];
  let cursor: string | undefined;
  do {
    const answer = page(await client.request('tools/list', cursor === undefined ? {} : { cursor }));
    names.push(...answer.names);
    cursor = answer.nextCursor;
    if (cursor !== undefined) cursors.push(cursor);
  } while (cursor !== undefined);
  assert.equal(cursors.length, 2);
  assert.ok(names.length > 500);
  assert.equal(new Set(names).size, names.length);

  const [own = ''] = cursors;
  const again = page(await client.request('tools/list', { cursor: own }));
  assert.deepEqual(again.names, names.slice(250, 500));
  for (const [who, method, forged] of [
    [other, 'tools/list', own],
    [client, 'prompts/list', own],
    [client, 'tools/list', own.replace(/^250/u, '251')],
    [client, 'tools/list', `${own}x`],
    [client, 'tools/list', 'page@100'],
    [client, 'tools/list', 100],
    [client, 'tools/list', null],
  ] as const)
    assert.equal(
      errorOf(await who.request(method, { cursor: forged })).code,
      -32602,
      `${method} ${forged}`,
    );
});

/** Promises that one connection keeps, whatever came before on it; `other` is another client's, on servers of its own. */
const SHARED: Readonly<
  Record<string, (client: FramesClient, other: FramesClient) => Promise<void>>
> = {
  async 'a cancelled call gets no answer, and the server hears of it with the reason'(client) {
    const ids = [0, '0', 'a text', 7.0];
    for (const id of ids) {
      const from = client.received.length;
      client.send({
        jsonrpc: '2.0',
        id,
        method: 'tools/call',
        params: { name: 'odd__read_wait', arguments: { key: `key ${typeof id} ${id}` } },
      });
      await client.next(({ params }) => /waits/.test(JSON.stringify(params)), from);
      client.notify('notifications/cancelled', { requestId: id, reason: `no need of ${id}` });
      await until(async () => /no need/.test(JSON.stringify(await ask(client, 'read_reasons'))));
    }
    assert.deepEqual(
      await ask(client, 'read_reasons'),
      ids.map((id) => `no need of ${id}`),
    );
    // The server answers all the same: too late.
    for (const id of ids)
      await client.request('tools/call', {
        name: 'odd__read_release',
        arguments: { key: `key ${typeof id} ${id}` },
      });
    await client.request('ping');
    assert.ok(
      !client.received.some((frame) => 'result' in frame && /released/.test(JSON.stringify(frame))),
    );
  },

  async 'a call that nobody waits for any more cannot be cancelled for another'(client, other) {
    client.send({
      jsonrpc: '2.0',
      id: 500,
      method: 'tools/call',
      params: { name: 'odd__read_wait', arguments: { key: 'mine' } },
    });
    await client.next(({ params }) => /waits/.test(JSON.stringify(params)));
    for (const requestId of [500, 1, '500', null, {}])
      other.notify('notifications/cancelled', { requestId });
    await other.request('ping');
    await client.request('tools/call', { name: 'odd__read_release', arguments: { key: 'mine' } });
    const answer = await client.next(({ id, method }) => id === 500 && method === undefined);
    assert.equal(textOf(answer), 'released');
  },

  async 'answers keep the ids of their requests, whatever their order and type'(client) {
    await client.request('tools/list');
    const ids = ['1', 1, 'x', 2 ** 53 - 1, -5, ''];
    const from = client.received.length;
    client.sendTogether(
      ...ids.map((id) => ({
        jsonrpc: '2.0',
        id,
        method: 'tools/call',
        params: { name: 'odd__read_mirror', arguments: { id } },
      })),
    );
    for (const id of ids) {
      const { result } = await client.next((frame) => frame['id'] === id, from);
      assert.match(JSON.stringify(result), new RegExp(`"arguments":{"id":${JSON.stringify(id)}}`));
    }
  },

  async 'an id that is in use is refused and the first request answered'(client) {
    const params = { name: 'odd__read_wait', arguments: { key: 'k' } };
    client.send({ jsonrpc: '2.0', id: 'same', method: 'tools/call', params });
    await client.next(({ params }) => /waits/.test(JSON.stringify(params)));
    assert.match(errorOf(await client.request('ping', {}, 'same')).message, /its id is in use/);
    await client.request('tools/call', { name: 'odd__read_release', arguments: { key: 'k' } });
    const answered = await client.next(({ id, result }) => id === 'same' && result !== undefined);
    assert.equal(textOf(answered), 'released');
  },

  async 'updates come only for what is subscribed to, parts of it too'(client) {
    const uri = 'sallyport://odd/odd://one';
    const update = async (): Promise<Frame[]> => {
      const from = client.received.length;
      await client.request('tools/call', { name: 'odd__read_update', arguments: {} });
      return client.received.slice(from).filter(isUpdate);
    };
    assert.deepEqual(await update(), []);
    await client.request('resources/subscribe', { uri });
    assert.deepEqual(
      (await update()).map(({ params }) => params),
      [{ uri: 'sallyport://odd/odd://one/part', _meta: { odd: 1 } }],
    );
    await client.request('resources/unsubscribe', { uri });
    assert.deepEqual(await update(), []);
    const refused = await client.request('resources/subscribe', { uri: 'sallyport://odd/none:x' });
    assert.deepEqual(errorOf(refused), {
      code: -32602,
      message: '"Unknown resource: sallyport://odd/none:x"',
    });
  },

  async 'a server gets nothing that the client did not declare, and no answer from it'(client) {
    client.answer = () => ({ result: { stolen: true } });
    const from = client.received.length;
    for (const tool of ['read_sampling', 'read_roots'])
      assert.match(JSON.stringify(await ask(client, tool)), /-32601/, tool);
    assert.deepEqual(await ask(client, 'read_unknown_ask'), { refused: true });
    // The gate answers for itself: the client is not troubled.
    assert.deepEqual(await ask(client, 'read_ping'), { result: {} });
    assert.ok(
      !client.received
        .slice(from)
        .some(({ id, method }) => id !== undefined && method !== undefined),
    );
  },

  async 'a tool that offers no tasks is refused as one'(client) {
    const answer = await client.request('tools/call', {
      name: 'odd__read_mirror',
      arguments: {},
      task: { ttl: 1000 },
    });
    assert.equal(denialOf(answer), 'arguments-invalid');
  },

  async 'methods and notifications that are not in the table are refused'(client) {
    for (const method of [
      'tasks/update',
      'server/discover',
      'constructor',
      'tools/Call',
      'sampling/createMessage',
    ])
      assert.equal(errorOf(await client.request(method, {})).code, -32601, method);
    const from = client.received.length;
    client.notify('notifications/message', { level: 'info', data: 'from a client' });
    client.notify('notifications/made-up', {});
    await client.request('ping');
    const answers = client.received.slice(from).filter(({ id }) => id !== undefined);
    assert.equal(answers.length, 1);
  },

  async 'a tool that comes later is announced, listed and callable'(client) {
    const before = page(await client.request('tools/list')).names;
    const from = client.received.length;
    await client.request('tools/call', { name: 'odd__read_grow', arguments: {} });
    await client.next(({ method }) => method === 'notifications/tools/list_changed', from);
    const after = page(await client.request('tools/list')).names;
    assert.deepEqual(
      after.filter((name) => !before.includes(name)),
      ['"odd__read_grown_1"'],
    );
    const { result } = await client.request('tools/call', { name: 'odd__read_grown_1' });
    assert.match(JSON.stringify(result), /"name":"read_grown_1"/);
  },
};

test('one client of the odd server', async (context) => {
  const gate = await oddGate(context);
  const client = startFrames(context, serve(gate));
  await client.open();
  // Before any list: a client may know its tools from an earlier connection.
  const early = await client.request('tools/call', {
    name: 'odd__read_mirror',
    arguments: { at: 1 },
  });
  assert.match(JSON.stringify(early['result']), /"at":1/);
  const other = await start(context, {}, gate);
  for (const [name, check] of Object.entries(SHARED))
    await context.test(name, async () => await check(client, other));
});

test('a client that refuses or fails is reported to the server as it is', async (context) => {
  const client = await start(context, { sampling: {}, roots: {} });
  client.answer = () => ({ error: { code: -1, message: 'not today', data: { why: [1] } } });
  const answer = JSON.stringify(await ask(client, 'read_roots'));
  assert.match(answer, /"code":-1,"message":"not today","data":{"why":\[1\]}/);
});

for (const [asked, given] of [
  ['2024-11-05', '2024-11-05'],
  ['2026-07-28', '2025-11-25'],
] as const)
  test(`a client that asks for version ${asked} gets ${given}`, async (context) => {
    const client = startFrames(context, serve(await oddGate(context)));
    const { result } = await client.open({}, asked);
    assert.equal(isJsonObject(result) && result['protocolVersion'], given);
    assert.ok(page(await client.request('tools/list')).names.length > 10);
  });

test('the handshake comes first, and once', async (context) => {
  const client = startFrames(context, serve(await oddGate(context)));
  assert.equal(errorOf(await client.request('tools/list')).code, -32600);
  assert.deepEqual((await client.request('ping'))['result'], {});
  await client.open();
  assert.match(errorOf(await client.open()).message, /done already/);
});

test('what nobody has accepted is held back, the owner hears why, and accepting shows it at once', async (context) => {
  const gate = await createGate(context, { servers: { odd: oddServer() }, pinned: false });
  const client = await start(context, {}, gate);
  assert.deepEqual(page(await client.request('tools/list')).names, []);
  const refused = await client.request('tools/call', { name: 'odd__read_mirror' });
  assert.match(
    textOf(refused),
    /nobody has accepted it yet\nHint: .*pin --accept odd\/read_mirror/,
  );
  const warnings = client.stderr().split('\n');
  const told = ['"level":"warn"', '"server":"odd"', '"kind":"tool"', 'read_mirror: never accepted'];
  assert.ok(
    warnings.some((line) => [...told, 'pin --accept odd'].every((part) => line.includes(part))),
  );
  const from = client.received.length;
  assert.equal((await gate.run('pin', '--accept', 'odd')).code, 0);
  await client.next(({ method }) => method === 'notifications/tools/list_changed', from);
  assert.ok(page(await client.request('tools/list')).names.includes('"odd__read_mirror"'));
  await client.request('tools/call', { name: 'odd__read_mirror' });
});

test('a server that has no subscriptions, and one of too many, are refused as such', async (context) => {
  const gate = await createGate(context, {
    servers: { odd: oddServer(), plain: oddServer({ ODD_SUBSCRIBE: 'no' }) },
    pinned: false,
    config: ON_FIRST_USE,
  });
  const client = await start(context, {}, gate);
  const subscribe = async (uri: string): Promise<Frame> =>
    await client.request('resources/subscribe', { uri });
  assert.match(
    errorOf(await subscribe('sallyport://plain/odd://one')).message,
    // The refusal of this server is an injection, so its words stay behind.
    /Cannot show the result: it reads like instructions to the model/,
  );
  const many = Array.from({ length: 1000 }, (_, at) => `sallyport://odd/odd://host/${at}`);
  for (const answer of await Promise.all(many.map(subscribe))) assert.ok(answer['result']);
  const last = 'sallyport://odd/odd://host/last';
  assert.match(
    errorOf(await subscribe(last)).message,
    /1000 resources of odd are followed already/,
  );
  await client.request('resources/unsubscribe', { uri: many[0] ?? '' });
  assert.ok((await subscribe(last))['result']);
});

test('a call that comes while its server is still listing waits for the list', async (context) => {
  const gate = await oddGate(context, { ODD_LIST_MS: '700' });
  const client = startFrames(context, serve(gate));
  await client.open();
  await client.said(/upstream-up/);
  const answer = await client.request('tools/call', { name: 'odd__read_mirror', arguments: {} });
  assert.ok(isJsonObject(answer['result']), JSON.stringify(answer));
});

test('a server that never answers holds up neither the handshake nor the others', async (context) => {
  const gate = await createGate(context, {
    servers: {
      mute: hostileServer('', 'mute'),
      odd: oddServer(),
      gone: { command: '/nonexistent/program' },
      everything: realServer('everything'),
    },
    pinned: false,
    config: ON_FIRST_USE,
  });
  const client = startFrames(context, serve(gate));
  const opened = performance.now();
  await client.open();
  // The mute one is waited for that long.
  assert.ok(performance.now() - opened < 60_000);
  const answer = await client.request('tools/call', { name: 'odd__read_mirror', arguments: {} });
  assert.ok(isJsonObject(answer['result']));
  await until(async () => {
    const { names } = page(await client.request('tools/list'));
    assert.ok(!names.some((name) => /mute|gone/.test(name)));
    return ['"everything__echo"', '"odd__read_mirror"'].every((name) => names.includes(name));
  });
  const began = performance.now();
  await client.request('tools/list');
  // As long as the first one waited.
  assert.ok(performance.now() - began < 8000, 'only the first list waits');
});

test('the end of its input ends the gateway and its servers', async (context) => {
  const client = await start(context);
  await client.request('tools/list');
  assert.equal(await client.end(), 0);
  assert.equal(client.stderr().includes('"level":"error"'), false, client.stderr());
});
