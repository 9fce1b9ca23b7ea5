import assert from 'node:assert/strict';
import { createConnection, type Socket } from 'node:net';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { openLease, type EgressLease } from '../../../src/sandbox/egress/lease.ts';
import type { ProxyOptions } from '../../../src/sandbox/egress/proxy.ts';
import { scratch } from '../../support/scratch.ts';
import { until } from '../../support/until.ts';
import { entries, openOutside, ROOT, type Outside } from './outside.ts';

const SECRET = { name: 'TOKEN', header: 'authorization', value: 'sk-0123456789abcdef' };
const ALLOWED = [
  'api.example.com',
  'http://mirror.example.com',
  'xn--bcher-kva.example',
  '*.wild.example',
];

type Way = Outside & {
  readonly path: string;
  readonly lease: EgressLease;
  readonly parent: string;
};

/** The way out of a sandbox, as a program in it has it. */
async function open(context: TestContext, more: Partial<ProxyOptions> = {}): Promise<Way> {
  const outside = await openOutside(context);
  const parent = join(await scratch(context), 'egress');
  const limits = { helloMs: 3000, ...more.limits };
  const { record, ...options } = { ...outside.options(entries(ALLOWED, SECRET)), ...more, limits };
  const lease = await openLease('lease', { ...options, record, folder: () => parent });
  lease.serve({ sandbox: 'x' });
  context.after(async () => await lease.close());
  return { ...outside, lease, parent, path: join(lease.folder, 's') };
}

/** Sends the parts, each when the one before has been taken, and resolves to all that comes back until the end. */
async function say(path: string, ...parts: readonly (string | Buffer)[]): Promise<string> {
  return await new Promise((resolve) => {
    let said = '';
    const socket = createConnection({ path, allowHalfOpen: true });
    socket.setEncoding('latin1').on('data', (chunk: string) => (said += chunk));
    socket
      .on('error', () => undefined)
      .on('close', () => resolve(said))
      .on('end', () => socket.end());
    for (const part of parts) socket.write(part, 'latin1');
  });
}

const statuses = (said: string): number[] =>
  [...said.matchAll(/HTTP\/1\.1 (\d{3})/gu)].map(([, code]) => Number(code));

const connectTo = (to: string, more = ''): string =>
  `CONNECT ${to} HTTP/1.1\r\nHost: ${to}\r\n${more}\r\n`;
const get = (url: string, more = '', host = /^http:\/\/([^/]*)/u.exec(url)?.[1] ?? ''): string =>
  `GET ${url} HTTP/1.1\r\nHost: ${host}\r\n${more}\r\n`;
const post = (more: string, body: string): string =>
  `POST http://mirror.example.com/ HTTP/1.1\r\nHost: mirror.example.com\r\n${more}\r\n${body}`;

describe('where to', () => {
  for (const to of [
    'api.example.com:0',
    'api.example.com:65536',
    'api.example.com:443443',
    'api.example.com:0443',
    'api.example.com:+443',
    'api.example.com:443:443',
    'api.example.com:',
    ':443',
    'api.example.com:443/',
    'api.example.com.:443',
    '.api.example.com:443',
    'api..example.com:443',
    '[fe80::1%25eth0]:443',
    '[fe80::1%eth0]:443',
    'fe80::1%lo:443',
    '[::]:443',
    '0:443',
    '0.0.0.0:443',
    'localhost:443',
    'LOCALHOST:443',
    'localhost.localdomain:443',
    'bücher.example:443',
    'bücher.example:443',
    'xn--bcher-kva.example.:443',
    'api.example.com%00.evil.example:443',
    'api.example.com%2eevil.example:443',
    'api。example。com:443',
    'ａpi.example.com:443',
    'api.example.com\u00ad:443',
    'api.example.com@evil.example:443',
    'evil.example#api.example.com:443',
    'http://api.example.com:443',
    '*.wild.example:443',
    'a.b.wild.example:443',
    'wild.example:443',
    '-.wild.example:443',
    '127.0.0.1.wild.example.:443',
  ])
    test(`${to} connects nowhere`, async (t) => {
      const way = await open(t);
      const said = await say(way.path, connectTo(Buffer.from(to).toString('latin1')));
      assert.ok([400, 403].includes(statuses(said)[0] ?? 0), said);
      assert.deepEqual([way.dialled, way.records.map(({ step }) => step)], [[], ['refused']]);
    });

  test('a name in other case is the same name, and no other entry', async (t) => {
    const way = await open(t);
    const said = await say(way.path, get('http://MIRROR.example.COM/'));
    assert.deepEqual(statuses(said), [200]);
    assert.deepEqual(way.dialled, ['93.184.216.34:80']);
  });

  test('the address that was checked is the one that is connected to', async (t) => {
    let asked = 0;
    // Rebinding: whoever asks twice gets the metadata service.
    const resolve = async (): Promise<string[]> => [
      asked++ === 0 ? '93.184.216.34' : '169.254.169.254',
    ];
    const way = await open(t, { resolve });
    assert.deepEqual(statuses(await say(way.path, get('http://mirror.example.com/'))), [200]);
    assert.deepEqual([asked, way.dialled], [1, ['93.184.216.34:80']]);
    assert.deepEqual(statuses(await say(way.path, get('http://mirror.example.com/'))), [403]);
    assert.deepEqual([asked, way.dialled], [2, ['93.184.216.34:80']]);
  });
});

