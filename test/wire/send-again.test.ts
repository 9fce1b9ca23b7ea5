import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Denial } from '../../src/denial.ts';
import { NotServed } from '../../src/wire/not-served.ts';
import { sendAgain } from '../../src/wire/send-again.ts';

test('a request that was cancelled meanwhile does not wait for the next connection', async () => {
  const cancelled = new AbortController();
  const unserved = new Denial('upstream-failed', 'gone', { cause: new NotServed('gone') });
  let isLate = false;
  const late = setTimeout(() => (isLate = true), 2000);
  await assert.rejects(
    sendAgain(
      { signal: cancelled.signal, timeoutMs: 3000, maxTotalMs: 3000 },
      {
        async send() {
          cancelled.abort();
          throw await Promise.resolve(unserved);
        },
        asked: () => 0,
        next: new Promise(() => undefined),
      },
    ),
    unserved,
  );
  clearTimeout(late);
  assert.equal(isLate, false);
});
