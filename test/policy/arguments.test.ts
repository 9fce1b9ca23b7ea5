import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Denial } from '../../src/denial.ts';
import { freezeJson, isJsonObject, parseJson, type JsonObject } from '../../src/lib/json.ts';
import { PolicyFault } from '../../src/policy/problem.ts';
import type { KnownTools } from '../../src/policy/policy.ts';
import { callOf, policyFrom, sessionOf, subjectOf, verdict } from './support.ts';

const DEFINITION: JsonObject = freezeJson({
  name: 'pay',
  inputSchema: {
    type: 'object',
    properties: {
      to: { type: 'string' },
      amount: { type: 'number' },
      count: { type: 'integer' },
      tags: { type: 'array', items: { type: 'string' } },
      options: { type: 'object', properties: { force: { type: 'boolean' } } },
      anything: {},
      note: { type: ['string', 'null'] },
    },
    required: ['to'],
  },
});
const PAY = 'Action::"tools/call:bank/pay"';
const KNOWN: KnownTools = new Map([['tools/call:bank/pay', DEFINITION]]);
const knownTools = async (): Promise<KnownTools> => await Promise.resolve(KNOWN);
const subject = subjectOf({ server: 'bank', name: 'pay', definition: DEFINITION });
const parse = (text: string): JsonObject => {
  const value = parseJson(text, { maxBytes: 100_000, maxDepth: 64 });
  return isJsonObject(value) ? value : {};
};

const when = (condition: string, effect = 'forbid', scope = `action == ${PAY}`): string =>
  `permit(principal, action, resource); @id("own") ${effect}(principal, ${scope}, resource) when { ${condition} };`;

for (const [name, condition, what, hint] of [
  [
    'in a name',
    'context.args.too == "x"',
    /bank\/pay has no argument \/too/u,
    /did you mean to\?/u,
  ],
  ['behind has', 'context.args has amuont', /no argument \/amuont/u, /did you mean amount\?/u],
  [
    'behind has, in an alternative',
    'context.args.to == "x" || (context.args has tgas)',
    /no argument \/tgas/u,
    /tags/u,
  ],
  [
    'in a member',
    'context.args has options && context.args.options has forse',
    /no argument \/options\/forse/u,
    /force/u,
  ],
  ['in a type', 'context.args.to > 5', /expected/u, undefined],
  ['in what has to be tested first', 'context.args.count > 5', /optional/iu, undefined],
  [
    'in the kind of number',
    'context.args has amount && context.args.amount > 5',
    /expected/u,
    undefined,
  ],
  [
    'about what Cedar cannot type',
    'context.args has anything',
    /policies cannot see: its type is not said/u,
    undefined,
  ],
  [
    'about a name of every object',
    'context.args has constructor',
    /no argument \/constructor/u,
    undefined,
  ],
] as const)
  test(`a mistake about arguments does not load: ${name}`, async (t) => {
    await assert.rejects(policyFrom(t, when(condition), { knownTools }), (thrown) => {
      assert.ok(thrown instanceof PolicyFault);
      assert.equal(thrown.problems.length, 1);
      const [problem] = thrown.problems;
      assert.match(problem?.what ?? '', what);
      if (hint) assert.match(problem?.hint ?? '', hint);
      return true;
    });
  });

for (const [name, text, what] of [
  ['of any tool', when('context.args.to == "x"', 'forbid', 'action'), /does not name the tools/u],
  [
    'of a class',
    when('context.args.to == "x"', 'permit', 'action in Action::"read"'),
    /does not name the tools/u,
  ],
  [
    'of a tool and a class',
    when('context.args.to == "x"', 'permit', `action in [${PAY}, Action::"read"]`),
    /does not name the tools/u,
  ],
  ['as a whole', when('context has args'), /as a whole/u],
  ['compared as a whole', when('context.args == {to: "x"}'), /as a whole/u],
] as const)
  test(`arguments are looked at one by one, of tools by name: not ${name}`, async (t) => {
    await assert.rejects(policyFrom(t, text, { knownTools }), what);
  });

