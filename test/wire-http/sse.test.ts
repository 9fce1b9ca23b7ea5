import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http';
import { test, type TestContext } from 'node:test';
import type { OpenChannel } from '../../src/wire/channel.ts';
import { openHttpChannel } from '../../src/wire/http-upstream/open-http-channel.ts';
import { openSseChannel } from '../../src/wire/http-upstream/open-sse-channel.ts';
import { createEraMemory, type EraMemory } from '../../src/wire/modern-upstream/era-memory.ts';
import { openEitherEra } from '../../src/wire/modern-upstream/open-either-era.ts';
import { createSurfaces } from '../../src/wire/surfaces.ts';
import { sseServer } from '../support/sse-server.ts';
import { until } from '../support/until.ts';
import { upstreamTo } from '../support/upstream-to.ts';
import { listenHttp } from '../support/listen-http.ts';

const options = (url: URL, connectMs = 30_000): Parameters<typeof openSseChannel>[0] => ({
  url,
  headers: { authorization: 'Bearer t' },
  maxFrameBytes: 100_000,
  onTrouble: () => undefined,
  timeouts: { connectMs },
});

function either(url: URL, memory: EraMemory): OpenChannel {
  return openEitherEra({
    open: openHttpChannel(options(url)),
    openSse: openSseChannel(options(url)),
    memory,
  });
}

test('a server of 2024-11-05 is found by fallback, once, and serves in full', async (context) => {
  const server = await sseServer(context);
  const memory = createEraMemory();
  const { upstream, asked } = await upstreamTo(context, either(server.url, memory), () => ({
    result: { action: 'accept', content: {} },
  }));
  assert.equal(upstream.state, 'ready');
  assert.deepEqual(server.seen.slice(0, 3), ['POST /sse', 'POST /sse', 'GET /sse']);
  const progress: unknown[] = [];
  const limits = { signal: new AbortController().signal, timeoutMs: 30_000, maxTotalMs: 30_000 };
  const result = await upstream.request(
    'tools/call',
    { name: 'ask', arguments: { name: 'x' } },
    { ...limits, onProgress: (params) => void progress.push(params['progress']) },
  );
  assert.deepEqual(result['content'], [{ type: 'text', text: 'accept' }]);
  assert.deepEqual(progress, [1]);
  assert.deepEqual(
    asked.map(({ method }) => method),
    ['elicitation/create'],
  );

  const from = server.seen.length;
  const second = await upstreamTo(context, either(server.url, memory));
  assert.equal(second.upstream.state, 'ready');
  assert.equal(server.seen[from], 'GET /sse');
  assert.ok(!server.seen.slice(from).includes('POST /sse'));

  server.drop();
  await until(() => second.downs.length > 0);
  await until(() => second.upstream.state === 'ready');
  assert.ok(await second.upstream.request('tools/list', {}, limits));
});

test('the configured transport asks nothing first', async (context) => {
  const server = await sseServer(context);
  const { upstream } = await upstreamTo(context, openSseChannel(options(server.url)));
  assert.equal(upstream.state, 'ready');
  assert.equal(server.seen[0], 'GET /sse');
});

async function listen(context: TestContext, answer: RequestListener): Promise<URL> {
  return new URL(`${await listenHttp(context, createServer(answer))}/sse`);
}

const EVENTS = { 'content-type': 'text/event-stream' };
const events =
  (text: string): RequestListener =>
  (_request, response) => {
    response.writeHead(200, EVENTS);
    response.write(text);
  };

/** Nothing but the end of patience tells that no endpoint comes. */
const NAMELESS = new Set<string>(['none', 'a message first']);

for (const [name, answer, why] of [
  ['another origin', events('event: endpoint\ndata: http://127.0.0.1:1/x\n\n'), /own origin/u],
  ['another host', events('event: endpoint\ndata: //evil.example/x\n\n'), /own origin/u],
  ['another scheme', events('event: endpoint\ndata: file:///etc/passwd\n\n'), /own origin/u],
  ['what is no URL', events('event: endpoint\ndata: http://[\n\n'), /own origin/u],
  ['a long URL', events(`event: endpoint\ndata: /${'x'.repeat(5000)}\n\n`), /own origin/u],
  ['none', events(': hello\n\n'), /names no endpoint/u],
  ['a message first', events('data: {"jsonrpc":"2.0","method":"x"}\n\n'), /names no endpoint/u],
  ['an event that is too large', events(`data: ${'x'.repeat(200_000)}`), /larger than/u],
  [
    'a redirect',
    (_q, r) => void r.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
    /redirect/u,
  ],
  [
    'a page',
    (_q, r) => void r.writeHead(200, { 'content-type': 'text/html' }).end('hi'),
    /event stream/u,
  ],
  ['the end', (_q, r) => void r.writeHead(200, EVENTS).end(), /ended/u],
] as const satisfies readonly (readonly [string, RequestListener, RegExp])[])
  test(`a stream whose endpoint is ${name} is not used`, async (context) => {
    const url = await listen(context, answer);
    const closed: unknown[] = [];
    await assert.rejects(
      openSseChannel(options(url, NAMELESS.has(name) ? 500 : undefined))(
        { onFrame: () => undefined, onClose: (reason) => void closed.push(reason) },
        AbortSignal.timeout(25_000),
      ),
      why,
    );
    assert.deepEqual(closed, []);
  });