describe('a head of CONNECT', () => {
  for (const [name, text, want] of [
    [
      'with a header injected into the host',
      'CONNECT api.example.com:443\r\nX: y HTTP/1.1\r\n\r\n',
      400,
    ],
    [
      'with a line feed in the host',
      'CONNECT api.example.com:443\nHost: evil.example HTTP/1.1\r\n\r\n',
      400,
    ],
    [
      'with NUL in the host',
      'CONNECT api.example.com\0.evil.example:443 HTTP/1.1\r\nHost: a\r\n\r\n',
      400,
    ],
    [
      'with a space in the host',
      'CONNECT api.example.com:443 evil.example:443 HTTP/1.1\r\nHost: a\r\n\r\n',
      400,
    ],
    [
      'with a carriage return in a value',
      connectTo('api.example.com:443', 'X: a\rHost: evil.example\r\n'),
      400,
    ],
    ['of HTTP/0.9', 'CONNECT api.example.com:443\r\n\r\n', 400],
    ['of HTTP/9.9', 'CONNECT api.example.com:443 HTTP/9.9\r\nHost: a\r\n\r\n', 400],
    ['that is huge', connectTo('api.example.com:443', `X: ${'x'.repeat(70_000)}\r\n`), 400],
    ['of many headers', connectTo('api.example.com:443', 'X: y\r\n'.repeat(20_000)), 400],
    ['with a target that is huge', connectTo(`${'a'.repeat(60_000)}.example.com:443`), 400],
  ] as const)
    test(`${name} is refused`, async (t) => {
      const way = await open(t);
      const said = await say(way.path, text);
      assert.deepEqual(statuses(said), [want], said.slice(0, 200));
      assert.deepEqual(way.dialled, []);
      assert.ok(JSON.stringify(way.records).length < 2000, 'nor does it fill the audit');
    });

  test('that comes letter by letter and never ends is given up', async (t) => {
    const way = await open(t, { limits: { helloMs: 300 } });
    const socket = createConnection(way.path);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    const drip = setInterval(() => socket.write('x'), 20);
    t.after(() => clearInterval(drip));
    socket.on('error', () => undefined).resume();
    socket.write('CONNECT api.example.com:443 HTTP/1.1\r\nX: ');
    await closed;
    assert.deepEqual(way.dialled, []);
  });
});