test('policies about arguments decide by them', async (t) => {
  const policy = await policyFrom(
    t,
    `@id("small") permit(principal, action == ${PAY}, resource)
       when { context.args has amount && context.args.amount.lessThan(decimal("100.5")) };
     @id("to") forbid(principal, action == ${PAY}, resource) when { context.args.to like "evil*" };
     @id("tags") forbid(principal, action == ${PAY}, resource)
       when { context.args has tags && !["a", "b"].containsAll(context.args.tags) };
     @id("force") forbid(principal, action == ${PAY}, resource)
       when { context.args has options && context.args.options has force && context.args.options.force };
     @id("note") forbid(principal, action == ${PAY}, resource) when { context.args has note };`,
    { knownTools },
  );
  for (const [args, want] of [
    [{ to: 'bob', amount: 100.4999 }, 'allow'],
    [{ to: 'bob', amount: 100.5 }, 'deny'],
    [{ to: 'bob', amount: 3 }, 'allow'],
    [{ to: 'bob' }, 'deny'],
    [{ to: 'evil', amount: 3 }, 'deny to'],
    [{ to: 'bob', amount: 3, tags: ['a'] }, 'allow'],
    [{ to: 'bob', amount: 3, tags: ['a', 'c'] }, 'deny tags'],
    [{ to: 'bob', amount: 3, options: {} }, 'allow'],
    [{ to: 'bob', amount: 3, options: { force: true } }, 'deny force'],
    [{ to: 'bob', amount: 3, note: null }, 'allow'],
    [{ to: 'bob', amount: 3, note: '' }, 'deny note'],
    [{ to: 'bob', amount: 3, anything: { x: [1] }, more: 1 }, 'allow'],
  ] as const)
    assert.equal(verdict(policy, callOf({ subject, args }), []), want, JSON.stringify(args));
  assert.deepEqual(policy.visible(sessionOf(), 'tools/call', [subject]), [subject]);
});

/** All of them are refused, though what the policy forbids is not to be seen in them. */
for (const [name, text] of [
  ['a number with too many digits', '{"to":"a","amount":100.00001}'],
  ['a number beyond what Cedar has', '{"to":"a","amount":1e18}'],
  ['a whole number of 64 bits', '{"to":"a","count":9223372036854775808}'],
  ['a whole number between two doubles', '{"to":"a","count":9007199254740993}'],
  ['a fraction', '{"to":"a","count":1.5}'],
  ['null', '{"to":"a","count":null}'],
  ['another type', '{"to":"a","amount":"1000"}'],
  ['an entity', '{"to":{"__entity":{"type":"User","id":"root"}}}'],
  ['an unknown', '{"to":"a","amount":{"__extn":{"fn":"unknown","arg":"x"}}}'],
  ['a decimal', '{"to":"a","amount":{"__extn":{"fn":"decimal","arg":"1.0"}}}'],
  ['an expression', '{"to":{"__expr":"\\"a\\""}}'],
  ['half a character', '{"to":"\\ud800"}'],
  ['a required argument that is not there', '{"amount":1}'],
  ['one that only the prototype has', '{"constructor":{"to":"a"}}'],
] as const)
  test(`an argument that a policy looks at and cannot see refuses the call: ${name}`, async (t) => {
    const policy = await policyFrom(
      t,
      `permit(principal, action, resource);
       @id("limit") forbid(principal, action == ${PAY}, resource)
         when { context.args.to == "evil" || (context.args has amount && context.args.amount.greaterThan(decimal("10.0")))
           || (context.args has count && context.args.count > 10) };`,
      { knownTools },
    );
    const call = callOf({ subject, args: parse(text) });
    assert.throws(
      () => policy.decide(call),
      (thrown) =>
        thrown instanceof Denial &&
        thrown.code === 'policy-denied' &&
        thrown.policies[0] === 'limit',
    );
    const { decision, missing } = policy.explain(call);
    assert.equal(decision, 'deny');
    assert.match(missing, /policies look at "(?:to|amount|count)"/u);
    assert.equal(
      verdict(policy, callOf({ subject, args: parse('{"to":"a","amount":-0,"count":-0}') })),
      'allow',
    );
  });

