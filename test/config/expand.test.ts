import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from '../support/property.ts';

import { escapeVariables, expand } from '../../src/config/expand.ts';
import { suggest } from '../../src/lib/suggest.ts';

const ENV = { A: 'one', EMPTY: '', NESTED: '${A}', DOLLAR: '$$' };

for (const [template, want] of [
  ['${A}', 'one'],
  ['x${A}y${A}', 'xoneyone'],
  ['${EMPTY}', ''],
  ['${EMPTY:-d}', 'd'],
  ['${NONE:-d}', 'd'],
  ['${NONE:-}', ''],
  ['${NONE:-a:-b}', 'a:-b'],
  ['${NONE:-$}', '$'],
  ['$$', '$'],
  ['$${A}', '${A}'],
  ['$$$${A}', '$${A}'],
  ['$$${A}', '$one'],
  ['$A', '$A'],
  ['100$', '100$'],
  ['${NESTED}', '${A}'],
  ['${DOLLAR}', '$$'],
] as const)
  test(`${template} expands to ${want}`, () => {
    assert.deepEqual([expand(template, ENV).value, expand(template, ENV).problems], [want, []]);
  });

for (const template of ['${NONE}', '${', '${A', '${}', '${A B}', '${A:d}', '${1}', '${toString}'])
  test(`${template} is a problem`, () => {
    assert.equal(expand(template, ENV).problems.length, 1);
  });

test('escaped text always expands to itself', () => {
  const texts = fc
    .array(fc.constantFrom('$', '{', '}', 'A', ':-', ' ', '$$', '${A}'))
    .map((all) => all.join(''));
  fc.assert(
    fc.property(texts, (text) => {
      assert.deepEqual(expand(escapeVariables(text), ENV), {
        value: text,
        variables: [],
        problems: [],
      });
    }),
  );
});

for (const [word, want] of [
  ['polcy', 'policy'],
  ['Policy', 'policy'],
  ['oplicy', 'policy'],
  ['sacn', 'scan'],
  ['x', undefined],
  ['completely-else', undefined],
] as const)
  test(`${word} suggests ${want ?? 'nothing'}`, () => {
    assert.equal(suggest(word, ['policy', 'scan', 'state']), want);
  });
