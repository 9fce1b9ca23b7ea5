import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../src/lib/json.ts';
import { createParamHeaders } from '../../src/wire/http-upstream/param-headers.ts';

const region = { type: 'string', 'x-mcp-header': 'Region' };
const tool = (name: string, inputSchema: JsonObject): JsonObject => ({ name, inputSchema });
const object = (properties: JsonObject): JsonObject => ({ type: 'object', properties });

test('arguments stand in the headers that the tool names, encoded, where they are there', () => {
  const headers = createParamHeaders();
  const nested = object({ where: object({ region }), 'x-mcp-header': { type: 'string' } });
  const result = { tools: [tool('a', nested), tool('b', {})], nextCursor: 'c' };
  assert.deepEqual(headers.learn(result), { result, left: [] });
  for (const [args, want] of [
    [{ where: { region: 'eu' } }, { 'mcp-param-region': 'eu' }],
    [{ where: { region: 'a\r\nb: c' } }, { 'mcp-param-region': '=?base64?YQ0KYjogYw==?=' }],
    [{ where: { region: 7 } }, { 'mcp-param-region': '7' }],
    [{ where: { region: false } }, { 'mcp-param-region': 'false' }],
    [{ where: { region: null } }, {}],
    [{ where: { region: 1.5 } }, {}],
    [{ where: ['region'] }, {}],
    [{ 'x-mcp-header': 'x' }, {}],
    [undefined, {}],
  ] as const)
    assert.deepEqual(headers.of({ name: 'a', arguments: args }), want);
  assert.deepEqual(headers.of({ name: 'b', arguments: { where: { region: 'eu' } } }), {});
  assert.deepEqual(headers.of({ name: 'constructor', arguments: {} }), {});
});

for (const [name, schema] of [
  ['a name that breaks the line', object({ a: { type: 'string', 'x-mcp-header': 'a\r\nb' } })],
  ['a name with a colon', object({ a: { type: 'string', 'x-mcp-header': 'a:' } })],
  ['an empty name', object({ a: { type: 'string', 'x-mcp-header': '' } })],
  ['a name that is no text', object({ a: { type: 'string', 'x-mcp-header': 1 } })],
  ['a number', object({ a: { type: 'number', 'x-mcp-header': 'A' } })],
  ['an object', object({ a: { type: 'object', 'x-mcp-header': 'A' } })],
  ['no type', object({ a: { 'x-mcp-header': 'A' } })],
  ['the same twice', object({ a: region, b: { ...region, 'x-mcp-header': 'REGION' } })],
  ['the whole', { type: 'string', 'x-mcp-header': 'A' }],
  ['items', object({ a: { type: 'array', items: region } })],
  ['a choice', { anyOf: [object({ a: region })] }],
  ['a condition', { if: {}, else: object({ a: region }) }],
  ['a definition', { $defs: { a: region } }],
  ['a pattern', { patternProperties: { a: region } }],
] as const)
  test(`a tool that declares a header for ${name} is left out, and no other`, () => {
    const good = tool('good', object({ region }));
    const headers = createParamHeaders();
    assert.deepEqual(headers.learn({ tools: [tool('bad', schema), good] }), {
      result: { tools: [good] },
      left: ['bad'],
    });
    assert.deepEqual(headers.of({ name: 'bad', arguments: { a: 'x' } }), {});
  });
