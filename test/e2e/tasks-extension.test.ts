import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import * as modern from '@modelcontextprotocol/client';
import {
  createTaskSessionFromClient,
  resultFromTaskOutcome,
  type ApplicationElicitResult,
  type JsonRpcResponse,
} from '@modelcontextprotocol/ext-tasks/client';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { CallToolResultSchema, ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { isJsonObject, type JsonObject } from '../../src/lib/json.ts';
import { WITH_TASKS } from '../../src/wire/modern/meta.ts';
import { realServer } from '../support/gate.ts';
import { post } from '../support/http-agent.ts';
import { startHttpGate, type HttpGate } from '../support/http-gate.ts';
import { headersOf, VERSION } from '../support/modern-frames.ts';
import { modernTasks } from '../support/modern.ts';
import { textOf } from '../support/replies.ts';

const POLICY = '@id("test.all") permit(principal, action, resource);';
const INFO = { name: 'test', version: '1' };
const CAPABILITIES = { elicitation: { form: {} }, ...WITH_TASKS };

type Played = {
  readonly kind: 'immediate' | 'task';
  readonly states: readonly string[];
  readonly result: JsonObject;
};

/** Plays one tool with the official client of the extension. */
async function play(
  context: TestContext,
  gate: HttpGate,
  tool: string,
  args: JsonObject,
  elicit: (params: JsonObject) => ApplicationElicitResult,
): Promise<Played> {
  const token = await gate.token();
  const client = new modern.Client(INFO, {
    capabilities: { elicitation: { form: {} } },
    versionNegotiation: { mode: 'auto' },
  });
  const headers = { authorization: `Bearer ${token}` };
  await client.connect(
    new modern.StreamableHTTPClientTransport(new URL(gate.url), { requestInit: { headers } }),
  );
  context.after(async () => await client.close());
  let lastId = 0;
  // The SDK refuses results of a type that it does not know, so its hosts bring their own way for these requests.
  async function dispatch(request: unknown): Promise<JsonRpcResponse> {
    assert.ok(isJsonObject(request));
    const frame = { jsonrpc: '2.0', id: ++lastId, ...request };
    const { text } = await post(gate, token, frame, headersOf(frame));
    const last = /data: (.*)\n\n$/u.exec(text)?.[1] ?? text;
    const { result, error } = JSON.parse(last);
    return error === undefined ? { kind: 'result', result } : { kind: 'error', error };
  }
  const session = createTaskSessionFromClient(client, {
    endpointId: gate.url,
    rawDispatch: dispatch,
    v2RequestFraming: {
      protocolVersion: VERSION,
      clientInfo: INFO,
      clientCapabilities: JSON.parse(JSON.stringify(CAPABILITIES)),
    },
    async onInputRequest(request) {
      assert.equal(request.kind, 'elicitation');
      const answer: unknown = elicit(JSON.parse(JSON.stringify(request.params)));
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the kind was looked at
      return await Promise.resolve(answer as never);
    },
  });
  context.after(async () => await session.close());
  const execution = await session.callTool(tool, JSON.parse(JSON.stringify(args)));
  const states: string[] = [];
  const { outcome } = await execution.settle({
    onEvent(event) {
      if (event.type === 'task') states.push(event.task.status);
    },
  });
  const result: unknown = JSON.parse(JSON.stringify(resultFromTaskOutcome(outcome)));
  assert.ok(isJsonObject(result));
  return { kind: execution.kind, states, result };
}

test('the official client of the extension', async (context) => {
  const gate = await startHttpGate(context, {
    policy: POLICY,
    servers: {
      everything: realServer('everything'),
      modern: await modernTasks(context, 'http'),
    },
  });
  const asked: string[] = [];
  const elicit = (content: Record<string, string>) => (params: JsonObject) => {
    asked.push(JSON.stringify(params['message']));
    return { action: 'accept', content } as const;
  };

  await context.test('runs a tool of a real legacy server as a task', async () => {
    const { kind, states, result } = await play(
      context,
      gate,
      'everything__simulate-research-query',
      { topic: 'python', ambiguous: true },
      elicit({ interpretation: 'technical' }),
    );
    assert.equal(kind, 'task');
    assert.ok(states.includes('input_required'), states.join());
    assert.match(textOf({ result }), /Clarification\*\*: technical/u);
    assert.match(asked.join(), /^"\[everything\] The research query/u);
  });

  await context.test('and one of a modern server', async () => {
    const { kind, result } = await play(
      context,
      gate,
      'modern__read_asks',
      {},
      elicit({ name: 'seven' }),
    );
    assert.equal(kind, 'task');
    assert.match(textOf({ result }), /seven/u);
  });

  await context.test('and gets at once what is no task', async () => {
    const { kind, result } = await play(context, gate, 'modern__greet', { name: 'Ada' }, () => {
      throw new Error('nothing is asked');
    });
    assert.equal(kind, 'immediate');
    assert.equal(textOf({ result }), 'Hello, Ada!');
  });

  await context.test('as does the official legacy client with its own form', async () => {
    const client = new Client(INFO, { capabilities: { elicitation: {} } });
    client.setRequestHandler(ElicitRequestSchema, () => ({
      action: 'accept',
      content: { name: 'nine' },
    }));
    const headers = { authorization: `Bearer ${await gate.token()}` };
    await client.connect(
      new StreamableHTTPClientTransport(new URL(gate.url), { requestInit: { headers } }),
    );
    context.after(async () => await client.close());
    await client.listTools();
    const stream = client.experimental.tasks.callToolStream(
      { name: 'modern__read_asks', arguments: {}, task: {} },
      CallToolResultSchema,
      { timeout: 30_000 },
    );
    const types: string[] = [];
    let last: JsonObject = {};
    for await (const message of stream) {
      types.push(message.type);
      if (message.type === 'result') last = JSON.parse(JSON.stringify(message));
    }
    assert.deepEqual([types[0], types.at(-1)], ['taskCreated', 'result']);
    assert.match(textOf(last), /nine/u);
  });
});
