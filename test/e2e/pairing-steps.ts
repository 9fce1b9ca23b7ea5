import assert from 'node:assert/strict';
import type { JsonObject, JsonValue } from '../../src/lib/json.ts';
import type { AnyClient, Notification } from '../support/clients.ts';
import { until } from '../support/until.ts';

/** One client in front of one server of the gate's. */
export type Side = {
  readonly client: AnyClient;
  readonly name: (own: string) => string;
  readonly uri: (own: string) => string;
  /** What the client was asked, in order. */
  readonly asked: readonly JsonObject[];
  /** A part of names that no other client takes. */
  readonly unique: string;
  readonly setRoots: (roots: string[]) => void;
  /** Without what names the server, or the client. */
  readonly plain: (outcome: unknown) => unknown;
};

export type Steps = Readonly<
  Record<string, { readonly run: (side: Side) => Promise<unknown>; readonly want: unknown }>
>;

const DOCUMENT = 'demo://resource/static/document/features.md';

export function ofPlace(
  place: Pick<Side, 'client' | 'asked' | 'unique' | 'setRoots'> & { readonly server: string },
): Side {
  const { server, unique } = place;
  return {
    ...place,
    name: (own) => `${server}__${own}`,
    uri: (own) => `sallyport://${server}/${own}`,
    plain(outcome) {
      const text = JSON.stringify(outcome ?? null)
        .replaceAll(`${server}__`, '')
        .replaceAll(`sallyport://${server}/`, '')
        .replaceAll(`[${server}] `, '')
        .replaceAll(unique, 'UNIQUE');
      const plain: unknown = JSON.parse(text);
      return plain;
    },
  };
}

const same = (run: (side: Side) => Promise<unknown>, want: JsonValue): Steps[string] => ({
  run,
  want,
});
/** A step that looks for itself. */
const holds = (run: (side: Side) => Promise<void>): Steps[string] => ({
  run: async (side) => {
    await run(side);
    return 'as wanted';
  },
  want: 'as wanted',
});

const call =
  (tool: string, args: JsonObject = {}) =>
  async ({ client, name }: Side): Promise<unknown> =>
    await client.call(name(tool), args);
/** The text of a result, or of the first error. */
async function textOf(
  { client, name }: Side,
  tool: string,
  args: JsonObject = {},
): Promise<string> {
  const { content } = await client.call(name(tool), args);
  return content.map(({ text = '' }) => text).join('\n');
}

async function allTools({ client }: Side): Promise<{ names: string[]; pages: number }> {
  const names: string[] = [];
  let pages = 0;
  let cursor: string | undefined;
  do {
    const page = await client.listTools(cursor === undefined ? {} : { cursor }); // oxlint-disable-line no-await-in-loop -- each page names the next
    names.push(...page.tools.map((tool) => tool.name));
    cursor = page.nextCursor;
    pages++;
  } while (cursor !== undefined);
  return { names, pages };
}

function failureOf(thrown: unknown): JsonObject {
  assert.ok(thrown instanceof Error);
  const code = 'code' in thrown && typeof thrown.code === 'number' ? thrown.code : 0;
  // SDK 1.x puts the code in front.
  return { code, message: thrown.message.replace(/^MCP error -?\d+: /, '') };
}

async function failure(act: () => Promise<unknown>): Promise<JsonObject> {
  try {
    await act();
  } catch (thrown) {
    return failureOf(thrown);
  }
  throw new assert.AssertionError({ message: 'it did not fail' });
}

const isUpdateOf =
  (uri: string) =>
  ({ method, params }: Notification): boolean =>
    method === 'notifications/resources/updated' && params?.['uri'] === uri;

const OFFERED = [
  'echo',
  'get-annotated-message',
  'get-env',
  'get-resource-links',
  'get-roots-list',
  'get-sum',
  'get-structured-content',
  'get-tiny-image',
  'gzip-file-as-resource',
  'toggle-subscriber-updates',
  'trigger-elicitation-request',
  'trigger-long-running-operation',
  'trigger-sampling-request',
  'trigger-url-elicitation',
];
const HIDDEN = 'get-env';
const CHANGED = 'get-annotated-message';

const COMMON: Steps = {
  'lists tools on pages': holds(async (side) => {
    const { names } = await allTools(side);
    assert.equal(new Set(names).size, names.length);
    assert.ok(names.length > 250, String(names.length));
  }),
  'answers a ping': same(async ({ client }) => await client.ping(), {}),
  'knows no other names': same(
    async ({ client, name, uri }) => [
      await failure(async () => await client.call(name('none'), {})),
      await failure(async () => await client.getPrompt({ name: name('none') })),
      (await failure(async () => await client.readResource({ uri: uri('none:x') })))['message'],
    ],
    [
      { code: -32602, message: 'Unknown tool: none' },
      { code: -32602, message: 'Unknown prompt: none' },
      'Unknown resource: none:x',
    ],
  ),
};

