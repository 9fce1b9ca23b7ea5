import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Denial } from '../../src/denial.ts';
import { localCaller } from '../../src/identity/local-caller.ts';
import { isJsonObject } from '../../src/lib/json.ts';
import type { Frame } from '../../src/wire/channel.ts';
import { createEventStream } from '../../src/wire/http-agent/event-stream.ts';
import { echoSessions } from '../support/echo-session.ts';
import {
  hearsOfClosed,
  openSession,
  post,
  startAgent,
  tokenFor,
  usual,
} from '../support/http-agent.ts';
import { until } from '../support/until.ts';
import { readStream, type EventReader } from '../support/sse.ts';

const alice = await tokenFor();
const bob = await tokenFor({ sub: 'bob' });
const pause = async (ms: number): Promise<void> =>
  await new Promise((resolve) => setTimeout(resolve, ms));

async function call(
  url: string,
  session: string,
  body: unknown,
  token = alice,
): Promise<EventReader> {
  return await readStream(url, {
    method: 'POST',
    headers: usual(token, { 'mcp-session-id': session, 'content-type': 'application/json' }),
    body: JSON.stringify(body),
  });
}

async function listen(
  url: string,
  session: string,
  lastEventId?: string,
  token = alice,
): Promise<EventReader> {
  return await readStream(url, {
    headers: usual(token, { 'mcp-session-id': session, 'last-event-id': lastEventId }),
  });
}

const frames = (events: readonly { data: string }[]): unknown[] =>
  events.filter(({ data }) => data !== '').map(({ data }): unknown => JSON.parse(data));
const request = (id: number, method: string, params: Frame = {}): Frame => ({
  jsonrpc: '2.0',
  id,
  method,
  params,
});
const note = (n: number): Frame => ({ jsonrpc: '2.0', method: 'notifications/x', params: { n } });

