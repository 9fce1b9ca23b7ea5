import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createConnection, Socket } from 'node:net';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { openProxy, type ProxyOptions } from '../../../src/sandbox/egress/proxy.ts';
import { scratch } from '../../support/scratch.ts';
import { until } from '../../support/until.ts';
import { entries, openOutside, ROOT, type Outside } from './outside.ts';

const ALLOWED = [
  'api.example.com', 'http://mirror.example.com', 'wrong.example', 'rebound.example.com', 'metadata.example.com',
  'mapped.example.com', 'gone.example.com', 'dead.example.com',
]; // prettier-ignore
const SECRET = { name: 'TOKEN', header: 'authorization', value: 'sk-0123456789abcdef' };

type Lease = Outside & { readonly path: string; readonly close: () => Promise<void> };

async function openLease(
  context: TestContext,
  more: Partial<ProxyOptions> = {},
  serve?: Parameters<typeof openOutside>[1],
): Promise<Lease> {
  const outside = await openOutside(context, serve);
  const path = join(await scratch(context), 's');
  const proxy = await openProxy(path, { ...outside.options(entries(ALLOWED, SECRET)), ...more });
  context.after(async () => await proxy.close());
  return { ...outside, path, close: async () => await proxy.close() };
}

/** Sends `text` as it is and resolves to all that comes back until the end. */
async function say(path: string, text: string): Promise<string> {
  return await new Promise((resolve) => {
    let said = '';
    const socket = createConnection(path, () => socket.write(text, 'latin1'));
    socket.setEncoding('latin1').on('data', (chunk: string) => (said += chunk));
    socket.on('error', () => {}).on('close', () => resolve(said));
  });
}

const status = (said: string): number => Number(/^HTTP\/1\.1 (\d{3})/u.exec(said)?.[1]);

async function openTunnel(path: string, to = 'api.example.com:443'): Promise<Socket> {
  const socket = createConnection(path);
  socket.on('error', () => {});
  socket.write(`CONNECT ${to} HTTP/1.1\r\nHost: ${to}\r\n\r\n`);
  const answer = await new Promise<string>((resolve) =>
    socket.once('data', (chunk: Buffer) => resolve(chunk.toString())),
  );
  assert.equal(status(answer), 200, answer);
  return socket;
}

/** A request through TLS inside of a tunnel; undefined where the tunnel was cut. */
async function askInside(socket: Socket, servername?: string): Promise<string | undefined> {
  return await new Promise((resolve) => {
    let said = '';
    const named = servername === undefined ? {} : { servername };
    const secured: TLSSocket = connectTls({
      socket,
      ca: ROOT,
      rejectUnauthorized: false,
      ...named,
    });
    secured.write('GET / HTTP/1.1\r\nHost: api.example.com\r\nConnection: close\r\n\r\n');
    secured.on('data', (chunk: Buffer) => (said += chunk.toString()));
    secured.on('error', () => {}).on('close', () => resolve(said || undefined));
  });
}

type Holding = {
  readonly asked: () => void;
  readonly later: Promise<unknown>;
  readonly socket: Socket;
};

/** What a connection may wait for when its program ends, and what is written then. */
const HELD: readonly (readonly [string, (holding: Holding) => Partial<ProxyOptions>, unknown])[] = [
  [
    'an answer about its name',
    ({ asked, later }) => ({
      async resolve() {
        asked();
        await later;
        return ['93.184.216.34'];
      },
    }),
    [['refused', 'time-over']],
  ],
  [
    'a host that never answers',
    ({ asked }) => ({
      async dial(address, port, signal) {
        asked();
        await once(signal, 'abort');
        throw new Error(`no answer from ${address}:${port}`);
      },
    }),
    [
      ['opened', undefined],
      ['closed', 'time-over'],
    ],
  ],
  [
    'a connection that comes too late',
    ({ asked, later, socket }) => ({
      async dial() {
        asked();
        await later;
        return socket;
      },
    }),
    [
      ['opened', undefined],
      ['closed', 'time-over'],
    ],
  ],
];

