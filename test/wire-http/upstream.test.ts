import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { describe, test } from 'node:test';
import type { Channel, Frame } from '../../src/wire/channel.ts';
import {
  openHttpChannel,
  type HttpChannelOptions,
} from '../../src/wire/http-upstream/open-http-channel.ts';
import {
  event,
  hostileHttp,
  result,
  sendEvents,
  sendFrame,
  type HostileHttp,
} from '../support/hostile-http.ts';
import { until } from '../support/until.ts';

const INITIALIZE = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-06-18', capabilities: {} },
};
const CALL = { jsonrpc: '2.0', id: 2, method: 'tools/call', params: {} };
const INITIALIZED = { jsonrpc: '2.0', method: 'notifications/initialized' };

/** Less than any default limit of a channel on a server that is silent. */
const WITHIN = { timeout: 55_000 };

type Opened = AsyncDisposable & {
  readonly channel: Channel;
  readonly frames: Frame[];
  readonly trouble: string[];
  /** Reasons with which the channel closed; undefined in it: an orderly end. */
  readonly closed: (string | undefined)[];
};

async function open(
  upstream: { readonly url: URL },
  options: Partial<HttpChannelOptions> = {},
): Promise<Opened> {
  const frames: Frame[] = [];
  const trouble: string[] = [];
  const closed: (string | undefined)[] = [];
  const channel = await openHttpChannel({
    url: upstream.url,
    headers: { authorization: 'Bearer upstream' },
    maxFrameBytes: 1_000_000,
    onTrouble: (why) => trouble.push(why),
    ...options,
  })(
    { onFrame: (frame) => frames.push(frame), onClose: (reason) => closed.push(reason?.message) },
    new AbortController().signal,
  );
  return {
    channel,
    frames,
    trouble,
    closed,
    [Symbol.asyncDispose]: async () => await channel.close(),
  };
}

async function ready(
  upstream: HostileHttp,
  options: Partial<HttpChannelOptions> = {},
): Promise<Opened> {
  const opened = await open(upstream, options);
  await opened.channel.send(INITIALIZE);
  opened.frames.length = 0;
  return opened;
}

describe('an upstream over HTTP', () => {
  test('gets the session and the version it negotiated on every later request', async () => {
    await using upstream = await hostileHttp({});
    await using opened = await open(upstream);
    await opened.channel.send(INITIALIZE);
    await opened.channel.send(INITIALIZED);
    await opened.channel.send(CALL);
    await until(() => upstream.seen.some(({ method }) => method === 'GET'));
    await opened.channel.close();
    const [first, ...later] = upstream.seen;
    assert.equal(first?.headers['mcp-session-id'], undefined);
    assert.equal(first?.headers['mcp-protocol-version'], undefined);
    assert.deepEqual(later.map(({ method }) => method).toSorted(), [
      'DELETE',
      'GET',
      'POST',
      'POST',
    ]);
    for (const { headers } of later) {
      assert.equal(headers['mcp-session-id'], 'session-1');
      assert.equal(headers['mcp-protocol-version'], '2025-06-18');
      assert.equal(headers.authorization, 'Bearer upstream');
    }
    assert.deepEqual(opened.closed, [undefined]);
  });

  test('is relayed as it speaks: unknown fields, key order, frames before the answer', async () => {
    const odd =
      '{"jsonrpc":"2.0","id":2,"result":{"z":1,"a":{"_x":null},"content":[{"type":"new"}]}}';
    const progress = { jsonrpc: '2.0', method: 'notifications/progress', params: { progress: 1 } };
    await using upstream = await hostileHttp({
      'tools/call': (response) => {
        sendEvents(response, `: hello\n\n${event(progress)}data: ${odd}\n\n`);
        response.end();
      },
    });
    await using opened = await ready(upstream);
    await opened.channel.send(CALL);
    assert.deepEqual(
      opened.frames.map((frame) => JSON.stringify(frame)),
      [JSON.stringify(progress), odd],
    );
  });

  test('may answer on another stream than the one that asked', async () => {
    let standalone: ServerResponse | undefined;
    await using upstream = await hostileHttp({
      GET: (response) => {
        sendEvents(response, ': open\n\n');
        standalone = response;
      },
      'tools/call': (response) => {
        sendEvents(response, ': working\n\n');
        if (standalone) sendEvents(standalone, event(result(CALL)));
      },
    });
    await using opened = await ready(upstream);
    await opened.channel.send(INITIALIZED);
    await until(() => standalone !== undefined);
    await opened.channel.send(CALL);
    assert.deepEqual(opened.frames, [result(CALL)]);
  });

  test('that breaks off is asked again after the last event', async () => {
    await using upstream = await hostileHttp({
      'tools/call': (response) => {
        sendEvents(response, 'retry: 100\nid: e1\ndata:\n\n');
        setTimeout(() => response.destroy(), 20);
      },
      GET: (response, { headers }) => {
        if (headers['last-event-id'] !== 'e1') response.writeHead(405).end();
        else {
          sendEvents(response, event(result(CALL), 'e2'));
          response.end();
        }
      },
    });
    await using opened = await ready(upstream);
    await opened.channel.send(CALL);
    assert.deepEqual(opened.frames, [result(CALL)]);
  });

  test('keeps its standalone stream across breaks', async () => {
    let opens = 0;
    const note = { jsonrpc: '2.0', method: 'notifications/tools/list_changed' };
    const ids: (string | string[] | undefined)[] = [];
    await using upstream = await hostileHttp({
      GET: (response, { headers }) => {
        opens++;
        ids.push(headers['last-event-id']);
        sendEvents(response, 'retry: 100\n', event(note, `n${opens}`));
        if (opens < 3) setTimeout(() => response.destroy(), 20);
      },
    });
    await using opened = await ready(upstream);
    await opened.channel.send(INITIALIZED);
    await until(() => opened.frames.length === 3);
    assert.deepEqual(ids, [undefined, 'n1', 'n2']);
  });

  test('is not asked for a cancelled answer any more', async () => {
    await using upstream = await hostileHttp({
      'tools/call': (response) => sendEvents(response, ': working\n\n'),
    });
    await using opened = await ready(upstream);
    const call = opened.channel.send(CALL);
    call.catch(() => undefined);
    await until(() => upstream.seen.at(-1)?.frame?.['method'] === 'tools/call');
    await opened.channel.send({
      jsonrpc: '2.0',
      method: 'notifications/cancelled',
      params: { requestId: 2 },
    });
    await assert.rejects(call, /cancelled/);
    assert.deepEqual(opened.closed, []);
  });

  test('answers in its own words when it refuses', async () => {
    const error = { code: -32602, message: 'no such tool', data: { a: 1 } };
    await using upstream = await hostileHttp({
      'tools/call': (response) => sendFrame(response, { jsonrpc: '2.0', id: null, error }, 422),
    });
    await using opened = await ready(upstream);
    await opened.channel.send(CALL);
    assert.deepEqual(opened.frames, [{ jsonrpc: '2.0', id: 2, error }]);
  });
});

