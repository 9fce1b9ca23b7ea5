import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createListening } from '../../src/wire/modern-upstream/listening.ts';
import { META } from '../../src/wire/modern/meta.ts';
import { until } from '../support/until.ts';

test('a stream that lived long is come back to at once, however often others failed before', async () => {
  let clock = 0;
  const opened: string[] = [];
  let acknowledged = 0;
  let onOpened: (() => unknown) | undefined;
  const listening = createListening({
    capabilities: { tools: { listChanged: true } },
    now: () => clock,
    listen(notifications) {
      const id = `s${opened.length}`;
      opened.push(id);
      onOpened?.();
      setImmediate(() => {
        const params = { notifications, _meta: { [META.subscription]: id } };
        listening.take('notifications/subscriptions/acknowledged', params);
        acknowledged++;
      });
      return { id, ended: new Promise(() => undefined) };
    },
    cancel: () => undefined,
    tell: () => undefined,
    onStray: () => undefined,
  });
  /** Ends the last stream; resolves when the next one is opened, with whether more than `ms` went by until then. */
  async function end(afterMs: number, ms: number): Promise<boolean> {
    await until(() => acknowledged === opened.length);
    clock += afterMs;
    let isLate = false;
    let wasLate: boolean | undefined;
    const late = setTimeout(() => (isLate = true), ms);
    onOpened = () => (wasLate = isLate);
    listening.take('notifications/cancelled', { requestId: opened.at(-1) ?? '' });
    await until(() => wasLate !== undefined);
    clearTimeout(late);
    return wasLate === true;
  }
  listening.start();
  await until(() => opened.length === 1);
  // The second pause is twice the first one, the third would be twice the second.
  assert.equal(await end(1000, 1500), false);
  assert.equal(await end(1000, 1500), true);
  assert.equal(await end(60_000, 1500), false);
  listening.close();
});
