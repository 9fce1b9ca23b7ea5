import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { isJsonObject, type JsonObject } from '../../src/lib/json.ts';
import { DIALECTS } from '../support/clients.ts';
import { serve, startFrames, type Frame, type FramesClient } from '../support/frames-client.ts';
import { createGate, type Gate } from '../support/gate.ts';
import { startHttpGate } from '../support/http-gate.ts';
import { oddServer } from '../support/odd.ts';
import { stringOf } from '../support/string-of.ts';

/** Everything is permitted; growing needs a person. */
const POLICY = `
  @id("all") permit (principal, action, resource);
  @id("ask") @requires_approval("user") @reason("it grows") @advice("mind the size")
  forbid (principal, action == Action::"tools/call:odd/read_grow", resource)
  unless { context.pep.approvals.contains("user") };
`;

async function gateOf(context: TestContext): Promise<Gate> {
  return await createGate(context, {
    servers: { odd: oddServer() },
    policy: POLICY,
    firstUse: true,
  });
}

type Outcome = { readonly text: string; readonly denial: unknown };

function outcomeOf({ result }: Frame): Outcome {
  const { content, _meta: meta } = isJsonObject(result) ? result : {};
  const [first] = Array.isArray(content) ? content : [];
  const denial = isJsonObject(meta) ? meta['sallyport/denial'] : undefined;
  return {
    text: isJsonObject(first) ? stringOf(first['text']) : '',
    denial: isJsonObject(denial) ? denial['code'] : undefined,
  };
}

async function grow(client: FramesClient, args: JsonObject = {}, id?: string): Promise<Outcome> {
  const params = { name: 'odd__read_grow', arguments: args };
  return outcomeOf(await client.request('tools/call', params, id));
}

/** How often the server has really done it. */
async function grown(client: FramesClient): Promise<number> {
  const list = JSON.stringify((await client.request('tools/list'))['result']);
  return new Set(list.match(/odd__read_grown_\d+/g)).size;
}

/** The lists follow what the server has done in a moment. */
async function grownTo(client: FramesClient, count: number): Promise<number> {
  const end = Date.now() + 30_000;
  let seen = await grown(client);
  while (seen < count && Date.now() < end) seen = await grown(client);
  return seen;
}

function questionOf({ params }: Frame): string {
  return isJsonObject(params) ? stringOf(params['message']) : '';
}

test('a call that needs a person', async (context) => {
  const gate = await gateOf(context);
  const client = startFrames(context, serve(gate));
  await client.open({ elicitation: {} });
  const answers: Record<string, JsonObject> = {
    accept: { result: { action: 'accept', content: {} } },
    decline: { result: { action: 'decline' } },
    cancel: { result: { action: 'cancel' } },
    nonsense: { result: { action: 'ACCEPT' } },
    nothing: { result: {} },
    failure: { error: { code: -1, message: 'the window was closed' } },
  };
  client.answer = (request) =>
    answers[/"say":"(\w+)"/.exec(questionOf(request))?.[1] ?? ''] ?? 'never';

  await context.test('runs once the person says yes, and only then', async () => {
    let count = 0;
    for (const [say, denial] of [
      ['decline', 'approval-denied'],
      ['cancel', 'approval-denied'],
      ['nonsense', 'approval-denied'],
      ['nothing', 'approval-denied'],
      ['failure', 'approval-required'],
      ['accept', undefined],
      ['decline', 'approval-denied'],
    ] as const) {
      assert.equal((await grow(client, { say })).denial, denial, say);
      if (denial === undefined) count++;
      assert.equal(await grownTo(client, count), count, say);
    }
  });

  await context.test('shows the person exactly what would run', async () => {
    const from = client.received.length;
    await grow(client, { say: 'decline', z: 1, a: 'x\u202Ey\nz\u200B', deep: { list: [null] } });
    const question = await client.next(({ method }) => method === 'elicitation/create', from);
    const [title, , shown, ...notes] = questionOf(question).split('\n');
    assert.equal(title, 'Sallyport: may the assistant run odd/read_grow?');
    assert.equal(
      shown,
      String.raw`Arguments: {"a":"x\u202ey\nz\u200b","deep":{"list":[null]},"say":"decline","z":1}`,
    );
    assert.match(notes.join('\n'), /mind the size|it grows/);
    const params = isJsonObject(question['params']) ? question['params'] : {};
    assert.deepEqual(params['requestedSchema'], { type: 'object', properties: {} });
  });

  await context.test('keeps questions side by side apart', async () => {
    const before = await grown(client);
    const says = ['accept', 'decline', 'accept', 'cancel', 'failure'];
    const outcomes = await Promise.all(
      says.map(async (say, at) => (await grow(client, { say, at }, `side ${at}`)).denial),
    );
    assert.deepEqual(outcomes, [
      undefined,
      'approval-denied',
      undefined,
      'approval-denied',
      'approval-required',
    ]);
    assert.equal(await grownTo(client, before + 2), before + 2);
  });

  await context.test('is not run when the call was cancelled before the answer', async () => {
    const before = await grown(client);
    const from = client.received.length;
    client.send({
      jsonrpc: '2.0',
      id: 'dropped',
      method: 'tools/call',
      params: { name: 'odd__read_grow', arguments: { say: 'later' } },
    });
    const question = await client.next(({ method }) => method === 'elicitation/create', from);
    client.notify('notifications/cancelled', { requestId: 'dropped' });
    await client.next(
      ({ method, params }) =>
        method === 'notifications/cancelled' &&
        isJsonObject(params) &&
        params['requestId'] === question['id'],
      from,
    );
    client.send({ jsonrpc: '2.0', id: question['id'], result: { action: 'accept' } });
    assert.equal(await grown(client), before);
    assert.ok(!client.received.slice(from).some(({ id }) => id === 'dropped'));
  });

  await context.test('leaves a record of each answer', async () => {
    await client.request('ping');
    const records = JSON.stringify(gate.audit());
    assert.match(records, /"code":"approval-denied"/);
    assert.match(records, /"code":"approval-required"/);
  });
});

for (const [name, capabilities] of [
  ['none', {}],
  ['only web pages', { elicitation: { url: {} } }],
  ['no object', { elicitation: true }],
] as const)
  test(`a client with elicitation of ${name} is told what to do instead`, async (context) => {
    const client = startFrames(context, serve(await gateOf(context)));
    await client.open(capabilities);
    const { text, denial } = await grow(client);
    assert.equal(denial, 'approval-required');
    assert.match(text, /a person has to approve it, and this client cannot ask/);
    assert.equal(await grown(client), 0);
  });

test('over HTTP the person is asked on the stream of the call', async (context) => {
  const gate = await startHttpGate(context, { servers: { odd: oddServer() }, policy: POLICY });
  for (const [dialect, connect] of Object.entries(DIALECTS)) {
    const questions: string[] = [];
    let action: 'accept' | 'decline' = 'accept';
    const client = await connect(context, {
      place: { url: gate.url, token: await gate.token() },
      elicit({ message }) {
        questions.push(message);
        return { action };
      },
    });
    assert.equal((await client.call('odd__read_grow', {})).content[0]?.text, 'grown', dialect);
    action = 'decline';
    assert.equal((await client.call('odd__read_grow', {})).denial, 'approval-denied', dialect);
    assert.equal(questions.length, 2);
  }
});
