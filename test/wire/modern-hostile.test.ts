import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { Denial } from '../../src/denial.ts';
import { packageRoot } from '../../src/lib/package-root.ts';
import type { JsonObject } from '../../src/lib/json.ts';
import { createEraMemory } from '../../src/wire/modern-upstream/era-memory.ts';
import { openEitherEra } from '../../src/wire/modern-upstream/open-either-era.ts';
import { openStdioChannel } from '../../src/wire/stdio-upstream.ts';
import { until } from '../support/until.ts';
import { upstreamTo, type Reached } from '../support/upstream-to.ts';

const SERVER = join(packageRoot(), 'dist', 'test', 'support', 'hostile-modern-server.js');

async function reach(
  context: TestContext,
  habit: string,
  answer?: (method: string) => JsonObject | 'never',
): Promise<Reached> {
  const open = openStdioChannel({
    command: process.execPath,
    args: [SERVER, habit],
    env: {},
    maxFrameBytes: 10_000_000,
    onStderr: () => undefined,
    graceMs: 500,
  });
  return await upstreamTo(
    context,
    openEitherEra({ open, memory: createEraMemory() }),
    answer ?? (() => ({ result: { roots: [] } })),
  );
}

for (const [habit, why] of [
  ['odd-type', /of a type that tools\/call does not have/u],
  ['type-no-string', /of a type that tools\/call does not have/u],
  ['endless', /still asked after 10 answers/u],
  ['endless-state', /still asked after 10 answers/u],
  ['large-state', /longer than 262144 characters/u],
  ['state-no-string', /not a string/u],
  ['asks-nothing', /asked for nothing/u],
  ['asks-a-list', /not an object/u],
  ['asks-odd', /what no client answers/u],
  ['asks-much', /more than 16 things/u],
  ['no-result', /no result/u],
] as const)
  test(`a modern server of the habit ${habit} fails the call and nothing else`, async (context) => {
    const { upstream, call, refused } = await reach(context, habit);
    await assert.rejects(call('any'), (thrown: unknown) => {
      assert.ok(thrown instanceof Denial);
      assert.equal(thrown.code, 'upstream-failed');
      assert.match(thrown.message, why);
      return true;
    });
    assert.equal(refused.length, 1);
    assert.equal(upstream.state, 'ready');
    assert.ok(await call('heard'));
    assert.equal(upstream.inFlight, 0);
  });

test('a modern server is not taken to run tasks of the older form', async (context) => {
  const { upstream } = await reach(context, 'none');
  assert.deepEqual(Object.keys(upstream.capabilities), ['tools', 'resources', 'logging']);
});

test('a page to open has an identifier of its own, which only the legacy era knows', async (context) => {
  const { call, asked } = await reach(context, 'asks-for-pages', () => ({
    result: { action: 'accept' },
  }));
  await assert.rejects(call('any'), /still asked/u);
  const ids = asked.map(({ params }) => params['elicitationId']);
  assert.ok(ids.every((id) => typeof id === 'string' && id.length > 20));
  assert.equal(new Set(ids).size, 11);
});

test('a list cannot ask', async (context) => {
  const { upstream, asked } = await reach(context, 'list-asks');
  const limits = { signal: new AbortController().signal, timeoutMs: 30_000, maxTotalMs: 30_000 };
  await assert.rejects(upstream.request('tools/list', {}, limits), { code: 'upstream-failed' });
  assert.equal(asked.length, 0);
});

test('an answer to what was not asked meets nobody', async (context) => {
  const { call, refused } = await reach(context, 'answers-others');
  assert.deepEqual(await call('any'), { resultType: 'complete', content: [] });
  assert.deepEqual(new Set(refused), new Set(['a response nobody waits for']));
  assert.ok(refused.length >= 7);
});

test('a modern server may not send requests', async (context) => {
  const { call, asked, refused } = await reach(context, 'sends-requests');
  assert.deepEqual(await call('any'), { resultType: 'complete', content: [] });
  assert.deepEqual(asked, []);
  assert.deepEqual(refused, ['a modern server sent a request']);
});

test('changes that come outside of the stream are not told, and cancel nothing', async (context) => {
  const { call, told, refused } = await reach(context, 'stray-changes');
  await call('any');
  assert.deepEqual(told, []);
  assert.equal(refused.filter((why) => why === 'a change that nobody listens for').length, 2);
});

test('a stream that floods is cut by the limit of the upstream', async (context) => {
  const { upstream, call, told, refused } = await reach(context, 'floods');
  await until(() => refused.length > 0);
  await call('any');
  assert.ok(told.length > 0 && told.length <= 1000, String(told.length));
  assert.match(refused[0] ?? '', /flood/u);
  assert.equal(upstream.state, 'ready');
});

