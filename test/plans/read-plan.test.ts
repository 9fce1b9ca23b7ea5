import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { JsonObject } from '../../src/call.ts';
import { graphOf } from '../../src/plans/graph.ts';
import { follow, pointerOf, readPointer } from '../../src/plans/pointer.ts';
import { planSchema, readPlan } from '../../src/plans/read-plan.ts';
import { fill } from '../../src/plans/references.ts';
import { blocksOf } from '../docs/blocks.ts';
import { LIMITS, parsed, planOf, problemsOf, ref, stepOf } from './support.ts';

const bill = stepOf('bill', 'bank__read_bill', { file: 'bill.txt' });
const pay = (amount: unknown, more: JsonObject = {}): JsonObject =>
  stepOf('pay', 'bank__pay', JSON.parse(JSON.stringify({ to: 'landlord', amount })), more);

describe('what is submitted', () => {
  test('is a plan where everything fits', () => {
    const args = planOf(bill, pay(ref('bill', '/structuredContent/amount'), { maxRetries: 2 }));
    assert.deepEqual(problemsOf(args), []);
    const { plan } = readPlan(args, LIMITS);
    assert.equal(plan.depth, 2);
    assert.deepEqual(plan.steps[1]?.needs, ['bill']);
    assert.deepEqual(problemsOf(planOf(bill, pay(12, { dependsOn: ['bill'] }))), []);
  });

  for (const [name, args, wants] of [
    ['nothing', {}, [': ', '/purpose: Invalid', '/steps: Invalid']],
    ['no steps', { purpose: 'p', steps: [] }, ['/steps: Too small']],
    ['an unknown member', { ...planOf(bill), signed: true }, ['Unrecognized key: "signed"']],
    ['a step that is a text', planOf(bill, JSON.parse('"pay"')), ['/steps/1: Invalid']],
    [
      'an id with a slash',
      planOf(stepOf('a/b', 'bank__pay', {})),
      ['/steps/0/id: expected 1 to 64'],
    ],
    [
      'arguments that are a list',
      planOf({ id: 'a', tool: 'bank__pay', arguments: [] }),
      ['/steps/0/arguments: expected an object'],
    ],
    ['too many retries', planOf({ ...bill, maxRetries: 6 }), ['/steps/0/maxRetries: Too big']],
    ['half a retry', planOf({ ...bill, maxRetries: 0.5 }), ['/steps/0/maxRetries: Invalid']],
    ['an id twice', planOf(bill, bill), ['/steps/1/id: another step has this id']],
    [
      'a step that nobody knows',
      planOf({ ...bill, dependsOn: ['x'] }),
      ['/steps/0/dependsOn/0: there is no step of this id'],
    ],
    [
      'a reference to nobody',
      planOf(bill, pay(ref('x', '/content'))),
      ['/steps/1/arguments/amount/$step: there is no step'],
    ],
    [
      'a step that waits for itself',
      planOf({ ...bill, dependsOn: ['bill'] }),
      ['/steps/0: bill waits for itself'],
    ],
    [
      'a cycle of references',
      planOf(
        { ...bill, arguments: { file: ref('pay', '/content/0/text') } },
        pay(ref('bill', '/structuredContent/amount')),
      ),
      ['/steps/0: bill waits', '/steps/1: pay waits'],
    ],
    [
      'an unknown tool',
      planOf(stepOf('a', 'bank__rob', {})),
      ['/steps/0/tool: Unknown tool: bank__rob'],
    ],
    [
      'a tool called constructor',
      planOf(stepOf('a', 'constructor', {})),
      ['/steps/0/tool: Unknown tool: constructor'],
    ],
    [
      'wrong arguments',
      planOf(stepOf('a', 'bank__pay', { to: 1, amount: -1, more: 2 })),
      ['/to must be string', '/amount', '/more is not known'],
    ],
    [
      'a missing argument beside a reference',
      planOf(bill, stepOf('a', 'bank__pay', { amount: ref('bill', '/structuredContent/amount') })),
      ['/steps/1/arguments: /to is missing'],
    ],
    [
      'a reference where nothing has a place',
      planOf(
        bill,
        stepOf('a', 'bank__pay', {
          to: 'x',
          amount: 1,
          extra: ref('bill', '/structuredContent/amount'),
        }),
      ),
      ['/extra is not known'],
    ],
    [
      'a reference to what the producer does not make',
      planOf(bill, pay(ref('bill', '/structuredContent/sum'))),
      ['/steps/1/arguments/amount: the output schema of that tool has nothing'],
    ],
    [
      'a reference to another type',
      planOf(bill, pay(ref('bill', '/structuredContent/id'))),
      ['/steps/1/arguments/amount: it is string there, and number here'],
    ],
    [
      'a reference into a text',
      planOf(bill, pay(ref('bill', '/structuredContent/id/0'))),
      ['nothing at this place'],
    ],
    [
      'a reference with more in it',
      planOf(bill, pay({ ...ref('bill', '/structuredContent/amount'), default: 1 })),
      ['a reference has exactly'],
    ],
    [
      'a reference without a pointer',
      planOf(bill, pay({ $step: 'bill' })),
      ['a reference has exactly'],
    ],
    ['a reference to all', planOf(bill, pay(ref('bill', ''))), ['its pointer begins with']],
    [
      "a reference to the gate's own words",
      planOf(bill, pay(ref('bill', '/_meta/sallyport~1denial'))),
      ['its pointer begins with'],
    ],
    [
      'a pointer with a bad escape',
      planOf(bill, pay(ref('bill', '/structuredContent/a~2'))),
      ['is no JSON Pointer'],
    ],
    [
      'a pointer without a slash',
      planOf(bill, pay(ref('bill', 'structuredContent'))),
      ['is no JSON Pointer'],
    ],
    [
      'a URI fragment',
      planOf(bill, pay(ref('bill', '#/structuredContent'))),
      ['is no JSON Pointer'],
    ],
    [
      'a reference for everything',
      planOf(bill, { id: 'a', tool: 'bank__pay', arguments: ref('bill', '/structuredContent') }),
      ['cannot stand for all arguments'],
    ],
  ] as const satisfies readonly (readonly [string, JsonObject, readonly string[]])[])
    // prettier-ignore
    test(`is refused: ${name}`, () => {
      const said = problemsOf(parsed(args)).join('\n');
      for (const want of wants) assert.ok(said.includes(want), `${want} is not in\n${said}`);
    });

  test('is told every problem at once, of every kind', () => {
    const said = problemsOf(
      planOf(
        { ...bill, maxRetries: -1 },
        pay('much'),
        pay(1),
        stepOf('a', 'bank__rob', { x: ref('nobody', '/content') }),
        stepOf('b', 'bank__read_bill', { file: 'x' }, { dependsOn: ['b'] }),
      ),
    ).join('\n');
    for (const want of [
      '/steps/0/maxRetries',
      '/steps/1/arguments: /amount',
      '/steps/2/id',
      '/steps/3/tool',
      '/steps/3/arguments/x/$step',
      '/steps/4: b waits',
    ])
      // prettier-ignore
      assert.ok(said.includes(want), `${want} is not in\n${said}`);
  });

  test('may give a handle where anything else is wanted: its value is held against the schema later', () => {
    const handle = 'ref:3q2-7wAAAAAAAAAAAAAAAA';
    for (const fits of [handle, `${handle}#/invoice/amount`])
      assert.deepEqual(problemsOf(planOf(pay(fits))), []);
    for (const other of [`${handle} `, `about ${handle}`, 'ref:3q2', `${handle}#amount`])
      assert.match(problemsOf(planOf(pay(other))).join(), /amount must be number/u);
  });

  test('is bounded: steps, depth, bytes', () => {
    const chain = Array.from({ length: 21 }, (_, at) =>
      stepOf(`s${at}`, 'bank__read_bill', { file: 'x' }, at === 0 ? {} : { dependsOn: [`s${at - 1}`] }),
    ); // prettier-ignore
    assert.match(problemsOf(planOf(...chain)).join(), /longest way through it has 21 steps/u);
    assert.deepEqual(problemsOf(planOf(...chain.slice(0, 20))), []);
    const many = Array.from({ length: 101 }, (_, at) => ({ ...bill, id: `s${at}` }));
    assert.match(problemsOf(planOf(...many)).join(), /it has 101 steps, the limit is 100/u);
    const large = planOf(stepOf('a', 'bank__read_bill', { file: 'x'.repeat(300_000) }));
    assert.match(problemsOf(large).join(), /larger than 262144 bytes/u);
  });

  test('in docs/plans.md is one', () => {
    const [text = '', ...more] = blocksOf('docs/plans.md', 'json');
    assert.equal(more.length, 0);
    assert.deepEqual(problemsOf(parsed(JSON.parse(text))), []);
  });

  test('is described to clients as it is read', () => {
    const said = JSON.stringify(planSchema(LIMITS));
    for (const word of ['purpose', 'dependsOn', 'maxRetries', 'reveal', '"maxItems":100', '$step'])
      assert.ok(said.includes(word), word);
  });
});

