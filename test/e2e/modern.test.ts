import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { isJsonObject, type JsonObject } from '../../src/lib/json.ts';
import { META } from '../../src/wire/modern/meta.ts';
import { serve, startFrames, type Frame, type FramesClient } from '../support/frames-client.ts';
import { createGate, realServer, type Gate } from '../support/gate.ts';
import { startHttpGate } from '../support/http-gate.ts';
import { ask, errorOf, modernRequest, resultOf, VERSION } from '../support/modern-frames.ts';
import { oddServer } from '../support/odd.ts';
import { stringOf } from '../support/string-of.ts';

const DOCUMENT = 'sallyport://everything/demo://resource/static/document/features.md';
const LEGACY = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'];
const LONG = {
  name: 'everything__trigger-long-running-operation',
  arguments: { duration: 60, steps: 600 },
};

type More = { readonly meta?: JsonObject; readonly id?: string | number };

/** One modern request over stdio, and its answer. */
async function request(
  client: FramesClient,
  method: string,
  params: JsonObject = {},
  more: More = {},
): Promise<Frame> {
  const from = client.received.length;
  const frame = modernRequest(method, params, more);
  client.send(frame);
  return await client.next(({ id }) => id === frame['id'], from);
}

async function call(client: FramesClient, name: string, args: JsonObject): Promise<Frame> {
  return await request(client, 'tools/call', { name, arguments: args });
}

function codeOf({ error }: Frame): unknown {
  return isJsonObject(error) ? error['code'] : undefined;
}

function resultIn({ result }: Frame): JsonObject {
  assert.ok(isJsonObject(result));
  return result;
}

/** The retry of a call that asked, every question answered with `response`. */
function retryOf(result: JsonObject, response: JsonObject): JsonObject {
  assert.equal(result['resultType'], 'input_required', JSON.stringify(result));
  const { inputRequests, requestState } = result;
  const keys = Object.keys(isJsonObject(inputRequests) ? inputRequests : {});
  return { requestState, inputResponses: Object.fromEntries(keys.map((key) => [key, response])) };
}

async function gateOf(context: TestContext, setting: object = {}): Promise<Gate> {
  return await createGate(context, {
    servers: { everything: realServer('everything') },
    pinned: false,
    config: { catalogue: { onNew: 'pin' } },
    ...setting,
  });
}

function idOf({ params }: Frame): unknown {
  const meta = isJsonObject(params) ? params['_meta'] : undefined;
  return isJsonObject(meta) ? meta[META.subscription] : undefined;
}