test('a subscription that is never acknowledged is refused in time, and calls go on', async (context) => {
  const { upstream, call } = await reach(context, 'never-acknowledges');
  const limits = { signal: new AbortController().signal, timeoutMs: 30_000, maxTotalMs: 30_000 };
  const subscribed = upstream.request('resources/subscribe', { uri: 'a:b' }, limits);
  assert.ok(await call('any'));
  await assert.rejects(subscribed, /does not say that it follows/u);
});

test('a server that no longer knows the version is connected to anew', async (context) => {
  const { upstream, call, downs } = await reach(context, 'forgets-version');
  const failing = assert.rejects(call('any'), { code: 'upstream-failed' });
  // Once more on the new connection, and no more.
  await until(() => downs.length === 2);
  await failing;
  assert.match(downs[0] ?? '', /does not speak the protocol version any more/u);
  await until(() => upstream.state === 'ready');
  assert.ok(await call('heard'));
});

for (const [habit, questions] of [
  ['forgets-version-after-asking', 1],
  ['forgets-version-after-working', 0],
] as const)
  test(`a call is not begun again by a server of the habit ${habit}`, async (context) => {
    const { upstream, call, asked, downs } = await reach(context, habit);
    await assert.rejects(call('any'), { code: 'upstream-failed' });
    await until(() => downs.length === 1 && upstream.state === 'ready');
    // Another process by now: what it heard is what was sent again.
    assert.doesNotMatch(JSON.stringify(await call('heard')), /"any"/u);
    assert.deepEqual([asked.length, downs.length], [questions, 1]);
  });

test('a server of versions that nobody here speaks stays down, and says why', async (context) => {
  const { upstream, downs } = await reach(context, 'other-versions');
  assert.equal(upstream.state, 'down');
  assert.match(
    downs[0] ?? '',
    /Cannot reach bad: it speaks protocol versions .*2099-01-01.*, which are not supported/u,
  );
});

test('a client that refuses to answer fails the call, and the other questions are withdrawn', async (context) => {
  let first = true;
  const { upstream, call, asked, told } = await reach(context, 'asks-slowly', () => {
    if (!first) return 'never';
    first = false;
    return { error: { code: -32601, message: 'no' } };
  });
  await assert.rejects(call('any'), /did not answer elicitation\/create/u);
  assert.equal(asked.length, 2);
  assert.deepEqual(told, ['notifications/cancelled']);
  assert.equal(upstream.inFlight, 0);
});

test('a call that is given up while its questions are open withdraws them and is not asked again', async (context) => {
  const { call, asked, told } = await reach(context, 'asks-slowly', () => 'never');
  await assert.rejects(call('any', 3000), { code: 'upstream-timeout' });
  await until(() => told.length === 2);
  assert.deepEqual(told, ['notifications/cancelled', 'notifications/cancelled']);
  assert.equal(asked.length, 2);
  const { heard } = await call('heard');
  const calls = Array.isArray(heard) ? JSON.stringify(heard).match(/"tools\/call"/gu) : [];
  assert.equal(calls?.length, 2);
});

test('a server that does not listen is asked once, and once more for a subscription', async (context) => {
  const { upstream, call } = await reach(context, 'does-not-listen');
  const limits = { signal: new AbortController().signal, timeoutMs: 30_000, maxTotalMs: 30_000 };
  await assert.rejects(upstream.request('resources/subscribe', { uri: 'a:b' }, limits));
  // Longer than the first pause before a stream is opened again.
  await new Promise((resolve) => setTimeout(resolve, 1500));
  const { heard } = await call('heard');
  assert.equal(JSON.stringify(heard).match(/"subscriptions\/listen"/gu)?.length, 2);
});

test('a stream that takes over from one that ends stays, and what was missed between them is told', async (context) => {
  const { upstream, call, told } = await reach(context, 'ends-streams');
  const limits = { signal: new AbortController().signal, timeoutMs: 30_000, maxTotalMs: 30_000 };
  await upstream.request('resources/subscribe', { uri: 'a:b' }, limits);
  assert.deepEqual(told, ['notifications/tools/list_changed', 'notifications/resources/updated']);
  // Longer than the first pause before a stream is opened again.
  await new Promise((resolve) => setTimeout(resolve, 1500));
  const { heard } = await call('heard');
  assert.equal(JSON.stringify(heard).match(/"subscriptions\/listen"/gu)?.length, 2);
});