describe('a tunnel', () => {
  test('to an allowed host is TLS from end to end, and is written down before and after', async (t) => {
    const lease = await openLease(t);
    const said = await askInside(await openTunnel(lease.path), 'api.example.com');
    assert.match(said ?? '', /hello from api\.example\.com/u);
    assert.deepEqual(lease.dialled, ['93.184.216.34:443']);
    await until(() => lease.records.length === 2);
    const [opened, closed] = lease.records;
    const via = { via: 'connect', to: 'api.example.com:443', address: '93.184.216.34' };
    assert.deepEqual(opened, { step: 'opened', ...via });
    assert.ok(closed?.step === 'closed' && closed.reason === undefined, JSON.stringify(closed));
    assert.equal(closed.sent, lease.bytes());
    assert.ok((closed.received ?? 0) > 500);
  });

  for (const [to, want, reason] of [
    ['evil.example:443', 403, 'not-allowed'],
    ['api.example.com:80', 403, 'not-allowed'],
    ['api.example.com:22', 403, 'not-allowed'],
    ['sub.api.example.com:443', 403, 'not-allowed'],
    ['mirror.example.com:80', 403, 'not-allowed'],
    ['127.0.0.1:443', 400, 'malformed'],
    ['2130706433:443', 400, 'malformed'],
    ['0x7f.0.0.1:443', 400, 'malformed'],
    ['0177.0.0.1:443', 400, 'malformed'],
    ['[::1]:443', 400, 'malformed'],
    ['[::ffff:169.254.169.254]:443', 400, 'malformed'],
    ['169.254.169.254:80', 400, 'malformed'],
    ['localhost:443', 400, 'malformed'],
    ['api.example.com.:443', 400, 'malformed'],
    ['api.example.com', 400, 'malformed'],
    ['u@api.example.com:443', 400, 'malformed'],
    ['rebound.example.com:443', 403, 'address-not-public'],
    ['metadata.example.com:443', 403, 'address-not-public'],
    ['mapped.example.com:443', 403, 'address-not-public'],
    ['gone.example.com:443', 502, 'unresolved'],
  ] as const)
    test(`to ${to} is ${reason}, and nothing is connected`, async (t) => {
      const lease = await openLease(t);
      const said = await say(lease.path, `CONNECT ${to} HTTP/1.1\r\nHost: ${to}\r\n\r\n`);
      assert.equal(status(said), want, said);
      assert.deepEqual(lease.dialled, []);
      assert.deepEqual(
        lease.records.map((record) => [record.step, record.to, record.reason]),
        [['refused', to, reason]],
      );
    });

  test('to a host that does not answer says so', async (t) => {
    const lease = await openLease(t);
    const said = await say(lease.path, 'CONNECT dead.example.com:443 HTTP/1.1\r\nHost: x\r\n\r\n');
    assert.equal(status(said), 502, said);
    assert.equal(lease.records.at(-1)?.reason, 'unreachable');
  });

  for (const [name, servername] of [
    ['another name', 'other.example'],
    ['a name below', 'x.api.example.com'],
    ['no name', undefined],
  ] as const)
    test(`in which TLS asks for ${name} is cut before a byte goes out`, async (t) => {
      const lease = await openLease(t);
      assert.equal(await askInside(await openTunnel(lease.path), servername), undefined);
      await until(() => lease.records.length === 2);
      assert.equal(lease.records.at(-1)?.reason, 'hello-refused');
      assert.deepEqual([lease.bytes(), lease.seen], [0, []]);
    });

  for (const [name, bytes] of [
    ['HTTP', 'GET / HTTP/1.1\r\nHost: api.example.com\r\n\r\n'],
    ['SSH', 'SSH-2.0-x\r\n'],
  ] as const)
    test(`with ${name} and no TLS inside is cut before a byte goes out`, async (t) => {
      const lease = await openLease(t);
      const head = 'CONNECT api.example.com:443 HTTP/1.1\r\nHost: api.example.com:443\r\n\r\n';
      // In one segment with the head, too.
      const said = await say(lease.path, head + bytes);
      assert.doesNotMatch(said, /hello/u);
      await until(() => lease.records.length === 2);
      assert.equal(lease.records.at(-1)?.reason, 'hello-refused');
      assert.equal(lease.bytes(), 0);
    });

  test('in which nobody says anything is cut', async (t) => {
    const lease = await openLease(t, { limits: { helloMs: 50 } });
    const socket = await openTunnel(lease.path);
    await until(() => socket.destroyed || socket.readableEnded);
    await until(() => lease.records.at(-1)?.reason === 'time-over');
  });

  test('on which nothing moves is cut', async (t) => {
    const lease = await openLease(t, { limits: { idleMs: 50 } });
    const socket = connectTls({
      socket: await openTunnel(lease.path),
      servername: 'api.example.com',
      ca: ROOT,
    });
    socket.on('error', () => {});
    await until(() => lease.records.at(-1)?.step === 'closed');
    assert.equal(lease.records.at(-1)?.reason, 'time-over');
  });

  test('ends with the sandbox', async (t) => {
    const lease = await openLease(t);
    const socket = await openTunnel(lease.path);
    await lease.close();
    await until(() => socket.destroyed || socket.readableEnded);
    await until(() => lease.records.at(-1)?.step === 'closed');
    await assert.rejects(
      new Promise((_, reject) => createConnection(lease.path).on('error', reject)),
      /ENOENT|ECONNREFUSED/u,
    );
  });

  for (const [name, hold, steps] of HELD)
    test(`that waits for ${name} is cut with the sandbox, and nothing is opened after`, async (t) => {
      const socket = new Socket();
      let isAsked = false;
      const late = new AbortController();
      const later = once(late.signal, 'abort');
      const lease = await openLease(t, hold({ asked: () => (isAsked = true), later, socket }));
      const saying = say(lease.path, 'CONNECT api.example.com:443 HTTP/1.1\r\nHost: x\r\n\r\n');
      await until(() => isAsked);
      const closing = lease.close();
      late.abort();
      await closing;
      const written = (): unknown => lease.records.map(({ step, reason }) => [step, reason]);
      assert.deepEqual(written(), steps, 'all is written when it is closed');
      assert.equal(await saying, '');
      assert.deepEqual([written(), lease.dialled], [steps, []]);
      assert.equal(socket.destroyed, name.startsWith('a connection'));
    });

  test('that cannot be written down is not opened', async (t) => {
    const lease = await openLease(t, { record: failing });
    const said = await say(lease.path, 'CONNECT api.example.com:443 HTTP/1.1\r\nHost: x\r\n\r\n');
    assert.equal(status(said), 500, said);
    assert.deepEqual(lease.dialled, []);
  });
});