export const EVERYTHING_STEPS: Steps = {
  'lists tools': same(
    async (side) => {
      const { names } = await allTools(side);
      return OFFERED.filter((own) => names.includes(side.name(own)));
    },
    OFFERED.filter((own) => own !== HIDDEN && own !== CHANGED),
  ),
  ...COMMON,
  'lists resources': same(
    async ({ client, uri }) => {
      const { resources } = await client.listResources();
      return resources.map((one) => one.uri).filter((one) => one === uri(DOCUMENT));
    },
    [DOCUMENT],
  ),
  'lists templates': same(
    async ({ client, uri }) => {
      const { resourceTemplates } = await client.listResourceTemplates();
      const own = resourceTemplates.map(({ uriTemplate }) => uriTemplate);
      return own.filter((one) => one.startsWith(uri(''))).toSorted();
    },
    ['blob', 'text'].map((kind) => `demo://resource/dynamic/${kind}/{resourceId}`),
  ),
  'lists prompts': same(
    async ({ client, name }) => {
      const { prompts } = await client.listPrompts();
      const wanted = ['simple-prompt', 'args-prompt', 'completable-prompt'];
      return wanted.filter((own) => prompts.some((prompt) => prompt.name === name(own)));
    },
    ['simple-prompt', 'args-prompt', 'completable-prompt'],
  ),
  'gets text': same(call('echo', { message: 'hällo ☃ \u{1f600} </script>' }), {
    content: [{ type: 'text', text: 'Echo: hällo ☃ \u{1f600} </script>' }],
    isError: false,
  }),
  'gets an image': holds(async ({ client, name }) => {
    const { content } = await client.call(name('get-tiny-image'), {});
    assert.deepEqual(
      content.map(({ type }) => type),
      ['text', 'image', 'text'],
    );
    assert.match(JSON.stringify(content[1]), /"data":"iVBOR\w+[^"]*","mimeType":"image\/png"/);
  }),
  'gets structured content that fits its schema': same(
    call('get-structured-content', { location: 'Chicago' }),
    {
      content: [
        {
          type: 'text',
          text: '{"temperature":36,"conditions":"Light rain / drizzle","humidity":82}',
        },
      ],
      structuredContent: { temperature: 36, conditions: 'Light rain / drizzle', humidity: 82 },
      isError: false,
    },
  ),
  'gets links that can be read': same(
    async ({ client, name }) => {
      const { content } = await client.call(name('get-resource-links'), { count: 1 });
      const link = content.find(({ type }) => type === 'resource_link')?.uri ?? '';
      const [first] = (await client.readResource({ uri: link })).contents;
      return [
        link,
        first?.uri,
        Buffer.from(first?.blob ?? '', 'base64')
          .toString()
          .slice(0, 11),
      ];
    },
    ['demo://resource/dynamic/blob/1', 'demo://resource/dynamic/blob/1', 'Resource 1:'],
  ),
  "gets the server's own error": holds(async (side) => {
    const result = await side.client.call(side.name('get-resource-reference'), {
      resourceType: 'Text',
      resourceId: 0.5,
    });
    assert.deepEqual([result.isError, result.denial], [true, undefined]);
    assert.match(result.content[0]?.text ?? '', /Invalid resourceId: 0.5/);
  }),
  'is told what is wrong with arguments': holds(async (side) => {
    const result = await side.client.call(side.name('get-sum'), { a: 'one', b: 1 });
    assert.deepEqual([result.isError, result.denial], [true, 'arguments-invalid']);
    assert.match(result.content[0]?.text ?? '', /\/a must be number/);
  }),
  'reads a resource': holds(async ({ client, uri }) => {
    const { contents } = await client.readResource({ uri: uri(DOCUMENT) });
    assert.equal(contents[0]?.uri, uri(DOCUMENT));
    assert.match(contents[0].text ?? '', /Everything Server/);
  }),
  'reads what a template covers': holds(async ({ client, uri }) => {
    const own = uri('demo://resource/dynamic/text/11');
    const { contents } = await client.readResource({ uri: own });
    assert.equal(contents[0]?.uri, own);
    assert.match(contents[0].text ?? '', /^Resource 11: /);
  }),
  'gets a prompt': same(
    async ({ client, name }) => {
      const args = { city: 'Köln', state: 'NRW' };
      return (await client.getPrompt({ name: name('args-prompt'), arguments: args })).messages;
    },
    [{ role: 'user', content: { type: 'text', text: "What's weather in Köln, NRW?" } }],
  ),
  'completes the argument of a prompt': same(
    async ({ client, name }) => {
      const answer = await client.complete({
        ref: { type: 'ref/prompt', name: name('completable-prompt') },
        argument: { name: 'name', value: '' },
        context: { arguments: { department: 'Engineering' } },
      });
      return answer.completion.values;
    },
    ['Alice', 'Bob', 'Charlie'],
  ),
  'completes the variable of a template': same(
    async ({ client, uri }) => {
      const answer = await client.complete({
        ref: { type: 'ref/resource', uri: uri('demo://resource/dynamic/text/{resourceId}') },
        argument: { name: 'resourceId', value: '42' },
      });
      return answer.completion.values;
    },
    ['42'],
  ),
  'hears of progress': holds(async ({ client, name }) => {
    const steps: number[] = [];
    // Where progress and response come in one chunk SDK 2.x itself loses the progress.
    for (let attempt = 0; attempt < 5 && steps.length === 0; attempt++) {
      const { content } = await client.call(
        name('trigger-long-running-operation'),
        { duration: 0.15, steps: 3 },
        { onprogress: ({ progress, total }) => total === 3 && steps.push(progress) },
      );
      assert.match(content[0]?.text ?? '', /completed/);
    }
    assert.ok(steps.length > 0);
    assert.deepEqual(steps, [1, 2, 3].slice(0, steps.length));
  }),
  'cancels a call': holds(async ({ client, name }) => {
    const controller = new AbortController();
    const running = client.call(
      name('trigger-long-running-operation'),
      { duration: 6, steps: 60 },
      { signal: controller.signal, onprogress: () => controller.abort(new Error('enough')) },
    );
    await assert.rejects(running, /enough/);
    await client.call(name('echo'), { message: 'after' });
  }),
  'lends its model': holds(async (side) => {
    const from = side.asked.length;
    const args = { prompt: 'say hello', maxTokens: 20 };
    assert.match(await textOf(side, 'trigger-sampling-request', args), /the model says hello/);
    const [question] = side.asked.slice(from);
    assert.match(JSON.stringify(question), /trigger-sampling-request context: say hello/);
    assert.equal(side.asked.length, from + 1);
  }),
  'asks its person to fill in a form': holds(async (side) => {
    const from = side.asked.length;
    assert.match(await textOf(side, 'trigger-elicitation-request'), /Name: Ann/);
    const [question] = side.asked.slice(from);
    assert.deepEqual(side.plain([question?.['mode'], question?.['message']]), [
      'form',
      'Please provide inputs for the following fields:',
    ]);
    assert.notEqual(side.plain(question?.['message']), question?.['message'], 'it says who asks');
  }),
  'asks its person to open a page': holds(async (side) => {
    const from = side.asked.length;
    const args = { url: 'https://example.com/sign-in', message: 'Sign in' };
    assert.match(await textOf(side, 'trigger-url-elicitation', args), /completed the URL/);
    const [question] = side.asked.slice(from);
    assert.deepEqual(side.plain([question?.['mode'], question?.['url'], question?.['message']]), [
      'url',
      'https://example.com/sign-in',
      'Sign in',
    ]);
  }),
  'shows its roots': holds(async (side) => {
    // What was told to another server was told to this one too.
    assert.match(await textOf(side, 'get-roots-list'), /file:\/\/\/(?:work|elsewhere)/);
  }),
  'tells a server that the roots changed': holds(async (side) => {
    side.setRoots(['file:///elsewhere']);
    await side.client.sendRootsListChanged();
    await until(async () => (await textOf(side, 'get-roots-list')).includes('file:///elsewhere'));
  }),
  'follows a resource until it does not want to': holds(async (side) => {
    const { client, name, uri } = side;
    const from = client.notifications.length;
    const stop = await client.follow(uri(DOCUMENT));
    await client.call(name('toggle-subscriber-updates'), {});
    await client.next(isUpdateOf(uri(DOCUMENT)), from);
    await client.call(name('toggle-subscriber-updates'), {});
    await stop();
    // What was under way when it ended.
    await client.call(name('echo'), { message: 'x' });
    const after = client.notifications.length;
    await client.call(name('toggle-subscriber-updates'), {});
    await client.call(name('toggle-subscriber-updates'), {});
    assert.ok(!client.notifications.slice(after).some(isUpdateOf(uri(DOCUMENT))));
  }),
  'hears that a list changed, and the list has': holds(async ({ client, name, uri, unique }) => {
    const from = client.notifications.length;
    const { content } = await client.call(name('gzip-file-as-resource'), {
      name: `${unique}.gz`,
      data: 'data:text/plain;base64,aGVsbG8=',
      outputType: 'resourceLink',
    });
    const made = uri(`demo://resource/session/${unique}.gz`);
    assert.equal(content[0]?.uri, made);
    await client.next(({ method }) => method === 'notifications/resources/list_changed', from);
    // It may have been another client's change that was told first.
    await until(async () =>
      (await client.listResources()).resources.some((resource) => resource.uri === made),
    );
    const { contents } = await client.readResource({ uri: made });
    assert.match(contents[0]?.blob ?? '', /^H4sI/);
  }),
  'cannot tell a hidden tool from none': same(
    async ({ client, name }) => await failure(async () => await client.call(name(HIDDEN), {})),
    { code: -32602, message: `Unknown tool: ${HIDDEN}` },
  ),
  'does not get a tool whose definition changed': holds(async ({ client, name }) => {
    const { isError, denial, content } = await client.call(name(CHANGED), { messageType: 'error' });
    assert.deepEqual([isError, denial], [true, 'quarantined']);
    assert.doesNotMatch(JSON.stringify(content), /Operation failed/);
  }),
};

