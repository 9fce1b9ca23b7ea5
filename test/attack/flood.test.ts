import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Frame } from '../../src/wire/channel.ts';
import { rationed } from '../../src/wire/refused.ts';
import { createUpstream } from '../../src/wire/upstream.ts';

test('megabytes that a server says unasked are dropped before anything reads them', async () => {
  let deliver: ((frame: Frame) => void) | undefined;
  let taken = 0;
  const refusals: string[] = [];
  const upstream = createUpstream({
    name: 'loud',
    async open(events) {
      deliver = (frame) => events.onFrame(frame);
      return await Promise.resolve({
        async send({ id, method }) {
          const result = { protocolVersion: '2025-11-25', capabilities: {} };
          if (method === 'initialize')
            setImmediate(() => deliver?.({ jsonrpc: '2.0', id, result }));
          await Promise.resolve();
        },
        close: async () => await Promise.resolve(),
      });
    },
    initialize: Promise.resolve({ protocolVersion: '2025-11-25' }),
    events: {
      onReady: async () => await Promise.resolve(),
      onDown: () => undefined,
      onRequest: () => undefined,
      onNotification: () => void taken++,
      onRefused: (reason) => void refusals.push(reason),
    },
    timings: { connectMs: 30_000, backoffMs: 1000, backoffMaxMs: 1000 },
    maxNotificationsPerSecond: 1000,
  });
  await upstream.settled;
  const say = (data: string): void =>
    deliver?.({ jsonrpc: '2.0', method: 'notifications/message', params: { level: 'info', data } });
  for (let at = 0; at < 50; at++) say('a'.repeat(100_000));
  assert.ok(taken >= 1 && taken <= 3, `${taken} were taken`);
  say('a'.repeat(1_000_000));
  assert.ok(taken <= 3);
  assert.deepEqual(refusals, ['too much said unasked: the rest of it is dropped']);
  await upstream.close();
});

test('a flood of refused messages is a hundred records a second and one line for the rest', () => {
  let time = 0;
  const written: string[] = [];
  const refused = rationed(
    (reason) => {
      written.push(reason);
      return 'trace';
    },
    () => time,
  );
  for (let second = 0; second < 3; second++) {
    for (let each = 0; each < 1000; each++) refused('an update nobody subscribed to');
    time += 100;
  }
  assert.ok(written.length <= 125, `${written.length} records`);
  assert.equal(written.filter((reason) => reason.includes('the rest of it')).length, 1);
});
