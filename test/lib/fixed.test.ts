import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fix, rememberFixed } from '../../src/lib/fixed.ts';

function counted(): { readonly ask: (of: object) => { readonly at: number } } {
  let at = 0;
  return { ask: rememberFixed<object, { readonly at: number }>(() => ({ at: ++at })) };
}

test('what cannot change is asked about once', () => {
  const { ask } = counted();
  const object = fix({ a: [{ b: 1 }], c: 'x', d: undefined });
  assert.equal(ask(object), ask(object));
  assert.notEqual(ask(object), ask(fix({ a: [{ b: 1 }], c: 'x', d: undefined })), 'an equal one');
});

for (const [name, object] of [
  ['an object', { a: 1 }],
  ['an array in a frozen object', Object.freeze({ a: [1] })],
  ['an object in a frozen array', Object.freeze([Object.freeze({ a: {} })])],
  ['a set in a fixed object', fix({ labels: new Set(['a']) })],
  ['a map', Object.freeze(new Map([['a', 1]]))],
  ['a date', Object.freeze(new Date(0))],
  [
    'an accessor',
    Object.freeze({
      get labels() {
        return Math.random();
      },
    }),
  ],
  ['a hidden member', Object.freeze(Object.defineProperty({}, 'a', { value: [] }))],
  ['a function', Object.freeze({ a: () => 1 })],
  ['an instance of a class', Object.freeze(new Headers())],
] as const)
  test(`what can change is asked about every time: ${name}`, () => {
    const { ask } = counted();
    assert.notEqual(ask(object), ask(object));
  });

test('a question that throws is asked again', () => {
  let asked = 0;
  const ask = rememberFixed<object, { readonly asked: number }>(() => {
    if (++asked === 1) throw new TypeError('not yet');
    return { asked };
  });
  const object = fix({});
  assert.throws(() => ask(object));
  assert.equal(ask(object).asked, 2);
});

test('fix leaves nothing that can be changed', () => {
  const object = fix({ a: { b: [1, { c: 2 }] } });
  assert.throws(() => Reflect.apply(Array.prototype.push, object.a.b, [3]), TypeError);
  assert.equal(Reflect.set(Object(object.a.b[1]), 'c', 3), false);
});
