import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { CallMethod } from '../../src/call.ts';
import { Denial } from '../../src/denial.ts';
import { freezeJson, type JsonObject, type JsonValue } from '../../src/lib/json.ts';
import { createValidate } from '../../src/output/validate.ts';
import { createRedactResult } from '../../src/redact/redact.ts';
import { createSchemas } from '../../src/plan/arguments.ts';
import { rawOf } from './output-of.ts';

const validate = createValidate({
  maxBytes: 10_000,
  schemas: createSchemas(),
  redact: createRedactResult([]),
});

function outcome(result: JsonObject, method?: CallMethod, definition?: JsonObject): string {
  try {
    const output = validate(rawOf(result, method, definition));
    assert.equal(output.result, result, 'the result goes on as it came');
    return 'ok';
  } catch (thrown) {
    assert.ok(thrown instanceof Denial, String(thrown));
    return thrown.code;
  }
}

const item = { type: 'text', text: 'a' };
const deep = (levels: number): JsonValue => (levels === 0 ? 1 : [deep(levels - 1)]);

for (const [name, want, method, result] of [
  ['text', 'ok', 'tools/call', { content: [item] }],
  [
    'unknown content types and fields',
    'ok',
    'tools/call',
    { content: [{ type: 'hologram', x: [1] }], resultType: 'complete', y: {} },
  ],
  ['no content', 'ok', 'tools/call', { structuredContent: { a: 1 } }],
  // What a modern server asks inside of a result is asked before this: a legacy one may not smuggle it past.
  [
    'a request for input',
    'output-invalid',
    'tools/call',
    { resultType: 'input_required', inputRequests: { a: { method: 'sampling/createMessage' } } },
  ],
  [
    'a request for input',
    'output-invalid',
    'resources/read',
    { resultType: 'input_required', requestState: 'a', contents: [] },
  ],
  ['a type nobody knows', 'output-invalid', 'tools/call', { resultType: 'task', content: [] }],
  ['a type that is no text', 'output-invalid', 'tools/call', { resultType: null, content: [] }],
  ['content that is no array', 'output-invalid', 'tools/call', { content: 'text' }],
  ['an item that is no object', 'output-invalid', 'tools/call', { content: [item, 'text'] }],
  ['an item without a type', 'output-invalid', 'tools/call', { content: [{ text: 'a' }] }],
  ['isError as text', 'output-invalid', 'tools/call', { content: [], isError: 'false' }],
  [
    'too many bytes',
    'too-large',
    'tools/call',
    { content: [{ type: 'text', text: 'x'.repeat(10_001) }] },
  ],
  [
    'too many bytes in keys',
    'too-large',
    'tools/call',
    { content: [], _meta: { ['k'.repeat(10_001)]: 1 } },
  ],
  [
    'too many bytes that are few characters',
    'too-large',
    'tools/call',
    { content: [{ type: 'text', text: '€'.repeat(3400) }] },
  ],
  [
    'deep nesting',
    'output-invalid',
    'tools/call',
    { content: [], structuredContent: { a: deep(200) } },
  ],
  [
    'contents',
    'ok',
    'resources/read',
    {
      contents: [
        { uri: 'a:b', text: 'x' },
        { uri: 'a:c', blob: 'eA==' },
      ],
    },
  ],
  ['no contents', 'output-invalid', 'resources/read', {}],
  ['contents without a uri', 'output-invalid', 'resources/read', { contents: [{ text: 'x' }] }],
  [
    'a blob that is no string',
    'output-invalid',
    'resources/read',
    { contents: [{ uri: 'a:b', blob: {} }] },
  ],
  ['messages', 'ok', 'prompts/get', { messages: [{ role: 'user', content: item }] }],
  ['messages without a role', 'output-invalid', 'prompts/get', { messages: [{ content: item }] }],
  ['completions', 'ok', 'completion/complete', { completion: { values: ['a'] } }],
  [
    'completions that are no strings',
    'output-invalid',
    'completion/complete',
    { completion: { values: [1] } },
  ],
  [
    'a sampled message',
    'ok',
    'sampling/createMessage',
    { role: 'assistant', content: item, model: 'm' },
  ],
  [
    'a sampled message without content',
    'output-invalid',
    'sampling/createMessage',
    { role: 'assistant' },
  ],
  ['an elicited form', 'ok', 'elicitation/create', { action: 'accept', content: { a: 1 } }],
  [
    'an elicited form without an action',
    'output-invalid',
    'elicitation/create',
    { content: { a: 1 } },
  ],
  ['roots', 'ok', 'roots/list', { roots: [{ uri: 'file:///a' }] }],
  ['roots without a uri', 'output-invalid', 'roots/list', { roots: [{ name: 'a' }] }],
] as const satisfies readonly (readonly [string, string, CallMethod, JsonObject])[])
  test(`${method} with ${name}: ${want}`, () => {
    assert.equal(outcome(freezeJson(result), method), want);
  });

const outputSchema = { type: 'object', properties: { n: { type: 'number' } }, required: ['n'] };
const tool = { name: 'read', inputSchema: { type: 'object' }, outputSchema };

for (const [name, want, result, definition] of [
  ['fits', 'ok', { content: [], structuredContent: { n: 1 } }, tool],
  ['does not fit', 'output-invalid', { content: [], structuredContent: { n: 'one' } }, tool],
  ['is missing', 'output-invalid', { content: [item] }, tool],
  ['is missing in an error', 'ok', { content: [item], isError: true }, tool],
  ['is missing in a request for input', 'output-invalid', { resultType: 'input_required' }, tool],
  [
    'has a schema that does not compile',
    'output-invalid',
    { structuredContent: { n: 1 } },
    { ...tool, outputSchema: { $ref: 'https://a.example/s' } },
  ],
  [
    'is an array and may be one',
    'ok',
    { structuredContent: [1] },
    { ...tool, outputSchema: { type: 'array' } },
  ],
] as const satisfies readonly (readonly [string, string, JsonObject, JsonObject])[])
  test(`structured content that ${name}: ${want}`, () => {
    assert.equal(outcome(result, 'tools/call', definition), want);
  });

test('a raw result is validated once', () => {
  const raw = rawOf({ content: [] });
  validate(raw);
  assert.throws(() => validate(raw), TypeError);
});

test('a result of very many small values is refused before anybody looks at each', () => {
  const wide = createValidate({
    maxBytes: 16_000_000,
    schemas: createSchemas(),
    redact: createRedactResult([]),
  });
  const rows = Array.from({ length: 200_001 }, () => '');
  const started = process.cpuUsage();
  assert.throws(() => wide(rawOf({ content: [], structuredContent: { rows } })), {
    code: 'too-large',
  });
  assert.ok(process.cpuUsage(started).user < 5_000_000);
});