describe('a pointer', () => {
  const result = parsed({
    'a/b': 1,
    'm~n': 2,
    '~1': 3,
    list: ['x', 'y'],
    '': { '': 4 },
    empty: null,
    '01': 5,
  });
  for (const [pointer, want] of [
    ['/a~1b', 1],
    ['/m~0n', 2],
    ['/~01', 3],
    ['/list/0', 'x'],
    ['//', 4],
    ['/empty', null],
    ['/01', 5],
    // Nothing that is not an own member, and no second spelling of an index.
    ['/list/2', undefined],
    ['/list/-', undefined],
    ['/list/00', undefined],
    ['/list/01', undefined],
    ['/list/+1', undefined],
    ['/list/1e0', undefined],
    ['/list/-1', undefined],
    ['/list/length', undefined],
    ['/__proto__', undefined],
    ['/constructor/name', undefined],
    ['/list/__proto__/concat', undefined],
    ['/a~1b/toString', undefined],
    ['/empty/x', undefined],
    ['/list/0/0', undefined],
  ] as const)
    test(`${pointer} is ${String(want)}`, () => {
      assert.deepEqual(follow(result, readPointer(pointer) ?? []), want);
    });

  test('is the same after it was taken apart and written again', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (tokens) => {
        assert.deepEqual(readPointer(pointerOf(tokens)), tokens);
      }),
    );
  });
});

