import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Caller } from '../../src/call.ts';
import { createCallLimits, type CallLimitsOptions } from '../../src/call-limits.ts';
import type { Stages } from '../../src/pipeline.ts';
import { createSessions } from '../../src/session.ts';
import { lockIn } from '../catalogue/support/lock.ts';
import { realServer } from '../support/gate.ts';
import { openSession, post, type RawAnswer } from '../support/http-agent.ts';
import { startHttpGate, type HttpGate } from '../support/http-gate.ts';
import { until } from '../support/until.ts';

const ALICE: Caller = {
  issuer: 'https://idp.example',
  subject: 'alice',
  client: 'agent',
  groups: [],
  scopes: [],
  assurance: 1,
};

/** Looks something up behind the limits; resolves to whether it was let. */
type Ask = (caller: Caller) => Promise<boolean>;

async function limited(
  context: TestContext,
  options: Omit<CallLimitsOptions, 'now'>,
): Promise<{ readonly ask: Ask; readonly pass: (ms: number) => void; readonly found: string[] }> {
  let time = 0;
  const lock = await lockIn(context);
  const sessions = createSessions();
  const found: string[] = [];
  const find: Stages['find'] = async () => {
    found.push('x');
    return lock.subject('a', 'tool', 'x', {});
  };
  const counted = createCallLimits({ ...options, now: () => time }).counted(find);
  return {
    found,
    pass(ms) {
      time += ms;
    },
    async ask(caller) {
      const message = {
        session: sessions.open(caller),
        method: 'tools/call',
        params: {},
        id: 1,
      } as const;
      return await counted(message, AbortSignal.timeout(1000)).then(
        () => true,
        (thrown: unknown) => {
          assert.ok(thrown instanceof Error && 'code' in thrown);
          assert.equal(thrown.code, 'rate-limited');
          return false;
        },
      );
    },
  };
}

describe('calls of a minute', () => {
  test('are counted for each caller, and come back evenly', async (context) => {
    const { ask, pass, found } = await limited(context, { callsPerMinute: { perCaller: 6 } });
    for (let call = 0; call < 6; call++) assert.equal(await ask(ALICE), true);
    assert.equal(await ask(ALICE), false);
    assert.equal(found.length, 6);
    assert.equal(await ask({ ...ALICE, subject: 'bob' }), true);
    pass(9999);
    assert.equal(await ask(ALICE), false);
    pass(1);
    assert.equal(await ask(ALICE), true);
    assert.equal(await ask(ALICE), false);
    pass(3_600_000);
    for (let call = 0; call < 6; call++) assert.equal(await ask(ALICE), true);
    assert.equal(await ask(ALICE), false);
  });

  for (const [name, other] of [
    ['another program', { ...ALICE, client: 'registered-a-moment-ago' }],
    ['another key', { ...ALICE, key: 'x'.repeat(43) }],
    ['other scopes', { ...ALICE, scopes: ['more'] }],
    ['a new sign-in', { ...ALICE, authTime: 5 }],
  ] as const)
    test(`are not fewer with ${name}`, async (context) => {
      const { ask } = await limited(context, { callsPerMinute: { perCaller: 1 } });
      assert.equal(await ask(ALICE), true);
      assert.equal(await ask(other), false);
    });

  test('are not limited where nobody limits them', async (context) => {
    const { ask } = await limited(context, {});
    for (let call = 0; call < 1000; call++) assert.equal(await ask(ALICE), true);
  });
});

const SLOW = {
  name: 'everything__trigger-long-running-operation',
  arguments: { duration: 1, steps: 1 },
};

type Send = (method: string, params: object) => Promise<RawAnswer>;

async function open(gate: HttpGate, token: string): Promise<Send> {
  const session = await openSession(gate, token);
  const headers = { 'mcp-session-id': session };
  await post(gate, token, { jsonrpc: '2.0', method: 'notifications/initialized' }, headers);
  let id = 0;
  async function send(method: string, params: object): Promise<RawAnswer> {
    return await post(gate, token, { jsonrpc: '2.0', id: ++id, method, params }, headers);
  }
  await until(async () => (await send('tools/list', {})).text.includes('everything__'));
  return send;
}

