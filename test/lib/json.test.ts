import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from '../support/property.ts';
import {
  canonicalJson,
  freezeJson,
  JsonError,
  parseJson,
  type JsonValue,
} from '../../src/lib/json.ts';

const LIMITS = { maxBytes: 10_000, maxDepth: 8, maxValues: 1_000 };

for (const [name, text, problem] of [
  ['a byte order mark', '\uFEFF{}', 'bom'],
  ['a duplicate key', '{"a":1,"a":2}', 'duplicate-key'],
  ['a duplicate key deep inside', '{"x":[{"a":1,"b":{"a":1},"a":2}]}', 'duplicate-key'],
  [
    'a duplicate key hidden by an escape',
    String.raw`{"method":1,"\u006dethod":2}`,
    'duplicate-key',
  ],
  ['a duplicate key around white space', '{"a" : 1,\n"a"\t:2}', 'duplicate-key'],
  ['the key __proto__', '{"__proto__":{"admin":true}}', 'forbidden-key'],
  ['the key __proto__ written with escapes', String.raw`{"__pr\u006fto__":1}`, 'forbidden-key'],
  ['nesting beyond the limit', '['.repeat(9) + ']'.repeat(9), 'too-deep'],
  ['ten thousand open brackets', '['.repeat(9_999), 'too-deep'],
  ['more values than the limit', `[${'1,'.repeat(1_000)}1]`, 'too-large'],
  ['more bytes than the limit', JSON.stringify('x'.repeat(10_000)), 'too-large'],
  ['a string that does not end', '{"a":"b', 'syntax'],
  ['a string that ends in an escaped quote', String.raw`{"a":"b\"}`, 'syntax'],
  ['a trailing comma', '{"a":1,}', 'syntax'],
  ['two values', '{} {}', 'syntax'],
  ['nothing', '', 'syntax'],
  ['NaN', '{"a":NaN}', 'syntax'],
  ['a number beyond doubles', '{"a":[1e309]}', 'number'],
  ['one with many zeros before its exponent', '[1e+000000400]', 'number'],
  ['one that is written out', `[-1${'0'.repeat(309)}.0]`, 'number'],
  ['one with a short exponent', `[${'1'.repeat(290)}e20]`, 'number'],
  ['one after a text that looks like it', '["1e400",-1E400]', 'number'],
] as const)
  test(`parseJson refuses ${name}`, () => {
    assert.throws(
      () => parseJson(text, LIMITS),
      (thrown) => thrown instanceof JsonError && thrown.problem === problem,
    );
  });

test('parseJson refuses bytes that are not UTF-8', () => {
  assert.throws(
    () => parseJson(Buffer.from([0x22, 0xff, 0x22]), LIMITS),
    (thrown) => thrown instanceof JsonError && thrown.problem === 'not-utf8',
  );
});

test('parseJson accepts equal keys in different objects and a colon inside strings', () => {
  const text = '{"a":{"a":"x\\":y"},"b":[{"a":1},{"a":2}],"c":"a\\\\"}';
  assert.deepEqual(parseJson(text, LIMITS), JSON.parse(text));
});

test('parseJson reads whatever JSON.stringify writes, like JSON.parse', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
      const text = JSON.stringify(value);
      fc.pre(!text.includes('__proto__'));
      assert.deepEqual(parseJson(text, { maxBytes: 1e6, maxDepth: 20 }), JSON.parse(text));
    }),
  );
});

test('canonicalJson does not depend on the order of keys and round-trips', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
      fc.pre(!JSON.stringify(value).includes('__proto__'));
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a JSON value by construction
      const json = JSON.parse(JSON.stringify(value)) as JsonValue;
      const text = canonicalJson(json);
      assert.deepEqual(JSON.parse(text), json);
      assert.equal(canonicalJson(parseJson(text, { maxBytes: 1e6, maxDepth: 20 })), text);
    }),
  );
  assert.equal(canonicalJson({ b: 1, a: { d: [], c: null } }), '{"a":{"c":null,"d":[]},"b":1}');
});

test('freezeJson leaves nothing that can be changed', () => {
  const value = freezeJson({ a: { b: [1, { c: 2 }] } });
  assert.ok(
    Object.isFrozen(value) &&
      Object.isFrozen(value.a) &&
      Object.isFrozen(value.a.b) &&
      Object.isFrozen(value.a.b[1]),
  );
});
