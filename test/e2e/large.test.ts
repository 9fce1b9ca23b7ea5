import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { isJsonObject, type JsonObject } from '../../src/lib/json.ts';
import { packageRoot } from '../../src/lib/package-root.ts';
import { readRecords } from '../../src/audit/read-records.ts';
import type { AuditRecord } from '../../src/audit/record.ts';
import { serve, startFrames, type Frame } from '../support/frames-client.ts';
import { createHostileGate, hostileServer } from '../support/gate.ts';
import { event, hostileHttp, result, sendEvents, sendFrame } from '../support/hostile-http.ts';
import { openSession, post } from '../support/http-agent.ts';
import { startHttpGate } from '../support/http-gate.ts';
import { ask, modernRequest } from '../support/modern-frames.ts';
import { denialOf, rpcCodeOf, textOf } from '../support/replies.ts';
import { stringOf } from '../support/string-of.ts';
import { scratch } from '../support/scratch.ts';

const MIB = 1024 * 1024;
const MUCH = 30_000_000;
/** The line limit of the official SDK 2.x on stdio is 10 MiB. */
const SDK_TAKES = 9_000_000;
const ROOMY = {
  limits: { maxMessageBytes: 32 * MIB, maxArgumentBytes: 32 * MIB },
  http: { maxBodyBytes: 32 * MIB },
};
const LIMIT = 256 * 1024;
const TIGHT = {
  limits: { maxMessageBytes: LIMIT, maxArgumentBytes: LIMIT / 2 },
  http: { maxBodyBytes: LIMIT },
};
const POLICY = '@id("all") permit (principal, action, resource);';
const said = (text: string): boolean => text === 'you said: here';
const PROSE =
  'The report shows that revenue grew while costs stayed level and nobody complained.\n';

let lastId = 0;
const toolCall = (name: string, args: JsonObject): JsonObject => ({
  jsonrpc: '2.0',
  id: ++lastId,
  method: 'tools/call',
  params: { name, arguments: args },
});

/** A server over HTTP whose `echo` answers with as many bytes as it is told, as one body or as an event. */
async function remoteEcho(context: TestContext): Promise<{ url: string }> {
  const echo = {
    name: 'echo',
    inputSchema: { type: 'object' },
    annotations: { readOnlyHint: true, openWorldHint: false },
  };
  const remote = await hostileHttp({
    initialize: (response, { frame }) =>
      sendFrame(
        response,
        result(frame, {
          protocolVersion: '2025-11-25',
          capabilities: { tools: {} },
          serverInfo: { name: 'remote', version: '1' },
        }),
      ),
    'tools/list': (response, { frame }) => sendFrame(response, result(frame, { tools: [echo] })),
    'tools/call'(response, { frame }) {
      const params = isJsonObject(frame?.['params']) ? frame['params'] : {};
      const args = isJsonObject(params['arguments']) ? params['arguments'] : {};
      const text = `${stringOf(args['more'] ?? '').length} ${'x'.repeat(Number(args['bytes'] ?? 0))}`;
      const answer = result(frame, { content: [{ type: 'text', text }] });
      if (args['stream'] === true) {
        sendEvents(response, event(answer));
        response.end();
      } else sendFrame(response, answer);
    },
  });
  context.after(async () => await remote[Symbol.asyncDispose]());
  return { url: remote.url.href };
}

function modernServer(): { command: string; args: string[] } {
  const file = join(packageRoot(), 'dist', 'test', 'support', 'modern-server.js');
  return { command: process.execPath, args: [file, 'stdio', 'only'] };
}