describe('a smuggled request', () => {
  const INNER =
    'GET http://mirror.example.com/smuggled HTTP/1.1\r\nHost: mirror.example.com\r\n\r\n';
  for (const [name, text] of [
    [
      'CL.TE',
      post(
        `Content-Length: ${5 + INNER.length}\r\nTransfer-Encoding: chunked\r\n`,
        `0\r\n\r\n${INNER}`,
      ),
    ],
    [
      'TE.CL',
      post('Transfer-Encoding: chunked\r\nContent-Length: 3\r\n', `1\r\nx\r\n0\r\n\r\n${INNER}`),
    ],
    [
      'TE.TE',
      post('Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n', `0\r\n\r\n${INNER}`),
    ],
    [
      'TE with a tab',
      post('Transfer-Encoding:\tchunked\r\nTransfer-encoding: x\r\n', `0\r\n\r\n${INNER}`),
    ],
    ['a length with a sign', post('Content-Length: +0\r\n', INNER)],
    ['a length in hex', post('Content-Length: 0x0\r\n', INNER)],
    ['two lengths in one', post('Content-Length: 0, 80\r\n', INNER)],
    [
      'a length that Connection names',
      post(`Connection: content-length\r\nContent-Length: 0\r\n`, INNER),
    ],
    [
      'a chunk of a size that overflows',
      post('Transfer-Encoding: chunked\r\n', `10000000000000000\r\n${INNER}`),
    ],
    ['a chunk with a sign', post('Transfer-Encoding: chunked\r\n', `-1\r\n${INNER}`)],
    ['chunks with bare line feeds', post('Transfer-Encoding: chunked\r\n', `0\n\n${INNER}`)],
    [
      'a trailer that is a head',
      post('Transfer-Encoding: chunked\r\n', `0\r\nHost: evil.example\r\n\r\n${INNER}`),
    ],
    ['behind a GET', get('http://mirror.example.com/') + INNER],
    [
      'behind a GET with a body',
      get('http://mirror.example.com/', 'Content-Length: 3\r\n') + `abc${INNER}`,
    ],
    ['behind a CONNECT', connectTo('api.example.com:443') + INNER],
    [
      'in a space of the path',
      INNER.replace('/smuggled', '/ HTTP/1.1\r\nHost: mirror.example.com\r\n\r\nGET /smuggled'),
    ],
    [
      'in a header with a line feed',
      get('http://mirror.example.com/', `X: y\nGET /smuggled HTTP/1.1\r\n`),
    ],
  ] as const)
    test(`${name} reaches nobody`, async (t) => {
      const way = await open(t);
      await say(way.path, text);
      await until(() => way.records.length > 0);
      assert.deepEqual(
        way.seen.filter(({ url = '' }) => url.includes('smuggled')),
        [],
      );
      assert.ok(way.seen.length <= 1);
      assert.equal(JSON.stringify(way.seen).includes('evil'), false);
    });

  for (const [name, text] of [
    ['another Host', get('http://mirror.example.com/', '', 'evil.example')],
    [
      'Host with an allowed user',
      get('http://mirror.example.com/', '', 'mirror.example.com@evil.example'),
    ],
    ['Host in two lines', get('http://mirror.example.com/', 'Host: mirror.example.com\r\n')],
    ['Host with a path', get('http://mirror.example.com/', '', 'mirror.example.com/evil')],
    ['no Host', 'GET http://mirror.example.com/ HTTP/1.1\r\n\r\n'],
    ['an empty Host', get('http://mirror.example.com/', '', '')],
  ] as const)
    test(`an absolute form with ${name} is refused`, async (t) => {
      const way = await open(t);
      assert.deepEqual(statuses(await say(way.path, text)), [400]);
      assert.deepEqual(way.seen, []);
    });

  test('a name of the forwarding kind is passed on as what it is, and changes nothing', async (t) => {
    const way = await open(t);
    const more =
      'X-Forwarded-Host: evil.example\r\nForwarded: host=evil.example\r\nX-Original-URL: /smuggled\r\n';
    await say(way.path, get('http://mirror.example.com/', more));
    assert.equal(way.seen[0]?.rawHeaders[1], 'mirror.example.com');
    assert.deepEqual(way.dialled, ['93.184.216.34:80']);
  });
});

/** The first bytes of a real client. */
async function helloOf(servername: string): Promise<Buffer> {
  const { Duplex } = await import('node:stream');
  return await new Promise((resolve) => {
    const wire = new Duplex({
      read() {},
      write(chunk: Buffer, _, done) {
        resolve(chunk);
        done();
      },
    });
    connectTls({ socket: wire, servername }).on('error', () => undefined);
  });
}

async function openTunnel(path: string, to: string): Promise<Socket> {
  const socket = createConnection({ path, allowHalfOpen: true });
  socket.on('error', () => undefined).write(connectTo(to));
  const said = await new Promise<string>((resolve) =>
    socket.once('data', (chunk) => resolve(String(chunk))),
  );
  assert.deepEqual(statuses(said), [200]);
  return socket;
}

/** Bytes that left before the tunnel was cut. */
async function sentBy(way: Way, socket: Socket, ...parts: readonly Buffer[]): Promise<number> {
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.resume();
  for (const part of parts) socket.write(part);
  socket.on('end', () => socket.end());
  await closed;
  await until(() => way.records.at(-1)?.step === 'closed');
  return way.records.at(-1)?.sent ?? -1;
}

