import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { isJsonObject, type JsonObject } from '../../src/lib/json.ts';
import { packageRoot } from '../../src/lib/package-root.ts';
import { WITH_TASKS } from '../../src/wire/modern/meta.ts';
import { serve, startFrames, type Frame, type FramesClient } from '../support/frames-client.ts';
import { createGate, received, type Gate } from '../support/gate.ts';
import { TRACE } from '../support/hostile-tools.ts';
import { startHttpGate } from '../support/http-gate.ts';
import { ask, errorOf, modernRequest, resultOf, type Sender } from '../support/modern-frames.ts';
import { modernTasks } from '../support/modern.ts';
import { denialOf, rpcCodeOf, textOf } from '../support/replies.ts';
import { scratch } from '../support/scratch.ts';
import { stringOf } from '../support/string-of.ts';
import { until } from '../support/until.ts';

const ASKABLE = { elicitation: { form: {}, url: {} }, sampling: {}, roots: {} };
const WITH = { ...ASKABLE, ...WITH_TASKS };
const PATIENCE_MS = 30_000;
const OVER: readonly unknown[] = ['completed', 'failed', 'cancelled'];

type Modern = {
  readonly client: FramesClient;
  readonly ask: (method: string, params: JsonObject, capabilities?: JsonObject) => Promise<Frame>;
  readonly call: (tool: string, args?: JsonObject, capabilities?: JsonObject) => Promise<Frame>;
  /** Begins a task and gives its id. */
  readonly begin: (tool: string) => Promise<string>;
  readonly get: (taskId: string) => Promise<JsonObject>;
  /** Its state once that fits. */
  readonly when: (taskId: string, fits: (state: JsonObject) => boolean) => Promise<JsonObject>;
  /** Its last state. */
  readonly end: (taskId: string) => Promise<JsonObject>;
};

function objectOf(value: unknown): JsonObject {
  assert.ok(isJsonObject(value), JSON.stringify(value));
  return value;
}

function openModern(context: TestContext, gate: Gate): Modern {
  const client = startFrames(context, serve(gate));
  const modern: Modern = {
    client,
    async ask(method, params, capabilities = WITH) {
      const { params: whole } = modernRequest(method, params, { capabilities });
      return await client.request(method, objectOf(whole));
    },
    call: async (tool, args = {}, capabilities = WITH) =>
      await modern.ask('tools/call', { name: `bad__${tool}`, arguments: args }, capabilities),
    async begin(tool) {
      const { result } = await modern.call(tool);
      assert.equal(objectOf(result)['resultType'], 'task', JSON.stringify(result));
      return stringOf(objectOf(result)['taskId']);
    },
    get: async (taskId) => objectOf((await modern.ask('tasks/get', { taskId }))['result']),
    async when(taskId, fits) {
      let state: JsonObject = {};
      await until(async () => fits((state = await modern.get(taskId))), PATIENCE_MS);
      return state;
    },
    end: async (taskId) => await modern.when(taskId, ({ status }) => OVER.includes(status)),
  };
  return modern;
}

type Place = Gate & { readonly log: string };

/** A gate before one server: the modern one with tasks, unless another program is named. */
async function place(
  context: TestContext,
  entry?: (log: string) => object,
  policy?: string,
): Promise<Place> {
  const log = join(await scratch(context), 'received.jsonl');
  writeFileSync(log, '');
  const bad = entry?.(log) ?? (await modernTasks(context, 'stdio', { log }));
  const gate = await createGate(context, {
    firstUse: true,
    servers: { bad },
    ...(policy === undefined ? {} : { policy }),
  });
  return { ...gate, log };
}

const legacyTasks = (log: string): object => ({
  command: process.execPath,
  args: [join(packageRoot(), 'dist', 'test', 'support', 'task-server.js')],
  env: { HOSTILE_LOG: log },
});

function sent(log: string, method: string): JsonObject[] {
  return received(log).filter((frame) => frame['method'] === method);
}

/** The ids that the server gave: whoever asked for a state knew them. */
function serverIds(log: string): string[] {
  const ids = sent(log, 'tasks/get').map(({ params }) => objectOf(params)['taskId']);
  return [...new Set(ids.map((id) => stringOf(id)))];
}