test('30 MB each way over stdio, where the configuration allows them', async (context) => {
  const gate = await createHostileGate(context, {
    config: ROOMY,
    firstUse: true,
    servers: { remote: await remoteEcho(context), modern: modernServer() },
  });
  const client = startFrames(context, serve(gate));
  await client.open();
  const call = async (name: string, args: JsonObject): Promise<Frame> =>
    await client.request('tools/call', { name, arguments: args });

  await context.test('to and from a process', async () => {
    const echoed = await call('bad__read_echo', { text: 'here', more: 'x'.repeat(MUCH) });
    assert.equal(textOf(echoed), 'you said: here');
    const large = await call('bad__read_large', { bytes: MUCH });
    assert.equal(textOf(large).length, MUCH, denialOf(large));
  });

  await context.test('to and from a server over HTTP, as a body and as an event', async () => {
    for (const stream of [false, true]) {
      const large = await call('remote__echo', { more: 'x'.repeat(MUCH), stream });
      assert.equal(textOf(large), `${MUCH} `);
      const back = await call('remote__echo', { bytes: MUCH, stream });
      assert.equal(textOf(back).length, MUCH + 2, denialOf(back));
    }
  });

  await context.test('to and from a modern process, as much as its SDK takes', async () => {
    const both = await call('modern__echo', { text: 'x'.repeat(SDK_TAKES) });
    assert.ok(textOf(both).length > SDK_TAKES, denialOf(both));
  });

  await context.test('of prose, which is read to its end while others are served', async () => {
    const bytes = MUCH - (MUCH % PROSE.length);
    const large = call('bad__read_large', { bytes, prose: PROSE });
    const state = { answered: false };
    const done = large.finally(() => (state.answered = true));
    let slowest = 0;
    let pings = 0;
    const started = performance.now();
    do {
      const began = performance.now();
      await client.request('ping');
      slowest = Math.max(slowest, performance.now() - began);
      await new Promise((resolve) => setTimeout(resolve, 50));
      pings++;
    } while (!state.answered);
    const answer = await done;
    assert.equal(textOf(answer).length, bytes, denialOf(answer));
    const took = performance.now() - started;
    assert.ok(slowest < Math.max(5000, took / 2), `${slowest} ms, the slowest of ${pings}`);
  });
});

test('30 MB each way over HTTP, of both eras', async (context) => {
  const folder = await scratch(context);
  const gate = await startHttpGate(context, {
    servers: { bad: hostileServer(join(folder, 'log')), remote: await remoteEcho(context) },
    policy: POLICY,
    config: ROOMY,
  });
  const token = await gate.token();
  const session = { 'mcp-session-id': await openSession(gate, token) };

  const long = ({ length }: string): boolean => length >= MUCH;
  const calls: readonly (readonly [string, string, JsonObject, (text: string) => boolean])[] = [
    ['legacy', 'bad__read_echo', { text: 'here', more: 'x'.repeat(MUCH) }, said],
    ['modern', 'bad__read_echo', { text: 'here', more: 'x'.repeat(MUCH) }, said],
    ['legacy', 'bad__read_large', { bytes: MUCH }, long],
    ['modern', 'remote__echo', { bytes: MUCH }, long],
  ];
  for (const [era, name, args, fits] of calls)
    await context.test(`${era}: ${name} with ${Object.keys(args).join(' and ')}`, async () => {
      const answer =
        era === 'legacy'
          ? answerIn((await post(gate, token, toolCall(name, args), session)).text)
          : (await ask(gate, 'tools/call', { name, arguments: args }, { token })).body;
      assert.ok(isJsonObject(answer) && fits(textOf(answer)), JSON.stringify(answer).slice(0, 300));
    });
});

/** The response in an answer, plain or the last event of a stream. */
function answerIn(text: string): JsonObject {
  const at = text.startsWith('{') ? 0 : text.lastIndexOf('\ndata: ') + 7;
  const frame: unknown = JSON.parse(text.slice(at));
  assert.ok(isJsonObject(frame));
  return frame;
}

/** Not a call: arguments have a limit of their own. */
const ping =
  (id: number) =>
  (filler: string): JsonObject => ({ jsonrpc: '2.0', id, method: 'ping', params: { filler } });

const modernList = (filler: string): JsonObject =>
  modernRequest('tools/list', { filler }, { id: 1 });

/** A request whose text is so many bytes. */
function sized(make: (filler: string) => JsonObject, bytes: number): string {
  const bare = JSON.stringify(make('')).length;
  return JSON.stringify(make('x'.repeat(bytes - bare)));
}

const refusals = (records: readonly AuditRecord[]): readonly AuditRecord[] =>
  records.filter(({ event }) => event === 'frame-refused');

