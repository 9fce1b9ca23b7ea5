import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isJsonObject } from '../../src/lib/json.ts';
import { serve, startFrames, type Frame } from '../support/frames-client.ts';
import { callsOf, createHostileGate, received } from '../support/gate.ts';
import { countAnswers, denialOf, isErrorOf, rpcCodeOf, textOf } from '../support/replies.ts';
import { until } from '../support/until.ts';

const MAX_BYTES = 65_536;

/** What a message that should not work would do if it did. */
const CALL =
  '"method":"tools/call","params":{"name":"bad__read_echo","arguments":{"text":"never"}}';
const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;

/** Bytes, and the id and code of the error they are answered with. */
const REFUSED: readonly (readonly [string, string | Uint8Array, string | number | null, number])[] =
  [
    ['no JSON', 'hello', null, -32700],
    ['half a message', '{"jsonrpc":"2.0","id":7,', null, -32700],
    ['two messages on one line', `{"jsonrpc":"2.0","id":7,${CALL}}{}`, null, -32700],
    ['no UTF-8', new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), null, -32700],
    ['a byte order mark', `\uFEFF{"jsonrpc":"2.0","id":7,${CALL}}`, null, -32600],
    ['a batch', `[{"jsonrpc":"2.0","id":7,${CALL}}]`, null, -32600],
    ['an empty batch', '[]', null, -32600],
    ['a bare string', '"tools/call"', null, -32600],
    ['null', 'null', null, -32600],
    ['a method named twice', `{"jsonrpc":"2.0","id":7,"method":"ping",${CALL}}`, null, -32600],
    ['a name written twice, once escaped', `{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"bad__read_hang","n\\u0061me":"bad__read_echo","arguments":{"text":"x"}}}`, null, -32600],
    ['a key that is __proto__', `{"jsonrpc":"2.0","id":7,"__proto__":{},${CALL}}`, null, -32600],
    ['deep nesting', `{"jsonrpc":"2.0","id":7,"method":"ping","params":{"a":${nested(100)}}}`, null, -32600],
    ['nesting that would overflow a stack', nested(20_000), null, -32600],
    ['more than the limit', `{"jsonrpc":"2.0","id":7,"method":"ping","params":{"a":"${'x'.repeat(MAX_BYTES)}"}}`, null, -32600],
    ['no jsonrpc', `{"id":7,${CALL}}`, 7, -32600],
    ['another jsonrpc', `{"jsonrpc":"1.0","id":7,${CALL}}`, 7, -32600],
    ['a member that is not of JSON-RPC', `{"jsonrpc":"2.0","id":7,"Method":"ping",${CALL}}`, 7, -32600],
    ['a null id', `{"jsonrpc":"2.0","id":null,${CALL}}`, null, -32600],
    ['a fractional id', `{"jsonrpc":"2.0","id":1.5,${CALL}}`, null, -32600],
    ['an id that is an object', `{"jsonrpc":"2.0","id":{},${CALL}}`, null, -32600],
    ['an id beyond what a double holds', `{"jsonrpc":"2.0","id":9007199254740993,${CALL}}`, null, -32600],
    ['a method that is a number', '{"jsonrpc":"2.0","id":7,"method":7}', 7, -32600],
    ['a request and response in one', `{"jsonrpc":"2.0","id":7,"result":{},${CALL}}`, 7, -32600],
    ['params that are an array', '{"jsonrpc":"2.0","id":7,"method":"tools/call","params":["bad__read_echo"]}', 7, -32602],
    ['params that are null', '{"jsonrpc":"2.0","id":7,"method":"tools/call","params":null}', 7, -32602],
    ['a response without an id', '{"jsonrpc":"2.0","result":{}}', null, -32600],
    ['a response with result and error', '{"jsonrpc":"2.0","id":7,"result":{},"error":{"code":1,"message":""}}', 7, -32600],
    ['a method that nobody has', '{"jsonrpc":"2.0","id":7,"method":"tools/invoke"}', 7, -32601],
    ['a method in another case', '{"jsonrpc":"2.0","id":7,"method":"Tools/Call","params":{"name":"bad__read_echo"}}', 7, -32601],
    ['a method of Object', '{"jsonrpc":"2.0","id":7,"method":"constructor"}', 7, -32601],
    ['a method that servers have', '{"jsonrpc":"2.0","id":7,"method":"sampling/createMessage","params":{}}', 7, -32601],
    ['a notification with an id', '{"jsonrpc":"2.0","id":7,"method":"notifications/cancelled","params":{"requestId":1}}', 7, -32601],
    ['a second initialize', '{"jsonrpc":"2.0","id":7,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"a","version":"1"}}}', 7, -32600],
    ['a tool that is not named', '{"jsonrpc":"2.0","id":7,"method":"prompts/get","params":{"name":7}}', 7, -32602],
    ['a resource that is not named', '{"jsonrpc":"2.0","id":7,"method":"resources/read","params":{"uri":{}}}', 7, -32602],
    ['a reference to nothing', '{"jsonrpc":"2.0","id":7,"method":"completion/complete","params":{"ref":"x","argument":{}}}', 7, -32602],
  ]; // prettier-ignore