for (const text of [
  '{"to":"a","to":"b"}',
  '{"to":"a","t\\u006f":"b"}',
  '{"to":"a","__proto__":{"to":"b"}}',
  '{"to":"a","amount":1e400}',
])
  test(`arguments that two readers read differently are not arguments: ${text}`, () => {
    assert.throws(() => parse(text), { name: 'JsonError' });
  });

test('escapes of Cedar where no policy looks change nothing', async (t) => {
  const policy = await policyFrom(t, when('context.args.to == "evil"'), { knownTools });
  for (const text of [
    '{"to":"a","__extn":{"fn":"unknown","arg":"z"}}',
    '{"to":"a","options":{"__entity":{"type":"User","id":"root"}}}',
    '{"to":"a","anything":{"__expr":"true"}}',
    '{"to":"a","tags":[{"__extn":{"fn":"ip","arg":"x"}}]}',
  ]) {
    assert.equal(verdict(policy, callOf({ subject, args: parse(text) })), 'allow');
    assert.equal(
      verdict(policy, callOf({ subject, args: { ...parse(text), to: 'evil' } })),
      'deny own',
    );
  }
});

test('a permit for one tool is for that very name: look-alikes, quotes and colons make another', async (t) => {
  const odd = 'we"ird::to/ol\\\\';
  const known = new Map([...KNOWN, [`tools/call:bank/${odd}`, DEFINITION]]);
  const policy = await policyFrom(
    t,
    `permit(principal, action == ${PAY}, resource) when { context.args.to == "bob" };
     permit(principal, action == Action::${JSON.stringify(`tools/call:bank/${odd}`)}, resource) when { context.args.to == "odd" };`,
    { knownTools: async () => await Promise.resolve(known) },
  );
  for (const [name, to, want] of [
    ['pay', 'bob', 'allow'],
    ['pаy', 'bob', 'deny'],
    ['pay\u200b', 'bob', 'deny'],
    ['pay"', 'bob', 'deny'],
    ['ｐａｙ', 'bob', 'deny'],
    ['x/../pay', 'bob', 'deny'],
    [odd, 'odd', 'allow'],
    [odd, 'bob', 'deny'],
  ] as const)
    assert.equal(
      verdict(policy, callOf({ subject: { ...subject, name }, args: { to } })),
      want,
      name,
    );
  const slash = callOf({ subject: { ...subject, server: 'x/bank' }, args: { to: 'bob' } });
  assert.throws(() => policy.decide(slash), TypeError);
});

test('one policy may be about several tools, with what not all of them have behind has', async (t) => {
  const other = freezeJson({
    inputSchema: { type: 'object', properties: { url: { type: 'string' } } },
  });
  const known = new Map([...KNOWN, ['tools/call:web/get', other]]);
  const policy = await policyFrom(
    t,
    `permit(principal, action, resource);
     @id("both") forbid(principal, action in [${PAY}, Action::"tools/call:web/get"], resource)
       when { (context.args has to && context.args.to == "evil") || (context.args has url && context.args.url == "evil") };`,
    { knownTools: async () => await Promise.resolve(known) },
  );
  const get = subjectOf({ server: 'web', name: 'get', definition: other });
  for (const [about, args, want] of [
    [subject, { to: 'a' }, 'allow'],
    [subject, { to: 'evil' }, 'deny both'],
    [subject, { to: 'a', url: 'evil' }, 'allow'],
    [get, {}, 'allow'],
    [get, { url: 'evil' }, 'deny both'],
  ] as const)
    assert.equal(verdict(policy, callOf({ subject: about, args })), want);
});

