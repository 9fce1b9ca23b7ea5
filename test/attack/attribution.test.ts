import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { isJsonObject } from '../../src/lib/json.ts';
import { asksLater } from '../support/asks-later.ts';
import { serve, startFrames } from '../support/frames-client.ts';
import { createGate } from '../support/gate.ts';
import { modernServer } from '../support/modern.ts';
import { modernRequest } from '../support/modern-frames.ts';

const UPSTREAMS: Readonly<Record<string, (context: TestContext) => Promise<object>>> = {
  'a legacy server over HTTP': async (context) => ({ url: await asksLater(context) }),
  'a modern server over HTTP': async (context) => (await modernServer(context, 'http')).entry,
  'a modern server over stdio': async (context) => (await modernServer(context, 'stdio')).entry,
};

for (const [name, start] of Object.entries(UPSTREAMS))
  test(`what ${name} asks belongs to the call that it asks for, not to the newest`, async (context) => {
    const gate = await createGate(context, {
      servers: { s: await start(context) },
      firstUse: true,
    });
    const client = startFrames(context, serve(gate));
    client.send(modernRequest('tools/list', {}, { id: 'list' }));
    await client.next(({ id }) => id === 'list');
    const from = client.received.length;
    const wait = { name: 's__wait', arguments: {} };
    const ask = { name: 's__ask', arguments: { text: 'later' } };
    // In between: whichever of them the gate sends last, it is not the one that asks.
    client.sendTogether(
      modernRequest('tools/call', wait, { id: 'before' }),
      modernRequest('tools/call', ask, { id: 'asks' }),
      modernRequest('tools/call', wait, { id: 'after' }),
    );
    const { id, result } = await client.next((frame) => frame['method'] === undefined, from);
    assert.equal(id, 'asks');
    assert.equal(isJsonObject(result) && result['resultType'], 'input_required');
  });
