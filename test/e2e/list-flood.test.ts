import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serve, startFrames } from '../support/frames-client.ts';
import { createHostileGate } from '../support/gate.ts';
import { stringOf } from '../support/string-of.ts';
import { textOf } from '../support/replies.ts';

test('a flood of changes with lists that fail is a few records and the count of the rest', async (context) => {
  const gate = await createHostileGate(context, {});
  const client = startFrames(context, serve(gate));
  await client.open();
  const before = gate.audit().length;
  const answer = await client.request('tools/call', { name: 'bad__read_change_flood' });
  assert.equal(textOf(answer), 'flooded');
  await client.request('ping');
  const told = client.received.filter(
    ({ method }) => typeof method === 'string' && method.endsWith('/list_changed'),
  );
  assert.ok(told.length < 80, `the client was told ${told.length} times`);
  await client.end();
  const records = gate.audit().slice(before);
  const changes = records.filter(({ event }) => event === 'catalogue-change');
  const first = changes.filter(({ problem }) => stringOf(problem).startsWith('broken'));
  // Tools, resources, templates and prompts: each once, each with its count at the end.
  assert.equal(first.length, 4, JSON.stringify(changes));
  assert.ok(changes.length <= 8);
  assert.ok(changes.some(({ again }) => Number(again) > 1));
  assert.ok(records.length < 60, `${records.length} records`);
});