test('a policy about several tools may ask in its conditions which one is called', async (t) => {
  const refund = 'Action::"tools/call:bank/refund"';
  const known = new Map([...KNOWN, ['tools/call:bank/refund', DEFINITION]]);
  const policy = await policyFrom(
    t,
    `permit(principal, action, resource);
     @id("own") forbid(principal, action in [${PAY}, ${refund}], resource)
       when { action == ${refund} && action != Action::"resources/read" && context.args.to == "evil" };`,
    { knownTools: async () => await Promise.resolve(known) },
  );
  for (const [name, to, want] of [
    ['pay', 'evil', 'allow'],
    ['refund', 'bob', 'allow'],
    ['refund', 'evil', 'deny own'],
  ] as const)
    assert.equal(
      verdict(policy, callOf({ subject: { ...subject, name }, args: { to } })),
      want,
      `${name} ${to}`,
    );
});

test('a policy about a tool that nobody has accepted yet is checked when the tool is called', async (t) => {
  const policy = await policyFrom(
    t,
    when('context.args has amount && context.args.amount.greaterThan(decimal("1.0"))'),
  );
  assert.equal(policy.unchecked.length, 1);
  assert.match(policy.unchecked[0] ?? '', /test\.cedar:1: own looks at arguments of bank\/pay/u);
  assert.equal(verdict(policy, callOf({ subject, args: { to: 'a' } })), 'allow');
  assert.equal(verdict(policy, callOf({ subject, args: { to: 'a', amount: 2 } })), 'deny own');
});

const aboutTwo = (name: string): string =>
  `@id("all") permit(principal, action, resource); @id("own") forbid(principal, action in [Action::"tools/call:bank/pay", Action::"tools/call:bank/later"], resource) when { context.args has ${name} && context.args.${name} == "evil" };`;

test('a misspelt argument of a known and an unknown tool refuses calls of both', async (t) => {
  const later = { ...subject, name: 'later' };
  for (const [name, want] of [
    ['tp', 'deny own'],
    ['to', 'allow'],
  ] as const) {
    const policy = await policyFrom(t, aboutTwo(name), { knownTools });
    assert.equal(policy.unchecked.length, 1);
    assert.equal(verdict(policy, callOf({ subject, args: { to: 'a' } })), want);
    assert.equal(verdict(policy, callOf({ subject: later, args: { to: 'a' } })), want);
  }
});

test('a definition that policies no longer fit refuses its calls, and no others', async (t) => {
  const policy = await policyFrom(
    t,
    when('context.args has amount && context.args.amount.greaterThan(decimal("1.0"))'),
    { knownTools },
  );
  for (const properties of [
    { amout: { type: 'number' } },
    { amount: { type: 'string' } },
    { amount: true },
  ]) {
    const changed = {
      ...subject,
      definition: freezeJson({ inputSchema: { type: 'object', properties } }),
    };
    const call = callOf({ subject: changed, args: { to: 'a' } });
    assert.equal(verdict(policy, call), 'deny own');
    assert.deepEqual(policy.explain(call).errors, ['own']);
  }
  assert.equal(verdict(policy, callOf({ subject, args: { to: 'a' } })), 'allow');
  assert.equal(verdict(policy, callOf({ args: { amount: 9 } })), 'allow');
});

test('the same text is not the same argument when its type has changed', async (t) => {
  const policy = await policyFrom(t, when('context.args has count && context.args.count == 1'), {
    knownTools,
  });
  const asText = {
    ...subject,
    definition: freezeJson({
      inputSchema: { type: 'object', properties: { count: { type: 'number' } } },
    }),
  };
  assert.equal(verdict(policy, callOf({ subject, args: { to: 'a', count: 1 } })), 'deny own');
  assert.equal(verdict(policy, callOf({ subject: asText, args: { count: 2 } })), 'deny own');
  assert.equal(verdict(policy, callOf({ subject, args: { to: 'a', count: 2 } })), 'allow');
});
