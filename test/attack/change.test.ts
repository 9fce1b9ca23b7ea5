import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { test, type TestContext } from 'node:test';
import { serve, startFrames, type Frame, type FramesClient } from '../support/frames-client.ts';
import { callsOf, createHostileGate, type HostileGate } from '../support/gate.ts';
import { denialOf, textOf } from '../support/replies.ts';
import { scratch } from '../support/scratch.ts';

type Bench = { readonly gate: HostileGate; readonly client: FramesClient };
const APPROVED = { elicitation: {} };

async function bench(
  context: TestContext,
  setting: Parameters<typeof createHostileGate>[1],
): Promise<Bench> {
  const gate = await createHostileGate(context, setting);
  const client = startFrames(context, serve(gate));
  await client.open(APPROVED);
  await client.request('tools/list');
  return { gate, client };
}

async function echo(client: FramesClient): Promise<Frame> {
  return await client.request('tools/call', { name: 'bad__read_echo', arguments: { text: 'x' } });
}

async function change(client: FramesClient): Promise<void> {
  const args = { what: 'changed', loud: true };
  const answer = await client.request('tools/call', { name: 'bad__read_change', arguments: args });
  assert.equal(textOf(answer), 'changed');
}

/** Refused, and never sent. */
async function isStopped({ gate, client }: Bench): Promise<void> {
  assert.equal(denialOf(await echo(client)), 'quarantined');
  assert.ok(!callsOf(gate.log).includes('read_echo'));
}

test('a call behind an announced change waits for the list that is being made', async (context) => {
  const { gate, client } = await bench(context, { habits: ['slow-lists'] });
  await change(client);
  await isStopped({ gate, client });
});

test('nor is it checked against the last list while so many changes come that lists are made later', async (context) => {
  const { gate, client } = await bench(context, {});
  const method = 'notifications/tools/list_changed';
  const frames = Array.from({ length: 20 }, () => ({ method }));
  await client.request('tools/call', { name: 'bad__read_say', arguments: { frames } });
  // The first lists are made by then, the rest of them is due a quarter of a second after the flood.
  await sleep(50);
  await change(client);
  await isStopped({ gate, client });
});

test('what changes without a word while a person thinks is not what they approved', async (context) => {
  const state = join(await scratch(context), 'habits');
  const { gate, client } = await bench(context, {
    env: { HOSTILE_STATE: state },
    policy: `
      @id("all") permit (principal, action, resource);
      @id("ask") @requires_approval("user") forbid (principal, action, resource)
      when { resource has name && resource.name == "read_echo" }
      unless { context.pep.approvals.contains("user") };`,
  });
  client.answer = () => 'never';
  const from = client.received.length;
  const called = echo(client);
  const { id } = await client.next(({ method }) => method === 'elicitation/create', from);
  await writeFile(state, 'changed');
  await sleep(300);
  client.send({ jsonrpc: '2.0', id, result: { action: 'accept', content: { approve: true } } });
  assert.equal(denialOf(await called), 'quarantined');
  assert.ok(!callsOf(gate.log).includes('read_echo'));
});