describe('a hostile upstream fails the request, and only that', () => {
  // Far below what nobody would wait for, far above a pause of a busy machine: the handshake has them too.
  const limits = { answerMs: 3000, silenceMs: 3000, bodyMs: 3000 };
  const big = 'x'.repeat(2_000_000);
  for (const [name, misbehave, why] of [
    ['never answers', () => undefined, /does not answer/],
    ['answers with a head alone', (response) => sendEvents(response, ': hm\n\n'), /ended without/],
    [
      'dribbles its body',
      (response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        const timer = setInterval(() => response.write(' '), 50);
        response.on('close', () => clearInterval(timer));
      },
      /too slow|aborted/,
    ],
    [
      'answers with a large body',
      (response) => sendFrame(response, result(CALL, { big })),
      /larger/,
    ],
    [
      'announces a large body',
      (response) =>
        response.writeHead(200, {
          'content-type': 'application/json',
          'content-length': '50000000000',
        }) && response.write('{'),
      /larger/,
    ],
    [
      'sends one large event',
      (response) => sendEvents(response, event(result(CALL, { big }))),
      /larger/,
    ],
    [
      'sends an event without an end',
      (response) => {
        sendEvents(response, 'data: ');
        const pour = (): void => {
          while (!response.destroyed && response.write(big));
        };
        response.on('drain', pour);
        pour();
      },
      /larger/,
    ],
    [
      'sends data lines without an end',
      (response) =>
        sendEvents(response, ...Array.from({ length: 300 }, () => `data: ${'x'.repeat(10_000)}\n`)),
      /larger/,
    ],
    [
      'sends a page',
      (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<p>'),
      /neither JSON/,
    ],
    ['sends no type', (response) => response.writeHead(200).end('{}'), /neither JSON/],
    [
      'sends broken JSON',
      (response) =>
        response.writeHead(200, { 'content-type': 'application/json' }).end('{"jsonrpc"'),
      /Cannot read JSON/,
    ],
    ['sends a batch', (response) => sendFrame(response, [result(CALL)]), /batches/],
    [
      'sends a duplicate key',
      (response) =>
        response
          .writeHead(200, { 'content-type': 'application/json' })
          .end('{"jsonrpc":"2.0","id":2,"result":{},"result":{"a":1}}'),
      /duplicate key/,
    ],
    [
      'sends events that are no messages',
      (response) => sendEvents(response, 'data: hello\n\n'),
      /not a message/,
    ],
    [
      'sends events that are not UTF-8',
      (response) => {
        sendEvents(response, '');
        response.end(Buffer.from([0x64, 0x61, 0x74, 0x61, 0x3a, 0xff, 0x0a, 0x0a]));
      },
      /ended without/,
    ],
    [
      'answers another request',
      (response) => sendFrame(response, { ...result(CALL), id: 999 }),
      /none in it/,
    ],
    [
      'answers with another id type',
      (response) => sendFrame(response, { ...result(CALL), id: '2' }),
      /none in it/,
    ],
    [
      'closes in the middle',
      (response) => {
        sendEvents(response, 'data: {"jsonrpc"');
        setTimeout(() => response.destroy(), 20);
      },
      /ended without/,
    ],
    ['closes at once', (response) => response.destroy(), /ECONNRESET/],
    ['says 202 and nothing', (response) => response.writeHead(202).end(), /status 202/],
    ['fails', (response) => response.writeHead(500).end('stack trace'), /status 500/],
    ['wants a token', (response) => response.writeHead(401).end(), /status 401/],
    [
      'redirects to another origin',
      (response) => response.writeHead(307, { location: 'http://127.0.0.1:9/' }).end(),
      /redirect/,
    ],
    [
      'redirects to itself',
      (response) => response.writeHead(308, { location: '/mcp' }).end(),
      /redirect/,
    ],
  ] as const satisfies readonly (readonly [
    string,
    Parameters<typeof hostileHttp>[0][string],
    RegExp,
  ])[])
    test(name, WITHIN, async () => {
      await using upstream = await hostileHttp({ 'tools/call': misbehave });
      await using opened = await ready(upstream, { timeouts: limits });
      // The model is told that it cannot be read; what exactly is the cause, for the log.
      await assert.rejects(opened.channel.send(CALL), (error: Error) => {
        assert.match(`${error.message}: ${String(error.cause)}`, why);
        return true;
      });
      assert.deepEqual(opened.closed, []);
      // The channel is still good for the next one.
      await opened.channel.send({ ...CALL, id: 3, method: 'ping' });
      assert.deepEqual(opened.frames.at(-1), result({ id: 3 }));
    });

  test('that answers with too many values in an event is said to', async () => {
    const many = Array.from({ length: 600_000 }, () => 0);
    await using upstream = await hostileHttp({
      'tools/call': (response) => sendEvents(response, event(result(CALL, { many }))),
    });
    await using opened = await ready(upstream, { maxFrameBytes: 10_000_000 });
    await assert.rejects(opened.channel.send(CALL), { name: 'Denial', code: 'too-large' });
  });

  test('that answers twice is heard twice, and its owner ignores the second', async () => {
    await using upstream = await hostileHttp({
      'tools/call': (response) => {
        sendEvents(response, event(result(CALL, { n: 1 })), event(result(CALL, { n: 2 })));
        response.end();
      },
    });
    await using opened = await ready(upstream);
    await opened.channel.send(CALL);
    assert.equal(opened.frames.length, 2);
  });

  test('that keeps a stream open after its answer loses it', WITHIN, async () => {
    await using upstream = await hostileHttp({
      'tools/call': (response) => sendEvents(response, event(result(CALL))),
    });
    await using opened = await ready(upstream);
    await opened.channel.send(CALL);
  });

  test('that resumes without end is given up', async () => {
    let gets = 0;
    await using upstream = await hostileHttp({
      'tools/call': (response) => {
        sendEvents(response, 'retry: 0\nid: e1\ndata:\n\n');
        response.end();
      },
      GET: (response) => {
        gets++;
        sendEvents(response, ': nothing\n\n');
        response.end();
      },
    });
    await using opened = await ready(upstream);
    await assert.rejects(opened.channel.send(CALL), /ended without/);
    assert.ok(gets >= 3 && gets <= 5, `${gets}`);
  });

  test('credentials never follow a redirect', async () => {
    const stolen: string[] = [];
    await using thief = await hostileHttp({
      POST: (response, { headers }) => {
        stolen.push(String(headers.authorization));
        response.end();
      },
    });
    const location = thief.url.href;
    await using upstream = await hostileHttp({
      'tools/call': (response) => response.writeHead(307, { location }).end(),
      GET: (response) => response.writeHead(302, { location }).end(),
      DELETE: (response) => response.writeHead(302, { location }).end(),
    });
    const opened = await ready(upstream);
    await opened.channel.send(INITIALIZED);
    await assert.rejects(opened.channel.send(CALL));
    await opened.channel.close();
    assert.deepEqual([stolen, thief.seen.length], [[], 0]);
  });

  test('memory stays bounded when 50 MB come', async () => {
    const chunk = 'x'.repeat(1_000_000);
    await using upstream = await hostileHttp({
      'tools/call': (response) => {
        sendEvents(response, 'data: ');
        let left = 50;
        const pour = (): void => {
          while (left-- > 0 && !response.destroyed && response.write(chunk));
        };
        response.on('drain', pour);
        pour();
      },
    });
    await using opened = await ready(upstream);
    const before = process.memoryUsage().rss;
    await assert.rejects(opened.channel.send(CALL), /larger/);
    assert.ok(process.memoryUsage().rss - before < 40_000_000);
  });
});

describe('a lost upstream closes the channel', () => {
  const CLOSES: readonly [string, Parameters<typeof hostileHttp>[0], RegExp][] = [
    ['404 in a session', { 'tools/call': (r) => r.writeHead(404).end() }, /session was lost/],
    [
      '400 where a ping gets it too',
      { 'tools/call': (r) => r.writeHead(400).end(), ping: (r) => r.writeHead(400).end() },
      /session was lost/,
    ],
  ];
  for (const [name, misbehave, why] of CLOSES)
    test(`${name}, with everything in flight`, async () => {
      await using upstream = await hostileHttp({
        ...misbehave,
        'resources/read': (response) => sendEvents(response, ': slow\n\n'),
      });
      await using opened = await ready(upstream);
      const other = opened.channel.send({ ...CALL, id: 7, method: 'resources/read' });
      const ended = assert.rejects(other, why);
      await until(() => upstream.seen.length === 2);
      await assert.rejects(opened.channel.send(CALL), why);
      await ended;
      assert.equal(opened.closed.length, 1);
      assert.match(opened.closed[0] ?? '', why);
      await assert.rejects(opened.channel.send(CALL), /closed/);
    });

  test('400 to one request alone does not', async () => {
    await using upstream = await hostileHttp({ 'tools/call': (r) => r.writeHead(400).end() });
    await using opened = await ready(upstream);
    await assert.rejects(opened.channel.send(CALL), /status 400/);
    assert.deepEqual(opened.closed, []);
  });

  test('a port where nobody listens', async () => {
    const upstream = await hostileHttp({});
    await upstream[Symbol.asyncDispose]();
    await using opened = await open(upstream);
    await assert.rejects(opened.channel.send(INITIALIZE), /ECONNREFUSED/);
    assert.match(opened.closed[0] ?? '', /ECONNREFUSED/);
  });

  test('a standalone stream that floods', async () => {
    await using upstream = await hostileHttp({
      GET: (response) => sendEvents(response, `data: ${'x'.repeat(2_000_000)}`),
    });
    await using opened = await ready(upstream);
    await opened.channel.send(INITIALIZED);
    await until(() => opened.closed.length > 0);
    assert.match(opened.closed[0] ?? '', /larger/);
  });

  test('a session id that would break a header', async () => {
    await using upstream = await hostileHttp({
      initialize: (response, { frame }) => {
        response.setHeader('mcp-session-id', 'caf\u00e9 1');
        sendFrame(response, result(frame, { protocolVersion: '2025-11-25' }));
      },
    });
    await using opened = await open(upstream);
    await assert.rejects(opened.channel.send(INITIALIZE), /session/);
  });

  test('closing it leaves nothing behind, even if the farewell hangs', WITHIN, async () => {
    await using upstream = await hostileHttp({
      DELETE: () => undefined,
      'tools/call': (response) => sendEvents(response, ': slow\n\n'),
      GET: (response) => sendEvents(response, ': open\n\n'),
    });
    const opened = await ready(upstream, { timeouts: { closeMs: 200 } });
    await opened.channel.send(INITIALIZED);
    const call = assert.rejects(opened.channel.send(CALL));
    await until(() => upstream.seen.length === 4);
    await opened.channel.close();
    await call;
    await until(async () => (await upstream.connections()) === 0);
    assert.deepEqual(opened.closed, [undefined]);
  });
});

describe('what must not be configured', () => {
  for (const [name, url, headers] of [
    ['another scheme', 'file:///etc/passwd', {}],
    ['credentials in the URL', 'http://alice:secret@127.0.0.1/mcp', {}],
    ['the session header', 'http://127.0.0.1/mcp', { 'Mcp-Session-Id': 'x' }],
    ['the host header', 'http://127.0.0.1/mcp', { host: 'evil.example' }],
  ] as const)
    test(name, () => {
      assert.throws(
        () =>
          openHttpChannel({
            url: new URL(url),
            headers,
            maxFrameBytes: 1000,
            onTrouble: () => undefined,
          }),
        TypeError,
      );
    });
});
