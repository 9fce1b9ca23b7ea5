import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freezeJson, isJsonObject, type JsonObject, type JsonValue } from '../../src/lib/json.ts';
import { createSchemas } from '../../src/plan/arguments.ts';
import { createCedar } from '../../src/policy/cedar.ts';
import { cedarRecord, type RecordType } from '../../src/policy/typed/argument-type.ts';
import { argumentTypes, below, type ArgumentTypes } from '../../src/policy/typed/argument-types.ts';
import { toCedar } from '../../src/policy/typed/to-cedar.ts';
import fc from '../support/property.ts';
import { realTools } from '../support/real-tools.ts';

const cedar = createCedar();

function typesOf(inputSchema: JsonObject): ArgumentTypes {
  return argumentTypes(freezeJson({ name: 'tool', inputSchema }));
}

/** The schema of one argument `a` in Cedar's own words. */
function cedarOf(schema: JsonValue, required = true): unknown {
  const { type } = typesOf({
    type: 'object',
    properties: { a: schema },
    ...(required && { required: ['a'] }),
  });
  return cedarRecord(type).attributes['a'];
}

const TEXT = { type: 'String' };
const SET = { type: 'Set', element: TEXT };
const record = (attributes: object): object => ({ type: 'Record', attributes });

for (const [name, schema, want] of [
  ['a text', { type: 'string', format: 'uri', minLength: 1 }, TEXT],
  ['an enumeration', { enum: ['a', 'b'] }, TEXT],
  ['a constant', { const: true }, { type: 'Boolean' }],
  ['a whole number', { type: 'integer', minimum: 1 }, { type: 'Long' }],
  ['an enumeration of numbers', { enum: [1, 2.5] }, { type: 'Extension', name: 'decimal' }],
  ['a number', { type: 'number' }, { type: 'Extension', name: 'decimal' }],
  [
    'a number that has to be whole',
    { type: 'number', allOf: [{ type: 'integer' }] },
    { type: 'Long' },
  ],
  ['a list', { type: 'array', items: { type: 'string' } }, SET],
  [
    'a tuple of one type',
    { type: 'array', prefixItems: [{ type: 'string' }], items: { enum: ['x'] } },
    SET,
  ],
  [
    'one or several',
    { anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }] },
    SET,
  ],
  [
    'a nested object',
    {
      type: 'object',
      properties: { b: { type: 'string' }, c: { type: 'integer' } },
      required: ['b'],
    },
    record({ b: { ...TEXT, required: true }, c: { type: 'Long', required: false } }),
  ],
  ['an open object: its names', { type: 'object', additionalProperties: { type: 'integer' } }, SET],
  ['a closed empty object', { type: 'object', additionalProperties: false }, record({})],
  [
    'alternatives of objects',
    {
      oneOf: [
        {
          type: 'object',
          properties: { kind: { const: 'x' }, x: { type: 'string' } },
          required: ['kind', 'x'],
        },
        {
          type: 'object',
          properties: { kind: { const: 'y' }, y: { type: 'boolean' } },
          required: ['kind', 'y'],
        },
      ],
    },
    record({
      kind: { ...TEXT, required: true },
      x: { ...TEXT, required: false },
      y: { type: 'Boolean', required: false },
    }),
  ],
  [
    'what several say together',
    {
      allOf: [
        { type: 'object', properties: { b: { type: 'string' } } },
        { properties: { c: { type: 'boolean' } }, required: ['c'] },
      ],
    },
    record({ b: { ...TEXT, required: false }, c: { type: 'Boolean', required: true } }),
  ],
] as const satisfies readonly (readonly [string, JsonValue, object])[])
  test(`JSON Schema has a type in Cedar: ${name}`, () => {
    assert.deepEqual(cedarOf(schema), { ...want, required: true });
  });

test('what may be null may be left out, and what is not required is optional', () => {
  for (const schema of [
    { type: ['string', 'null'] },
    { anyOf: [{ type: 'string' }, { type: 'null' }] },
    { enum: ['a', null] },
  ])
    assert.deepEqual(cedarOf(schema), { ...TEXT, required: false });
  assert.deepEqual(cedarOf({ type: 'string' }, false), { ...TEXT, required: false });
});

test('a reference is followed inside the schema, also with a name that needs escapes', () => {
  const { type, unmapped } = typesOf({
    type: 'object',
    $defs: { 'a/b~c d': { type: 'string' } },
    definitions: { old: { type: 'integer' } },
    properties: {
      a: { $ref: '#/$defs/a~1b~0c%20d', description: 'with words beside it' },
      b: { $ref: '#/definitions/old' },
    },
  });
  assert.deepEqual(unmapped, []);
  assert.deepEqual(cedarRecord(type).attributes, {
    a: { ...TEXT, required: false },
    b: { type: 'Long', required: false },
  });
});

