import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { serve, startFrames } from '../support/frames-client.ts';
import { createGate, createHostileGate, hostileServer } from '../support/gate.ts';
import { TRACE } from '../support/hostile-tools.ts';
import { denialOf } from '../support/replies.ts';
import { scratch } from '../support/scratch.ts';

const POLICY = `
  @id("all") permit (principal, action, resource);
  @id("ask") @requires_approval("user")
  forbid (principal, action, resource)
  when { resource has name && resource.name like "page://*" }
  unless { context.pep.approvals.contains("user") };
`;

test('who follows a resource goes the whole way of a read', async (context) => {
  const log = join(await scratch(context), 'log');
  const gate = await createGate(context, {
    servers: { bad: hostileServer(log) },
    policy: POLICY,
    firstUse: true,
  });
  const client = startFrames(context, serve(gate));
  await client.open();
  const follow = async (uri: string): Promise<string | undefined> => {
    const answer = await client.request('resources/subscribe', { uri: `sallyport://bad/${uri}` });
    assert.doesNotMatch(JSON.stringify(answer), new RegExp(TRACE, 'u'));
    return denialOf(answer);
  };

  await context.test('what a person has to approve is not sent without them', async () => {
    assert.equal(await follow('page://secret-in-the-address'), 'approval-required');
    assert.equal(existsSync(log) && readFileSync(log, 'utf8').includes('secret-in-the'), false);
  });

  await context.test('the answer is scanned', async () => {
    assert.equal(await follow('note://poison'), 'output-withheld');
  });

  await context.test('what was sent was written down first', async () => {
    assert.equal(await follow('note://fine'), undefined);
    const records = gate
      .audit()
      .filter(({ requested, name }) => (name ?? requested) === 'note://fine');
    assert.deepEqual(
      records.map(({ event }) => event),
      ['intent', 'outcome'],
    );
  });
});

test('who asks for several things at once has what was asked for last', async (context) => {
  const gate = await createHostileGate(context);
  const client = startFrames(context, serve(gate));
  await client.open();
  const uri = 'sallyport://bad/note://fine';
  const isTold = async (): Promise<boolean> => {
    const from = client.received.length;
    const call = { name: 'bad__read_update', arguments: { uri: 'note://fine' } };
    await client.request('tools/call', call);
    return client.received
      .slice(from)
      .some(({ method }) => method === 'notifications/resources/updated');
  };
  for (const [asked, told] of [
    ['subscribe', true],
    ['unsubscribe subscribe', true],
    ['unsubscribe subscribe unsubscribe', false],
    ['subscribe unsubscribe subscribe', true],
    ['unsubscribe', false],
    ['subscribe unsubscribe', false],
  ] as const) {
    const from = client.received.length;
    const words = asked.split(' ');
    client.sendTogether(
      ...words.map((word, at) => ({
        jsonrpc: '2.0',
        id: `${asked} ${at}`,
        method: `resources/${word}`,
        params: { uri },
      })),
    );
    const isAnswered = (_word: string, at: number): boolean =>
      client.received.slice(from).some(({ id }) => id === `${asked} ${at}`);
    // oxlint-disable-next-line no-await-in-loop -- each begins where the one before ended
    await client.next(() => words.every(isAnswered), from);
    // oxlint-disable-next-line no-await-in-loop
    assert.equal(await isTold(), told, asked);
  }
});