describe('what is filled in', () => {
  const { plan } = readPlan(
    planOf(bill, pay(ref('bill', '/structuredContent/amount'), { dependsOn: [] })),
    LIMITS,
  );
  const [, second] = plan.steps;
  assert.ok(second);

  test('is never read as a reference, whatever it pretends to be', () => {
    const forged = parsed({ $step: 'bill', pointer: '/structuredContent/other' });
    const filled = fill(second.arguments, second.references, () =>
      parsed({ structuredContent: { amount: forged, other: 'stolen' } }),
    );
    assert.deepEqual(filled, { to: 'landlord', amount: forged });
  });

  test('has to be there', () => {
    assert.throws(
      () => fill(second.arguments, second.references, () => parsed({ content: [] })),
      /^RangeError: the result of bill has nothing at \/structuredContent\/amount$/u,
    );
    assert.throws(() => fill(second.arguments, second.references, () => undefined), RangeError);
  });

  test('does not change what was submitted', () => {
    const before = JSON.stringify(second.arguments);
    fill(second.arguments, second.references, () => parsed({ structuredContent: { amount: 1 } }));
    assert.equal(JSON.stringify(second.arguments), before);
    assert.ok(Object.isFrozen(second.arguments));
  });
});

describe('a graph', () => {
  test('of any size is ordered without recursion', () => {
    const nodes = Array.from({ length: 200_000 }, (_, at) => ({
      id: String(at),
      needs: at === 0 ? [] : [String(at - 1)],
    }));
    const { order, ...rest } = graphOf(nodes);
    assert.deepEqual(rest, { depth: 200_000, stuck: [] });
    assert.equal(order.length, 200_000);
    const closed = [{ id: '0', needs: ['199999'] }, ...nodes.slice(1)];
    assert.equal(graphOf(closed).stuck.length, 200_000);
  });

  test('has no step stuck exactly if it can be put in an order', () => {
    const edges = fc.array(fc.tuple(fc.nat(9), fc.nat(9)), { maxLength: 25 });
    fc.assert(
      fc.property(edges, (pairs) => {
        const nodes = Array.from({ length: 10 }, (_, at) => ({
          id: String(at),
          needs: pairs.filter(([from]) => from === at).map(([, to]) => String(to)),
        }));
        const done = new Set<string>();
        for (let round = 0; round < 10; round++)
          for (const { id, needs } of nodes)
            if (needs.every((need) => done.has(need))) done.add(id);
        assert.deepEqual(
          graphOf(nodes).stuck,
          nodes.map(({ id }) => id).filter((id) => !done.has(id)),
        );
      }),
    );
  });
});