async function caller(
  gate: HttpGate,
  sub: string,
): Promise<(params: object) => Promise<RawAnswer>> {
  const send = await open(gate, await gate.token({ sub }));
  return async (params) => await send('tools/call', params);
}

const isLimited = ({ text }: RawAnswer): boolean => text.includes('rate-limited');

test('calls of a minute: what one caller is refused shuts nobody else out of a server', async (context) => {
  const gate = await startHttpGate(context, {
    servers: { everything: realServer('everything') },
    policy: '@id("test.all") permit(principal, action, resource);',
    config: { limits: { callsPerMinute: { perServer: 2 } } },
  });
  const [alice, mallory] = [await caller(gate, 'alice'), await caller(gate, 'mallory')];
  const echo = { name: 'everything__echo', arguments: { message: 'x' } };
  for (let call = 0; call < 4; call++)
    assert.match(
      (await mallory({ ...echo, arguments: { message: 1 } })).text,
      /arguments-invalid/u,
    );
  assert.ok(!isLimited(await alice(echo)));
  assert.ok(!isLimited(await alice(echo)));
  assert.match((await alice(echo)).text, /everything was asked more than 2 calls in a minute/u);
});

test('calls at once: a caller’s own wait for nobody else’s, over all sessions', async (context) => {
  const gate = await startHttpGate(context, {
    servers: { everything: realServer('everything') },
    policy: '@id("test.all") permit(principal, action, resource);',
    config: { limits: { callsAtOnce: { perCaller: 2, perServer: 3 } } },
  });
  const [one, two] = [await caller(gate, 'alice'), await caller(gate, 'alice')];
  const bob = await caller(gate, 'bob');
  const answers = await Promise.all([one(SLOW), two(SLOW), one(SLOW), two(SLOW)]);
  const refused = answers.filter(({ text }) => text.includes('rate-limited'));
  assert.equal(refused.length, 2);
  assert.match(refused[0]?.text ?? '', /2 calls of yours are in work/u);
  // Alice has two places of the three, whoever of the two others comes first.
  const crowd = await Promise.all([one(SLOW), two(SLOW), bob(SLOW), bob(SLOW)]);
  const full = crowd.filter(({ text }) => text.includes('3 calls at everything are in work'));
  assert.equal(full.length, 1);
  // Places are free again, also those of calls that were refused.
  assert.ok(!(await one(SLOW)).text.includes('rate-limited'));
});

test('calls at once: who follows a resource needs a place as well', async (context) => {
  const gate = await startHttpGate(context, {
    servers: { everything: realServer('everything') },
    policy: '@id("test.all") permit(principal, action, resource);',
    config: { limits: { callsAtOnce: { perCaller: 1 } } },
  });
  const send = await open(gate, await gate.token());
  const { text } = await send('resources/list', {});
  const [, uri] = /"uri":"([^"]+)"/u.exec(text) ?? [];
  assert.ok(!isLimited(await send('resources/subscribe', { uri })));
  const slow = send('tools/call', SLOW);
  await sleep(300);
  for (const method of ['resources/subscribe', 'resources/unsubscribe'])
    assert.match((await send(method, { uri })).text, /1 calls of yours are in work/u);
  assert.ok(!isLimited(await slow));
});

test('what a session has read stays with the person, whatever their client brings anew', () => {
  const sessions = createSessions();
  const first = sessions.open(ALICE);
  first.addLabels(['untrusted']);
  for (const fresh of [
    { ...ALICE },
    { ...ALICE, key: 'x'.repeat(43) },
    { ...ALICE, scopes: ['more'], groups: ['board'] },
    { ...ALICE, authTime: 5 },
  ]) {
    const session = sessions.open(fresh);
    assert.equal(session.id, first.id);
    assert.ok(session.labels.has('untrusted'));
  }
  assert.ok(!sessions.open({ ...ALICE, subject: 'bob' }).labels.has('untrusted'));
});
