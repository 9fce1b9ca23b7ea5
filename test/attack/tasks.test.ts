import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { test, type TestContext } from 'node:test';
import { isJsonObject, type JsonObject } from '../../src/lib/json.ts';
import { packageRoot } from '../../src/lib/package-root.ts';
import { serve, startFrames, type Frame, type FramesClient } from '../support/frames-client.ts';
import { createGate, received, type Gate } from '../support/gate.ts';
import { TRACE } from '../support/hostile-tools.ts';
import { denialOf, isErrorOf, rpcCodeOf, textOf } from '../support/replies.ts';
import { openSession, post } from '../support/http-agent.ts';
import { startHttpGate, type HttpGate } from '../support/http-gate.ts';
import { ask } from '../support/modern-frames.ts';
import { scratch } from '../support/scratch.ts';
import { stringOf } from '../support/string-of.ts';
import { until } from '../support/until.ts';

const RELATED = 'io.modelcontextprotocol/related-task';

type Place = Gate & { readonly log: string; readonly state: string };

async function place(context: TestContext, policy?: string, more: object = {}): Promise<Place> {
  const folder = await scratch(context);
  const [log, state] = [join(folder, 'received.jsonl'), join(folder, 'state')];
  writeFileSync(state, '');
  const command = process.execPath;
  const args = [join(packageRoot(), 'dist', 'test', 'support', 'task-server.js')];
  const env = { HOSTILE_LOG: log, HOSTILE_STATE: state };
  const gate = await createGate(context, {
    firstUse: true,
    ...(policy === undefined ? {} : { policy }),
    servers: { bad: { command, args, env, ...more } },
  });
  return { ...gate, log, state };
}

async function begin(client: FramesClient, tool: string, task: JsonObject = {}): Promise<Frame> {
  return await client.request('tools/call', { name: `bad__${tool}`, arguments: {}, task });
}

function taskIn({ result }: Frame): JsonObject {
  const task = isJsonObject(result) && isJsonObject(result['task']) ? result['task'] : result;
  assert.ok(isJsonObject(task), JSON.stringify(result));
  return task;
}

async function beginId(client: FramesClient, tool: string, task: JsonObject = {}): Promise<string> {
  return stringOf(taskIn(await begin(client, tool, task))['taskId']);
}

function sent(log: string, method: string): JsonObject[] {
  return received(log).filter((frame) => frame['method'] === method);
}