for (const [name, schema, place, why] of [
  ['anything', true, '/a', /not said/u],
  ['no type', { description: 'x' }, '/a', /not said/u],
  ['different types', { type: ['string', 'integer'] }, '/a', /a text or a number/u],
  [
    'different alternatives',
    { oneOf: [{ type: 'string' }, { type: 'object' }] },
    '/a',
    /a text or an object/u,
  ],
  ['a list of anything', { type: 'array' }, '/a', /not said/u],
  ['a member of a member', { type: 'object', properties: { b: {} } }, '/a/b', /not said/u],
  ['a contradiction', { allOf: [{ type: 'string' }, { type: 'integer' }] }, '/a', /contradicts/u],
  ['nothing', { enum: ['x'], anyOf: [false] }, '/a', /no value/u],
  ['itself', { $ref: '#/properties/a' }, '/a', /contains itself/u],
  ['nowhere', { $ref: '#/$defs/gone' }, '/a', /nowhere/u],
  ['inherited', { $ref: '#/constructor' }, '/a', /nowhere/u],
  ['elsewhere', { $ref: 'other.json' }, '/a', /elsewhere/u],
] as const satisfies readonly (readonly [string, JsonValue, string, RegExp])[])
  test(`what Cedar cannot type is named with the reason: ${name}`, () => {
    const { unmapped } = typesOf({ type: 'object', properties: { a: schema } });
    assert.equal(unmapped.length, 1);
    assert.equal(unmapped[0]?.place, place);
    assert.match(unmapped[0]?.why ?? '', why);
  });

test('names that mean something else to Cedar or to JavaScript are no names of arguments', () => {
  const properties: JsonObject = JSON.parse(
    '{"__extn":{"type":"string"},"__entity":{"type":"string"},"__expr":{"type":"string"},"__proto__":{"type":"string"},"\\ud800":{"type":"string"},"constructor":{"type":"string"},"toString":{"type":"string"}}',
  );
  const { type, unmapped } = typesOf({ type: 'object', properties });
  assert.deepEqual([...type.fields.keys()], ['constructor', 'toString']);
  assert.equal(unmapped.length, 5);
  assert.deepEqual(toCedar(type, {}).args, {});
});

test('a schema that unfolds without end, or is only large, costs little and is refused in its place', () => {
  const $defs = Object.fromEntries(
    Array.from({ length: 40 }, (_, at) => {
      const next = { $ref: `#/$defs/d${at + 1}` };
      return [`d${at}`, { allOf: [next, next], properties: { x: next } }];
    }),
  );
  const bomb = typesOf({ type: 'object', $defs, properties: { a: { $ref: '#/$defs/d0' } } });
  assert.ok(bomb.unmapped.length > 0);
  const wide = Array.from({ length: 5000 }, (_, at) => [`p${at}`, { type: 'string' }] as const);
  const large = typesOf({ type: 'object', properties: Object.fromEntries(wide) });
  assert.equal(large.type.fields.size, 1000);
  assert.equal(large.unmapped.length, 4000);
});

const NUMBERS = {
  type: 'object',
  properties: { n: { type: 'integer' }, d: { type: 'number' }, l: { type: ['integer', 'null'] } },
} as const;

for (const [text, args, lost] of [
  ['{"n":9007199254740991}', { n: 9_007_199_254_740_991 }, []],
  ['{"n":9223372036854775808}', {}, ['n']],
  ['{"n":9007199254740993}', {}, ['n']],
  ['{"n":-0}', { n: 0 }, []],
  ['{"n":5.0}', { n: 5 }, []],
  ['{"n":1e400}', {}, ['n']],
  ['{"n":1.5}', {}, ['n']],
  ['{"n":null}', {}, ['n']],
  ['{"l":null}', {}, []],
  ['{"d":-0.0}', { d: 0 }, []],
  ['{"d":0.1}', { d: 0.1 }, []],
  ['{"d":-12.3456}', { d: -12.3456 }, []],
  ['{"d":0.00001}', {}, ['d']],
  ['{"d":1e15}', {}, ['d']],
  ['{"d":1e400}', {}, ['d']],
  ['{"d":"1"}', {}, ['d']],
  ['{"d":{"__extn":{"fn":"decimal","arg":"1.0"}}}', {}, ['d']],
] as const)
  test(`a number is mapped exactly or not at all: ${text}`, () => {
    const parsed: JsonObject = JSON.parse(text);
    const seen = toCedar(typesOf(NUMBERS).type, parsed);
    assert.deepEqual(back(seen.args), args);
    assert.ok(!Object.is(seen.args['n'], -0));
    assert.deepEqual([...seen.lost], lost);
    assert.deepEqual(
      seen.unmapped,
      lost.map((name) => `/${name}`),
    );
  });

