import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { showsAll } from '../support/clients.ts';
import { serve, startFrames, type Frame, type FramesClient } from '../support/frames-client.ts';
import { callsOf, createHostileGate, realServer } from '../support/gate.ts';
import { denialOf, isErrorOf, listedIn, rpcCodeOf, textOf } from '../support/replies.ts';

const POLICY = `
@id("eng.all") permit(principal in Group::"eng", action, resource);
@id("bob.echo") permit(principal == User::"bob", action in Action::"read", resource == Tool::"bad/read_echo");
@id("bob.note") permit(principal == User::"bob", action in Action::"read", resource == Resource::"bad/note://fine");
@id("bob.page") permit(principal == User::"bob", action in Action::"read", resource == Resource::"bad/page://1");
@id("bob.prompt") permit(principal == User::"bob", action in Action::"read", resource == Prompt::"bad/fine");
`;
const ALICE = { user: 'alice', groups: ['eng'] };
const BOB = { user: 'bob', groups: ['sales'] };

/** What the same program says of a name that is hidden and of one that does not exist. */
const HIDDEN = [
  ['tools/call', (name: string) => ({ name, arguments: {} }), 'bad__read_hang', 'bad__read_hanG'],
  ['tools/call', (name: string) => ({ name, arguments: 7 }), 'bad__read_hang', 'bad__read_hanG'],
  ['tools/call', (name: string) => ({ name }), 'everything__echo', 'everything__ecHo'],
  ['prompts/get', (name: string) => ({ name }), 'bad__poison', 'bad__poisoN'],
  ['resources/read', (uri: string) => ({ uri }), 'sallyport://bad/note://poison', 'sallyport://bad/note://poisoN'],
  ['resources/read', (uri: string) => ({ uri }), 'sallyport://bad/page://2', 'sallyport://baD/page://2'],
  ['resources/subscribe', (uri: string) => ({ uri }), 'sallyport://bad/note://poison', 'sallyport://bad/note://poisoN'],
  ['resources/unsubscribe', (uri: string) => ({ uri }), 'sallyport://bad/note://poison', 'sallyport://bad/note://poisoN'],
  ['completion/complete', (name: string) => ({ ref: { type: 'ref/prompt', name }, argument: { name: 'a', value: '' } }), 'bad__poison', 'bad__poisoN'],
  ['completion/complete', (uri: string) => ({ ref: { type: 'ref/resource', uri }, argument: { name: 'n', value: '' } }), 'sallyport://bad/page://{n}', 'sallyport://bad/page://{N}'],
] as const; // prettier-ignore

const NOUNS: Readonly<Record<string, string>> = {
  tools: 'tool',
  prompts: 'prompt',
  resources: 'resource',
};