test('over stdio, a modern client', async (context) => {
  const gate = await gateOf(context);
  const client = startFrames(context, serve(gate));

  await context.test('finds out what is served, and decides nothing with it', async () => {
    const { supportedVersions } = resultIn(await request(client, 'server/discover'));
    assert.deepEqual(supportedVersions, [VERSION, ...LEGACY]);
  });

  await context.test('lists and calls without a handshake', async () => {
    const { tools, cacheScope } = resultIn(await request(client, 'tools/list'));
    assert.ok(Array.isArray(tools) && tools.length > 10);
    assert.equal(cacheScope, 'private');
    const said = resultIn(await call(client, 'everything__echo', { message: 'x' }));
    assert.deepEqual(said['content'], [{ type: 'text', text: 'Echo: x' }]);
    assert.equal(said['resultType'], 'complete');
  });

  await context.test(
    'gets log messages of the level a request names, and none elsewhere',
    async () => {
      const from = client.received.length;
      const loud = { meta: { [META.logLevel]: 'debug' } };
      const toggle = { name: 'everything__toggle-simulated-logging', arguments: {} };
      await request(client, 'tools/call', toggle, loud);
      const run = { ...LONG, arguments: { duration: 7, steps: 2 } };
      await request(client, 'tools/call', run, loud);
      assert.ok(
        client.received.slice(from).some(({ method }) => method === 'notifications/message'),
      );
      const later = client.received.length;
      await request(client, 'tools/call', run);
      await request(client, 'tools/call', toggle);
      assert.ok(!client.received.slice(later).some(({ method }) => method !== undefined));
    },
  );

  await context.test('listens to a resource until it says it does not want to', async () => {
    const from = client.received.length;
    const listen = modernRequest(
      'subscriptions/listen',
      { notifications: { resourceSubscriptions: [DOCUMENT, 'sallyport://everything/none'] } },
      { id: 'ear' },
    );
    client.send(listen);
    const ack = await client.next(
      ({ method }) => method === 'notifications/subscriptions/acknowledged',
      from,
    );
    assert.deepEqual(isJsonObject(ack['params']) && ack['params']['notifications'], {
      resourceSubscriptions: [DOCUMENT],
    });
    await call(client, 'everything__toggle-subscriber-updates', {});
    const update = await client.next(
      ({ method }) => method === 'notifications/resources/updated',
      from,
    );
    assert.equal(idOf(update), 'ear');
    client.notify('notifications/cancelled', { requestId: 'ear' });
    await call(client, 'everything__toggle-subscriber-updates', {});
    const after = client.received.length;
    await call(client, 'everything__toggle-subscriber-updates', {});
    await call(client, 'everything__toggle-subscriber-updates', {});
    assert.ok(!client.received.slice(after).some(({ method }) => method !== undefined));
    assert.ok(!client.received.some(({ id }) => id === 'ear'));
  });

  await context.test('shows its roots where a call asks for them', async () => {
    const params = { name: 'everything__get-roots-list', arguments: {} };
    const asked = resultIn(await request(client, 'tools/call', params));
    const retry = retryOf(asked, { roots: [{ uri: 'file:///work', name: 'work' }] });
    const said = resultIn(await request(client, 'tools/call', { ...params, ...retry }));
    assert.match(JSON.stringify(said['content']), /file:\/\/\/work/);
    assert.match(JSON.stringify(asked['inputRequests']), /^\{"[\w-]{16}":\{"method":"roots\/list"/);
  });

  await context.test('cancels a call, which gets no answer', async () => {
    const from = client.received.length;
    const meta = { progressToken: 'p' };
    client.send(modernRequest('tools/call', LONG, { id: 'long', meta }));
    await client.next(({ method }) => method === 'notifications/progress', from);
    client.notify('notifications/cancelled', { requestId: 'long' });
    await request(client, 'tools/list');
    const after = client.received.length;
    await call(client, 'everything__echo', { message: 'x' });
    assert.ok(!client.received.slice(after).some(({ method }) => method !== undefined));
    assert.ok(!client.received.some(({ id }) => id === 'long'));
  });

  for (const [name, frame, code] of [
    ['a method of the legacy era', modernRequest('ping', {}), -32601],
    ['a handshake now', { jsonrpc: '2.0', id: 'i', method: 'initialize', params: {} }, -32022],
    ['no _meta', { jsonrpc: '2.0', id: 'n', method: 'tools/list' }, -32602],
    [
      'an unknown version',
      modernRequest('tools/list', {}, { meta: { [META.version]: '1' } }),
      -32022,
    ],
    ['a state of nobody’s', modernRequest('tools/call', { name: 'x', requestState: 'x' }), -32602],
  ] as const)
    await context.test(`is refused ${name}: ${code}`, async () => {
      const from = client.received.length;
      client.send(frame);
      assert.equal(codeOf(await client.next(({ id }) => id === frame['id'], from)), code);
    });

  await context.test('is told which version its handshake asked for', async () => {
    const from = client.received.length;
    const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: {} };
    client.send({ jsonrpc: '2.0', id: 'asks', method: 'initialize', params });
    const { error } = await client.next(({ id }) => id === 'asks', from);
    assert.deepEqual(isJsonObject(error) && error['data'], {
      supported: ['2026-07-28'],
      requested: '2025-11-25',
    });
  });

  await context.test('is refused an id in use, a batch, a response, and goes on', async () => {
    const from = client.received.length;
    client.send(modernRequest('tools/call', LONG, { id: 'twice' }));
    assert.equal(codeOf(await request(client, 'tools/list', {}, { id: 'twice' })), -32600);
    client.write(`[${JSON.stringify(modernRequest('tools/list', {}))}]\n`);
    await client.next((frame) => codeOf(frame) === -32600 && frame['id'] === null, from);
    client.send({ jsonrpc: '2.0', id: 1, result: {} });
    client.notify('notifications/roots/list_changed');
    assert.ok(resultIn(await request(client, 'tools/list'))['tools']);
  });

  await context.test('leaves records as a legacy one does', async () => {
    const records = gate.audit();
    const events = records.map(({ event }) => event);
    assert.equal(events.filter((event) => event === 'session-open').length, 1);
    const refused = records.filter(({ event }) => event === 'frame-refused');
    for (const code of [-32601, -32022, -32602, -32600])
      assert.ok(
        refused.some((record) => record['code'] === code),
        String(code),
      );
    const calls = records.filter(({ event }) => event === 'outcome');
    assert.ok(calls.length > 5, events.join(' '));
  });
});

test('over stdio, one who asked server/discover may still shake hands, and is legacy then', async (context) => {
  const gate = await gateOf(context);
  const client = startFrames(context, serve(gate));
  await request(client, 'server/discover');
  const opened = resultIn(await client.open());
  assert.equal(opened['protocolVersion'], '2025-11-25');
  assert.ok(resultIn(await client.request('tools/list'))['tools']);
  const answer = await request(client, 'tools/list');
  assert.equal(codeOf(answer), -32022);
  assert.match(JSON.stringify(answer['error']), /"supported":\["2025-11-25"/);
  assert.ok(!('resultType' in resultIn(await client.request('tools/list'))));
});

for (const id of [1, 'm1'])
  test(`over stdio, what was asked as ${JSON.stringify(id)} in front of the first modern request is answered, and so is that`, async (context) => {
    const gate = await gateOf(context);
    const client = startFrames(context, serve(gate));
    client.sendTogether(
      { jsonrpc: '2.0', id, method: 'ping' },
      modernRequest('tools/list', {}, { id: 'list' }),
    );
    const pong = await client.next((frame) => frame['id'] === id);
    assert.deepEqual(pong, { jsonrpc: '2.0', id, result: {} });
    assert.ok(resultIn(await client.next((frame) => frame['id'] === 'list'))['tools']);
    assert.equal(client.received.filter(({ method }) => method === undefined).length, 2);
  });

const POLICY = `
  @id("all") permit (principal in Group::"eng", action, resource);
  @id("ask") @requires_approval("user") @reason("it grows")
  forbid (principal, action == Action::"tools/call:odd/read_grow", resource)
  unless { context.pep.approvals.contains("user") };
  @id("bob") permit (principal in Group::"support", action == Action::"tools/call:odd/read_grow", resource);
`;

test('over HTTP, two modern callers', async (context) => {
  const gate = await startHttpGate(context, { servers: { odd: oddServer() }, policy: POLICY });
  const alice = { token: await gate.token() };
  const bob = { token: await gate.token({ sub: 'bob', groups: ['support'] }) };
  const grow = { name: 'odd__read_grow', arguments: {} };
  const accept = { action: 'accept' };
  const names = async (sender: typeof alice): Promise<string[]> => {
    const { tools } = resultOf(await ask(gate, 'tools/list', {}, sender));
    return Array.isArray(tools)
      ? tools.map((tool: unknown) => (isJsonObject(tool) ? stringOf(tool['name']) : ''))
      : [];
  };

  await context.test('see each what the policies say, whoever asks first or at once', async () => {
    const [hers, his] = await Promise.all([names(alice), names(bob)]);
    assert.ok(hers.length > his.length);
    assert.deepEqual(his, ['odd__read_grow']);
    assert.deepEqual(await names(alice), hers);
    const hidden = await ask(
      gate,
      'tools/call',
      { name: hers.find((name) => !his.includes(name)) ?? '' },
      bob,
    );
    assert.equal(errorOf(hidden)['code'], -32602);
  });

  await context.test('approve their own calls, and nobody another’s', async () => {
    const asked = resultOf(await ask(gate, 'tools/call', grow, alice));
    assert.match(JSON.stringify(asked['inputRequests']), /Sallyport: may the assistant run/);
    const retry = { ...grow, ...retryOf(asked, accept) };
    const stolen = await ask(gate, 'tools/call', retry, bob);
    assert.deepEqual([stolen.status, errorOf(stolen)['code']], [400, -32602]);
    const other = { ...retry, arguments: { say: 'more' } };
    assert.equal((await ask(gate, 'tools/call', other, alice)).status, 400);
    const grown = resultOf(await ask(gate, 'tools/call', retry, alice));
    assert.match(JSON.stringify(grown['content']), /grown/);
    assert.equal((await ask(gate, 'tools/call', retry, alice)).status, 400);
  });

  await context.test('are asked even where they bring answers to what was not asked', async () => {
    const early = { ...grow, inputResponses: { approval: accept, '': accept } };
    const asked = resultOf(await ask(gate, 'tools/call', early, alice));
    const declined = retryOf(asked, { action: 'decline' });
    const refused = resultOf(await ask(gate, 'tools/call', { ...grow, ...declined }, alice));
    assert.equal(refused['isError'], true);
    assert.match(JSON.stringify(refused['_meta']), /approval-denied/);
  });

  await context.test('who cannot be asked are told so', async () => {
    const refused = resultOf(await ask(gate, 'tools/call', grow, { ...alice, capabilities: {} }));
    assert.match(JSON.stringify(refused['_meta']), /approval-required/);
  });
});
