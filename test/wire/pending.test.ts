import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPending } from '../../src/wire/pending.ts';

const LIMITS = { signal: new AbortController().signal, timeoutMs: 300_000, maxTotalMs: 300_000 };

test('a peer that is gone is asked nothing, and nothing waits for it', async () => {
  const sent: unknown[] = [];
  const pending = createPending('the client', async (frame) => {
    await Promise.resolve(sent.push(frame['method']));
  });
  const early = pending.request('roots/list', {}, LIMITS);
  pending.close(new Error('the session is closing'));
  await assert.rejects(early, /is closing/);
  // A question may have been on its way through the stages meanwhile; its timers would keep the process.
  await assert.rejects(pending.request('roots/list', {}, LIMITS), /is closing/);
  assert.deepEqual([sent, pending.size], [['roots/list'], 0]);
});