describe('two users of one configuration', () => {
  test('see different lists, and what is hidden answers like what is missing', async (t) => {
    const gate = await createHostileGate(t, {
      policy: POLICY,
      servers: { everything: realServer('everything') },
    });
    const alice = await gate.connect({ user: ALICE });
    await showsAll(alice, ['bad', 'everything']);
    const seenByAlice = await alice.listTools();
    assert.ok(seenByAlice.tools.some(({ name }) => name === 'everything__echo'));
    assert.ok(seenByAlice.tools.some(({ name }) => name === 'bad__read_hang'));

    const bobsClient = await gate.connect({ user: BOB });
    await showsAll(bobsClient, ['bad']);
    const seenByBob = await bobsClient.listTools();
    assert.deepEqual(
      seenByBob.tools.map(({ name }) => name),
      ['bad__read_echo'],
    );
    await assert.rejects(bobsClient.callTool({ name: 'everything__echo', arguments: {} }), {
      code: -32602,
      message: /Unknown tool: everything__echo/u,
    });
    const echoed = await bobsClient.callTool({ name: 'bad__read_echo', arguments: { text: 'b' } });
    assert.deepEqual(echoed['content'], [{ type: 'text', text: 'you said: b' }]);

    const bob = startFrames(t, serve(gate));
    await bob.open();
    assert.deepEqual(listedIn(await bob.request('resources/list')), [
      'sallyport://bad/note://fine',
    ]);
    assert.deepEqual(listedIn(await bob.request('prompts/list')), ['bad__fine']);
    const before = callsOf(gate.log);
    for (const [method, params, hidden, missing] of HIDDEN) {
      const [first, second] = [
        await bob.request(method, params(hidden)),
        await bob.request(method, params(missing)),
      ];
      assert.equal(rpcCodeOf(first), -32602, method);
      const noun = NOUNS[method.split('/')[0] ?? ''];
      if (noun !== undefined) assert.equal(textOf(first), `Unknown ${noun}: ${hidden}`);
      assert.equal(bytesOf(first).replaceAll(hidden, missing), bytesOf(second), method);
    }
    // Bob's own things still work, and nothing else has reached the server.
    assert.match(textOf(await echo(bob)), /you said: x/u);
    const page = await bob.request('resources/read', { uri: 'sallyport://bad/page://1' });
    assert.match(JSON.stringify(page), /a note/u);
    assert.deepEqual(callsOf(gate.log).slice(before.length), ['read_echo', 'page://1']);

    const refused = gate
      .audit()
      .filter(
        ({ event, code }) =>
          (event === 'denial' || event === 'frame-refused') && code === 'tool-unknown',
      );
    assert.equal(refused.length, HIDDEN.length * 2 + 1);
  });

  test('a policy about a group decides the call as it decides the list', async (t) => {
    const gate = await createHostileGate(t, {
      policy: `${POLICY}
        @id("no.secrets") forbid(principal, action, resource == Tool::"bad/read_secret") unless { principal in Group::"admin" };`,
      user: ALICE,
    });
    for (const [user, sees] of [
      [ALICE, false],
      [{ user: 'alice', groups: ['eng', 'admin'] }, true],
    ] as const) {
      await gate.signIn(user);
      const client = startFrames(t, serve(gate));
      await client.open();
      assert.equal(listedIn(await client.request('tools/list')).includes('bad__read_secret'), sees);
      const answer = await client.request('tools/call', { name: 'bad__read_secret' });
      assert.equal(rpcCodeOf(answer), sees ? undefined : -32602);
      await client.end();
    }
    assert.deepEqual(callsOf(gate.log), ['read_secret']);
  });

  test('a call that is visible but refused says why and never reaches the server', async (t) => {
    const gate = await createHostileGate(t, {
      policy: `
        @id("all") permit(principal, action, resource);
        @id("small.only") @reason("too much text") forbid(principal, action, resource) when { context.facts.bytes > 100 };`,
    });
    const client = startFrames(t, serve(gate));
    await client.open();
    await client.request('tools/list');
    const refused = await client.request('tools/call', {
      name: 'bad__read_echo',
      arguments: { text: 'x'.repeat(200) },
    });
    assert.deepEqual([isErrorOf(refused), denialOf(refused)], [true, 'policy-denied']);
    assert.match(textOf(refused), /too much text/u);
    assert.match(textOf(await echo(client)), /you said: x/u);
    assert.deepEqual(callsOf(gate.log), ['read_echo']);
    const [record] = gate.audit().filter(({ event }) => event === 'denial');
    assert.deepEqual(record?.['policies'], ['small.only']);
  });

  test('a cursor of another session is refused', async (t) => {
    const gate = await createHostileGate(t, {});
    const client = startFrames(t, serve(gate));
    await client.open();
    for (const cursor of ['250.AAAAAAAAAAAAAAAAAAAAAA', '', '0', 'NaN', 7, null, {}]) {
      const answer = await client.request('tools/list', { cursor });
      assert.equal(rpcCodeOf(answer), -32602, JSON.stringify(cursor));
    }
    assert.ok(listedIn(await client.request('tools/list')).length > 5);
  });
});

async function echo(client: FramesClient): Promise<Frame> {
  return await client.request('tools/call', { name: 'bad__read_echo', arguments: { text: 'x' } });
}

/** The answer as it was on the wire, apart from its id. */
function bytesOf({ id: _id, ...rest }: Frame): string {
  return JSON.stringify(rest);
}