function failing(): never {
  throw new Error('the disk is full');
}

describe('limits of a lease', () => {
  test('bytes: a download without end is cut, and so is the next', async (t) => {
    const lease = await openLease(t, { limits: { bytes: 50_000 } }, (_, response) => {
      response.on('error', () => {});
      const flood = (): void => {
        while (!response.destroyed && response.write('x'.repeat(10_000)));
        if (!response.destroyed) response.once('drain', flood);
      };
      flood();
    });
    const said = await say(lease.path, get('http://mirror.example.com/'));
    assert.ok(said.length < 60_000, String(said.length));
    await until(() => lease.records.at(-1)?.step === 'closed');
    assert.equal(lease.records.at(-1)?.reason, 'bytes-over');
    const next = await say(lease.path, get('http://mirror.example.com/'));
    assert.equal(status(next), 509, next);
  });

  test('connections at once', async (t) => {
    const lease = await openLease(t, { limits: { connections: 2 } });
    const held = [await openTunnel(lease.path), await openTunnel(lease.path)];
    const said = await say(lease.path, get('http://mirror.example.com/'));
    assert.equal(status(said), 429, said);
    held[0]?.destroy();
    await until(() => lease.records.at(-1)?.step === 'closed');
    assert.equal(status(await say(lease.path, get('http://mirror.example.com/'))), 200);
  });

  test('attempts: who never stops is told once, and leaves no more records', async (t) => {
    const lease = await openLease(t, { limits: { attempts: 3 } });
    for (let count = 0; count < 3; count++)
      assert.equal(status(await say(lease.path, get('http://evil.example/'))), 403);
    for (let count = 0; count < 5; count++)
      assert.equal(await say(lease.path, get('http://mirror.example.com/')), '');
    assert.deepEqual(
      lease.records.map(({ reason }) => reason),
      ['not-allowed', 'not-allowed', 'not-allowed', 'too-many-connections'],
    );
  });
});