describe('a tunnel', () => {
  test('with a second ClientHello for another name behind the first in one record is cut', async (t) => {
    const way = await open(t);
    const [first, second] = [await helloOf('api.example.com'), await helloOf('evil.example')];
    const body = Buffer.concat([first.subarray(5), second.subarray(5)]);
    const head = Buffer.from(first.subarray(0, 5));
    head.writeUInt16BE(body.length, 3);
    const socket = await openTunnel(way.path, 'api.example.com:443');
    assert.equal(await sentBy(way, socket, head, body), 0);
    assert.equal(way.records.at(-1)?.reason, 'hello-refused');
  });

  test('with a ClientHello in pieces of one byte is read as a whole', async (t) => {
    const way = await open(t);
    const hello = await helloOf('evil.example');
    const socket = await openTunnel(way.path, 'api.example.com:443');
    const bytes = [...hello].map((byte) => Buffer.from([byte]));
    assert.equal(await sentBy(way, socket, ...bytes), 0);
    assert.equal(way.records.at(-1)?.reason, 'hello-refused');
  });

  test('whose ClientHello drips is cut at its time', async (t) => {
    const way = await open(t, { limits: { helloMs: 300 } });
    const hello = await helloOf('api.example.com');
    const socket = await openTunnel(way.path, 'api.example.com:443');
    let at = 0;
    const drip = setInterval(() => socket.write(hello.subarray(at, ++at)), 50);
    t.after(() => clearInterval(drip));
    assert.equal(await sentBy(way, socket), 0);
    assert.equal(way.records.at(-1)?.reason, 'time-over');
  });

  test('that is closed in the middle of its ClientHello sends nothing', async (t) => {
    const way = await open(t);
    const hello = await helloOf('api.example.com');
    const socket = await openTunnel(way.path, 'api.example.com:443');
    const sent = sentBy(way, socket, hello.subarray(0, hello.length - 1));
    socket.end();
    assert.equal(await sent, 0);
  });

  test('with what is no TLS behind its ClientHello is the host’s to refuse', async (t) => {
    const way = await open(t);
    const hello = await helloOf('api.example.com');
    const socket = await openTunnel(way.path, 'api.example.com:443');
    const sent = await sentBy(
      way,
      socket,
      hello,
      Buffer.from(get('http://mirror.example.com/smuggled')),
    );
    // It went to the host that was checked and nowhere else: what follows is between the two of them.
    assert.ok(sent >= hello.length);
    assert.deepEqual([way.dialled, way.seen], [['93.184.216.34:443'], []]);
  });

  test('of which the program closes its half still brings the answer', async (t) => {
    const way = await open(t);
    const socket = await openTunnel(way.path, 'api.example.com:443');
    const secured = connectTls({ socket, servername: 'api.example.com', ca: ROOT });
    let said = '';
    secured.on('data', (chunk) => (said += String(chunk))).on('error', () => undefined);
    secured.end('GET / HTTP/1.1\r\nHost: api.example.com\r\nConnection: close\r\n\r\n');
    await new Promise((resolve) => secured.once('close', resolve));
    assert.match(said, /hello from api\.example\.com/u);
    await until(() => way.records.at(-1)?.step === 'closed');
  });
});

describe('many connections', () => {
  test('at once are no more than the limit, and all are written down', async (t) => {
    const way = await open(t, { limits: { connections: 4, attempts: 1000, helloMs: 60_000 } });
    const opened = await Promise.all(
      Array.from({ length: 4 }, async () => await openTunnel(way.path, 'api.example.com:443')),
    );
    const said = await Promise.all(
      Array.from({ length: 60 }, async () => await say(way.path, connectTo('api.example.com:443'))),
    );
    assert.deepEqual(new Set(said.flatMap(statuses)), new Set([429]));
    assert.equal(way.dialled.length, 4);
    assert.equal(way.records.filter(({ step }) => step === 'refused').length, 60);
    for (const socket of opened) socket.destroy();
    await until(() => way.records.filter(({ step }) => step === 'closed').length === 4);
    assert.deepEqual(statuses(await say(way.path, get('http://mirror.example.com/'))), [200]);
  });

  test('that say nothing are given up, and do not keep the others out', async (t) => {
    const way = await open(t, { limits: { helloMs: 500, attempts: 1000 } });
    const silent = Array.from({ length: 100 }, () => createConnection(way.path));
    const closed = silent.map(async (socket) => {
      socket.on('error', () => undefined).resume();
      return await new Promise((resolve) => socket.once('close', resolve));
    });
    assert.deepEqual(statuses(await say(way.path, get('http://mirror.example.com/'))), [200]);
    await Promise.all(closed);
  });
});
