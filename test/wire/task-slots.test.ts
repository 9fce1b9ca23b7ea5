import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Caller } from '../../src/call.ts';
import { Denial } from '../../src/denial.ts';
import { createTaskSlots } from '../../src/wire/tasks/task-slots.ts';

const caller = (subject: string, client = 'one'): Caller => ({
  issuer: 'https://idp.example',
  subject,
  client,
  groups: [],
  scopes: [],
  assurance: 1,
});
const result = (bytes: number): { text: string } => ({ text: 'x'.repeat(bytes) });

function full(thrown: unknown): boolean {
  return thrown instanceof Denial && thrown.code === 'rate-limited';
}

test('one person keeps so many bytes of results, whatever others keep', () => {
  const take = createTaskSlots({ most: 3, mostBytes: 1000 });
  const [first, second, other] = [
    take(caller('alice')),
    take(caller('alice')),
    take(caller('bob')),
  ];
  assert.ok(first.hold(result(600)));
  assert.ok(!second.hold(result(600)));
  assert.ok(second.hold(result(100)));
  assert.ok(other.hold(result(600)));
  first.release();
  first.release();
  assert.ok(!first.hold(result(1)), 'what is released holds nothing');
  const third = take(caller('alice'));
  assert.ok(third.hold(result(600)));
  assert.ok(!third.hold(result(600)));
});

test('one person has so many places, and gives each back once', () => {
  const take = createTaskSlots({ most: 2, mostBytes: 1000 });
  const [first] = [take(caller('alice')), take(caller('alice'))];
  assert.throws(() => take(caller('alice')), full);
  take(caller('alice', 'another program'));
  first.release();
  first.release();
  take(caller('alice'));
  assert.throws(() => take(caller('alice')), full);
});