function get(url: string, more = '', host = /^http:\/\/([^/]*)/u.exec(url)?.[1] ?? ''): string {
  return `GET ${url} HTTP/1.1\r\nHost: ${host}\r\n${more}\r\n`;
}

describe('a request in absolute form', () => {
  test('to an entry with http:// goes on without what is of the connection', async (t) => {
    const lease = await openLease(t);
    const said = await say(
      lease.path,
      get(
        'http://mirror.example.com/a?b=c',
        'Proxy-Authorization: Basic eA==\r\nProxy-Connection: keep-alive\r\nX-Mine: 1\r\nConnection: keep-alive, X-Mine\r\nTE: trailers\r\nX-Kept: 2\r\n',
      ),
    );
    assert.match(said, /hello from mirror\.example\.com$/u);
    const [seen] = lease.seen;
    assert.equal(seen?.url, '/a?b=c');
    assert.deepEqual(seen?.rawHeaders, [
      'Host',
      'mirror.example.com',
      'X-Kept',
      '2',
      'Connection',
      'close',
    ]);
  });

  test('to another entry goes over TLS that the gateway verifies', async (t) => {
    const lease = await openLease(t);
    const said = await say(lease.path, get('http://api.example.com:443/x'));
    assert.match(said, /hello from api\.example\.com$/u);
    assert.deepEqual(lease.dialled, ['93.184.216.34:443']);
    const body =
      'POST http://api.example.com:443/ HTTP/1.1\r\nHost: api.example.com:443\r\nContent-Length: 5\r\n\r\nabcde';
    assert.equal(status(await say(lease.path, body)), 200);
    assert.equal(lease.seen.at(-1)?.body, 'abcde');
  });

  test('with chunks keeps its frame, also in a method that has no body by habit', async (t) => {
    const lease = await openLease(t);
    const text =
      'DELETE http://mirror.example.com/ HTTP/1.1\r\nHost: mirror.example.com\r\nTransfer-Encoding: chunked\r\n\r\n' +
      '2e\r\nGET /smuggled HTTP/1.1\r\nHost: mirror.example.com\r\n0\r\n\r\n';
    const whole = text.replace('2e', '30');
    for (const wish of [text, whole]) await say(lease.path, wish);
    assert.deepEqual(
      lease.seen.filter(({ url }) => url === '/smuggled'),
      [],
    );
  });

  test('to a server whose certificate is of another name does not arrive', async (t) => {
    const lease = await openLease(t);
    const said = await say(lease.path, get('http://wrong.example:443/'));
    assert.equal(status(said), 502, said);
    assert.deepEqual(lease.seen, []);
  });

  test('to a server that nobody vouches for does not arrive, whatever the environment says', async (t) => {
    const before = process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
    t.after(() => {
      if (before === undefined) delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
    });
    const lease = await openLease(t, { ca: [] });
    const said = await say(lease.path, get('http://api.example.com:443/'));
    assert.equal(status(said), 502, said);
    assert.deepEqual(lease.seen, []);
  });

  const HOST = 'Host: mirror.example.com\r\n';
  for (const [name, text, want] of [
    ['another host', get('http://evil.example/'), 403],
    ['TLS where the entry says http://', get('http://mirror.example.com:443/'), 403],
    ['no TLS where the entry says none', get('http://api.example.com/'), 403],
    ['an address', get('http://169.254.169.254/latest/meta-data/'), 400],
    ['a decimal address', get('http://2852039166/'), 400],
    ['a name that leads inside', get('http://metadata.example.com:443/'), 403],
    [
      'https in absolute form',
      `GET https://api.example.com/ HTTP/1.1\r\nHost: api.example.com\r\n\r\n`,
      400,
    ],
    ['the form of an origin', `GET / HTTP/1.1\r\n${HOST}\r\n`, 400],
    [
      'a password in the address',
      `GET http://u:p@mirror.example.com/ HTTP/1.1\r\n${HOST}\r\n`,
      400,
    ],
    [
      'an allowed name before an at sign',
      `GET http://mirror.example.com@evil.example/ HTTP/1.1\r\n${HOST}\r\n`,
      400,
    ],
    ['a backslash', `GET http://evil.example\\mirror.example.com/ HTTP/1.1\r\n${HOST}\r\n`, 400],
    ['a query without a path', `GET http://mirror.example.com?x HTTP/1.1\r\n${HOST}\r\n`, 400],
    ['a fragment', `GET http://mirror.example.com/#x HTTP/1.1\r\n${HOST}\r\n`, 400],
    ['another Host', get('http://mirror.example.com/', '', 'evil.example'), 400],
    ['another port in Host', get('http://mirror.example.com/', '', 'mirror.example.com:443'), 400],
    ['two Hosts', get('http://mirror.example.com/', 'Host: evil.example\r\n'), 400],
    ['no Host', 'GET http://mirror.example.com/ HTTP/1.0\r\n\r\n', 400],
    ['TRACE', get('http://mirror.example.com/').replace('GET', 'TRACE'), 405],
    ['a method nobody knows', get('http://mirror.example.com/').replace('GET', 'PROPFIND'), 405],
    [
      'two lengths',
      get('http://mirror.example.com/', 'Content-Length: 1\r\nContent-Length: 2\r\n'),
      400,
    ],
    [
      'a length and chunks',
      get('http://mirror.example.com/', 'Content-Length: 1\r\nTransfer-Encoding: chunked\r\n'),
      400,
    ],
    [
      'another transfer coding',
      get('http://mirror.example.com/', 'Transfer-Encoding: gzip, chunked\r\n'),
      400,
    ],
    [
      'a coding beside chunked',
      get('http://mirror.example.com/', 'Transfer-Encoding: xchunked\r\n'),
      400,
    ],
    ['a folded header', get('http://mirror.example.com/', 'X: 1\r\n Host: evil.example\r\n'), 400],
    ['a space before the colon', get('http://mirror.example.com/', 'Host : evil.example\r\n'), 400],
    [
      'a bare line feed',
      'GET http://mirror.example.com/ HTTP/1.1\nHost: mirror.example.com\n\n',
      400,
    ],
    [
      'an upgrade',
      get('http://mirror.example.com/', 'Connection: upgrade\r\nUpgrade: websocket\r\n'),
      400,
    ],
    ['a head without end', get('http://mirror.example.com/', `X: ${'x'.repeat(40_000)}\r\n`), 400],
    ['SOCKS 5', '\u0005\u0001\u0000', 400],
    ['TLS to the proxy itself', '\u0016\u0003\u0001\u0000\u0001\u0001', 400],
  ] as const)
    // prettier-ignore
    test(`with ${name} is refused with ${want}, leaves a record and reaches nobody`, async (t) => {
      const lease = await openLease(t);
      const said = await say(lease.path, text);
      assert.equal(status(said), want, said);
      assert.deepEqual([lease.dialled, lease.seen], [[], []]);
      assert.deepEqual(lease.records.map(({ step }) => step), ['refused']);
    });

  for (const [name, text, want] of [
    [
      'WebSocket',
      get(
        'http://mirror.example.com/',
        'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n',
      ),
      /WebSockets and other upgrades go through CONNECT and TLS: ask for wss:\/\//u,
    ],
    [
      'HTTP/2 by upgrade',
      get(
        'http://mirror.example.com/',
        'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n',
      ),
      /other upgrades go through CONNECT/u,
    ],
    [
      'HTTP/2 by prior knowledge',
      'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\u0000\u0000\u0000\u0004\u0000\u0000\u0000\u0000\u0000',
      /HTTP\/2 goes through CONNECT and TLS/u,
    ],
  ] as const)
    test(`of ${name} is told the way it would go`, async (t) => {
      const lease = await openLease(t);
      const said = await say(lease.path, text);
      assert.equal(status(said), 400, said);
      assert.match(said, want);
      assert.deepEqual([lease.dialled, lease.records.length], [[], 1]);
    });

  test('that is followed by another on the same connection is answered alone', async (t) => {
    const lease = await openLease(t);
    const one = get('http://mirror.example.com/one');
    const said = await say(lease.path, one + get('http://mirror.example.com/two'));
    assert.equal(said.match(/HTTP\/1\.1 200/gu)?.length, 1, said);
    assert.deepEqual(
      lease.seen.map(({ url }) => url),
      ['/one'],
    );
  });
});

