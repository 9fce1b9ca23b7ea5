import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import {
  CallToolResultSchema,
  ElicitRequestSchema,
  type ElicitRequest,
} from '@modelcontextprotocol/sdk/types.js';
import { isJsonObject, type JsonObject } from '../../src/lib/json.ts';
import { DIALECTS } from '../support/clients.ts';
import { serve, startFrames } from '../support/frames-client.ts';
import { createGate, realServer } from '../support/gate.ts';
import { startHttpGate } from '../support/http-gate.ts';
import { textOf } from '../support/replies.ts';

const POLICY = '@id("test.all") permit(principal, action, resource);';
const TOOL = 'everything__simulate-research-query';
const RELATED = 'io.modelcontextprotocol/related-task';
const everything = { everything: realServer('everything') };

/** Plays one tool as a task with the official client. */
async function play(client: Client, args: object): Promise<{ types: string[]; last: JsonObject }> {
  await client.listTools();
  const types: string[] = [];
  let last: unknown;
  const stream = client.experimental.tasks.callToolStream(
    { name: TOOL, arguments: { ...args } },
    CallToolResultSchema,
    { timeout: 30_000 },
  );
  for await (const message of stream) {
    types.push(message.type === 'taskStatus' ? message.task.status : message.type);
    last = message;
  }
  return { types, last: isJsonObject(last) ? last : {} };
}

test('a real server that runs a tool as a task', async (context) => {
  const gate = await createGate(context, { servers: everything });

  await context.test('is used as a task by the official client', async () => {
    const client = await gate.connect();
    const { types, last } = await play(client, { topic: 'gates' });
    assert.deepEqual([types[0], types.at(-1)], ['taskCreated', 'result']);
    assert.ok(types.includes('working') && types.includes('completed'));
    const { result } = last;
    assert.match(textOf({ result }), /Research Report: gates/u);
    assert.ok(isJsonObject(result) && isJsonObject(result['_meta']));
    const related = result['_meta'][RELATED];
    const { tasks } = await client.experimental.tasks.listTasks();
    assert.deepEqual(
      tasks.map(({ taskId, status }) => [taskId, status]),
      [[isJsonObject(related) && related['taskId'], 'completed']],
    );
  });

  await context.test(
    'asks through tasks/result, with the server named and the task ours',
    async () => {
      const asked: ElicitRequest['params'][] = [];
      const client = await gate.connect({
        capabilities: { elicitation: {} },
        prepare: (it) =>
          it.setRequestHandler(ElicitRequestSchema, ({ params }) => {
            asked.push(params);
            return { action: 'accept', content: { interpretation: 'technical' } };
          }),
      });
      const { types, last } = await play(client, { topic: 'python', ambiguous: true });
      assert.deepEqual([types[0], types.at(-1)], ['taskCreated', 'result']);
      assert.ok(types.includes('input_required'));
      assert.match(textOf({ result: last['result'] }), /Clarification\*\*: technical/u);
      const [question] = asked;
      assert.match(question?.message ?? '', /^\[everything\] /u);
      const { tasks } = await client.experimental.tasks.listTasks();
      assert.deepEqual(question?._meta?.[RELATED], { taskId: tasks[0]?.taskId });
    },
  );

  await context.test('serves a client that knows no tasks', async () => {
    const client = startFrames(context, serve(gate));
    await client.open();
    const answer = await client.request('tools/call', {
      name: TOOL,
      arguments: { topic: 'walls' },
    });
    assert.match(textOf(answer), /Research Report: walls/u);
    assert.ok(isJsonObject(answer['result']));
    assert.equal(answer['result']['_meta'], undefined);
  });

  await context.test('one trace tells of the whole call', () => {
    const records = gate.audit();
    const fetched = records.filter(({ event, step }) => event === 'task' && step === 'handed-out');
    assert.equal(fetched.length, 2);
    for (const { traceId } of fetched)
      assert.deepEqual(
        records.filter((each) => each.traceId === traceId).map(({ event }) => event),
        ['intent', 'outcome', 'task'],
      );
  });
});

test('over HTTP the question comes on the stream of tasks/result', async (context) => {
  const gate = await startHttpGate(context, { policy: POLICY, servers: everything });
  const client = new Client({ name: 'test', version: '1' }, { capabilities: { elicitation: {} } });
  client.setRequestHandler(ElicitRequestSchema, () => ({
    action: 'accept',
    content: { interpretation: 'technical' },
  }));
  const headers = { authorization: `Bearer ${await gate.token()}` };
  const transport = new StreamableHTTPClientTransport(new URL(gate.url), {
    requestInit: { headers },
  });
  await client.connect(transport);
  context.after(async () => await client.close());
  const { types, last } = await play(client, { topic: 'python', ambiguous: true });
  assert.ok(types.includes('input_required'));
  assert.match(textOf({ result: last['result'] }), /Clarification\*\*: technical/u);
});

for (const [dialect, connect] of Object.entries(DIALECTS).filter(([name]) => name !== 'SDK 1.x'))
  test(`${dialect}: such a tool is a plain call, its question one of that call`, async (context) => {
    const gate = await createGate(context, { servers: everything });
    const asked: string[] = [];
    const client = await connect(context, {
      place: serve(gate),
      elicit({ message }) {
        asked.push(message);
        return { action: 'accept', content: { interpretation: 'technical' } };
      },
    });
    const { content } = await client.call(TOOL, { topic: 'python', ambiguous: true });
    assert.match(content[0]?.text ?? '', /Clarification\*\*: technical/u);
    assert.match(asked.join(), /^\[everything\] The research query/u);
  });