test('a task of a modern server, for a modern client', async (context) => {
  const gate = await place(context);
  const modern = openModern(context, gate);
  const { client, begin, end } = modern;

  // Before anything that leaves a session with reading alone: these tools do not call themselves readers.
  await context.test('whose server fails says what the server said', async () => {
    const state = await end(await begin('protocol_error_job'));
    assert.deepEqual([state['status'], textOf(state)], ['failed', 'out of paper']);
    const wrong = await end(await begin('failing_job'));
    assert.deepEqual([wrong['status'], textOf(wrong)], ['completed', 'it failed']);
    assert.equal(objectOf(wrong['result'])['isError'], true);
  });

  await context.test('has an id of the gate, and brings its result with its state', async () => {
    const id = await begin('read_soon');
    assert.match(id, /^[0-9a-f-]{36}$/u);
    const state = await end(id);
    assert.deepEqual(
      [state['taskId'], state['status'], state['resultType'], state['ttlMs']],
      [id, 'completed', 'complete', 3_600_000],
    );
    assert.equal(textOf(state), 'done: read_soon');
    const [own = ''] = serverIds(gate.log);
    assert.notEqual(own, '');
    assert.doesNotMatch(JSON.stringify(client.received), new RegExp(own, 'u'));
    assert.equal(textOf(await modern.get(id)), 'done: read_soon');
  });

  for (const [tool, code] of [
    ['read_poison', 'output-withheld'],
    ['read_untrue', 'output-invalid'],
    ['read_forgets', 'upstream-failed'],
  ] as const)
    await context.test(`is read like any result: ${tool} comes to ${code}`, async () => {
      const state = await end(await begin(tool));
      assert.deepEqual([state['status'], denialOf(state)], ['completed', code]);
    });

  for (const tool of [
    'read_no_result',
    'read_no_error',
    'read_no_state',
    'read_other',
    'read_nested',
    'read_ends_itself',
    'read_asks_much',
    'read_asks_odd',
    'read_asks_poison',
  ])
    await context.test(`ends when its server contradicts itself: ${tool}`, async () => {
      const state = await end(await begin(tool));
      assert.equal(state['status'], 'failed', JSON.stringify(state));
      assert.equal(objectOf(state['error'])['code'], -32603);
      assert.equal(state['result'], undefined);
      if (tool === 'read_ends_itself') return;
      const last = serverIds(gate.log).at(-1);
      await until(
        () =>
          sent(gate.log, 'tasks/cancel').some(({ params }) => objectOf(params)['taskId'] === last),
        PATIENCE_MS,
      );
    });

  await context.test('passes on nothing of a server but its quiet words', async () => {
    const { result } = await modern.call('read_says');
    const members = Object.keys(objectOf(result)).toSorted();
    assert.deepEqual(members, [
      '_meta',
      'createdAt',
      'lastUpdatedAt',
      'pollIntervalMs',
      'resultType',
      'status',
      'taskId',
      'ttlMs',
    ]);
    await end(stringOf(objectOf(result)['taskId']));
    assert.doesNotMatch(JSON.stringify(client.received), new RegExp(TRACE, 'u'));
  });

  await context.test('is not what only looks like one', async () => {
    const answer = await modern.call('read_like_one');
    assert.equal(textOf(answer), 'no task');
    assert.equal(objectOf(answer['result'])['resultType'], 'complete');
  });

  await context.test('cannot come of what has no tasks', async () => {
    const answer = await modern.ask('prompts/get', { name: 'bad__long' });
    assert.equal(rpcCodeOf(answer), -32603);
    assert.doesNotMatch(JSON.stringify(answer), /taskId/u);
  });

  await context.test('whose id the server gives twice is not mixed up with the other', async () => {
    await begin('read_same');
    assert.equal(denialOf(await modern.call('read_same')), 'upstream-failed');
  });

  await context.test('asks with its state, and goes on when it is answered', async () => {
    const id = await begin('read_asks');
    const asked = await modern.when(id, ({ status }) => status === 'input_required');
    const page = objectOf(objectOf(asked['inputRequests'])['page']);
    assert.equal(objectOf(page['params'])['message'], '[bad] Which page?');
    assert.doesNotMatch(JSON.stringify(page), /related-task/u);
    const accept = { action: 'accept', content: { name: 'seven' } };
    for (const inputResponses of [{ other: accept }, { page: { action: 'perhaps' } }]) {
      const { result } = await modern.ask('tasks/update', { taskId: id, inputResponses });
      assert.deepEqual(Object.keys(objectOf(result)), ['resultType', '_meta']);
      assert.equal((await modern.get(id))['status'], 'input_required');
    }
    await modern.ask('tasks/update', { taskId: id, inputResponses: { page: accept } });
    assert.equal((await modern.get(id))['inputRequests'], undefined);
    const late = { page: { action: 'decline' } };
    await modern.ask('tasks/update', { taskId: id, inputResponses: late });
    assert.match(textOf(await end(id)), /seven/u);
    const updates = sent(gate.log, 'tasks/update');
    assert.equal(updates.length, 1);
    assert.doesNotMatch(JSON.stringify(updates), /decline|other|perhaps/u);
  });

  await context.test('cannot ask in the name of another', async () => {
    const first = await begin('read_never');
    const id = await begin('read_asks_other');
    await modern.when(id, ({ status }) => status === 'input_required');
    assert.equal((await modern.get(first))['status'], 'working');
    await modern.ask('tasks/cancel', { taskId: id });
    await modern.ask('tasks/cancel', { taskId: first });
  });

  await context.test('puts no question to a request that cannot answer it', async () => {
    const id = await begin('read_asks');
    await modern.when(id, ({ status }) => status === 'input_required');
    const { result } = await modern.ask('tasks/get', { taskId: id }, WITH_TASKS);
    assert.equal(objectOf(result)['status'], 'working');
    assert.equal(objectOf(result)['inputRequests'], undefined);
    await modern.ask('tasks/cancel', { taskId: id });
  });

  await context.test('is cancelled at the server, stays so, and takes it twice', async () => {
    const id = await begin('read_never');
    await modern.when(id, () => true);
    const before = sent(gate.log, 'tasks/cancel').length;
    for (let times = 0; times < 2; times++) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      const { result } = await modern.ask('tasks/cancel', { taskId: id });
      assert.deepEqual(Object.keys(objectOf(result)), ['resultType', '_meta']);
    }
    assert.equal((await modern.get(id))['status'], 'cancelled');
    await until(() => sent(gate.log, 'tasks/cancel').length === before + 1, PATIENCE_MS);
  });

  await context.test('is for requests that know of tasks', async () => {
    const id = await begin('read_never');
    for (const method of ['tasks/get', 'tasks/update', 'tasks/cancel']) {
      const answer = await modern.ask(method, { taskId: id, inputResponses: {} }, ASKABLE);
      assert.equal(rpcCodeOf(answer), -32021);
      assert.deepEqual(objectOf(answer['error'])['data'], { requiredCapabilities: WITH_TASKS });
    }
    const notifications = { taskIds: [id] };
    const listened = await modern.ask('subscriptions/listen', { notifications }, ASKABLE);
    assert.equal(rpcCodeOf(listened), -32021);
    for (const method of ['tasks/result', 'tasks/list'])
      assert.equal(rpcCodeOf(await modern.ask(method, { taskId: id })), -32601);
    assert.equal((await modern.get(id))['status'], 'working');
    const plain = await modern.call('read_soon', {}, ASKABLE);
    assert.equal(textOf(plain), 'done: read_soon');
    assert.equal(objectOf(plain['result'])['taskId'], undefined);
  });

  await context.test('that was never begun is as unknown as any other', async () => {
    const forged = ['none', serverIds(gate.log)[0] ?? '', '', 7, null, {}];
    for (const method of ['tasks/get', 'tasks/update', 'tasks/cancel'])
      for (const taskId of forged) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        const answer = await modern.ask(method, { taskId, inputResponses: {} });
        assert.equal(rpcCodeOf(answer), -32602);
        assert.match(textOf(answer), /^Unknown task/u);
      }
  });

  await context.test('is told to be cancelled when its connection closes', async () => {
    await begin('read_never');
    await client.end();
    const running = sent(gate.log, 'tools/call').filter(({ params }) =>
      JSON.stringify(params).includes('"read_never"'),
    );
    assert.ok(sent(gate.log, 'tasks/cancel').length > 0);
    assert.ok(running.length > 0);
  });
});

