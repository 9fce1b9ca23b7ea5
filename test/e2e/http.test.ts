import assert from 'node:assert/strict';
import { request as httpRequest } from 'node:http';
import { test } from 'node:test';
import { DIALECTS, showsAll, type AnyClient, type Connect } from '../support/clients.ts';
import { everythingHttp } from '../support/everything-http.ts';
import { createGate, realServer } from '../support/gate.ts';
import { INITIALIZE, openSession, post, usual } from '../support/http-agent.ts';
import { startHttpGate, type HttpGate } from '../support/http-gate.ts';
import { oddServer } from '../support/odd.ts';
import { until } from '../support/until.ts';

/** Engineers may do everything; support may add and look at one document. */
const POLICY = `
  @id("eng") permit (principal in Group::"eng", action, resource);
  @id("support.sum") permit (
    principal in Group::"support",
    action in [Action::"tools/call:everything/get-sum", Action::"tools/call:remote/echo"],
    resource
  );
  @id("support.document") permit (
    principal in Group::"support",
    action == Action::"resources/read",
    resource is Resource
  ) when { resource.name like "*features.md" };
`;

const BOB = { sub: 'bob', groups: ['support'] };

async function namesOf(client: AnyClient): Promise<string[]> {
  return (await client.listTools()).tools.map(({ name }) => name);
}

/** Alice's client, who answers what she is asked. */
async function connectAlice(
  context: Parameters<Connect>[0],
  connect: Connect,
  gate: HttpGate,
  asked: string[],
): Promise<AnyClient> {
  return await connect(context, {
    place: { url: gate.url, token: await gate.token() },
    elicit({ message }) {
      asked.push(message);
      return { action: 'accept', content: { name: 'Ann', check: true } };
    },
    sample: () => 'the model says hello',
    roots: () => ['file:///work'],
  });
}

/** What holds through HTTP for a server, whatever its own transport is. */
const SURFACES: Readonly<
  Record<string, (client: AnyClient, server: string, asked: string[]) => Promise<void>>
> = {
  async 'calls, and reports progress on the way'(client, server) {
    const steps: number[] = [];
    const { content } = await client.call(
      `${server}__trigger-long-running-operation`,
      { duration: 0.3, steps: 3 },
      // What an SDK itself says while a question is answered has no total.
      { onprogress: ({ progress, total }) => total === 3 && steps.push(progress) },
    );
    assert.match(content[0]?.text ?? '', /completed/);
    assert.deepEqual(steps, [1, 2, 3].slice(0, steps.length));
  },
  async 'reads what a tool links to'(client, server) {
    const { content } = await client.call(`${server}__get-resource-links`, { count: 1 });
    const uri = content[1]?.uri ?? '';
    assert.equal(uri, `sallyport://${server}/demo://resource/dynamic/blob/1`);
    assert.equal((await client.readResource({ uri })).contents[0]?.uri, uri);
  },
  async 'lets a server use the model'(client, server) {
    const { content } = await client.call(`${server}__trigger-sampling-request`, { prompt: 'x' });
    assert.match(content[0]?.text ?? '', /the model says hello/);
  },
  async 'lets a server ask the person'(client, server, asked) {
    const { content } = await client.call(`${server}__trigger-elicitation-request`, {});
    assert.match(JSON.stringify(content), /Name: Ann/);
    assert.ok(asked.includes(`[${server}] Please provide inputs for the following fields:`));
  },
  async 'tells of changes on the stream that stays open'(client, server) {
    const from = client.notifications.length;
    await client.call(`${server}__gzip-file-as-resource`, {
      name: `${server}.gz`,
      data: 'data:text/plain;base64,aGVsbG8=',
      outputType: 'resourceLink',
    });
    await client.next(({ method }) => method === 'notifications/resources/list_changed', from);
    const uris = (await client.listResources()).resources.map(({ uri }) => uri);
    assert.ok(uris.includes(`sallyport://${server}/demo://resource/session/${server}.gz`));
  },
  async 'cancels a call'(client, server) {
    const controller = new AbortController();
    const call = client.call(
      `${server}__trigger-long-running-operation`,
      { duration: 60, steps: 600 },
      { signal: controller.signal, onprogress: () => controller.abort(new Error('enough')) },
    );
    await assert.rejects(call, /enough/);
    await client.listTools();
  },
};

