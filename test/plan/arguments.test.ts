import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Denial } from '../../src/denial.ts';
import { freezeJson, type JsonObject, type JsonValue } from '../../src/lib/json.ts';
import { createSchemas } from '../../src/plan/arguments.ts';
import { processorMs } from '../support/processor-time.ts';

const schemas = createSchemas({ maxBytes: 100_000, maxDepth: 20 });

function check(inputSchema: JsonValue | undefined, args: JsonObject, with_ = schemas): string {
  const definition = inputSchema === undefined ? { name: 'x' } : { name: 'x', inputSchema };
  try {
    with_.check(definition, JSON.stringify(definition), args);
    return 'ok';
  } catch (thrown) {
    assert.ok(thrown instanceof Denial, String(thrown));
    return `${thrown.code}: ${thrown.message}`;
  }
}

const object = (properties: JsonObject, more: JsonObject = {}): JsonObject => ({
  type: 'object',
  properties,
  ...more,
});

test('every problem is listed with its place', () => {
  const schema = object(
    {
      name: { type: 'string' },
      sort: { enum: ['asc', 'desc'] },
      at: { type: 'object', properties: { lat: { type: 'number' } }, required: ['lat', 'lon'] },
    },
    { required: ['name', 'toString'], additionalProperties: false },
  );
  assert.equal(
    check(schema, { sort: 'up', at: { lat: '1' }, 'x/y~': 1 }),
    'arguments-invalid: Cannot call the tool: /name is missing; /toString is missing; /x~1y~0 is not known; /sort must be one of ["asc","desc"]; /at/lon is missing; /at/lat must be number',
  );
});

test('values of the arguments are not in the message', () => {
  assert.doesNotMatch(
    check(object({ a: { type: 'number' }, b: { pattern: '^x' } }), { a: 'hunter2', b: 'hunter2' }),
    /hunter2/,
  );
});

const nested = (levels: number): JsonObject => (levels === 0 ? {} : { a: nested(levels - 1) });
const doubling: Record<string, JsonValue> = { d30: { type: 'string' } };
for (let at = 0; at < 30; at++)
  doubling[`d${at}`] = { allOf: [{ $ref: `#/$defs/d${at + 1}` }, { $ref: `#/$defs/d${at + 1}` }] };
const deepSchema = (levels: number): JsonObject =>
  levels === 0 ? {} : { not: deepSchema(levels - 1) };

for (const [name, want, schema, args] of [
  [
    'a value that fits',
    'ok',
    object({ a: { type: 'string', format: 'date' } }),
    { a: '2026-01-31' },
  ],
  [
    'a format that does not fit',
    'arguments-invalid',
    object({ a: { format: 'email' } }),
    { a: 'nobody' },
  ],
  ['an unknown format', 'ok', object({ a: { format: 'hologram' } }), { a: 'x' }],
  ['an unknown keyword', 'ok', object({ a: { 'x-ui': { wide: true } } }), { a: 'x' }],
  [
    'a keyword of draft 2020-12',
    'arguments-invalid',
    object({ a: { prefixItems: [{ type: 'number' }] } }),
    { a: ['x'] },
  ],
  [
    'a keyword of draft-07',
    'arguments-invalid',
    object(
      { a: { items: [{ type: 'number' }] } },
      { $schema: 'http://json-schema.org/draft-07/schema#' },
    ),
    { a: ['x'] },
  ],
  [
    'definitions of draft-07',
    'arguments-invalid',
    object(
      { a: { $ref: '#/definitions/n' } },
      {
        $schema: 'http://json-schema.org/draft-07/schema#',
        definitions: { n: { type: 'number' } },
      },
    ),
    { a: 'x' },
  ],
  [
    'draft 2019-09',
    'ok',
    object({}, { $schema: 'https://json-schema.org/draft/2019-09/schema' }),
    {},
  ],
  ['an unknown dialect', 'quarantined', object({}, { $schema: 'https://a.example/schema' }), {}],
  [
    'a dialect named like a prototype key',
    'quarantined',
    object({}, { $schema: 'constructor' }),
    {},
  ],
  [
    'a pattern that needs no u flag',
    'ok',
    object({ a: { pattern: String.raw`^[\w\-.]+\-$` } }),
    { a: 'x-' },
  ],
  [
    'a pattern with look-ahead',
    'arguments-invalid',
    object({ a: { pattern: '^(?!admin)' } }),
    { a: 'admin' },
  ],
  ['a pattern that does not parse', 'quarantined', object({ a: { pattern: '(' } }), {}],
  ['a remote reference', 'quarantined', object({ a: { $ref: 'https://a.example/s.json' } }), {}],
  ['a file reference', 'quarantined', object({ a: { $ref: 'file:///etc/passwd' } }), {}],
  [
    'a reference to the meta-schema',
    'arguments-invalid',
    object({ a: { $ref: 'https://json-schema.org/draft/2020-12/schema' } }),
    { a: { type: 7 } },
  ],
  [
    'a recursive schema',
    'arguments-invalid',
    object({ a: { $ref: '#' } }, { additionalProperties: false }),
    { a: { a: { b: 1 } } },
  ],
  ['a reference to itself', 'arguments-invalid', { type: 'object', $ref: '#' }, {}],
  ['$async', 'quarantined', object({}, { $async: true }), {}],
  [
    '$async below',
    'quarantined',
    object({ a: { $ref: '#/$defs/b' } }, { $defs: { b: { $async: true, type: 'number' } } }),
    { a: 'x' },
  ],
  ['$data', 'quarantined', object({ a: { minimum: { $data: '1/b' } } }), { a: 1, b: 2 }],
  [
    'a keyword of the wrong type',
    'quarantined',
    object({ a: { minimum: '0); process.exit(1); (0' } }),
    { a: 1 },
  ],
  ['no schema', 'quarantined', undefined, {}],
  ['a schema that is true', 'quarantined', true, {}],
  ['a schema that is no object schema', 'quarantined', { type: 'string' }, {}],
  ['a schema nested too deep', 'quarantined', deepSchema(200), {}],
  [
    'a huge schema',
    'quarantined',
    object({ a: { enum: Array.from({ length: 80_000 }, (_, id) => `value ${id}`) } }),
    {},
  ],
  ['a required prototype key', 'arguments-invalid', object({}, { required: ['constructor'] }), {}],
  [
    'a property named like a prototype key',
    'ok',
    object({ constructor: { type: 'string' }, valueOf: { type: 'number' } }),
    {},
  ],
  ['arguments nested too deep', 'arguments-invalid', { type: 'object' }, nested(30)],
  ['arguments too large', 'too-large', { type: 'object' }, { a: 'x'.repeat(100_001) }],
] as const satisfies readonly (readonly [string, string, JsonValue | undefined, JsonObject])[])
  test(`${name}: ${want}`, () => {
    assert.equal(check(schema, args).split(':')[0], want, check(schema, args));
  });

