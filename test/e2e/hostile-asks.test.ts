import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isJsonObject, type JsonObject } from '../../src/lib/json.ts';
import { serve, startFrames, type Frame, type FramesClient } from '../support/frames-client.ts';
import { createHostileGate } from '../support/gate.ts';
import { TRACE } from '../support/hostile-tools.ts';
import { textOf } from '../support/replies.ts';

const SAMPLING = {
  messages: [{ role: 'user', content: { type: 'text', text: 'What is two and two?' } }],
  maxTokens: 10,
};
const ELICITATION = { message: 'Which city?', requestedSchema: { type: 'object', properties: {} } };
const ASKS = [
  ['sampling/createMessage', SAMPLING],
  ['elicitation/create', ELICITATION],
  ['roots/list', {}],
] as const;

/** What the server got for its question: the tool tells it. */
async function ask(client: FramesClient, method: string, params: object = {}): Promise<JsonObject> {
  const answer = await client.request('tools/call', {
    name: 'bad__read_ask',
    arguments: { method, params: { ...params } },
  });
  const told: unknown = JSON.parse(textOf(answer));
  assert.ok(isJsonObject(told), textOf(answer));
  return told;
}

function codeOf({ error }: JsonObject): unknown {
  return isJsonObject(error) ? error['code'] : undefined;
}

function asked(client: FramesClient): unknown[] {
  return client.received.flatMap(({ method, id }) =>
    id !== undefined && method !== undefined ? [method] : [],
  );
}

test('what a server asks of the client', async (context) => {
  const gate = await createHostileGate(context, {
    policy: `
      @id("all") permit(principal, action, resource);
      @id("no.roots") forbid(principal == User::"bob", action == Action::"roots/list", resource);`,
  });

  await context.test('is refused when the client did not offer it, or nobody does', async (t) => {
    const client = startFrames(t, serve(gate));
    await client.open({});
    for (const [method, params] of [...ASKS, ['tools/list', {}], ['constructor', {}]] as const)
      assert.equal(codeOf(await ask(client, method, params)), -32601, method);
    assert.deepEqual((await ask(client, 'ping'))['result'], {});
    assert.deepEqual(asked(client), []);
    const refused = gate
      .audit()
      .filter(({ event, code }) => event === 'frame-refused' && code === -32601);
    assert.deepEqual(
      refused.map(({ method }) => method),
      [...ASKS.map(([method]) => method), 'tools/list', 'constructor'],
    );
    await client.end();
  });

  await context.test(
    'is asked, with its name on it, when policy and detector allow it',
    async (t) => {
      await gate.signIn({ user: 'bob', groups: [] });
      const client = startFrames(t, serve(gate));
      const questions: Frame[] = [];
      client.answer = (request) => {
        questions.push(request);
        if (request['method'] === 'elicitation/create')
          return { result: { action: 'accept', content: { city: 'Bonn' } } };
        return {
          result: { role: 'assistant', content: { type: 'text', text: 'four' }, model: 'm' },
        };
      };
      await client.open({ sampling: {}, elicitation: {}, roots: {} });

      const sampled = await ask(client, 'sampling/createMessage', SAMPLING);
      assert.match(JSON.stringify(sampled['result']), /four/u);
      assert.deepEqual(questions[0]?.['params'], SAMPLING);
      const elicited = await ask(client, 'elicitation/create', ELICITATION);
      assert.deepEqual(elicited['result'], { action: 'accept', content: { city: 'Bonn' } });
      assert.deepEqual(questions[1]?.['params'], { ...ELICITATION, message: '[bad] Which city?' });

      assert.equal(codeOf(await ask(client, 'roots/list')), -32003, 'the policy says no');
      for (const method of ['sampling/createMessage', 'elicitation/create']) {
        const answer = await client.request('tools/call', {
          name: 'bad__read_ask_poison',
          arguments: { method },
        });
        assert.equal(textOf(answer), 'refused: true');
      }
      assert.deepEqual(asked(client), ['sampling/createMessage', 'elicitation/create']);
      assert.ok(!JSON.stringify(client.received).includes(TRACE));
      const denials = gate.audit().filter(({ event }) => event === 'denial');
      assert.deepEqual(
        denials.map(({ method, code }) => [method, code]),
        [
          ['roots/list', 'policy-denied'],
          ['sampling/createMessage', 'output-withheld'],
          ['elicitation/create', 'output-withheld'],
        ],
      );
    },
  );

  await context.test(
    'reaches nobody when it is longer than the limit, nor does the answer',
    async (t) => {
      await gate.signIn({ user: 'carol', groups: [] });
      const client = startFrames(t, serve(gate));
      const long = 'x'.repeat(1_100_000);
      client.answer = ({ method }) => ({
        result:
          method === 'roots/list'
            ? { roots: [{ uri: `file:///${long}` }] }
            : { role: 'assistant', content: { type: 'text', text: long }, model: 'm' },
      });
      await client.open({ sampling: {}, elicitation: {}, roots: {} });
      for (const method of ['sampling/createMessage', 'elicitation/create']) {
        const answer = await client.request('tools/call', {
          name: 'bad__read_ask_much',
          arguments: { method, bytes: 1_400_000 },
        });
        assert.equal(textOf(answer), 'refused: -32600');
      }
      assert.deepEqual(asked(client), []);
      assert.equal(codeOf(await ask(client, 'roots/list')), -32600);
      assert.equal(codeOf(await ask(client, 'sampling/createMessage', SAMPLING)), -32600);
      const large = gate.audit().filter(({ code }) => code === 'too-large');
      assert.equal(large.length, 4);
    },
  );
});
