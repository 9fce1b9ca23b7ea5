import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from '../support/property.ts';
import { JsonError, type JsonObject } from '../../src/lib/json.ts';
import { classify, FrameError, problemCode, readFrame } from '../../src/wire/frames.ts';
import { createFlood } from '../../src/wire/flood.ts';
import { createLineSplitter } from '../../src/wire/lines.ts';
import { CLIENT_REQUESTS, treatment } from '../../src/wire/methods.ts';

for (const [name, frame] of [
  ['no jsonrpc member', { id: 1, method: 'ping' }],
  ['jsonrpc 1.0', { jsonrpc: '1.0', id: 1, method: 'ping' }],
  ['a method that is a number', { jsonrpc: '2.0', id: 1, method: 7 }],
  ['params that are an array', { jsonrpc: '2.0', id: 1, method: 'ping', params: [1] }],
  ['params that are a string', { jsonrpc: '2.0', id: 1, method: 'ping', params: 'x' }],
  ['an id that is null', { jsonrpc: '2.0', id: null, method: 'ping' }],
  ['an id that is a fraction', { jsonrpc: '2.0', id: 1.5, method: 'ping' }],
  ['an id that is an object', { jsonrpc: '2.0', id: {}, method: 'ping' }],
  ['a request that is also a response', { jsonrpc: '2.0', id: 1, method: 'ping', result: {} }],
  [
    'a response with result and error',
    { jsonrpc: '2.0', id: 1, result: {}, error: { code: 1, message: '' } },
  ],
  ['a response with neither', { jsonrpc: '2.0', id: 1 }],
  ['a response without an id', { jsonrpc: '2.0', result: {} }],
  ['a result that is an array', { jsonrpc: '2.0', id: 1, result: [] }],
  ['an error without a code', { jsonrpc: '2.0', id: 1, error: {} }],
  [
    'a member that JSON-RPC does not have',
    { jsonrpc: '2.0', id: 1, method: 'ping', Method: 'tools/call' },
  ],
] as const satisfies readonly (readonly [string, JsonObject])[])
  test(`classify refuses ${name}`, () => {
    assert.throws(() => classify(frame), FrameError);
  });

for (const [name, text, code] of [
  ['a batch', '[{"jsonrpc":"2.0","id":1,"method":"ping"}]', -32600],
  ['a bare string', '"ping"', -32600],
  ['a duplicate method', '{"jsonrpc":"2.0","id":1,"method":"ping","method":"tools/call"}', -32600],
  ['no JSON', 'hello', -32700],
] as const)
  test(`readFrame refuses ${name} with ${code}`, () => {
    assert.throws(
      () => readFrame(Buffer.from(text), 1000),
      (thrown) =>
        (thrown instanceof JsonError || thrown instanceof FrameError) &&
        problemCode(thrown).code === code,
    );
  });

test('id 0 and string ids are ids', () => {
  assert.equal(classify({ jsonrpc: '2.0', id: 0, method: 'ping' }).kind, 'request');
  assert.equal(classify({ jsonrpc: '2.0', id: 'a', result: {} }).kind, 'response');
  assert.equal(
    classify({ jsonrpc: '2.0', method: 'notifications/initialized' }).kind,
    'notification',
  );
});

test('a method named like a member of Object has no row in the table', () => {
  for (const name of ['constructor', '__proto__', 'toString', 'hasOwnProperty'])
    assert.equal(treatment(CLIENT_REQUESTS, name), undefined);
});

test('the line splitter gives the same lines however the bytes are cut', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ minLength: 1, maxLength: 30 })),
      fc.array(fc.nat(40)),
      (lines, cuts) => {
        const wanted = lines.map((line) => line.replaceAll(/[\r\n]/g, '_'));
        const bytes = Buffer.from(
          wanted.map((line, at) => line + (at % 2 === 0 ? '\n' : '\r\n')).join(''),
        );
        const got: string[] = [];
        const split = createLineSplitter(1000, {
          onLine: (line) => got.push(line.toString()),
          onOversize: () => assert.fail(),
        });
        let at = 0;
        for (const cut of cuts) {
          split(bytes.subarray(at, at + cut));
          at = Math.min(bytes.length, at + cut);
        }
        split(bytes.subarray(at));
        assert.deepEqual(got, wanted);
      },
    ),
  );
});

test('a line over the limit is thrown away once and the next one is read', () => {
  const got: string[] = [];
  const heads: string[] = [];
  const tails: string[] = [];
  const split = createLineSplitter(10, {
    onLine: (line) => got.push(line.toString()),
    onOversize: (head) => heads.push(head.toString()),
    onSkipped: (tail) => tails.push(tail.toString()),
  });
  for (const chunk of [
    'ok\n',
    'x'.repeat(8),
    'y'.repeat(8),
    'z'.repeat(100),
    'end\nnext\n',
    `${'w'.repeat(11)}\nlast\n`,
  ])
    split(Buffer.from(chunk));
  assert.deepEqual(got, ['ok', 'next', 'last']);
  assert.deepEqual(heads, ['xxxxxxxx', 'wwwwwwwwwww']);
  assert.deepEqual(
    tails.map((tail) => tail.slice(-5)),
    ['zzend', 'wwwww'],
  );
  assert.ok(tails.every(({ length }) => length <= 128));
});

test('the ends of a line over the limit are the same however the bytes are cut', () => {
  const line = `{"jsonrpc":"2.0",${'x'.repeat(300)},"id":17}`;
  for (let size = 1; size < line.length + 2; size++) {
    const ends: string[] = [];
    const split = createLineSplitter(line.length - 1, {
      onLine: () => assert.fail(),
      onOversize: () => undefined,
      onSkipped: (tail) => ends.push(tail.toString().slice(-10)),
    });
    const bytes = Buffer.from(`${line}\n`);
    for (let at = 0; at < bytes.length; at += size) split(bytes.subarray(at, at + size));
    assert.deepEqual(ends, [line.slice(-10)], `cut at ${size}`);
  }
});

test('a flood that does not end is said once, however long it lasts', () => {
  let time = 0;
  const flood = createFlood(1000, () => time);
  let said = 0;
  let passed = 0;
  for (; time < 3000; time += 0.1) {
    const answer = flood.admit();
    if (answer === 'first-no') said++;
    if (answer === 'yes') passed++;
  }
  assert.equal(said, 1);
  assert.ok(passed <= 4001, `${passed}`);
});

test('a flood is dropped, said once, and over when the sender is quiet', () => {
  let time = 0;
  const flood = createFlood(10, () => time);
  const burst = Array.from({ length: 30 }, () => flood.admit());
  assert.equal(burst.filter((answer) => answer === 'yes').length, 10);
  assert.equal(burst.filter((answer) => answer === 'first-no').length, 1);
  time = 1000;
  assert.equal(flood.admit(), 'yes');
});