test('one byte more than the limit is refused on stdio, and written down', async (context) => {
  const gate = await createHostileGate(context, {
    config: TIGHT,
    servers: { remote: await remoteEcho(context) },
  });
  const client = startFrames(context, serve(gate));
  await client.open();
  await client.request('tools/list');

  await context.test('a message of a client', async () => {
    client.write(`${sized(ping(101), LIMIT)}\n`);
    assert.deepEqual((await client.next(({ id }) => id === 101))['result'], {});
    const from = client.received.length;
    client.write(`${sized(ping(102), LIMIT + 1)}\n`);
    const refused = await client.next(({ id }) => id === null, from);
    assert.equal(rpcCodeOf(refused), -32600);
    assert.match(textOf(refused), new RegExp(`larger than ${LIMIT} bytes`, 'u'));
    assert.ok(
      refusals(gate.audit()).some(
        ({ reason }) => typeof reason === 'string' && reason.includes('larger than'),
      ),
      'no record',
    );
  });

  await context.test('arguments', async () => {
    // `{"text":"","more":""}` is counted with a comma after each.
    const fits = LIMIT / 2 - 23;
    const passed = await client.request('tools/call', {
      name: 'bad__read_echo',
      arguments: { text: '', more: 'x'.repeat(fits) },
    });
    assert.equal(denialOf(passed), undefined, textOf(passed));
    const refused = await client.request('tools/call', {
      name: 'bad__read_echo',
      arguments: { text: '', more: 'x'.repeat(fits + 3) },
    });
    assert.equal(denialOf(refused), 'too-large');
    assert.match(textOf(refused), new RegExp(`more than ${LIMIT / 2} bytes`, 'u'));
  });

  for (const last of [false, true])
    await context.test(
      `a result of a process, its id ${last ? 'last' : 'first'}; the process lives on`,
      async () => {
        const frame = {
          jsonrpc: '2.0',
          id: 10,
          result: { content: [{ type: 'text', text: '' }] },
        };
        // Ids of the gateway's own have one to three digits by now.
        const bytes = LIMIT - 1 - JSON.stringify(frame).length;
        const name = 'bad__read_large';
        const passed = await client.request('tools/call', { name, arguments: { bytes, last } });
        assert.equal(textOf(passed).length, bytes, denialOf(passed));
        const refused = await client.request('tools/call', {
          name,
          arguments: { bytes: bytes + 3, last },
        });
        assert.equal(denialOf(refused), 'too-large', textOf(refused));
        assert.match(textOf(refused), /larger than a message may be[\s\S]*Ask for less/u);
        const records = gate.audit();
        assert.ok(records.some(({ event, code }) => event === 'denial' && code === 'too-large'));
        assert.ok(!records.some(({ event }) => event === 'upstream-down'));
      },
    );

  for (const stream of [false, true])
    await context.test(`a result over HTTP, as ${stream ? 'an event' : 'a body'}`, async () => {
      const large = await client.request('tools/call', {
        name: 'remote__echo',
        arguments: { bytes: LIMIT, stream },
      });
      assert.equal(denialOf(large), 'too-large', textOf(large));
      const small = await client.request('tools/call', {
        name: 'remote__echo',
        arguments: { bytes: 10, stream },
      });
      assert.equal(textOf(small).length, 12);
    });
});

test('one byte more than the limit is refused over HTTP, in both eras, and written down', async (context) => {
  const folder = await scratch(context);
  const gate = await startHttpGate(context, {
    servers: { bad: hostileServer(join(folder, 'log')) },
    policy: POLICY,
    config: TIGHT,
  });
  const token = await gate.token();
  const session = { 'mcp-session-id': await openSession(gate, token) };
  const head = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/list' };
  for (const [era, make, headers] of [
    ['legacy', ping(1), session],
    ['modern', modernList, head],
  ] as const)
    await context.test(era, async () => {
      const fits = await post(gate, token, sized(make, LIMIT), headers);
      assert.equal(fits.status, 200, fits.text);
      const large = await post(gate, token, sized(make, LIMIT + 1), headers);
      assert.equal(large.status, 413);
      assert.match(large.text, new RegExp(`larger than ${LIMIT} bytes`, 'u'));
      const records = [...readRecords(join(gate.folder, 'audit'), () => undefined)];
      assert.ok(refusals(records).some(({ status }) => status === 413));
    });
});