test('a task whose result is redacted says nothing in words before it', async (context) => {
  const gate = await place(
    context,
    `@id("all") permit (principal, action, resource);
     @id("no-pii") @redact("pii") forbid (principal, action, resource in Server::"bad")
     unless { context.pep.enforce.contains("pii") };`,
  );
  const client = startFrames(context, serve(gate));
  await client.open({ tasks: {} });
  await client.request('tools/list');
  const { result: begun } = await begin(client, 'read_soon');
  assert.deepEqual(Object.keys(isJsonObject(begun) ? begun : {}), ['task']);
  const { taskId, status } = taskIn({ result: begun });
  assert.equal(status, 'working');
  const { result } = await client.request('tasks/result', { taskId });
  assert.equal(textOf({ result }), 'done: read_soon');
  assert.equal(taskIn(await client.request('tasks/get', { taskId }))['status'], 'completed');
  assert.doesNotMatch(JSON.stringify(client.received), /statusMessage|Reading"|a while/u);
});

test('a task of a server', async (context) => {
  const gate = await place(context);
  const client = startFrames(context, serve(gate));
  const tasks = { requests: { elicitation: { create: {} }, sampling: { createMessage: {} } } };
  await client.open({ elicitation: {}, tasks });
  await client.request('tools/list');
  const get = async (taskId: string): Promise<JsonObject> =>
    taskIn(await client.request('tasks/get', { taskId }));
  const fetch = async (taskId: string): Promise<Frame> =>
    await client.request('tasks/result', { taskId });

  await context.test('has an id of the gate, and never shows the one of the server', async () => {
    const answer = await begin(client, 'read_soon', { ttl: 20_000 });
    const { taskId, ttl, status, statusMessage } = taskIn(answer);
    assert.match(stringOf(taskId), /^[0-9a-f-]{36}$/u);
    assert.deepEqual([ttl, status, statusMessage], [20_000, 'working', 'Reading']);
    const { result } = await fetch(stringOf(taskId));
    assert.ok(isJsonObject(result));
    assert.equal(textOf({ result }), 'done: read_soon');
    assert.deepEqual(result['_meta'], { [RELATED]: { taskId } });
    assert.doesNotMatch(JSON.stringify(client.received), /upstream-/u);
    assert.equal((await get(stringOf(taskId)))['status'], 'completed');
    assert.ok(isJsonObject(answer['result']));
    assert.deepEqual(answer['result']['_meta'], {
      'io.modelcontextprotocol/model-immediate-response': 'It will take a while.',
    });
  });

  for (const [tool, code] of [
    ['read_poison', 'output-withheld'],
    ['read_untrue', 'output-invalid'],
  ] as const)
    await context.test(`is read like any result: ${tool} comes to ${code}`, async () => {
      const id = await beginId(client, tool);
      const answer = await fetch(id);
      assert.deepEqual([denialOf(answer), isErrorOf(answer)], [code, true]);
      assert.doesNotMatch(JSON.stringify(answer), new RegExp(TRACE, 'u'));
      assert.equal((await get(id))['status'], 'failed');
    });

  await context.test('that fails or is refused at once says what the server said', async () => {
    const failed = await fetch(await beginId(client, 'read_fails'));
    assert.deepEqual([rpcCodeOf(failed), textOf(failed)], [-32050, 'out of paper']);
    const refused = await begin(client, 'read_refuses');
    assert.deepEqual([rpcCodeOf(refused), textOf(refused)], [-32602, 'no such page']);
  });

  await context.test('ends when its result came, whatever the server says before', async () => {
    const from = client.received.length;
    const answer = await begin(client, 'read_says');
    const id = stringOf(taskIn(answer)['taskId']);
    assert.deepEqual(Object.keys(isJsonObject(answer['result']) ? answer['result'] : {}), ['task']);
    assert.equal((await get(id))['status'], 'working');
    await client.request('tools/call', { name: 'bad__read_plain' });
    await fetch(id);
    const told = client.received
      .slice(from)
      .filter(({ method }) => method === 'notifications/tasks/status');
    assert.deepEqual(
      told.map(({ params }) => isJsonObject(params) && [params['taskId'], params['status']]),
      [[id, 'completed']],
    );
    assert.doesNotMatch(JSON.stringify(client.received.slice(from)), new RegExp(TRACE, 'u'));
    assert.doesNotMatch(JSON.stringify(client.received.slice(from)), /nobody-1|scanned/u);
  });

  await context.test('tells its progress under the token of the client', async () => {
    const from = client.received.length;
    const params = { name: 'bad__read_steps', task: {}, _meta: { progressToken: 'mine' } };
    const begun = await client.request('tools/call', params);
    const taskId = stringOf(taskIn(begun)['taskId']);
    await fetch(taskId);
    const _meta = { [RELATED]: { taskId } };
    const told = client.received
      .slice(from)
      .filter(({ method }) => method === 'notifications/progress');
    assert.deepEqual(
      told.map((frame) => frame['params']),
      [{ progressToken: 'mine', progress: 1, _meta }],
    );
    const said = client.received
      .slice(from)
      .find(({ method }) => method === 'notifications/message');
    assert.deepEqual(said?.['params'], { level: 'info', data: 'half', _meta });
    assert.doesNotMatch(JSON.stringify(client.received.slice(from)), /upstream-/u);
  });

  await context.test('whose id the server gives twice is not mixed up with the other', async () => {
    await beginId(client, 'read_same');
    const second = await begin(client, 'read_same');
    assert.equal(denialOf(second), 'upstream-failed');
  });

  await context.test('that comes to its result at once is a task all the same', async () => {
    assert.equal(textOf(await fetch(await beginId(client, 'read_at_once'))), 'plain: read_at_once');
  });

  await context.test('is cancelled at the server, and stays cancelled', async () => {
    const id = await beginId(client, 'read_never');
    const waiting = fetch(id);
    const cancelled = taskIn(await client.request('tasks/cancel', { taskId: id }));
    assert.equal(cancelled['status'], 'cancelled');
    assert.equal(denialOf(await waiting), 'upstream-failed');
    await until(() => sent(gate.log, 'tasks/cancel').length > 0);
    assert.equal((await get(id))['status'], 'cancelled');
    assert.equal(rpcCodeOf(await client.request('tasks/cancel', { taskId: id })), -32602);
  });

  await context.test('is over when its time is', async () => {
    const before = sent(gate.log, 'tasks/cancel').length;
    const begun = taskIn(await begin(client, 'read_never', { ttl: 1 }));
    const id = stringOf(begun['taskId']);
    assert.equal(begun['ttl'], 1000);
    assert.equal(denialOf(await fetch(id)), 'upstream-failed');
    assert.equal(rpcCodeOf(await client.request('tasks/get', { taskId: id })), -32602);
    await until(() => sent(gate.log, 'tasks/cancel').length > before);
  });

  await context.test('asks when the client comes for the result, not before', async () => {
    let asked: JsonObject = {};
    client.answer = ({ params }) => {
      asked = isJsonObject(params) ? params : {};
      return { result: { action: 'accept', content: {}, _meta: { [RELATED]: { taskId: 'x' } } } };
    };
    const id = await beginId(client, 'read_asks');
    await until(async () => (await get(id))['status'] === 'input_required');
    assert.deepEqual(asked, {});
    assert.equal(textOf(await fetch(id)), 'done: read_asks');
    assert.deepEqual(
      [asked['message'], asked['_meta']],
      ['[bad] Which page?', { [RELATED]: { taskId: id } }],
    );
    const answer = received(gate.log).find(
      ({ id: of }) => typeof of === 'string' && of.startsWith('ask-'),
    );
    assert.match(JSON.stringify(answer), /"taskId":"upstream-\d+"/u);
  });

  await context.test('asks whoever still waits when another who waited has gone', async () => {
    client.answer = () => ({ result: { action: 'accept', content: {} } });
    const id = await beginId(client, 'read_asks_late');
    const waiting = fetch(id);
    client.send({ jsonrpc: '2.0', id: 'second', method: 'tasks/result', params: { taskId: id } });
    client.notify('notifications/cancelled', { requestId: 'second' });
    assert.equal(textOf(await waiting), 'done: read_asks_late');
  });

  await context.test('does not get a question that names no task', async () => {
    const asked: unknown[] = [];
    client.answer = ({ params }) => {
      asked.push(isJsonObject(params) ? params['_meta'] : 'none');
      return { result: { action: 'accept', content: {} } };
    };
    const id = await beginId(client, 'read_asks_loose');
    await until(async () => (await get(id))['status'] === 'completed');
    assert.deepEqual(asked, [undefined]);
  });

  await context.test('cannot have the client answer later, under an id of the client', async () => {
    const from = client.received.length;
    client.answer = () => ({ result: { action: 'accept', content: {} } });
    assert.match(textOf(await fetch(await beginId(client, 'read_asks_kept'))), /read_asks_kept/u);
    const asked = client.received.slice(from).find(({ method }) => method === 'elicitation/create');
    assert.ok(isJsonObject(asked?.['params']));
    assert.equal(asked['params']['task'], undefined);
    const [hello] = sent(gate.log, 'initialize');
    assert.doesNotMatch(JSON.stringify(hello), /tasks/u);
  });

  await context.test('cannot ask in the name of another', async () => {
    const id = await beginId(client, 'read_asks_other');
    const from = client.received.length;
    await until(() =>
      received(gate.log).some(
        (frame) => isJsonObject(frame['error']) && /no such task/u.test(textOf(frame)),
      ),
    );
    assert.ok(!client.received.slice(from).some(({ method }) => method === 'elicitation/create'));
    await client.request('tasks/cancel', { taskId: id });
  });

  await context.test(
    'that the server forgets or takes down with it is said to be gone',
    async () => {
      const forgotten = await fetch(await beginId(client, 'read_forgets'));
      assert.match(textOf(forgotten), /no longer has its task/u);
      const lost = await fetch(await beginId(client, 'read_exits'));
      assert.match(textOf(lost), /no longer has its task/u);
      await until(
        async () =>
          textOf(await client.request('tools/call', { name: 'bad__read_plain' })) ===
          'plain: read_plain',
      );
    },
  );

  await context.test('survives requests for its result that come to nothing', async () => {
    const before = sent(gate.log, 'tasks/cancel').length;
    assert.equal(
      textOf(await fetch(await beginId(client, 'read_stutters'))),
      'done: read_stutters',
    );
    assert.equal(sent(gate.log, 'tasks/cancel').length, before);
  });

  await context.test('that is cancelled in one chunk with its request never runs', async () => {
    const before = sent(gate.log, 'tools/call').length;
    client.sendTogether(
      {
        jsonrpc: '2.0',
        id: 'gone',
        method: 'tools/call',
        params: { name: 'bad__read_never', task: {} },
      },
      { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 'gone' } },
    );
    await client.request('tools/call', { name: 'bad__read_plain' });
    assert.equal(sent(gate.log, 'tools/call').length, before + 1);
  });

  await context.test('of a tool that offers none is refused, and nothing is sent', async () => {
    const before = sent(gate.log, 'tools/call').length;
    assert.equal(denialOf(await begin(client, 'read_plain')), 'arguments-invalid');
    assert.equal(rpcCodeOf(await begin(client, 'read_nothing')), -32602);
    assert.equal(sent(gate.log, 'tools/call').length, before);
  });

  await context.test('of which the definition changes meanwhile keeps its result', async () => {
    const id = await beginId(client, 'read_soon');
    assert.equal(textOf(await fetch(id)), 'done: read_soon');
    writeFileSync(gate.state, 'unlisted');
    // What was listed a moment ago counts as fresh.
    await sleep(300);
    assert.equal(denialOf(await fetch(id)), 'upstream-failed');
    writeFileSync(gate.state, 'changed');
    const refused = await fetch(id);
    assert.equal(denialOf(refused), 'quarantined');
    assert.doesNotMatch(JSON.stringify(refused), /done/u);
    const last = gate.audit().findLast(({ event }) => event === 'task');
    assert.deepEqual([last?.['step'], last?.['code']], ['refused', 'quarantined']);
  });
});