test('of an object with members of any name the names are seen, and that the rest is not', () => {
  const { type } = typesOf({
    type: 'object',
    properties: { files: { type: 'object', additionalProperties: { type: 'string' } } },
  });
  const files: JsonObject = JSON.parse('{"a.py":"x","__extn":{"fn":"unknown","arg":"z"}}');
  const seen = toCedar(type, { files });
  assert.deepEqual(seen.args, { files: ['a.py', '__extn'] });
  assert.deepEqual(seen.unmapped, ['/files/a.py', '/files/__extn']);
  assert.deepEqual([...toCedar(type, { files: { '\ud800': 1 } }).lost], ['files']);
});

test('a list with one element that cannot be mapped is not mapped in part', () => {
  const { type } = typesOf({
    type: 'object',
    properties: {
      l: { type: 'array', items: { type: 'integer' } },
      o: { type: 'array', items: { type: 'object', properties: { x: { type: 'string' } } } },
    },
  });
  const seen = toCedar(type, {
    l: [1, 2 ** 60],
    o: [{ x: 'a', __entity: { type: 'U', id: 'x' } }],
  });
  assert.deepEqual(seen.args, {});
  assert.deepEqual([...seen.lost], ['l', 'o']);
  assert.ok(seen.unmapped.includes('/l') && seen.unmapped.includes('/o/0/__entity'));
});

/** Asks Cedar with a schema of this type whether it takes these arguments. */
function ask(type: RecordType, args: object): string {
  const answer = cedar.use((module) =>
    module.isAuthorized({
      principal: { type: 'User', id: 'u' },
      action: { type: 'Action', id: 'call' },
      resource: { type: 'Tool', id: 't' },
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what `toCedar` made
      context: { args } as Parameters<typeof module.isAuthorized>[0]['context'],
      entities: [],
      schema: {
        '': {
          entityTypes: { User: {}, Tool: {} },
          actions: {
            call: {
              appliesTo: {
                principalTypes: ['User'],
                resourceTypes: ['Tool'],
                context: { type: 'Record', attributes: { args: cedarRecord(type) } },
              },
            },
          },
        },
      },
      validateRequest: true,
      policies: { staticPolicies: { all: 'permit(principal, action, resource);' } },
    }),
  );
  return answer.type === 'success' ? answer.response.decision : JSON.stringify(answer.errors);
}

function without({ fields }: RecordType, lost: ReadonlySet<string>): RecordType {
  return { kind: 'record', fields: new Map([...fields].filter(([name]) => !lost.has(name))) };
}

type Pair = { readonly schema: JsonValue; readonly value: fc.Arbitrary<JsonValue> };

const NAMES = [
  'a',
  'b',
  'path',
  'a/b',
  '~',
  'ü',
  '"',
  'has',
  '__extn',
  '__entity',
  'constructor',
  '',
];
const text = fc.string({ unit: 'binary' });

/** A schema, and values that it describes. */
const pairs: fc.Arbitrary<Pair> = fc.letrec<{ pair: Pair; object: Pair }>((tie) => ({
  pair: fc.oneof(
    { maxDepth: 3 },
    fc.constant<Pair>({ schema: { type: 'string' }, value: text }),
    fc.constant<Pair>({ schema: { type: 'boolean' }, value: fc.boolean() }),
    fc.constant<Pair>({
      schema: { type: 'integer' },
      value: fc.double().map(Math.trunc).filter(Number.isFinite),
    }),
    fc.constant<Pair>({ schema: { type: 'integer' }, value: fc.integer() }),
    fc.constant<Pair>({
      schema: { type: 'number' },
      value: fc.double({ noNaN: true, noDefaultInfinity: true }),
    }),
    fc.constant<Pair>({ schema: { type: 'number' }, value: fc.integer().map((n) => n / 100) }),
    fc.constant<Pair>({ schema: {}, value: fc.jsonValue() }),
    fc.constant<Pair>({
      schema: { type: ['string', 'null', 'integer'] },
      value: fc.oneof(text, fc.constant(null), fc.integer()),
    }),
    fc.constant<Pair>({ schema: { enum: ['x', null] }, value: fc.constantFrom('x', null) }),
    tie('pair').map(({ schema, value }) => ({
      schema: { type: 'array', items: schema },
      value: fc.array(value, { maxLength: 3 }),
    })),
    fc.tuple(tie('pair'), tie('pair')).map(([a, b]) => ({
      schema: { anyOf: [a.schema, b.schema] },
      value: fc.oneof(a.value, b.value),
    })),
    tie('object'),
  ),
  object: fc
    .tuple(
      fc.uniqueArray(fc.tuple(fc.constantFrom(...NAMES), tie('pair'), fc.boolean()), {
        selector: ([name]) => name,
        maxLength: 4,
      }),
      fc.option(
        fc.dictionary(fc.constantFrom('extra', '__expr', '__proto__', 'x'), fc.jsonValue()),
        { nil: undefined },
      ),
    )
    .map(([members, extra]) => ({
      schema: {
        type: 'object',
        properties: Object.fromEntries(members.map(([name, { schema }]) => [name, schema])),
        required: members.filter(([, , required]) => required).map(([name]) => name),
        additionalProperties: extra !== undefined,
      },
      value: fc
        .record(Object.fromEntries(members.map(([name, { value }]) => [name, value])), {
          requiredKeys: members.filter(([, , required]) => required).map(([name]) => name),
        })
        .map((object) => ({ ...extra, ...object })),
    })),
})).object;

