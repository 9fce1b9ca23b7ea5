import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Denial } from '../../src/denial.ts';
import { createSlots } from '../../src/sandbox/slots.ts';

const busy = (error: unknown) => error instanceof Denial && error.code === 'sandbox-unavailable';
const never = new AbortController().signal;

test('a place is given in turn, once', async () => {
  const slots = createSlots({ size: 1, queue: 2, waitMs: 1000 });
  const order: string[] = [];
  const first = await slots.acquire(never);
  const second = slots.acquire(never).then((release) => {
    order.push('second');
    return release;
  });
  const third = slots.acquire(never).then((release) => {
    order.push('third');
    return release;
  });
  first();
  first();
  const release = await second;
  await Promise.resolve();
  assert.deepEqual(order, ['second']);
  release();
  (await third)();
  assert.deepEqual(order, ['second', 'third']);
  (await slots.acquire(never))();
});

test('who waits too long, or finds the queue full, is told to come again', async () => {
  const slots = createSlots({ size: 1, queue: 1, waitMs: 30 });
  const release = await slots.acquire(never);
  const waiting = assert.rejects(slots.acquire(never), busy);
  await assert.rejects(slots.acquire(never), busy);
  await waiting;
  release();
  (await slots.acquire(never))();
});

test('who gives up leaves the queue', async () => {
  const slots = createSlots({ size: 1, queue: 1, waitMs: 5000 });
  const release = await slots.acquire(never);
  const cancel = new AbortController();
  const waiting = assert.rejects(slots.acquire(cancel.signal), /not any more/);
  cancel.abort(new Error('not any more'));
  await waiting;
  const next = slots.acquire(never);
  release();
  (await next)();
});