test('a client without tasks gets the tool, cancels it, and hears no id', async (context) => {
  const gate = await place(context);
  const client = startFrames(context, serve(gate));
  await client.open();
  const call = async (name: string): Promise<Frame> =>
    await client.request('tools/call', { name: `bad__${name}`, arguments: {} });
  assert.equal(textOf(await call('read_soon')), 'done: read_soon');
  assert.equal(textOf(await call('read_maybe')), 'plain: read_maybe');
  assert.equal(denialOf(await call('read_poison')), 'output-withheld');
  const params = { name: 'bad__read_steps', _meta: { progressToken: 'mine' } };
  assert.equal(textOf(await client.request('tools/call', params)), 'done: read_steps');
  for (const method of ['notifications/progress', 'notifications/message'])
    assert.ok(client.received.some((frame) => frame['method'] === method));
  client.send({
    jsonrpc: '2.0',
    id: 77,
    method: 'tools/call',
    params: { name: 'bad__read_never' },
  });
  await until(() => sent(gate.log, 'tasks/result').length > 3);
  client.notify('notifications/cancelled', { requestId: 77 });
  await until(() => sent(gate.log, 'tasks/cancel').length > 0);
  assert.doesNotMatch(JSON.stringify(client.received), /upstream-|related-task/u);
});

