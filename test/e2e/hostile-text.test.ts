import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../src/lib/json.ts';
import { serve, startFrames } from '../support/frames-client.ts';
import { callsOf, createHostileGate } from '../support/gate.ts';
import { TRACE } from '../support/hostile-tools.ts';
import { denialOf, isErrorOf, listedIn, rpcCodeOf, textOf } from '../support/replies.ts';

const reference = (name: string): JsonObject => ({
  ref: { type: 'ref/prompt', name },
  argument: { name: 'who', value: '' },
});

/** Where an instruction to the model may come back: all of them are held back, and say so. */
const ANSWERS: readonly (readonly [string, string, JsonObject])[] = [
  ['the text of a result', 'tools/call', { name: 'bad__read_poison' }],
  ['the message of an error', 'tools/call', { name: 'bad__read_poison_error' }],
  ['the data of an error', 'tools/call', { name: 'bad__read_poison_data' }],
  ['the metadata of a result', 'tools/call', { name: 'bad__read_poison_hidden' }],
  ['a key of a structured result', 'tools/call', { name: 'bad__read_poison_structure' }],
  ['a resource', 'resources/read', { uri: 'sallyport://bad/note://poison' }],
  ['a prompt', 'prompts/get', { name: 'bad__poison' }],
  ['a completion', 'completion/complete', reference('bad__poison')],
];

const LISTS = ['tools/list', 'resources/list', 'prompts/list', 'resources/templates/list'] as const;

test('a server that speaks to the model', async (context) => {
  const gate = await createHostileGate(context, {
    habits: ['poison-description', 'poison-schema'],
  });
  const client = startFrames(context, serve(gate));
  await client.open();
  const lists: Record<string, string[]> = {};

  await context.test(
    'in its definitions: those are not listed, and no others are missing',
    async () => {
      for (const method of LISTS) lists[method] = listedIn(await client.request(method));
      const tools = lists['tools/list'] ?? [];
      assert.ok(
        tools.includes('bad__read_echo') && !tools.some((name) => name.includes('poisoned')),
      );
      assert.deepEqual(lists['resources/list'], [
        'sallyport://bad/note://poison',
        'sallyport://bad/note://fine',
      ]);
      assert.deepEqual(lists['prompts/list'], ['bad__fine', 'bad__poison']);
    },
  );

  for (const [what, method, params] of [
    ['tool', 'tools/call', { name: 'bad__read_poisoned' }],
    ['tool', 'tools/call', { name: 'bad__read_poisoned_schema' }],
    ['resource', 'resources/read', { uri: 'sallyport://bad/note://named' }],
    ['prompt', 'prompts/get', { name: 'bad__named' }],
  ] as const)
    await context.test(
      `in a definition: the ${what} is not to be used (${Object.values(params)[0]})`,
      async () => {
        const before = callsOf(gate.log).length;
        const answer = await client.request(method, params);
        assert.equal(denialOf(answer), 'quarantined');
        assert.equal(callsOf(gate.log).length, before);
      },
    );

  for (const [where, method, params] of ANSWERS)
    await context.test(`in ${where}: it is held back`, async () => {
      const answer = await client.request(method, params);
      assert.equal(denialOf(answer), 'output-withheld');
      if (method === 'tools/call') assert.equal(isErrorOf(answer), true);
      else assert.equal(rpcCodeOf(answer), -32003);
      assert.match(textOf(answer), /sallyport audit withheld [0-9a-z]{16}/u);
    });

  await context.test('in what is wrong with a result: the reason does not repeat it', async () => {
    const answer = await client.request('tools/call', { name: 'bad__read_wrong_key' });
    assert.equal(denialOf(answer), 'output-invalid');
  });

  await context.test(
    'without being asked: what it says is left out, the rest is passed on',
    async () => {
      await client.request('resources/subscribe', { uri: 'sallyport://bad/note://fine' });
      const from = client.received.length;
      await client.request('tools/call', { name: 'bad__read_log' });
      await client.request('tools/call', {
        name: 'bad__read_progress',
        _meta: { progressToken: 'p' },
      });
      const said = client.received
        .slice(from)
        .flatMap(({ method, params }) =>
          typeof method !== 'string' || method.endsWith('/list_changed')
            ? []
            : [[method, Object(params)]],
        );
      assert.deepEqual(said, [
        ['notifications/message', { level: 'info', data: 'before' }],
        ['notifications/message', { level: 'info', data: 'behind' }],
        ['notifications/progress', { progressToken: 'p', progress: 1, total: 3, message: 'half' }],
        ['notifications/progress', { progressToken: 'p', progress: 3, total: 3, message: 'whole' }],
      ]);
    },
  );

  await context.test('what was held back is for a person, and nowhere else', async () => {
    const id = /audit withheld ([0-9a-z]{16})/u.exec(
      textOf(await client.request('tools/call', { name: 'bad__read_poison' })),
    )?.[1];
    assert.match(
      textOf(
        await client.request('tools/call', { name: 'bad__read_echo', arguments: { text: 'x' } }),
      ),
      /you said/u,
    );
    for (const frame of client.received)
      assert.ok(!JSON.stringify(frame).includes(TRACE), JSON.stringify(frame));
    assert.ok(!client.stderr().includes(TRACE));
    // The cause of a refusal may name a place in what came; nothing else in the audit repeats it.
    for (const { cause: _cause, ...record } of gate.audit())
      assert.ok(!JSON.stringify(record).includes(TRACE), JSON.stringify(record));
    const shown = await gate.run('audit', 'withheld', id ?? '', '--json');
    assert.equal(shown.code, 0);
    assert.ok(shown.stdout.includes(TRACE));
    const events = gate.audit();
    assert.equal(events.filter(({ event }) => event === 'withheld').length, ANSWERS.length + 1);
    for (const code of ['output-withheld', 'quarantined'])
      assert.ok(events.some((record) => record.event === 'denial' && record['code'] === code));
    const refused = events.flatMap(({ event, method }) =>
      event === 'frame-refused' ? [method] : [],
    );
    assert.deepEqual(refused, [
      'notifications/message',
      'notifications/resources/updated',
      'notifications/unknown',
      'notifications/progress',
    ]);
  });
});
