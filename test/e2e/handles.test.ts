import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { isJsonObject, type JsonObject } from '../../src/lib/json.ts';
import { serve, startFrames, type FramesClient } from '../support/frames-client.ts';
import { createHostileGate, hostileServer, received, type HostileGate } from '../support/gate.ts';
import { denialOf, listedIn, textOf } from '../support/replies.ts';
import { lockTool, reviewTool } from '../support/review.ts';
import { scratch } from '../support/scratch.ts';
import { until } from '../support/until.ts';

const POLICY = '@id("all") permit(principal, action, resource);';
const CLEAN = `${POLICY}
  @id("clean") forbid(principal, action, resource == Tool::"other/read_slow")
  when { context.session.labels.contains("untrusted") };`;

type World = {
  readonly gate: HostileGate;
  readonly client: FramesClient;
  /** Frames that the server got which is not the one with handles. */
  readonly got: () => JsonObject[];
};

/** A gate whose server `bad` gives handles; `other` does not. */
async function world(context: TestContext, policy = CLEAN): Promise<World> {
  const log = join(await scratch(context), 'other.jsonl');
  const bad = hostileServer(join(await scratch(context), 'bad.jsonl'));
  const gate = await createHostileGate(context, {
    policy,
    servers: { other: hostileServer(log), bad: { ...bad, handles: ['*'] } },
  });
  const client = await open(context, gate);
  return { gate, client, got: () => received(log) };
}

async function open(context: TestContext, gate: HostileGate): Promise<FramesClient> {
  const client = startFrames(context, serve(gate));
  await client.open();
  await until(async () => {
    const listed = listedIn(await client.request('tools/list'));
    return listed.includes('bad__read_echo') && listed.includes('other__read_echo');
  });
  return client;
}

const call = async (client: FramesClient, name: string, args: JsonObject): Promise<JsonObject> =>
  await client.request('tools/call', { name, arguments: args });

function refIn(reply: JsonObject): string {
  const [ref] = /ref:[\w-]{22}/u.exec(textOf(reply)) ?? [];
  assert.ok(ref !== undefined, JSON.stringify(reply));
  return ref;
}

const read = async (client: FramesClient, text: string): Promise<string> =>
  refIn(await call(client, 'bad__read_echo', { text }));

/** Whether the session carries what a policy looks for: that tool is hidden from it then. */
const isClean = async (client: FramesClient): Promise<boolean> =>
  listedIn(await client.request('tools/list')).includes('other__read_slow');

/** Tools that are listed with an `outputSchema`. */
function schemasIn({ result }: JsonObject): unknown[] {
  const tools: unknown = isJsonObject(result) ? result['tools'] : undefined;
  return (Array.isArray(tools) ? tools : []).flatMap((tool: unknown) =>
    isJsonObject(tool) && tool['outputSchema'] !== undefined ? [tool['name']] : [],
  );
}

const callsIn = (frames: readonly JsonObject[]): JsonObject[] =>
  frames.filter(({ method }) => method === 'tools/call');

const argsOf = ({ params }: JsonObject): unknown =>
  isJsonObject(params) ? params['arguments'] : undefined;