/** Messages that get no answer: they are thrown away and written down. */
const DROPPED = [
  ['a notification that nobody has', '{"jsonrpc":"2.0","method":"notifications/nothing"}'],
  ['a notification that servers send', '{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}'],
  ['a call without an id', `{"jsonrpc":"2.0",${CALL}}`],
  ['a response nobody waits for', '{"jsonrpc":"2.0","id":1,"result":{"tools":[]}}'],
  ['an error nobody waits for', '{"jsonrpc":"2.0","id":"x","error":{"code":1,"message":"no"}}'],
  ['a cancellation of nothing', '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":4711}}'],
  ['a cancellation without an id', '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":{}}}'],
  ['progress of nothing', '{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":1,"progress":1}}'],
] as const; // prettier-ignore

test('what a client may send that is no request', async (context) => {
  const gate = await createHostileGate(context, {
    config: { limits: { maxMessageBytes: MAX_BYTES } },
  });
  const client = startFrames(context, serve(gate));
  const refusals = (): Frame[] =>
    gate.audit().filter(({ event }) => event === 'frame-refused' || event === 'denial');

  await context.test('before the handshake only ping is answered', async () => {
    assert.deepEqual((await client.request('ping'))['result'], {});
    for (const [method, params] of [
      ['tools/list', {}],
      ['tools/call', { name: 'bad__read_echo', arguments: { text: 'x' } }],
      ['logging/setLevel', { level: 'info' }],
    ] as const) {
      const answer = await client.request(method, params);
      assert.equal(rpcCodeOf(answer), -32600, method);
      assert.match(textOf(answer), /initialize comes first/u);
    }
    for (const params of [{}, { capabilities: 7, clientInfo: {} }, { capabilities: {} }])
      assert.equal(rpcCodeOf(await client.request('initialize', params)), -32602);
    assert.deepEqual(
      refusals().map(({ code }) => code),
      [...Array<number>(3).fill(-32600), ...Array<string>(3).fill('arguments-invalid')],
    );
    assert.deepEqual(received(gate.log), [], 'no server has heard anything');
  });

  await context.test(
    'a version that nobody speaks is answered with one that is spoken',
    async () => {
      const { result } = await client.open({}, '1999-01-01');
      assert.ok(isJsonObject(result));
      assert.equal(result['protocolVersion'], '2025-11-25');
      await client.request('tools/list');
    },
  );

  for (const [name, bytes, id, code] of REFUSED)
    await context.test(`${name} is refused with ${code}`, async () => {
      const [from, before] = [client.received.length, refusals().length];
      client.write(bytes);
      client.write('\n');
      const answer = await client.next((frame) => frame['error'] !== undefined, from);
      assert.deepEqual([answer['id'], rpcCodeOf(answer)], [id, code]);
      assert.deepEqual((await client.request('ping'))['result'], {});
      assert.equal(countAnswers(client.received.slice(from)), 2, 'one answer');
      const [record, ...more] = refusals().slice(before);
      assert.deepEqual(more, []);
      assert.equal(record?.['code'], code === -32602 && denialOf(answer) ? denialOf(answer) : code);
    });

  for (const [name, bytes] of DROPPED)
    await context.test(`${name} is thrown away and written down`, async () => {
      const [from, before] = [client.received.length, refusals().length];
      client.write(`${bytes}\n`);
      assert.deepEqual((await client.request('ping'))['result'], {});
      assert.equal(countAnswers(client.received.slice(from)), 1);
      assert.equal(refusals().length, before + 1);
    });

  await context.test('a name or arguments of a wrong type are refused as a result', async () => {
    for (const params of [{ name: 7 }, { name: 'bad__read_echo', arguments: ['x'] }, {}]) {
      const answer = await client.request('tools/call', params);
      assert.deepEqual([denialOf(answer), isErrorOf(answer)], ['arguments-invalid', true]);
    }
  });

  await context.test('the id of a request in flight cannot be used again', async () => {
    const params = { name: 'bad__read_slow', arguments: { ms: 300 } };
    const from = client.received.length;
    const request = { jsonrpc: '2.0', id: 'twin', method: 'tools/call', params };
    client.sendTogether(request, request);
    await until(() => client.received.filter(({ id }) => id === 'twin').length === 2);
    const answers = client.received.slice(from).filter(({ id }) => id === 'twin');
    assert.deepEqual(answers.map(rpcCodeOf), [-32600, undefined]);
    assert.equal(textOf(answers[1] ?? {}), 'slow');
    // Afterwards it is free.
    const again = await client.request('tools/call', { ...params, arguments: { ms: 1 } }, 'twin');
    assert.equal(textOf(again), 'slow');
  });

  await context.test(
    'nothing of it all has reached the server, and the next request is served',
    async () => {
      assert.deepEqual(callsOf(gate.log), ['read_slow', 'read_slow']);
      const answer = await client.request('tools/call', {
        name: 'bad__read_echo',
        arguments: { text: 'x' },
      });
      assert.equal(textOf(answer), 'you said: x');
      assert.equal(await client.end(), 0);
      assert.equal((await gate.run('audit', 'verify')).code, 0);
    },
  );
});

test('lines may end in CR LF and come in pieces', async (context) => {
  const gate = await createHostileGate(context, {});
  const client = startFrames(context, serve(gate));
  for (const piece of ['{"jsonrpc":"2.0",', '"id":"a\u2028b","method"', ':"ping"}\r', '\n\r\n\n'])
    client.write(piece);
  const answer = await client.next(({ id }) => id === 'a\u2028b');
  assert.deepEqual(answer['result'], {});
});