test('a task that nobody said could be taken is refused', async (context) => {
  const gate = await place(context, undefined);
  const log = join(await scratch(context), 'silent.jsonl');
  writeFileSync(log, '');
  const silent = await createGate(context, {
    firstUse: true,
    servers: { bad: await modernTasks(context, 'stdio', { log, silent: true }) },
  });
  const modern = openModern(context, silent);
  const answer = await modern.call('read_soon');
  assert.equal(denialOf(answer), 'upstream-failed');
  assert.doesNotMatch(JSON.stringify(answer), /taskId/u);
  const [call] = sent(log, 'tools/call');
  assert.doesNotMatch(JSON.stringify(call), /extensions/u);
  assert.deepEqual(sent(log, 'tasks/get'), []);
  // The one that says it has them is told in the very request that a task is taken.
  const other = openModern(context, gate);
  await other.begin('read_soon');
  const [asked] = sent(gate.log, 'tools/call');
  assert.match(JSON.stringify(asked), /"extensions":\{"io\.modelcontextprotocol\/tasks":\{\}\}/u);
});

test('a legacy client runs tools of a modern server as tasks', async (context) => {
  const gate = await place(context);
  const client = startFrames(context, serve(gate));
  await client.open({ elicitation: {} });
  const { result } = await client.request('tools/list');
  const tools = objectOf(result)['tools'];
  assert.ok(Array.isArray(tools) && tools.length > 0);
  for (const tool of tools)
    assert.deepEqual(objectOf(tool)['execution'], { taskSupport: 'optional' });

  await context.test('plainly, where it asks for none', async () => {
    const answer = await client.request('tools/call', { name: 'bad__read_soon', arguments: {} });
    assert.equal(textOf(answer), 'done: read_soon');
    assert.doesNotMatch(JSON.stringify(answer), /taskId/u);
  });

  for (const tool of ['read_soon', 'read_plain'])
    await context.test(`as a task, where it asks for one: ${tool}`, async () => {
      const begun = await client.request('tools/call', { name: `bad__${tool}`, task: {} });
      const { taskId } = objectOf(objectOf(begun['result'])['task']);
      const fetched = await client.request('tasks/result', { taskId });
      assert.match(textOf(fetched), new RegExp(tool, 'u'));
      const { result: state } = await client.request('tasks/get', { taskId });
      assert.equal(objectOf(state)['status'], 'completed');
    });

  await context.test('and is asked on the stream of the result', async () => {
    client.answer = () => ({ result: { action: 'accept', content: { name: 'nine' } } });
    const begun = await client.request('tools/call', { name: 'bad__read_asks', task: {} });
    const { taskId } = objectOf(objectOf(begun['result'])['task']);
    assert.match(textOf(await client.request('tasks/result', { taskId })), /nine/u);
    const asked = client.received.find(({ method }) => method === 'elicitation/create');
    assert.match(JSON.stringify(asked), new RegExp(stringOf(taskId), 'u'));
  });

  await context.test('or is asked on the stream of the call', async () => {
    const answer = await client.request('tools/call', { name: 'bad__read_asks', arguments: {} });
    assert.match(textOf(answer), /nine/u);
  });
});