test('a task outlives a question for its state that is never answered', async (context) => {
  const gate = await place(context, undefined, { timeoutMs: 3000 });
  const client = startFrames(context, serve(gate));
  await client.open();
  const answer = await client.request('tools/call', { name: 'bad__read_slow' });
  assert.equal(textOf(answer), 'done: read_slow');
  assert.deepEqual(sent(gate.log, 'tasks/cancel'), []);
});

test('a connection that closes cancels its tasks at the server', async (context) => {
  const gate = await place(context);
  const client = startFrames(context, serve(gate));
  await client.open();
  await beginId(client, 'read_never');
  client.send({
    jsonrpc: '2.0',
    id: 77,
    method: 'tools/call',
    params: { name: 'bad__read_never' },
  });
  await until(() => sent(gate.log, 'tasks/result').length > 1);
  await client.end();
  assert.equal(sent(gate.log, 'tasks/cancel').length, 2);
});

const ASK = `
@id("all") permit(principal, action, resource);
@id("ask") @requires_approval("user")
forbid(principal, action == Action::"tools/call:bad/read_soon", resource)
unless { context.pep.approvals.contains("user") };
`;

test('a task that needs a person begins when they said yes, and asks once', async (context) => {
  const gate = await place(context, ASK);
  const client = startFrames(context, serve(gate));
  const asked: unknown[] = [];
  let action = 'decline';
  client.answer = ({ params }) => {
    asked.push(params);
    return { result: { action, content: {} } };
  };
  await client.open({ elicitation: {} });
  await client.request('tools/list');
  assert.equal(denialOf(await begin(client, 'read_soon')), 'approval-denied');
  assert.deepEqual(sent(gate.log, 'tools/call'), []);
  action = 'accept';
  const taskId = await beginId(client, 'read_soon');
  assert.equal(textOf(await client.request('tasks/result', { taskId })), 'done: read_soon');
  assert.equal(asked.length, 2);
});