const big = createSchemas({ maxBytes: 4_000_000 });
for (const [name, schema, args] of [
  [
    'a pattern that backtracks without end',
    object({ a: { pattern: '^(a+)+$' } }),
    { a: `${'a'.repeat(60)}!` },
  ],
  [
    'references that double thirty times',
    object({ a: { $ref: '#/$defs/d0' } }, { $defs: doubling }),
    { a: 'x' },
  ],
  [
    'a hundred thousand items that must differ',
    object({ a: { uniqueItems: true } }),
    { a: Array.from({ length: 100_000 }, (_, id) => ({ id })) },
  ],
] as const)
  test(`${name} is stopped and refused`, () => {
    let outcome = '';
    const taken = processorMs(() => (outcome = check(schema, args, big)));
    assert.match(outcome, /^(?:arguments-invalid|quarantined)/);
    assert.ok(taken < 5000, `${taken} ms`);
  });

test('code in names and formats of a schema does not run', () => {
  const code = `x"]; globalThis.pwned = true; //\u2028'\`\${globalThis.pwned = true}`;
  check(
    object(
      { [code]: { type: 'string', format: code, const: code, [code]: code, $comment: code } },
      { required: [code], $id: `a:${code}`, $defs: { [code]: {} } },
    ),
    { [code]: 1 },
  );
  assert.equal('pwned' in globalThis, false);
});

test('schemas of two tools with the same $id stay apart', () => {
  const one = object({ a: { type: 'string' } }, { $id: 'https://a.example/s' });
  const two = object({ a: { type: 'number' } }, { $id: 'https://a.example/s' });
  assert.equal(check(one, { a: 'x' }), 'ok');
  assert.equal(check(two, { a: 1 }), 'ok');
  assert.match(check(two, { a: 'x' }), /^arguments-invalid/);
});

test('a schema that takes the name of the meta-schema changes nothing for others', () => {
  check(object({}, { $id: 'https://json-schema.org/draft/2020-12/schema', not: {} }), {});
  assert.equal(check(object({ a: { type: 'string' } }), { a: 'x' }), 'ok');
});

test('arguments are never changed: no defaults, no coercion', () => {
  const args = freezeJson({ n: '5' });
  assert.match(
    check(object({ n: { type: 'number' }, m: { default: 1 } }), args),
    /\/n must be number/,
  );
  assert.deepEqual(args, { n: '5' });
});

test('a broken output schema quarantines its own tool alone', () => {
  const broken = { inputSchema: { type: 'object' }, outputSchema: { type: 'nothing' } };
  assert.match(schemas.schemaProblem(broken, 'broken') ?? '', /^outputSchema: /);
  assert.equal(schemas.schemaProblem({ inputSchema: { type: 'object' } }, 'sound'), undefined);
});

test('arguments of a prompt are strings, the required ones given', () => {
  const prompt = { name: 'p', arguments: [{ name: 'topic', required: true }, { name: 'tone' }] };
  schemas.checkPrompt(prompt, { topic: 'x' });
  assert.throws(() => schemas.checkPrompt(prompt, { tone: 1 }), {
    code: 'arguments-invalid',
    message: 'Cannot get the prompt: /tone must be string; /topic is missing',
  });
  assert.throws(
    () => schemas.checkPrompt({ name: 'p', arguments: [{ name: 'valueOf', required: true }] }, {}),
    Denial,
  );
  assert.throws(
    () => createSchemas({ maxBytes: 100 }).checkPrompt(prompt, { topic: 'x'.repeat(100) }),
    {
      code: 'too-large',
    },
  );
});