test('over HTTP', async (context) => {
  await using remote = await everythingHttp();
  const gate = await startHttpGate(context, {
    servers: {
      everything: realServer('everything'),
      odd: oddServer(),
      remote: { url: remote.url.href },
    },
    policy: POLICY,
  });
  const bob = await gate.token(BOB);

  for (const [dialect, connect] of Object.entries(DIALECTS))
    await context.test(dialect, async (inner) => {
      const asked: string[] = [];
      const client = await connectAlice(inner, connect, gate, asked);

      await inner.test('Alice and Bob see what the policies say', async () => {
        const other = await connect(inner, { place: { url: gate.url, token: bob } });
        await showsAll(client, ['everything', 'odd', 'remote']);
        await showsAll(other, ['everything', 'remote']);
        const [hers, his] = await Promise.all([namesOf(client), namesOf(other)]);
        assert.ok(hers.length > 10);
        assert.deepEqual(his, ['everything__get-sum', 'remote__echo']);
        const { content } = await other.call('everything__get-sum', { a: 2, b: 3 });
        assert.match(content[0]?.text ?? '', /is 5/);
        await assert.rejects(
          other.call('everything__echo', { message: 'x' }),
          /Unknown tool: everything__echo/,
        );
        const uris = (await other.listResources()).resources.map(({ uri }) => uri);
        assert.ok(uris.length === 2 && uris.every((uri) => uri.endsWith('/features.md')));
        await other.endSession();
        // A modern client has no session that could end.
        if (other.era === 'legacy') await assert.rejects(other.listTools());
      });

      for (const server of ['everything', 'remote'])
        for (const [name, check] of Object.entries(SURFACES))
          await inner.test(`${server}: ${name}`, async () => await check(client, server, asked));
      await client.endSession();
    });

  await context.test('a session is its caller’s alone', async () => {
    const alice = await gate.token();
    const session = { 'mcp-session-id': await openSession(gate, alice) };
    const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
    for (const token of [
      bob,
      await gate.token({ sub: 'alice2' }),
      await gate.token({ client_id: 'other' }),
    ]) {
      const { status, body } = await post(gate, token, list, session);
      assert.equal(status, 404);
      assert.match(JSON.stringify(body), /"code":-32001,"message":"Session not found"/);
      const stream = await fetch(gate.url, { headers: usual(token, session) });
      assert.equal(stream.status, 404);
      const removed = await fetch(gate.url, { method: 'DELETE', headers: usual(token, session) });
      assert.equal(removed.status, 404);
    }
    assert.equal((await post(gate, alice, list, session)).status, 200);
    assert.equal(
      (await fetch(gate.url, { method: 'DELETE', headers: usual(alice, session) })).status,
      204,
    );
    assert.equal((await post(gate, alice, list, session)).status, 404);
  });

  await context.test('a fresh token that says less is heard in the same session', async () => {
    const alice = await gate.token();
    const session = { 'mcp-session-id': await openSession(gate, alice) };
    let id = 0;
    const list = async (token: string): Promise<string> =>
      (await post(gate, token, { jsonrpc: '2.0', id: ++id, method: 'tools/list' }, session)).text;
    await until(async () => (await list(alice)).includes('everything__echo'));
    const less = await list(await gate.token({ groups: ['support'] }));
    assert.match(less, /everything__get-sum/);
    assert.doesNotMatch(less, /everything__echo/);
  });

  await context.test('what one client is told, another is not', async (inner) => {
    const connect = DIALECTS['SDK 1.x'];
    assert.ok(connect);
    const token = await gate.token();
    const [loud, quiet] = await Promise.all(
      [1, 2].map(async () => await connect(inner, { place: { url: gate.url, token } })),
    );
    assert.ok(loud && quiet);
    await quiet.listTools();
    await loud.setLoggingLevel('debug');
    await quiet.setLoggingLevel('debug');
    await loud.call('odd__read_messages', {});
    await loud.next(({ method }) => method === 'notifications/message');
    await quiet.ping();
    assert.ok(!quiet.notifications.some(({ method }) => method === 'notifications/message'));
    assert.deepEqual((await quiet.call('odd__read_reasons', {})).content[0]?.text, '[]');
  });

  await context.test('without a good token: 401 and the way to one', async () => {
    for (const token of [
      undefined,
      'nonsense',
      await gate.token({ aud: 'https://other.example' }),
      await gate.token({ exp: 1 }),
      await gate.token({ iss: 'https://evil.example' }),
    ]) {
      const { status, headers } = await post(gate, token, INITIALIZE);
      assert.equal(status, 401);
      assert.match(headers.get('www-authenticate') ?? '', /^Bearer .*resource_metadata="https:/);
    }
    const place = { url: gate.url, token: 'nonsense' };
    for (const connect of Object.values(DIALECTS))
      await assert.rejects(connect(context, { place }));
  });

  await context.test(
    'a page of another origin, or another name for this host, is refused',
    async () => {
      const token = await gate.token();
      const { port } = new URL(gate.url);
      assert.equal(
        (await post(gate, token, INITIALIZE, { origin: 'https://evil.example' })).status,
        403,
      );
      assert.equal((await post(gate, token, INITIALIZE, { origin: 'null' })).status, 403);
      const status = await new Promise((resolve) => {
        const request = httpRequest(gate.url, {
          method: 'POST',
          headers: { host: `evil.example:${port}` },
        });
        request.on('response', ({ statusCode }) => resolve(statusCode));
        request.end();
      });
      assert.equal(status, 403);
    },
  );
});

test('SIGTERM lets a call end, and ends the rest', async (context) => {
  const gate = await startHttpGate(context, {
    servers: { odd: oddServer(), everything: realServer('everything') },
    policy: '@id("all") permit (principal, action, resource);',
  });
  const connect = DIALECTS['SDK 1.x'];
  assert.ok(connect);
  const client = await connect(context, { place: { url: gate.url, token: await gate.token() } });
  let going = false;
  const call = client.call(
    'everything__trigger-long-running-operation',
    { duration: 1.5, steps: 15 },
    { onprogress: () => (going = true) },
  );
  await until(() => going);
  const stopped = gate.stop();
  assert.match((await call).content[0]?.text ?? '', /completed/);
  assert.equal(await stopped, 0);
  await assert.rejects(fetch(gate.url));
});

test('serve --http without identity.http does not start', async (context) => {
  const gate = await createGate(context, { servers: {}, pinned: false });
  const { code, stdout, stderr } = await gate.run('serve', '--http', '127.0.0.1:0');
  assert.deepEqual([code, stdout], [2, '']);
  assert.match(
    stderr,
    /^sallyport: Cannot serve over HTTP: identity\.http is not configured\nhint: /,
  );
});

for (const address of ['127.0.0.1', '127.0.0.1:65536'])
  test(`serve --http ${address} is wrong use`, async (context) => {
    const gate = await createGate(context, { servers: {}, pinned: false });
    const { code, stderr } = await gate.run('serve', '--http', address);
    assert.equal(code, 2);
    assert.match(stderr, /it is not \[HOST:\]PORT/);
  });
