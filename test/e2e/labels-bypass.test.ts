import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { JsonObject } from '../../src/lib/json.ts';
import { serve, startFrames } from '../support/frames-client.ts';
import { createHostileGate, hostileServer } from '../support/gate.ts';
import { startHttpGate } from '../support/http-gate.ts';
import { ask, resultOf } from '../support/modern-frames.ts';
import { listedIn } from '../support/replies.ts';
import { scratch } from '../support/scratch.ts';
import { until } from '../support/until.ts';

/** Hidden from whoever has read something. */
const GUARDED = 'bad__read_twice';
const POLICY = `@id("all") permit(principal, action, resource);
  @id("clean") forbid(principal, action, resource == Tool::"bad/read_twice")
  when { context.session.labels.contains("untrusted") };`;
const READ = { name: 'bad__read_echo', arguments: { text: 'the weather is fine' } };

describe('labels stick', () => {
  test('whatever session id, connection or era of the protocol the same person comes back with', async (t) => {
    const servers = { bad: hostileServer(join(await scratch(t), 'log')) };
    const gate = await startHttpGate(t, { servers, policy: POLICY });
    const replica = await startHttpGate(t, {
      servers,
      policy: POLICY,
      config: { state: { path: join(gate.folder, 'state') } },
    });
    let connections = 0;
    const ends = new Map<Client, () => Promise<void>>();
    const connect = async (claims: Record<string, unknown> = {}, at = gate): Promise<Client> => {
      // What a client says of itself is another thing each time.
      const client = new Client({ name: `test ${++connections}`, version: String(connections) });
      const headers = { authorization: `Bearer ${await at.token(claims)}` };
      const transport = new StreamableHTTPClientTransport(new URL(at.url), {
        requestInit: { headers },
      });
      await client.connect(transport);
      t.after(async () => await client.close());
      ends.set(client, async () => await transport.terminateSession());
      return client;
    };
    const seen = async (client: Client): Promise<boolean> =>
      (await client.listTools()).tools.some(({ name }) => name === GUARDED);
    const first = await connect();
    await until(async () => await seen(first));
    const beside = await connect();
    assert.ok(await seen(beside));
    await first.callTool(READ);
    await until(async () => !(await seen(beside)));
    // DELETE, and a connection that ends; each comes back as another one.
    await ends.get(beside)?.();
    assert.ok(!(await seen(await connect())));
    await first.close();
    assert.ok(!(await seen(await connect())));
    const elsewhere = await connect({}, replica);
    const stranger = await connect({ sub: 'eve' }, replica);
    await until(async () => await seen(stranger));
    assert.ok(!(await seen(elsewhere)));
    // Another key, other groups, a later sign-in: the same person with the same client.
    assert.ok(!(await seen(await connect({ groups: ['other'], jti: 'new', auth_time: 1 }))));
    const modern = resultOf(await ask(gate, 'tools/list', {}, { token: await gate.token() }));
    assert.ok(!listedIn({ result: modern }).includes(GUARDED));
    const bob = await connect({ sub: 'bob' });
    await until(async () => await seen(bob));
  });

  for (const [what, method, params] of [
    ['a prompt', 'prompts/get', { name: 'bad__poison' }],
    ['a resource, as a link leads to', 'resources/read', { uri: 'sallyport://bad/note://poison' }],
    ['an answer that was an error', 'tools/call', { name: 'bad__read_forged_error' }],
    ['an answer that never came', 'tools/call', { name: 'bad__read_no_result' }],
    [
      'what a server asked',
      'tools/call',
      { name: 'bad__read_ask', arguments: { method: 'sampling/createMessage', params: {} } },
    ],
  ] as const)
    test(`whether it came by ${what}`, async (t: TestContext) => {
      const gate = await createHostileGate(t, { policy: POLICY, timeoutMs: 2000 });
      const client = startFrames(t, serve(gate));
      await client.open();
      const seen = async (): Promise<boolean> =>
        listedIn(await client.request('tools/list')).includes(GUARDED);
      await until(seen);
      const reply: JsonObject = await client.request(method, params);
      assert.ok(!(await seen()), JSON.stringify(reply));
    });

  test('from the moment that a call is sent: one beside it is decided with them', async (t) => {
    const gate = await createHostileGate(t, { policy: POLICY });
    const client = startFrames(t, serve(gate));
    await client.open();
    await until(async () => listedIn(await client.request('tools/list')).includes(GUARDED));
    const slow = client.request('tools/call', { name: 'bad__read_slow', arguments: { ms: 1500 } });
    await until(async () => !listedIn(await client.request('tools/list')).includes(GUARDED));
    let isAnswered = false;
    void slow.then(() => (isAnswered = true));
    await Promise.resolve();
    assert.ok(!isAnswered, 'only when the answer was there');
    await slow;
  });
});