test('a modern client runs tools of a legacy server as tasks', async (context) => {
  const gate = await place(context, legacyTasks);
  const modern = openModern(context, gate);
  const { begin, end } = modern;

  for (const [tool, status, text] of [
    ['read_soon', 'completed', /^done: read_soon$/u],
    ['read_maybe', 'completed', /^done: read_maybe$/u],
    ['read_fails', 'failed', /^out of paper$/u],
    ['read_marked', 'completed', /the candidate is excellent/u],
  ] as const)
    await context.test(`${tool} is one`, async () => {
      const state = await end(await begin(tool));
      assert.equal(state['status'], status);
      assert.match(textOf(state), text);
      assert.doesNotMatch(JSON.stringify(state), /related-task|upstream-/u);
    });

  for (const [tool, text] of [
    ['read_plain', 'plain: read_plain'],
    ['read_at_once', 'plain: read_at_once'],
    ['read_refuses', 'no such page'],
  ] as const)
    await context.test(`${tool} is none`, async () => {
      assert.equal(textOf(await modern.call(tool)), text);
    });

  await context.test('and answers what one asks', async () => {
    const id = await begin('read_asks');
    const asked = await modern.when(id, ({ status }) => status === 'input_required');
    const [key = ''] = Object.keys(objectOf(asked['inputRequests']));
    assert.match(JSON.stringify(asked['inputRequests']), /\[bad\] Which page\?/u);
    const inputResponses = { [key]: { action: 'accept', content: {} } };
    await modern.ask('tasks/update', { taskId: id, inputResponses });
    assert.equal(textOf(await end(id)), 'done: read_asks');
  });
});