describe('the stream of a request', () => {
  test('carries what the request caused, then its response, then ends', async () => {
    await using agent = await startAgent(echoSessions());
    const session = await openSession(agent, alice);
    await using stream = await call(agent.url, session, request(1, 'progress', { count: 2 }));
    assert.equal(stream.headers.get('content-type'), 'text/event-stream');
    await stream.ended;
    assert.deepEqual(
      frames(stream.events).map((frame) => (isJsonObject(frame) ? Object.keys(frame) : [])),
      [
        ['jsonrpc', 'method', 'params'],
        ['jsonrpc', 'method', 'params'],
        ['jsonrpc', 'id', 'result'],
      ],
    );
  });

  test('never carries what another request caused', async () => {
    await using agent = await startAgent(echoSessions());
    const session = await openSession(agent, alice);
    const [one, two] = await Promise.all([
      call(agent.url, session, request(1, 'progress', { count: 3 })),
      call(agent.url, session, request(2, 'progress', { count: 5 })),
    ]);
    await Promise.all([one.ended, two.ended]);
    assert.deepEqual([one.events.length, two.events.length], [4, 6]);
  });

  test('keeps "1" and 1 apart, and refuses an id in use', async () => {
    const sessions = echoSessions();
    await using agent = await startAgent(sessions);
    const headers = { 'mcp-session-id': await openSession(agent, alice) };
    const slow = post(agent, alice, request(1, 'never'), headers);
    await until(() => sessions.all[0]?.received.length === 2);
    const text = await post(agent, alice, { ...request(1, 'echo'), id: '1' }, headers);
    assert.equal(text.status, 200);
    assert.equal((await post(agent, alice, request(1, 'echo'), headers)).status, 400);
    sessions.all[0]?.port.send({ jsonrpc: '2.0', id: 1, result: {} });
    assert.deepEqual((await slow).body, { jsonrpc: '2.0', id: 1, result: {} });
  });

  test('refuses more requests at once than it may keep', async () => {
    const sessions = echoSessions();
    await using agent = await startAgent({ ...sessions, limits: { maxInFlight: 2 } });
    const headers = { 'mcp-session-id': await openSession(agent, alice) };
    const slow = [1, 2].map(async (id) => await post(agent, alice, request(id, 'never'), headers));
    await until(() => sessions.all[0]?.received.length === 3);
    assert.equal((await post(agent, alice, request(3, 'echo'), headers)).status, 429);
    for (const id of [1, 2]) sessions.all[0]?.port.send({ jsonrpc: '2.0', id, result: {} });
    for (const { status } of await Promise.all(slow)) assert.equal(status, 200);
  });

  for (const [version, primed] of [
    ['2025-11-25', true],
    ['2025-06-18', false],
  ] as const)
    test(`opens when the answer takes long, ${primed ? 'with' : 'without'} an empty event for ${version}`, async () => {
      await using agent = await startAgent({ ...echoSessions(), limits: { patienceMs: 50 } });
      const session = await openSession(agent, alice, version);
      await using stream = await call(agent.url, session, request(1, 'wait', { ms: 200 }));
      assert.equal(stream.headers.get('content-type'), 'text/event-stream');
      await stream.ended;
      assert.equal(
        stream.events.some(({ data }) => data === ''),
        primed,
      );
      assert.deepEqual(frames(stream.events), [{ jsonrpc: '2.0', id: 1, result: {} }]);
    });

  test('that was cut off is taken up again after the last event, once', async () => {
    await using agent = await startAgent({ ...echoSessions(), limits: { patienceMs: 20 } });
    const session = await openSession(agent, alice);
    const first = await call(agent.url, session, request(1, 'wait', { ms: 300 }));
    const [primer] = await first.atLeast(1);
    await first[Symbol.asyncDispose]();
    await using again = await listen(agent.url, session, primer?.id);
    await again.ended;
    assert.deepEqual(frames(again.events), [{ jsonrpc: '2.0', id: 1, result: {} }]);
  });

  test('that was cut off can still be replayed when its answer has come', async () => {
    await using agent = await startAgent(echoSessions());
    const session = await openSession(agent, alice);
    await using stream = await call(agent.url, session, request(1, 'progress', { count: 3 }));
    await stream.ended;
    await using again = await listen(agent.url, session, stream.events[1]?.id);
    await again.ended;
    assert.deepEqual(frames(again.events), frames(stream.events).slice(2));
  });

  test('of one session cannot be replayed in another', async () => {
    await using agent = await startAgent(echoSessions());
    const hers = await openSession(agent, alice);
    await using stream = await call(agent.url, hers, request(1, 'progress', { count: 3 }));
    await stream.ended;
    const id = stream.events[0]?.id;
    for (const [token, session] of [
      [bob, await openSession(agent, bob)],
      [alice, await openSession(agent, alice)],
    ] as const) {
      await using again = await listen(agent.url, session, id, token);
      assert.equal(again.status, 400);
    }
  });

  for (const id of ['9.0', '0', '0.x', '-1.0', '1.0, 1.0', '__proto__.0', '0.9999999999999'])
    test(`does not take ${JSON.stringify(id)} for an event`, async () => {
      await using agent = await startAgent(echoSessions());
      await using again = await listen(agent.url, await openSession(agent, alice), id);
      assert.equal(again.status, 400);
    });

  test('that the client left without an event id is not kept', async () => {
    const sessions = echoSessions();
    await using agent = await startAgent(sessions);
    const session = await openSession(agent, alice);
    const abort = new AbortController();
    const gone = fetch(agent.url, {
      method: 'POST',
      headers: usual(alice, { 'mcp-session-id': session, 'content-type': 'application/json' }),
      body: JSON.stringify(request(1, 'wait', { ms: 100 })),
      signal: abort.signal,
    });
    gone.catch(() => undefined);
    await until(() => sessions.all[0]?.received.length === 2);
    abort.abort();
    await assert.rejects(gone);
    // It was not cancelled either: only `notifications/cancelled` does that.
    await pause(150);
    const { received } = sessions.all[0] ?? { received: [] };
    assert.deepEqual(
      received.map(({ method }) => method),
      ['initialize', 'wait'],
    );
  });

  test('ends when the client cancels, and makes room for another', async () => {
    const sessions = echoSessions();
    await using agent = await startAgent({ ...sessions, limits: { maxInFlight: 1 } });
    const headers = { 'mcp-session-id': await openSession(agent, alice) };
    for (let id = 1; id < 4; id++) {
      const never = post(agent, alice, request(id, 'never'), headers);
      await until(() => sessions.all[0]?.received.at(-1)?.['id'] === id);
      const params = { requestId: id };
      const cancel = { jsonrpc: '2.0', method: 'notifications/cancelled', params };
      assert.equal((await post(agent, alice, cancel, headers)).status, 202);
      assert.equal((await never).text, '');
    }
  });

  test('tells the server when its question cannot reach the client', async () => {
    const sessions = echoSessions();
    await using agent = await startAgent(sessions);
    const session = await openSession(agent, alice);
    const abort = new AbortController();
    const gone = fetch(agent.url, {
      method: 'POST',
      headers: usual(alice, { 'mcp-session-id': session, 'content-type': 'application/json' }),
      body: JSON.stringify(request(1, 'never')),
      signal: abort.signal,
    }).catch(() => undefined);
    await until(() => sessions.all[0]?.received.length === 2);
    abort.abort();
    await gone;
    await hearsOfClosed(agent);
    sessions.all[0]?.port.send(request(77, 'sampling/createMessage'), 1);
    await until(() => sessions.all[0]?.received.length === 3);
    const last = sessions.all[0]?.received.at(-1);
    assert.deepEqual([last?.['id'], last?.['method']], [77, undefined]);
    assert.ok(last?.['error'] !== undefined);
  });
});

