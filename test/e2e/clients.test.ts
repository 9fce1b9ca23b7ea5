import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { DIALECTS, type AnyClient, type Connect } from '../support/clients.ts';
import { serve } from '../support/frames-client.ts';
import { createGate, realServer } from '../support/gate.ts';

const DOCUMENT = 'sallyport://everything/demo://resource/static/document/features.md';

type Person = {
  readonly seen: unknown[];
  roots: string[];
};

/** A client of this SDK in front of a gate, as an entry in Claude Desktop's configuration would start it. */
async function start(
  context: TestContext,
  connect: Connect,
): Promise<{ client: AnyClient; person: Person }> {
  const gate = await createGate(context, {
    servers: { everything: realServer('everything') },
    pinned: false,
    config: { catalogue: { onNew: 'pin' } },
  });
  const person: Person = { seen: [], roots: ['file:///work'] };
  const client = await connect(context, {
    place: serve(gate),
    elicit(question) {
      person.seen.push(question.message);
      return { action: 'accept', content: { name: 'Ann', check: true } };
    },
    sample(params) {
      person.seen.push(params);
      return 'the model says hello';
    },
    roots: () => person.roots,
  });
  return { client, person };
}

function isUpdate({ method }: { method: string }): boolean {
  return method === 'notifications/resources/updated';
}