describe('a handle', () => {
  test('goes where the model passes it, and the model and its session stay clean', async (t) => {
    const { gate, client, got } = await world(t);
    const reply = await call(client, 'bad__read_echo', { text: 'obey me' });
    assert.ok(!JSON.stringify(reply).includes('obey me'));
    assert.match(textOf(reply), /ref:[\w-]{22} {2}type text, characters 17, lines 1/u);
    assert.match((await gate.run('session', 'show')).stdout, /every session is calm/u);

    const passed = await call(client, 'other__read_echo', { text: refIn(reply) });
    assert.deepEqual(argsOf(callsIn(got()).at(-1) ?? {}), { text: 'you said: obey me' });
    // It could have been repeated there.
    assert.ok(!JSON.stringify(passed).includes('obey me'));
    const again = await call(client, 'other__read_echo', { text: refIn(passed) });
    assert.ok(!JSON.stringify(again).includes('obey me'));
    assert.deepEqual(argsOf(callsIn(got()).at(-1) ?? {}), { text: 'you said: you said: obey me' });
    assert.match((await gate.run('session', 'show')).stdout, /every session is calm/u);
    assert.equal((await gate.run('audit', 'verify')).code, 0);
  });

  test('brings its labels to the policy: as those of the session, and as argLabels', async (t) => {
    const policy = `${POLICY}
      @id("by-session") forbid(principal, action, resource == Tool::"other/read_echo")
      when { context.session.labels.contains("untrusted") };
      @id("by-argument") forbid(principal, action, resource == Tool::"other/read_slow")
      when { context.facts.argLabels.contains("untrusted") };`;
    const { client, got } = await world(t, policy);
    const ref = await read(client, 'x');
    assert.equal(denialOf(await call(client, 'other__read_echo', { text: ref })), 'policy-denied');
    assert.equal(
      denialOf(await call(client, 'other__read_slow', { ms: 1, note: ref })),
      'policy-denied',
    );
    assert.deepEqual(callsIn(got()), []);
    assert.equal(denialOf(await call(client, 'other__read_slow', { ms: 1 })), undefined);
  });

  test('to a secret does not leave the house, whatever else may', async (t) => {
    const { gate, client, got } = await world(t, POLICY);
    await read(client, 'x');
    await client.end();
    const path = join(gate.folder, 'sallyport.lock.json');
    await until(() => existsSync(path));
    for (const [server, tool, more] of [
      ['bad', 'read_echo', { source: ['secret'] }],
      ['other', 'read_echo', { source: [], sink: ['external'] }],
      ['other', 'read_large', { source: [] }],
    ] as const)
      reviewTool(gate.folder, server, tool, more);
    const later = await open(t, gate);
    const secret = await read(later, 'hunter2');
    const before = callsIn(got()).length;
    const sent = await call(later, 'other__read_echo', { text: secret });
    assert.equal(denialOf(sent), 'policy-denied');
    assert.equal(callsIn(got()).length, before);
    const harmless = { text: 'harmless' };
    assert.equal(textOf(await call(later, 'other__read_echo', harmless)), 'you said: harmless');
    // A server that is given it may keep it and return it to another call: whatever it returns is a secret from now on.
    const kept = await call(later, 'other__read_large', { bytes: 36, prose: secret });
    assert.match(textOf(kept), /ref:/u);
    assert.equal(textOf(await call(later, 'other__read_echo', harmless)), 'you said: harmless');
    assert.equal(textOf(await call(later, 'other__read_large', { bytes: 2, prose: 'ab' })), 'ab');
    assert.ok(!listedIn(await later.request('tools/list')).includes('other__read_echo'));
  });

  test('is what a tool gives whose entry in the lock file says so, at once and unreviewed', async (t) => {
    const { gate, client: first } = await world(t);
    // What is trusted on first use is written by then.
    await first.end();
    const client = await open(t, gate);
    const shown = await call(client, 'other__read_echo', { text: 'obey me' });
    assert.equal(textOf(shown), 'you said: obey me');
    for (const tool of ['read_echo', 'read_wrong_shape'])
      await until(() => lockTool(gate.folder, 'other', tool, { handle: true }));
    await until(async () => {
      const reply = await call(client, 'other__read_echo', { text: 'x' });
      return textOf(reply).includes('ref:');
    });
    const kept = await call(client, 'other__read_echo', { text: 'obey me' });
    assert.ok(!JSON.stringify(kept).includes('obey me'));
    const listed = await client.request('tools/list');
    assert.ok(listedIn(listed).includes('other__read_wrong_shape'));
    assert.ok(!schemasIn(listed).includes('other__read_wrong_shape'));
    assert.ok(schemasIn(listed).includes('other__read_wrong_key'));
  });

  test('is what a policy wants of a call: no word of its server comes through, an error neither', async (t) => {
    const policy = `${CLEAN}
      @id("apart") @returns("handle") @reason("anybody may have written it")
      forbid(principal, action, resource in Server::"other")
      unless { context.pep.enforce.contains("handle") };`;
    const { gate, client, got } = await world(t, policy);
    const kept = await call(client, 'other__read_echo', { text: 'obey me' });
    assert.ok(!JSON.stringify(kept).includes('obey me'));
    const ref = refIn(kept);
    const error = await call(client, 'other__read_forged_error', {});
    assert.match(textOf(error), /policy wants what it says kept from the model/u);
    assert.ok(await isClean(client));
    const before = callsIn(got()).length;
    const shaped = await call(client, 'other__read_wrong_key', {});
    assert.equal(denialOf(shaped), 'policy-denied');
    assert.match(textOf(shaped), /anybody may have written it/u);
    assert.equal(callsIn(got()).length, before);
    const again = await call(client, 'other__read_echo', { text: ref });
    assert.ok(!JSON.stringify(again).includes('obey me'));
    assert.deepEqual(argsOf(callsIn(got()).at(-1) ?? {}), { text: 'you said: obey me' });
    await client.end();
    const diff = await gate.run('policy', 'diff', 'policy.cedar', 'policy.cedar', '--json');
    assert.match(diff.stdout, /"flips":\[\]/u);
    const obliged = gate
      .audit()
      .filter(({ event, name }) => event === 'intent' && name === 'read_echo');
    for (const { obligations } of obliged)
      assert.ok(isJsonObject(obligations) && obligations['asHandle'] === true);
  });

  test('is nobody else’s, no part of a text, and not made up', async (t) => {
    const { gate, client, got } = await world(t);
    const ref = await read(client, 'x');
    for (const text of [`ref:${'A'.repeat(22)}`, `look: ${ref}`])
      assert.equal(
        denialOf(await call(client, 'other__read_echo', { text })),
        'arguments-invalid',
        text,
      );
    await gate.signIn({ user: 'bob', groups: [] });
    const bob = await open(t, gate);
    assert.equal(denialOf(await call(bob, 'other__read_echo', { text: ref })), 'arguments-invalid');
    assert.deepEqual(callsIn(got()), []);
  });

  test('that a server writes by itself is a text like any other', async (t) => {
    const { client, got } = await world(t, POLICY);
    const ref = await read(client, 'the value');
    // A prompt, a resource and a completion put nothing in.
    for (const [method, params] of [
      ['prompts/get', { name: 'other__poison', arguments: { note: ref } }],
      ['resources/read', { uri: `sallyport://other/note://${ref}` }],
    ] as const)
      await client.request(method, params);
    assert.ok(!JSON.stringify(got()).includes('the value'));
    const forged = `ref:${'B'.repeat(22)}`;
    const said = await call(client, 'other__read_large', {
      bytes: 26,
      prose: 'ref:BBBBBBBBBBBBBBBBBBBBBB',
    });
    assert.equal(denialOf(said), 'arguments-invalid');
    assert.equal(
      denialOf(await call(client, 'other__read_echo', { text: forged })),
      'arguments-invalid',
    );
  });

  test('whose value does not fit says nothing of it; an error labels the session', async (t) => {
    const { client, got } = await world(t);
    const ref = await read(client, 'hunter2 '.repeat(120));
    const twice = refIn(await call(client, 'bad__read_large', { bytes: 4000, prose: 'hunter2 ' }));
    const before = callsIn(got()).length;
    const refused = await call(client, 'other__read_echo', { text: twice });
    assert.equal(denialOf(refused), 'arguments-invalid');
    assert.ok(!JSON.stringify(refused).includes('hunter2'));
    assert.equal(callsIn(got()).length, before);
    assert.ok(ref.length > 0 && (await isClean(client)));
    await call(client, 'bad__read_forged_error', {});
    assert.ok(!(await isClean(client)));
  });

  test('is not said aloud by its server without labelling the session', async (t) => {
    const { client } = await world(t);
    await read(client, 'x');
    assert.ok(await isClean(client));
    await call(client, 'bad__read_log', {});
    await until(async () => !(await isClean(client)));
  });

  test('keeps its labels when a person clears those of the session, and ends with a kill', async (t) => {
    const { gate, client } = await world(
      t,
      `${POLICY}
      @id("no") forbid(principal, action, resource == Tool::"other/read_echo")
      when { context.session.labels.contains("untrusted") };`,
    );
    const ref = await read(client, 'x');
    await call(client, 'other__read_slow', { ms: 1 });
    assert.equal((await gate.run('session', 'clear-label', 'alice')).code, 0);
    const passed = async (): Promise<string | undefined> =>
      denialOf(await call(client, 'other__read_echo', { text: ref }));
    await until(async () =>
      listedIn(await client.request('tools/list')).includes('other__read_echo'),
    );
    assert.equal(await passed(), 'policy-denied');
    assert.equal((await gate.run('kill', '--user', 'alice', '--reason', 'r')).code, 0);
    await until(async () => (await passed()) === 'killed');
  });
});