describe('the standalone stream', () => {
  test('carries what no request caused, and what waited for it', async () => {
    const sessions = echoSessions();
    await using agent = await startAgent(sessions);
    const session = await openSession(agent, alice);
    sessions.all[0]?.port.send(note(1));
    await using stream = await listen(agent.url, session);
    await stream.atLeast(1);
    sessions.all[0]?.port.send(note(2));
    await stream.atLeast(2);
    assert.deepEqual(frames(stream.events), [note(1), note(2)]);
  });

  test('is one: a second is 409, the one that comes back takes over', async () => {
    const sessions = echoSessions();
    await using agent = await startAgent(sessions);
    const session = await openSession(agent, alice);
    await using first = await listen(agent.url, session);
    sessions.all[0]?.port.send(note(1));
    const [event] = await first.atLeast(1);
    await using second = await listen(agent.url, session);
    assert.equal(second.status, 409);
    await using again = await listen(agent.url, session, event?.id);
    sessions.all[0]?.port.send(note(2));
    await again.atLeast(1);
    await first.ended;
    assert.deepEqual(frames(again.events), [note(2)]);
    assert.equal(first.events.length, 1);
  });

  test('is kept awake', async () => {
    await using agent = await startAgent({
      ...echoSessions(),
      limits: { stallMs: 300, beatMs: 50 },
    });
    const session = await openSession(agent, alice);
    await using stream = await listen(agent.url, session);
    const early = await Promise.race([stream.ended.then(() => 'ended'), pause(800)]);
    assert.equal(early, undefined);
  });

  test('ends when its token is not accepted any more', async () => {
    let valid = true;
    await using agent = await startAgent({
      ...echoSessions(),
      limits: { beatMs: 20 },
      async verify() {
        if (!valid) throw new Denial('token-invalid', 'Cannot accept the token: it has expired');
        return localCaller({ user: 'alice', groups: [] });
      },
    });
    const session = await openSession(agent, alice);
    await using stream = await listen(agent.url, session);
    assert.equal(stream.status, 200);
    valid = false;
    await stream.ended;
  });

  test('ends with its session', async () => {
    await using agent = await startAgent(echoSessions());
    const session = await openSession(agent, alice);
    await using stream = await listen(agent.url, session);
    const headers = usual(alice, { 'mcp-session-id': session });
    await fetch(agent.url, { method: 'DELETE', headers });
    await stream.ended;
  });
});

describe('a queue without a reader', () => {
  const limits = { queueBytes: 1000, replayBytes: 1000 };

  test('loses the oldest notifications first, and stays bounded', () => {
    const dropped: Frame[] = [];
    const stream = createEventStream('0', limits, (frame) => dropped.push(frame));
    for (let n = 0; n < 10_000; n++) stream.push(note(n));
    assert.ok(stream.size <= 1000);
    assert.deepEqual(dropped, []);
  });

  test('loses requests after notifications, and says which', () => {
    const dropped: Frame[] = [];
    const stream = createEventStream('0', limits, (frame) => dropped.push(frame));
    for (let id = 0; id < 100; id++) stream.push(request(id, 'roots/list'));
    assert.ok(stream.size <= 1000);
    assert.ok(dropped.length > 80);
    assert.equal(dropped[0]?.['id'], 0);
  });

  test('never loses a response', () => {
    const stream = createEventStream('0', limits, () => undefined);
    const response = { jsonrpc: '2.0', id: 1, result: { text: 'x'.repeat(5000) } };
    stream.push(response);
    for (let n = 0; n < 100; n++) stream.push(note(n));
    assert.ok(stream.size > 5000 && stream.size < 6500);
  });
});