/** Answers with everything it was told, byte by byte. */
const echo: Parameters<typeof openOutside>[1] = (request, response) => {
  const told = JSON.stringify(request.rawHeaders);
  response.setHeader('X-Echo', String(request.headers.authorization));
  const bytes = (told + told).split('');
  const next = (): void => {
    const byte = bytes.shift();
    if (byte === undefined) response.end();
    else response.write(byte, next);
  };
  next();
};

describe('a secret', () => {
  const PLACE = 'Authorization: Bearer {{TOKEN}}\r\n';

  test('is put in for its host, and is masked in the answer', async (t) => {
    const lease = await openLease(t, {}, echo);
    const said = await say(
      lease.path,
      get('http://api.example.com:443/', `${PLACE}Accept-Encoding: gzip\r\n`),
    );
    assert.equal(status(said), 200, said);
    const { rawHeaders = [] } = lease.seen[0] ?? {};
    assert.equal(rawHeaders[rawHeaders.indexOf('Authorization') + 1], `Bearer ${SECRET.value}`);
    assert.equal(rawHeaders[rawHeaders.indexOf('Accept-Encoding') + 1], 'identity');
    assert.equal(said.includes(SECRET.value), false, said);
    assert.match(said, /X-Echo: Bearer \*{19}/u);
    await until(() => lease.records.at(-1)?.step === 'closed');
    assert.equal(lease.records.at(-1)?.placeholder, 'TOKEN');
    assert.equal(JSON.stringify(lease.records).includes(SECRET.value), false);
  });

  for (const [name, url, header] of [
    ['another host', 'http://mirror.example.com/', PLACE],
    ['another header', 'http://api.example.com:443/', 'X-Comment: {{TOKEN}}\r\n'],
    ['the path', 'http://api.example.com:443/%7B%7BTOKEN%7D%7D/{{TOKEN}}', ''],
    ['another name', 'http://api.example.com:443/', 'Authorization: {{token}} {{ TOKEN }}\r\n'],
  ] as const)
    test(`is not put in for ${name}`, async (t) => {
      const lease = await openLease(t);
      assert.equal(status(await say(lease.path, get(url, header))), 200);
      assert.equal(JSON.stringify(lease.seen).includes(SECRET.value), false);
      assert.equal(lease.records.at(-1)?.placeholder, undefined);
    });

  test('does not come back in an answer that is compressed against what was asked', async (t) => {
    const lease = await openLease(t, {}, (_, response) =>
      response.writeHead(200, { 'Content-Encoding': 'gzip' }).end('x'),
    );
    const said = await say(lease.path, get('http://api.example.com:443/', PLACE));
    assert.equal(status(said), 502, said);
  });
});
