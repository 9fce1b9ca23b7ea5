import assert from 'node:assert/strict';
import { test } from 'node:test';
import { issue, spend, type Permit } from '../src/call.ts';
import { Denial } from '../src/denial.ts';

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the attack: a proof that nobody issued
const forged = { call: {}, policies: [], obligations: {} } as unknown as Permit;

test('a proof that was cast and not issued cannot be spent', () => {
  assert.throws(() => spend('Permit', forged), TypeError);
});

test('a proof is spent once', () => {
  const permit = issue('Permit', forged);
  spend('Permit', permit);
  assert.throws(() => spend('Permit', permit), TypeError);
});

test('a proof of one kind cannot be spent as another', () => {
  const permit = issue('Permit', forged);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the attack
  assert.throws(() => spend('Grant', permit as never), TypeError);
});

test('a proof cannot be changed', () => {
  assert.ok(Object.isFrozen(issue('Permit', forged)));
});

test('what nobody planned is refused as internal and says nothing of its cause', () => {
  const denial = Denial.from(new Error('password=hunter2'));
  assert.equal(denial.code, 'internal');
  assert.ok(!denial.message.includes('hunter2'));
});
