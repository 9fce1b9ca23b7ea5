import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { isJsonObject, type JsonObject } from '../../src/lib/json.ts';
import { META } from '../../src/wire/modern/meta.ts';
import { serve, startFrames, type Frame, type FramesClient } from '../support/frames-client.ts';
import { createHostileGate, type HostileGate } from '../support/gate.ts';
import { modernRequest } from '../support/modern-frames.ts';

const POLICY = `
  @id("all") permit (principal, action, resource);
  @id("hidden") forbid (principal, action, resource)
  when { resource has name && resource.name like "*secret*" };
`;
const UPDATED = 'notifications/resources/updated';
const own = (part: string): string => `sallyport://bad/tree://a${part}`;
/** What the server says was updated: a part that is hidden, one that is nobody's, and two that may be read. */
const SAID = [
  { uri: 'tree://a/secret' },
  { uri: 'tree://a/%73ecret' },
  { uri: 'page://secret' },
  { uri: 'tree://a/none' },
  { uri: 'tree://a/open', title: 'tree://a/secret', more: ['secret'] },
  { uri: 'tree://a', _meta: { 'com.example/kept': 1 } },
].map((params) => ({ method: UPDATED, params }));

async function connect(context: TestContext): Promise<{ gate: HostileGate; client: FramesClient }> {
  const gate = await createHostileGate(context, { habits: ['tree'], policy: POLICY });
  return { gate, client: startFrames(context, serve(gate)) };
}

function updates(frames: readonly Frame[]): unknown[] {
  return frames.flatMap(({ method, params }) => (method === UPDATED ? [params] : []));
}

function refusals(gate: HostileGate): number {
  return gate.audit().filter(({ event, method }) => event === 'frame-refused' && method === UPDATED)
    .length;
}

test('an update of a hidden part of what a legacy client follows tells it nothing', async (context) => {
  const { gate, client } = await connect(context);
  await client.open();
  await client.request('resources/list');
  const followed = await client.request('resources/subscribe', { uri: own('') });
  assert.deepEqual(followed['result'], {});
  const from = client.received.length;
  await client.request('tools/call', { name: 'bad__read_say', arguments: { frames: SAID } });
  assert.deepEqual(updates(client.received.slice(from)), [
    { uri: own('/open') },
    { uri: own(''), _meta: { 'com.example/kept': 1 } },
  ]);
  assert.equal(refusals(gate), 4);
});

test('nor does it tell a modern one', async (context) => {
  const { gate, client } = await connect(context);
  const request = (method: string, params: JsonObject, id: string): void =>
    client.send(modernRequest(method, params, { id }));
  request('subscriptions/listen', { notifications: { resourceSubscriptions: [own('')] } }, 'l');
  const acknowledged = await client.next(
    ({ method }) => method === 'notifications/subscriptions/acknowledged',
  );
  assert.match(JSON.stringify(acknowledged), /tree:/u);
  request('tools/call', { name: 'bad__read_say', arguments: { frames: SAID } }, 'c');
  await client.next(({ id }) => id === 'c');
  const told = updates(client.received);
  assert.deepEqual(
    told.map((params) => (isJsonObject(params) ? params['uri'] : undefined)),
    [own('/open'), own('')],
  );
  assert.doesNotMatch(JSON.stringify(told), /secret/u);
  assert.match(JSON.stringify(told), new RegExp(`"${META.subscription}":"l"`, 'u'));
  assert.equal(refusals(gate), 4);
});