test('one person keeps so many tasks and no more; an end makes room', async (context) => {
  const gate = await place(context);
  const client = startFrames(context, serve(gate));
  await client.open();
  await client.request('tools/list');
  const ids: string[] = [];
  for (let count = 0; count < 32; count++)
    ids.push(await beginId(client, 'read_never', { ttl: 60_000 }));
  const refused = await begin(client, 'read_never');
  assert.equal(denialOf(refused), 'rate-limited');
  const { result } = await client.request('tasks/list');
  assert.ok(isJsonObject(result) && Array.isArray(result['tasks']));
  assert.equal(result['tasks'].length, 32);
  assert.equal(new Set(ids).size, 32);
  assert.equal(rpcCodeOf(await client.request('tasks/list', { cursor: 'x' })), -32602);
  const plain = await client.request('tools/call', { name: 'bad__read_plain' });
  assert.equal(textOf(plain), 'plain: read_plain');
  await client.request('tasks/cancel', { taskId: ids[5] ?? '' });
  await until(async () => denialOf(await begin(client, 'read_never')) === undefined);
  assert.equal(rpcCodeOf(await client.request('tasks/get', { taskId: ids[5] ?? '' })), -32602);
  assert.equal(denialOf(await begin(client, 'read_never')), 'rate-limited');
});

type HttpSession = {
  request(method: string, params?: JsonObject, token?: string): Promise<Frame>;
};

/** A legacy session, whose requests may come under other tokens. */
async function openHttpSession(
  gate: HttpGate,
  claims: Record<string, unknown>,
): Promise<HttpSession> {
  const own = await gate.token(claims);
  const session = await openSession(gate, own);
  let lastId = 0;
  return {
    async request(method, params = {}, token = own) {
      const id = ++lastId;
      const headers = { 'mcp-session-id': session, 'mcp-protocol-version': '2025-11-25' };
      const answer = await post(gate, token, { jsonrpc: '2.0', id, method, params }, headers);
      const texts = [...answer.text.matchAll(/^data: (\{.*)$/gmu)].map(([, text = '']) => text);
      const frames = (texts.length > 0 ? texts : [answer.text]).map((text): unknown =>
        JSON.parse(text),
      );
      const frame = frames.find((each) => isJsonObject(each) && each['id'] === id);
      assert.ok(isJsonObject(frame), answer.text);
      return frame;
    },
  };
}

const POLICY = `
@id("eng") permit(principal in Group::"eng", action, resource);
@id("bob") permit(principal == User::"bob", action, resource);
`;

test('over HTTP', async (context) => {
  const args = [join(packageRoot(), 'dist', 'test', 'support', 'task-server.js')];
  const gate = await startHttpGate(context, {
    policy: POLICY,
    servers: { bad: { command: process.execPath, args } },
  });
  const open = async (claims: object): Promise<HttpSession> =>
    await openHttpSession(gate, { ...claims });
  const eng = { groups: ['eng'] };
  const alice = await open(eng);
  const begun = await alice.request('tools/call', { name: 'bad__read_soon', task: {} });
  const taskId = stringOf(taskIn(begun)['taskId']);
  assert.equal(taskIn(await alice.request('tasks/get', { taskId }))['taskId'], taskId);

  await context.test(
    `another person's and another session's task is as unknown as none`,
    async () => {
      const none = await alice.request('tasks/get', { taskId: 'none' });
      for (const other of [await open({ sub: 'bob' }), await open(eng)])
        for (const method of ['tasks/get', 'tasks/result', 'tasks/cancel']) {
          const answer = await other.request(method, { taskId });
          assert.deepEqual(answer['error'], none['error']);
          const { result } = await other.request('tasks/list');
          assert.deepEqual(isJsonObject(result) && result['tasks'], []);
        }
    },
  );

  await context.test('a modern client begins none that it could not fetch', async () => {
    const params = { name: 'bad__read_soon', arguments: {}, task: {} };
    const answer = await ask(gate, 'tools/call', params, { token: await gate.token(eng) });
    assert.match(answer.text, /done: read_soon/u);
    assert.doesNotMatch(answer.text, /taskId/u);
  });

  await context.test('who lost the right meanwhile does not get the result', async () => {
    const sales = await gate.token({ groups: ['sales'] });
    const refused = await alice.request('tasks/result', { taskId }, sales);
    assert.equal(denialOf(refused), 'policy-denied');
    const fetched = await alice.request('tasks/result', { taskId }, await gate.token(eng));
    assert.equal(textOf(fetched), 'done: read_soon');
  });
});