test('credentials in the endpoint are refused, and a second endpoint changes nothing', async (context) => {
  const posted: (string | undefined)[] = [];
  const url = await listen(context, (request, response) => {
    if (request.method === 'POST') {
      posted.push(request.url);
      response.writeHead(202).end();
      return;
    }
    response.writeHead(200, EVENTS);
    const secret = request.url === '/sse' ? '' : `http://a:b@${request.headers.host}`;
    response.write(`event: endpoint\ndata: ${secret}/one\n\n`);
    response.write('event: endpoint\ndata: /two\n\n');
  });
  const quiet = { onFrame: () => undefined, onClose: () => undefined };
  await assert.rejects(
    openSseChannel(options(new URL('/other', url)))(quiet, AbortSignal.timeout(30_000)),
    /credentials/u,
  );
  const channel = await openSseChannel(options(url))(quiet, AbortSignal.timeout(30_000));
  await channel.send({ jsonrpc: '2.0', method: 'notifications/initialized' });
  assert.deepEqual(posted, ['/one']);
  await channel.close();
});

test('an answer of too many values fails its call at once', async (context) => {
  let stream: ServerResponse | undefined;
  const many = `[${'0,'.repeat(600_000)}0]`;
  const url = await listen(context, (request, response) => {
    if (request.method === 'GET') {
      stream = response;
      response.writeHead(200, EVENTS).write('event: endpoint\ndata: /one\n\n');
      return;
    }
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      response.writeHead(202).end();
      const id = /"id":(\d+)/u.exec(body)?.[1];
      const result = body.includes('"initialize"')
        ? '{"protocolVersion":"2024-11-05","capabilities":{},"serverInfo":{"name":"s","version":"1"}}'
        : `{"n":${many}}`;
      if (id !== undefined)
        stream?.write(`data: {"jsonrpc":"2.0","id":${id},"result":${result}}\n\n`);
    });
  });
  const { call } = await upstreamTo(
    context,
    openSseChannel({ ...options(url), maxFrameBytes: 10_000_000 }),
  );
  await assert.rejects(call('large'), { name: 'Denial', code: 'too-large' });
});

test('a server that says nothing any more on an open stream is found by the next list, and connected to anew', async (context) => {
  let silent = false;
  let streams = 0;
  let stream: ServerResponse | undefined;
  async function answer(request: IncomingMessage): Promise<void> {
    const posted: { id?: number; method?: string } = JSON.parse((await request.toArray()).join(''));
    const { id, method } = posted;
    const result =
      method === 'initialize'
        ? { protocolVersion: '2024-11-05', capabilities: { tools: {} }, serverInfo: {} }
        : { tools: [] };
    if (!silent && id !== undefined)
      stream?.write(`data: ${JSON.stringify({ jsonrpc: '2.0', id, result })}\n\n`);
  }
  const url = await listen(context, (request, response) => {
    if (request.method === 'POST') {
      // It still takes what it is told: nothing but an answer would show that it lives.
      response.writeHead(202).end();
      void answer(request);
      return;
    }
    streams++;
    silent = false;
    response.writeHead(200, EVENTS).write('event: endpoint\ndata: /in\n\n');
    stream = response;
  });
  const { upstream, downs } = await upstreamTo(context, openSseChannel(options(url)));
  const surfaces = createSurfaces({
    upstreams: [upstream],
    listMs: 3000,
    freshMs: 0,
    now: () => performance.now(),
    onList: () => undefined,
    onProblem: () => undefined,
  });
  assert.equal(await surfaces.recheck('bad', 'tool'), true);
  silent = true;
  assert.equal(await surfaces.recheck('bad', 'tool'), false);
  assert.match(downs[0] ?? '', /stopped answering/u);
  await until(() => upstream.state === 'ready');
  assert.equal(await surfaces.recheck('bad', 'tool'), true);
  assert.equal(streams, 2);
});

test(
  'a connection that is lost without a word is found by the system',
  {
    skip: !existsSync('/proc/net/tcp'),
  },
  async (context) => {
    const server = await sseServer(context);
    await upstreamTo(context, openSseChannel(options(server.url)));
    const port = Number(server.url.port).toString(16).toUpperCase().padStart(4, '0');
    const own = (): string[][] =>
      readFileSync('/proc/net/tcp', 'utf8')
        .split('\n')
        .map((line) => line.trim().split(/\s+/u))
        // Established, towards the server.
        .filter(([, , remote = '', state]) => remote.endsWith(`:${port}`) && state === '01');
    assert.ok(own().length > 0);
    // The timer `02` is the one of keep-alive probes; what was just sent has that of its acknowledgement first.
    await until(() => own().every((line) => line[5]?.startsWith('02:') === true));
  },
);

for (const header of ['Mcp-Param-Region', 'mcp-name', 'Host'])
  test(`the header ${header} cannot be configured`, () => {
    const set = { ...options(new URL('http://127.0.0.1/sse')), headers: { [header]: 'x' } };
    assert.throws(() => openSseChannel(set), TypeError);
    assert.throws(() => openHttpChannel(set), TypeError);
  });