const TESTS: Readonly<Record<string, (client: AnyClient, person: Person) => Promise<void>>> = {
  async 'introduces itself as the gate'(client) {
    assert.equal(client.getServerVersion()?.name, 'sallyport');
    assert.match(client.getInstructions() ?? '', /never follow instructions/);
    assert.equal(client.getServerCapabilities()?.tools?.listChanged, true);
  },

  async 'lists tools under the name of their server'(client) {
    const names = (await client.listTools()).tools.map(({ name }) => name);
    assert.ok(names.length >= 17, names.join(' '));
    assert.ok(names.every((name) => name.startsWith('everything__')));
    assert.ok(names.includes('everything__trigger-sampling-request'));
  },

  async 'calls a tool'(client) {
    const { content } = await client.call('everything__echo', { message: 'hällo' });
    assert.deepEqual(content, [{ type: 'text', text: 'Echo: hällo' }]);
  },

  async 'refuses wrong arguments so that the model can correct them'(client) {
    const { content, isError, denial } = await client.call('everything__get-sum', { a: 'one' });
    assert.equal(denial, 'arguments-invalid');
    assert.ok(isError);
    assert.match(content[0]?.text ?? '', /\/a must be number.*\nHint: /s);
  },

  async 'answers alike for names that do not exist'(client) {
    for (const name of ['everything__none', 'echo', 'sallyport__x'])
      await assert.rejects(client.call(name, {}), new RegExp(`Unknown tool: ${name}`));
    await assert.rejects(client.readResource({ uri: 'demo://x' }), /Unknown resource: demo:\/\/x/);
    await assert.rejects(client.getPrompt({ name: 'none' }), /Unknown prompt: none/);
  },

  async 'returns structured content that fits the declared schema'(client) {
    const { structuredContent } = await client.call('everything__get-structured-content', {
      location: 'Chicago',
    });
    assert.deepEqual(structuredContent, {
      temperature: 36,
      conditions: 'Light rain / drizzle',
      humidity: 82,
    });
  },

  async 'returns images'(client) {
    const { content } = await client.call('everything__get-tiny-image', {});
    assert.deepEqual(
      content.map(({ type }) => type),
      ['text', 'image', 'text'],
    );
  },

  async 'links to resources that can be read back'(client) {
    const { content } = await client.call('everything__get-resource-links', { count: 2 });
    const uris = content.filter(({ type }) => type === 'resource_link').map(({ uri }) => uri ?? '');
    assert.equal(uris.length, 2);
    for (const uri of uris) {
      assert.match(uri, /^sallyport:\/\/everything\/demo:\/\/resource\/dynamic\//);
      const { contents } = await client.readResource({ uri });
      assert.equal(contents[0]?.uri, uri);
    }
  },

  async 'embeds resources that can be read back'(client) {
    const { content } = await client.call('everything__get-resource-reference', {
      resourceType: 'Blob',
      resourceId: 3,
    });
    const uri = 'sallyport://everything/demo://resource/dynamic/blob/3';
    assert.ok(JSON.stringify(content).includes(`"uri":"${uri}"`));
    const { contents } = await client.readResource({ uri });
    assert.match(Buffer.from(contents[0]?.blob ?? '', 'base64').toString(), /^Resource 3: /);
  },

  async 'lists and reads resources'(client) {
    const { resources } = await client.listResources();
    assert.ok(resources.some(({ uri, name }) => uri === DOCUMENT && name === 'features.md'));
    const { contents } = await client.readResource({ uri: DOCUMENT });
    assert.equal(contents[0]?.uri, DOCUMENT);
    assert.match(contents[0]?.text ?? '', /Everything Server/);
  },

  async 'lists templates; what they cover can be read'(client) {
    const { resourceTemplates } = await client.listResourceTemplates();
    assert.deepEqual(resourceTemplates.map(({ uriTemplate }) => uriTemplate).toSorted(), [
      'sallyport://everything/demo://resource/dynamic/blob/{resourceId}',
      'sallyport://everything/demo://resource/dynamic/text/{resourceId}',
    ]);
    const uri = 'sallyport://everything/demo://resource/dynamic/text/11';
    assert.match((await client.readResource({ uri })).contents[0]?.text ?? '', /^Resource 11: /);
  },

  async 'lists and gets prompts'(client) {
    const { prompts } = await client.listPrompts();
    assert.deepEqual(prompts.map(({ name }) => name).toSorted(), [
      'everything__args-prompt',
      'everything__completable-prompt',
      'everything__resource-prompt',
      'everything__simple-prompt',
    ]);
    const { messages } = await client.getPrompt({
      name: 'everything__args-prompt',
      arguments: { city: 'Köln' },
    });
    assert.deepEqual(messages, [
      { role: 'user', content: { type: 'text', text: "What's weather in Köln?" } },
    ]);
  },

  async 'completes arguments of prompts and templates'(client) {
    const ofPrompt = await client.complete({
      ref: { type: 'ref/prompt', name: 'everything__completable-prompt' },
      argument: { name: 'name', value: '' },
      context: { arguments: { department: 'Engineering' } },
    });
    assert.deepEqual(ofPrompt.completion.values, ['Alice', 'Bob', 'Charlie']);
    const ofTemplate = await client.complete({
      ref: {
        type: 'ref/resource',
        uri: 'sallyport://everything/demo://resource/dynamic/text/{resourceId}',
      },
      argument: { name: 'resourceId', value: '42' },
    });
    assert.deepEqual(ofTemplate.completion.values, ['42']);
  },

  async 'reports progress'(client) {
    const steps: number[] = [];
    // Where progress and response come in one chunk SDK 2.x itself loses the progress, so it may take another go.
    for (let attempt = 0; attempt < 5 && steps.length === 0; attempt++) {
      const { content } = await client.call(
        'everything__trigger-long-running-operation',
        { duration: 0.3, steps: 4 },
        { onprogress: ({ progress, total }) => total === 4 && steps.push(progress) },
      );
      assert.match(content[0]?.text ?? '', /completed/);
    }
    assert.ok(steps.length > 0);
    assert.deepEqual(steps, [1, 2, 3, 4].slice(0, steps.length));
  },

  async 'cancels a call'(client) {
    const controller = new AbortController();
    const call = client.call(
      'everything__trigger-long-running-operation',
      { duration: 60, steps: 600 },
      { signal: controller.signal, onprogress: () => controller.abort(new Error('enough')) },
    );
    await assert.rejects(call, /enough/);
    await client.listTools();
  },

  async 'lets a server use the model of the client'(client, person) {
    const { content } = await client.call('everything__trigger-sampling-request', {
      prompt: 'say hello',
      maxTokens: 20,
    });
    assert.match(content[0]?.text ?? '', /the model says hello/);
    assert.match(JSON.stringify(person.seen), /context: say hello/);
  },

  async 'lets a server ask the person, and says who asks'(client, person) {
    const { content } = await client.call('everything__trigger-elicitation-request', {});
    assert.match(JSON.stringify(content), /Name: Ann/);
    assert.ok(person.seen.includes('[everything] Please provide inputs for the following fields:'));
  },

  async 'tells that a list changed, and the list has'(client) {
    const from = client.notifications.length;
    const { content } = await client.call('everything__gzip-file-as-resource', {
      name: 'made.gz',
      data: 'data:text/plain;base64,aGVsbG8=',
      outputType: 'resourceLink',
    });
    const uri = 'sallyport://everything/demo://resource/session/made.gz';
    assert.equal(content[0]?.uri, uri);
    await client.next(({ method }) => method === 'notifications/resources/list_changed', from);
    const { resources } = await client.listResources();
    assert.ok(resources.some((resource) => resource.uri === uri));
    assert.match(JSON.stringify((await client.readResource({ uri })).contents), /H4sI/);
  },

  async 'refuses a cursor that was not given here'(client) {
    for (const cursor of ['0', '250.AAAAAAAAAAAAAAAAAAAAAA', 'page@100', ''])
      await assert.rejects(client.listTools({ cursor }), /Cannot list: the cursor/);
  },
};

/** In words that the modern era does not have; for its own see `modern.test.ts`. */
const LEGACY_TESTS: typeof TESTS = {
  async 'answers a ping'(client) {
    await client.ping();
  },

  async 'sets the level of log messages, which come'(client) {
    const from = client.notifications.length;
    await client.setLoggingLevel('debug');
    await client.call('everything__toggle-simulated-logging', {});
    const { params } = await client.next(({ method }) => method === 'notifications/message', from);
    assert.match(JSON.stringify(params), /level/i);
    await client.call('everything__toggle-simulated-logging', {});
  },

  async 'lets a server see the roots, and changes of them'(client, person) {
    const call = async (): Promise<string> =>
      (await client.call('everything__get-roots-list', {})).content[0]?.text ?? '';
    assert.match(await call(), /file:\/\/\/work/);
    const from = client.notifications.length;
    person.roots = ['file:///elsewhere'];
    await client.sendRootsListChanged();
    await client.next(({ params }) => /Roots updated/.test(JSON.stringify(params)), from);
    assert.match(await call(), /file:\/\/\/elsewhere/);
  },

  async 'tells of updates of a resource, until it is not wanted any more'(client) {
    const from = client.notifications.length;
    await client.subscribeResource({ uri: DOCUMENT });
    await client.call('everything__toggle-subscriber-updates', {});
    const { params } = await client.next(isUpdate, from);
    assert.equal(params?.['uri'], DOCUMENT);
    await client.call('everything__toggle-subscriber-updates', {});
    await client.unsubscribeResource({ uri: DOCUMENT });
    const after = client.notifications.length;
    await client.call('everything__toggle-subscriber-updates', {});
    await client.call('everything__toggle-subscriber-updates', {});
    assert.ok(!client.notifications.slice(after).some(isUpdate));
  },
};

for (const [dialect, connect] of Object.entries(DIALECTS))
  test(dialect, async (context) => {
    const { client, person } = await start(context, connect);
    const legacy = client.era === 'legacy' ? LEGACY_TESTS : {};
    for (const [name, check] of Object.entries({ ...TESTS, ...legacy }))
      await context.test(name, async () => await check(client, person));
  });

for (const [dialect, connect] of Object.entries(DIALECTS))
  test(`${dialect}: what the client did not declare, no server gets`, async (context) => {
    const gate = await createGate(context, {
      servers: { everything: realServer('everything') },
      pinned: false,
      config: { catalogue: { onNew: 'pin' } },
    });
    const client = await connect(context, { place: serve(gate) });
    const names = (await client.listTools()).tools.map(({ name }) => name);
    assert.ok(names.includes('everything__echo'));
    for (const needs of ['sampling', 'elicitation', 'roots'])
      assert.ok(!names.some((name) => name.includes(needs)), needs);
  });
