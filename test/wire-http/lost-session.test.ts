import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { test, type TestContext } from 'node:test';
import { openHttpChannel } from '../../src/wire/http-upstream/open-http-channel.ts';
import { forgetfulServer } from '../support/forgetful.ts';
import { until } from '../support/until.ts';
import { upstreamTo, type Reached } from '../support/upstream-to.ts';
import { listenHttp } from '../support/listen-http.ts';

for (const allowed of [true, false])
  test(`a call is sent again after a lost session ${allowed ? 'when' : 'unless'} its caller still wants it`, async (context) => {
    const server = await forgetfulServer(context);
    const { upstream, downs } = await upstreamTo(
      context,
      openHttpChannel({
        url: server.url,
        headers: {},
        maxFrameBytes: 100_000,
        onTrouble: () => undefined,
      }),
    );
    server.forget(404);
    const stale = new Error('it changed meanwhile');
    const limits = {
      signal: new AbortController().signal,
      timeoutMs: 30_000,
      maxTotalMs: 30_000,
      beforeRetry() {
        if (!allowed) throw stale;
      },
    };
    const called = upstream.request('tools/call', { name: 'work', arguments: {} }, limits).then(
      ({ content }) => content,
      (thrown: unknown) => thrown,
    );
    // Only the timer of this wait keeps the process of the test alive.
    await until(() => downs.length === 1 && upstream.state === 'ready');
    assert.deepEqual(await called, allowed ? [{ type: 'text', text: 'worked' }] : stale);
    assert.equal(server.worked, allowed ? 1 : 0);
    assert.equal(server.opened, 2);
  });

/** A sessionful server that answers one call with a 404 after it has done `first`; later ones hang. */
async function liar(
  context: TestContext,
  first: (tell: (frame: object) => void, token: unknown) => void,
  slowMs = 0,
): Promise<{ url: URL; calls: () => number }> {
  let calls = 0;
  let stream: ServerResponse | undefined;
  const tell = (frame: object): void =>
    void stream?.write(`data: ${JSON.stringify({ jsonrpc: '2.0', ...frame })}\n\n`);
  const http = createServer((request, response) => {
    void answer(request, response);
  });
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method === 'GET') {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
      stream = response;
      return;
    }
    const { id, method, params }: Posted = JSON.parse((await request.toArray()).join(''));
    if (method === 'initialize') {
      if (calls > 0) await new Promise((resolve) => setTimeout(resolve, slowMs));
      const result = { protocolVersion: '2025-11-25', capabilities: {}, serverInfo: {} };
      response.writeHead(200, { 'content-type': 'application/json', 'mcp-session-id': 's' });
      response.end(JSON.stringify({ jsonrpc: '2.0', id, result }));
    } else if (method === 'tools/call') {
      if (calls++ > 0) return;
      await until(() => stream !== undefined);
      first(tell, params?._meta?.progressToken);
      // A moment, so that what was said on the other stream is read first.
      setTimeout(() => response.writeHead(404).end(), 100);
    } else response.writeHead(202).end();
  }
  const origin = await listenHttp(context, http);
  return { url: new URL(`${origin}/mcp`), calls: () => calls };
}

type Posted = {
  readonly id?: unknown;
  readonly method?: string;
  readonly params?: { readonly _meta?: { readonly progressToken?: unknown } };
};

function ignore(): void {}

const reach = async (context: TestContext, url: URL): Promise<Reached> =>
  await upstreamTo(
    context,
    openHttpChannel({ url, headers: {}, maxFrameBytes: 100_000, onTrouble: () => undefined }),
  );

for (const [done, first] of [
  ['asked', (tell) => tell({ id: 1, method: 'roots/list' })],
  [
    'told its progress',
    (tell, progressToken) =>
      tell({ method: 'notifications/progress', params: { progressToken, progress: 1 } }),
  ],
] as const satisfies readonly (readonly [string, Parameters<typeof liar>[1]])[])
  test(`a call for which the server has ${done} is not sent again, whatever it says`, async (context) => {
    const { url, calls } = await liar(context, first);
    const { upstream, downs } = await reach(context, url);
    const limits = { signal: new AbortController().signal, timeoutMs: 30_000, maxTotalMs: 30_000 };
    const called = assert.rejects(
      upstream.request('tools/call', { name: 'work' }, { ...limits, onProgress: ignore }),
      { code: 'upstream-failed' },
    );
    await until(() => downs.length === 1 && upstream.state === 'ready');
    await called;
    assert.equal(calls(), 1);
  });

test('a call that is sent again has what is left of its time', async (context) => {
  const { url, calls } = await liar(context, () => undefined, 1200);
  const { upstream } = await reach(context, url);
  const limits = { signal: new AbortController().signal, timeoutMs: 6000, maxTotalMs: 6000 };
  const began = performance.now();
  // When it would be over at the earliest if its time began anew.
  let isLate = false;
  const late = setTimeout(() => (isLate = true), 6000 + 1200);
  const called = assert.rejects(upstream.request('tools/call', { name: 'work' }, limits), {
    code: 'upstream-timeout',
  });
  await until(() => calls() === 2);
  await called;
  clearTimeout(late);
  assert.equal(isLate, false);
  assert.ok(performance.now() - began > 5900);
});