export const ODD_STEPS: Steps = {
  ...COMMON,
  'lists many tools': same(async (side) => {
    const { names } = await allTools(side);
    return names.filter((name) => name.startsWith(side.name('read_0'))).length;
  }, 90),
  'gets odd content': holds(async ({ client, name, uri }) => {
    const { content, structuredContent } = await client.call(name('read_odd_parts'), {});
    assert.deepEqual(structuredContent, { list: [{}], nothing: null });
    assert.deepEqual(
      content.map(({ type }) => type),
      ['text', 'audio', 'resource', 'resource_link'],
    );
    assert.equal(content[3]?.uri, uri('odd:one?a=b#c'));
    // What is unknown stays where the SDK lets it through.
    assert.match(JSON.stringify(content[1]), /"kept":\[0\]/);
  }),
  'gets no content': same(call('read_no_content'), { content: [], isError: false }),
  'reads a resource of two parts': holds(async ({ client, uri }) => {
    const { contents } = await client.readResource({ uri: uri('odd://one') });
    assert.deepEqual(
      contents.map((part) => part.uri),
      [uri('odd://one'), uri('odd://other')],
    );
  }),
  'hears log messages of a call': same(
    async ({ client, name }) => {
      await client.hearLogs('debug');
      const from = client.notifications.length;
      await client.call(name('read_messages'), {});
      await client.next(({ params }) => params?.['level'] === 'emergency', from);
      return client.notifications
        .slice(from)
        .filter(({ method }) => method === 'notifications/message')
        .map(({ params }) => [params?.['level'], params?.['logger'], params?.['data']]);
    },
    ['debug', 'info', 'emergency'].map((level) => [level, 'odd', { of: level, list: [1, null] }]),
  ),
  'passes on what a server says after its answer': holds(async ({ client, name }) => {
    await client.hearLogs('debug');
    const from = client.notifications.length;
    await client.call(name('read_later'), {});
    await client.next(
      ({ params }) => JSON.stringify(params?.['data'] ?? null).includes('later'),
      from,
    );
  }),
  'cancels a call, and the server hears why': holds(async (side) => {
    const { client, name, unique } = side;
    await client.hearLogs('debug');
    const from = client.notifications.length;
    const controller = new AbortController();
    const key = `${unique}-${name('')}`;
    const running = client.call(name('read_wait'), { key }, { signal: controller.signal });
    await client.next(({ params }) => JSON.stringify(params?.['data'] ?? null).includes(key), from);
    controller.abort(new Error('of no use'));
    await assert.rejects(running, /of no use/);
    await until(async () => (await textOf(side, 'read_reasons')) !== '[]');
  }),
  'lends its model and shows its roots': holds(async (side) => {
    side.setRoots(['file:///work']);
    assert.match(await textOf(side, 'read_sampling'), /the model says hello/);
    assert.match(await textOf(side, 'read_roots'), /file:\/\/\/work/);
  }),
  'hears of a change of a part': holds(async ({ client, name, uri }) => {
    const stop = await client.follow(uri('odd://one'));
    const from = client.notifications.length;
    await client.call(name('read_update'), {});
    await client.next(isUpdateOf(uri('odd://one/part')), from);
    await stop();
  }),
  'hears of a new tool, and can call it': holds(async (side) => {
    const { client, name } = side;
    const from = client.notifications.length;
    await client.call(name('read_grow'), {});
    await client.next(({ method }) => method === 'notifications/tools/list_changed', from);
    const { names } = await allTools(side);
    assert.ok(names.includes(name('read_grown_1')));
  }),
  'cannot tell a hidden tool from none': same(
    async ({ client, name }) =>
      await failure(async () => await client.call(name('read_draft7'), {})),
    { code: -32602, message: 'Unknown tool: read_draft7' },
  ),
  'does not get a tool whose definition changed': same(
    async ({ client, name }) => (await client.call(name('read_error_data'), {})).denial,
    'quarantined',
  ),
};
