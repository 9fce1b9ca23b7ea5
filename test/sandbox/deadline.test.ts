import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deadline } from '../../src/sandbox/deadline.ts';

// The runner fails a test that leaves a rejection to nobody.
test('what is given up at once may still fail', async () => {
  const failing = new Promise<never>((_, reject) => {
    setTimeout(() => reject(new Error('too late')), 10);
  });
  const signal = AbortSignal.abort(new Error('changed my mind'));
  await assert.rejects(deadline(failing, 1000, signal), /changed my mind/);
  await new Promise((resolve) => setTimeout(resolve, 50));
});