const POLICY = `
@id("eng") permit(principal in Group::"eng", action, resource);
@id("bob") permit(principal == User::"bob", action, resource);
`;

test('over HTTP', async (context) => {
  const gate = await startHttpGate(context, {
    policy: POLICY,
    servers: { bad: await modernTasks(context, 'http') },
  });
  const sender = async (
    claims: Readonly<Record<string, unknown>>,
    capabilities: JsonObject = WITH,
  ): Promise<Sender> => ({ token: await gate.token(claims), capabilities });
  const alice = await sender({ groups: ['eng'] });
  const begin = async (tool: string, by: Sender = alice): Promise<JsonObject> =>
    resultOf(await ask(gate, 'tools/call', { name: `bad__${tool}`, arguments: {} }, by));
  const get = async (taskId: string, by: Sender = alice): Promise<JsonObject> =>
    resultOf(await ask(gate, 'tasks/get', { taskId }, by));
  const id = stringOf((await begin('read_soon'))['taskId']);
  await until(async () => (await get(id))['status'] === 'completed', PATIENCE_MS);

  await context.test("another person's task is as unknown as none", async () => {
    const bob = await sender({ sub: 'bob' });
    await ask(gate, 'tools/list', {}, bob);
    for (const method of ['tasks/get', 'tasks/update', 'tasks/cancel']) {
      const inputResponses = {};
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      const none = await ask(gate, method, { taskId: 'none', inputResponses }, alice);
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      const answer = await ask(gate, method, { taskId: id, inputResponses }, bob);
      assert.deepEqual(errorOf(answer), errorOf(none));
      assert.equal(answer.status, none.status);
      assert.equal(errorOf(answer)['code'], -32602);
    }
  });

  await context.test('the same person fetches it with other capabilities and tokens', async () => {
    for (const by of [
      await sender({ groups: ['eng'] }, WITH_TASKS),
      await sender({ groups: ['eng', 'more'] }),
    ])
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      assert.equal(textOf(await get(id, by)), 'done: read_soon');
  });

  await context.test('who lost the right meanwhile does not get the result', async () => {
    const refused = await get(id, await sender({ groups: ['sales'] }));
    assert.equal(denialOf(refused), 'policy-denied');
    assert.doesNotMatch(JSON.stringify(refused), /done: read_soon/u);
    assert.equal(textOf(await get(id)), 'done: read_soon');
  });

  await context.test('the header has to name the task', async () => {
    for (const name of [undefined, 'another']) {
      const headers = { 'mcp-name': name };
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      const answer = await ask(gate, 'tasks/get', { taskId: id }, { ...alice, headers });
      assert.deepEqual([answer.status, errorOf(answer)['code']], [400, -32020]);
    }
  });

  await context.test('a retry that knows no tasks begins none', async () => {
    const asked = await begin('test_tool_with_task');
    assert.equal(asked['resultType'], 'input_required');
    const { requestState = '' } = asked;
    const inputResponses = { user_name: { action: 'accept', content: { name: 'Ada' } } };
    const params = { name: 'bad__test_tool_with_task', arguments: {}, inputResponses };
    const retry = { ...params, requestState };
    const answer = await ask(gate, 'tools/call', retry, { ...alice, capabilities: ASKABLE });
    assert.equal(errorOf(answer)['code'], -32021);
  });

  await context.test('one person keeps so many; one more is answered when it is done', async () => {
    const carol = await sender({ sub: 'carol', groups: ['eng'] });
    for (let count = 0; count < 32; count++)
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      assert.equal((await begin('read_never', carol))['resultType'], 'task');
    const more = await begin('read_soon', carol);
    assert.deepEqual(
      [more['resultType'], textOf({ result: more })],
      ['complete', 'done: read_soon'],
    );
    assert.equal((await begin('read_never'))['resultType'], 'task');
  });
});
