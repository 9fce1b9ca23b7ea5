import assert from 'node:assert/strict';
import { test } from 'node:test';
import { META } from '../../src/wire/modern/meta.ts';
import { DIALECTS, type AnyClient } from '../support/clients.ts';
import { serve } from '../support/frames-client.ts';
import { createGate } from '../support/gate.ts';
import { oddServer } from '../support/odd.ts';

type Side = {
  readonly client: AnyClient;
  readonly name: (own: string) => string;
  readonly uri: (own: string) => string;
};

/** What an official client makes of a server that is odder than it expects; some of it fails, and then as it does directly. */
const STEPS: Readonly<Record<string, (side: Side) => Promise<unknown>>> = {
  'lists tools of which one has an output schema that is no object': async ({ client }) =>
    (await client.listTools()).tools,
  'calls that tool': async ({ client, name }) => await client.call(name('read_list'), {}),
  'calls one that was never listed to it': async ({ client, name }) =>
    await client.call(name('read_mirror'), { nothing: null, deep: { list: [[], {}] } }),
  'gets content of unknown types': async ({ client, name }) =>
    await client.call(name('read_unknown_parts'), {}),
  'gets odd content': async ({ client, name }) => await client.call(name('read_odd_parts'), {}),
  'gets no content': async ({ client, name }) => await client.call(name('read_no_content'), {}),
  'gets an error with data': async ({ client, name }) =>
    await client.call(name('read_error_data'), {}),
  'lists resources': async ({ client }) => (await client.listResources()).resources,
  'lists templates': async ({ client }) => (await client.listResourceTemplates()).resourceTemplates,
  'lists prompts': async ({ client }) => (await client.listPrompts()).prompts,
  'reads a resource of two parts': async ({ client, uri }) =>
    (await client.readResource({ uri: uri('odd://one') })).contents,
  'gets a prompt with content of unknown types': async ({ client, name }) =>
    (await client.getPrompt({ name: name('read_ask'), arguments: { q: 'x' } })).messages,
  'completes the variable of a template': async ({ client, uri }) =>
    await client.complete({
      ref: { type: 'ref/resource', uri: uri('odd://{host}/{+path}{?q*}') },
      argument: { name: 'host', value: '' },
    }),
};

/** Who the client and the server say they are. */
const NAMES = new Set([META.clientInfo, META.serverInfo] as readonly string[]);

/** The outcome, or the failure, without names. */
async function outcome(step: (side: Side) => Promise<unknown>, side: Side): Promise<unknown> {
  const said = await step(side).catch((thrown: unknown) => {
    assert.ok(thrown instanceof Error);
    const { message } = thrown;
    return { message, ...('code' in thrown && { code: thrown.code, data: dataOf(thrown) }) };
  });
  const [name, uri] = [side.name(''), side.uri('')];
  const text = JSON.stringify(said)
    .replaceAll(name || '\0', '')
    .replaceAll(uri || '\0', '');
  const plain: unknown = JSON.parse(text, (key, value: unknown) =>
    NAMES.has(key) ? undefined : value,
  );
  return plain;
}

function dataOf(thrown: Error): unknown {
  return 'data' in thrown ? thrown.data : undefined;
}

for (const [dialect, era] of [
  ['SDK 1.x', 'legacy'],
  ['SDK 2.x', 'legacy'],
  ['SDK 2.x, asking for the newest first', 'modern'],
] as const)
  test(`${dialect} has from an odd ${era} server through the gate what it has directly`, async (context) => {
    const program = oddServer({ ODD_SCHEMAS: 'outputs', ODD_ERA: era });
    const gate = await createGate(context, { servers: { odd: program }, firstUse: true });
    const connect = DIALECTS[dialect];
    assert.ok(connect);
    const [direct, through] = await Promise.all(
      [program, serve(gate)].map(async (place) => await connect(context, { place })),
    );
    assert.ok(direct && through);
    assert.equal(direct.era, era);
    assert.equal(through.era, era);
    for (const [name, step] of Object.entries(STEPS))
      await context.test(name, async () => {
        const [wanted, had] = await Promise.all([
          outcome(step, { client: direct, name: (own) => own, uri: (own) => own }),
          outcome(step, {
            client: through,
            name: (own) => `odd__${own}`,
            uri: (own) => `sallyport://odd/${own}`,
          }),
        ]);
        assert.deepEqual(had, wanted);
      });
  });