const calls = pairs.chain(({ schema, value }) => fc.tuple(fc.constant(schema), value));

function back(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(back);
  if (!isJsonObject(value)) return value;
  const extension = value['__extn'];
  if (isJsonObject(extension)) return Number(extension['arg']);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, back(inner)]));
}

/** Whether all that is in `part` is in `whole`, and the same there. */
function isPart(part: unknown, whole: unknown): boolean {
  if (Array.isArray(part) && isJsonObject(whole))
    if (part.every((each) => typeof each === 'string' && Object.hasOwn(whole, each))) return true;
  if (Array.isArray(part))
    return Array.isArray(whole)
      ? part.length === whole.length && part.every((each, at) => isPart(each, whole[at]))
      : part.length === 1 && isPart(part[0], whole);
  if (isJsonObject(part))
    return isJsonObject(whole) && Object.keys(part).every((key) => isPart(part[key], whole[key]));
  return part === whole || (part === 0 && whole === 0);
}

test('Cedar takes every request that is made of a schema and arguments that fit it; the rest is named', () => {
  const schemas = createSchemas();
  fc.assert(
    fc.property(calls, ([schema, value]) => {
      if (!isJsonObject(schema) || !isJsonObject(value)) throw new TypeError('not an object');
      const args: JsonObject = JSON.parse(JSON.stringify(value));
      schemas.check({ inputSchema: schema }, JSON.stringify(schema), args);
      const { type, unmapped } = typesOf(schema);
      const seen = toCedar(type, args);
      assert.equal(ask(without(type, seen.lost), seen.args), 'allow');
      assert.ok(isPart(back(seen.args), args));
      for (const name of Object.keys(args)) {
        const place = below('', name);
        const isNull = args[name] === null && type.fields.get(name)?.nullable === true;
        const isSeen = Object.hasOwn(seen.args, name) || isNull;
        assert.ok(isSeen !== seen.unmapped.includes(place), place);
      }
      for (const name of Object.keys(Object(schema['properties'])))
        assert.ok(
          type.fields.has(name) || unmapped.some(({ place }) => place.startsWith(below('', name))),
        );
      for (const name of seen.lost) assert.ok(type.fields.has(name));
    }),
    { numRuns: 300 },
  );
});

test('Cedar takes what is left of arguments that fit nothing at all', () => {
  fc.assert(
    fc.property(
      pairs,
      fc.dictionary(fc.constantFrom(...NAMES), fc.jsonValue({ maxDepth: 3 })),
      ({ schema }, args) => {
        if (!isJsonObject(schema)) throw new TypeError('not an object');
        const { type } = typesOf(schema);
        const seen = toCedar(type, JSON.parse(JSON.stringify(args)));
        assert.equal(ask(without(type, seen.lost), seen.args), 'allow');
      },
    ),
    { numRuns: 200 },
  );
});

test('at least 95 of 100 properties of the tools of real servers have a type', async (t) => {
  for (const [server, tools] of await realTools(t)) {
    let mapped = 0;
    const missing: string[] = [];
    for (const tool of tools) {
      const { type, unmapped } = argumentTypes(tool);
      mapped += countFields(type);
      missing.push(
        ...unmapped.map(({ place, why }) => `${JSON.stringify(tool['name'])} ${place}: ${why}`),
      );
    }
    t.diagnostic(
      `${server}: ${tools.length} tools, ${mapped} properties with a type, ${missing.length} without`,
    );
    assert.ok(tools.length > 0);
    assert.ok(mapped >= 0.95 * (mapped + missing.length), `${server}\n${missing.join('\n')}`);
  }
});

function countFields({ fields }: RecordType): number {
  let count = 0;
  for (const { type } of fields.values()) {
    count++;
    const inner = type.kind === 'set' ? type.of : type;
    if (inner.kind === 'record') count += countFields(inner);
  }
  return count;
}
