import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createListening } from '../../src/wire/modern-upstream/listening.ts';
import { META } from '../../src/wire/modern/meta.ts';
import { until } from '../support/until.ts';

test('a stream that lived long is come back to at once, however often others failed before', async () => {
  let clock = 0;
  const opened: { id: string; at: number }[] = [];
  const listening = createListening({
    capabilities: { tools: { listChanged: true } },
    now: () => clock,
    listen(notifications) {
      const id = `s${opened.length}`;
      opened.push({ id, at: performance.now() });
      setImmediate(() => {
        const params = { notifications, _meta: { [META.subscription]: id } };
        listening.take('notifications/subscriptions/acknowledged', params);
      });
      return { id, ended: new Promise(() => undefined) };
    },
    cancel: () => undefined,
    tell: () => undefined,
    onStray: () => undefined,
  });
  /** Ends the last stream; resolves with the pause before the next one. */
  async function end(afterMs: number): Promise<number> {
    const last = opened.length;
    await new Promise((resolve) => setTimeout(resolve, 50));
    clock += afterMs;
    const from = performance.now();
    listening.take('notifications/cancelled', { requestId: opened.at(-1)?.id ?? '' });
    await until(() => opened.length > last);
    return performance.now() - from;
  }
  listening.start();
  await until(() => opened.length === 1);
  assert.ok((await end(1000)) < 1500);
  assert.ok((await end(1000)) > 1900);
  assert.ok((await end(60_000)) < 1500);
  listening.close();
});
