import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { test, type TestContext } from 'node:test';
import { Fault } from '../../src/lib/fault.ts';
import {
  serveMetrics,
  type MetricsEndpoint,
  type ServeMetricsOptions,
} from '../../src/metrics/serve-metrics.ts';
import { until } from '../support/until.ts';

type Running = MetricsEndpoint & { readonly port: number };

async function start(
  context: TestContext,
  options: Partial<ServeMetricsOptions> = {},
): Promise<Running> {
  const endpoint = await serveMetrics({
    host: '127.0.0.1',
    port: 0,
    allowedHosts: ['Gate.internal', 'gate.example:9464'],
    render: (format) => `as ${format}\n`,
    onFailed: (thrown) => assert.fail(String(thrown)),
    ...options,
  });
  context.after(async () => await endpoint.close());
  return { ...endpoint, port: Number(new URL(endpoint.url).port) };
}

type Peer = {
  readonly socket: Socket;
  readonly answer: () => string;
  readonly gone: () => boolean;
};

function open(context: TestContext, port: number): Peer {
  const socket = connect(port, '127.0.0.1').on('error', () => undefined);
  context.after(() => socket.destroy());
  let answer = '';
  let gone = false;
  socket.on('data', (chunk) => (answer += chunk.toString())).on('close', () => (gone = true));
  return { socket, answer: () => answer, gone: () => gone };
}

/** Sends these lines of a head; resolves to what came back until the connection was closed. */
async function ask(context: TestContext, port: number, ...lines: string[]): Promise<string> {
  const peer = open(context, port);
  peer.socket.write([...lines, 'Connection: close', '', ''].join('\r\n'));
  await until(peer.gone);
  return peer.answer();
}

const GET = 'GET /metrics HTTP/1.1';
const OWN = 'Host: 127.0.0.1';

for (const [name, lines, want] of [
  ['a scraper', [GET, 'Host: 127.0.0.1:9464'], 200],
  ['a scraper that names this machine', [GET, 'Host: localhost'], 200],
  ['a scraper that knows the address alone', [GET, 'Host: 10.1.2.3:9464'], 200],
  ['a scraper by IPv6', [GET, 'Host: [2001:db8::1]:9464'], 200],
  ['an allowed name on any port', [GET, 'Host: gate.internal:1'], 200],
  ['an allowed name on its port', [GET, 'Host: GATE.example:9464'], 200],
  ['a query that a scraper adds', ['GET /metrics?module=x HTTP/1.1', OWN], 200],
  ['an allowed name on another port', [GET, 'Host: gate.example:80'], 403],
  ['a name that was bound to this address', [GET, 'Host: evil.example:9464'], 403],
  ['a name that looks like an address', [GET, 'Host: 127.0.0.1.evil.example'], 403],
  ['a name that begins like this machine', [GET, 'Host: localhost.evil.example:9464'], 403],
  ['no name at all', ['GET /metrics HTTP/1.0'], 403],
  ['two names', [GET, OWN, 'Host: evil.example'], 400],
  ['a page', [GET, OWN, 'Origin: http://127.0.0.1:9464'], 403],
  ['a page without an origin of its own', [GET, OWN, 'Origin: null'], 403],
  ['another path', ['GET / HTTP/1.1', OWN], 404],
  ['a path below', ['GET /metrics/ HTTP/1.1', OWN], 404],
  ['a target with a second host', ['GET http://evil.example/metrics HTTP/1.1', OWN], 404],
  ['a way to a longer path', ['GET /../metrics HTTP/1.1', OWN], 404],
  ['a change', ['POST /metrics HTTP/1.1', OWN, 'Content-Length: 0'], 405],
  ['a removal', ['DELETE /metrics HTTP/1.1', OWN], 405],
  ['a question before a page', ['OPTIONS /metrics HTTP/1.1', OWN], 405],
  ['what is no HTTP', ['\u0016\u0003\u0001'], 400],
  ['a head without end', [GET, OWN, `X: ${'x'.repeat(20_000)}`], 431],
] as const)
  test(`${name} is answered with ${want}`, async (context) => {
    const { port } = await start(context);
    const answer = await ask(context, port, ...lines);
    assert.match(answer, new RegExp(`^HTTP/1\\.1 ${want} `, 'u'));
    assert.equal(answer.includes('as text'), want === 200);
    assert.doesNotMatch(answer, /access-control/iu);
  });

const undated = (text: string): string => text.replace(/^Date: .*$/mu, '');

test('HEAD is answered like GET, without the text', async (context) => {
  const { port } = await start(context);
  const got = await ask(context, port, GET, OWN);
  const head = await ask(context, port, 'HEAD /metrics HTTP/1.1', OWN);
  assert.equal(undated(head), undated(got).replace('as text\n', ''));
  assert.match(head, /^content-type: text\/plain; version=0\.0\.4; charset=utf-8\r$/mu);
  assert.match(head, /^x-content-type-options: nosniff\r$/mu);
  assert.match(head, /^cross-origin-resource-policy: same-origin\r$/mu);
});

test('a mistake of the program is told to its owner alone', async (context) => {
  const told: unknown[] = [];
  const { port } = await start(context, {
    render: () => {
      throw new Error('the secret');
    },
    onFailed: (thrown) => told.push(thrown),
  });
  const answer = await ask(context, port, GET, OWN);
  assert.match(answer, /^HTTP\/1\.1 500 /u);
  assert.doesNotMatch(answer, /secret/u);
  assert.match(String(told), /the secret/u);
});

test('who reads nothing, or a piece now and then, is cut off', async (context) => {
  const { port } = await start(context, {
    render: () => 'x'.repeat(64 << 20),
    limits: { answerMs: 300 },
  });
  const silent = open(context, port);
  silent.socket.pause();
  silent.socket.write(`${GET}\r\n${OWN}\r\n\r\n`);
  const slow = open(context, port);
  slow.socket.write(`${GET}\r\n${OWN}\r\n\r\n`);
  slow.socket.on('data', () => {
    slow.socket.pause();
    setTimeout(() => slow.socket.resume(), 20);
  });
  await until(slow.gone);
  // Whoever does not read does not hear of the end either.
  silent.socket.resume();
  await until(silent.gone);
  for (const { answer } of [silent, slow]) assert.ok(answer().length < 64 << 20);
});

test('requests sent before the one ahead was read get no answers that pile up', async (context) => {
  let rendered = 0;
  const { port } = await start(context, { render: () => `${++rendered}` });
  const peer = open(context, port);
  peer.socket.write(`${GET}\r\n${OWN}\r\n\r\n`.repeat(1000));
  await until(peer.gone);
  assert.ok(rendered < 1000, `${rendered}`);
});

test('connections that ask nothing make room, and more than the places are refused', async (context) => {
  const { port } = await start(context, { limits: { headMs: 500, maxConnections: 4 } });
  const idle = Array.from({ length: 4 }, () => open(context, port));
  for (const { socket } of idle) if (socket.connecting) await once(socket, 'connect');
  const extra = open(context, port);
  extra.socket.write(`${GET}\r\n${OWN}\r\n\r\n`);
  await until(extra.gone);
  await until(() => idle.every(({ gone }) => gone()));
  assert.match(await ask(context, port, GET, OWN), /^HTTP\/1\.1 200 /u);
});

test('a thousand scrapes at once are answered or refused, and the last one is answered', async (context) => {
  const { url } = await start(context);
  const asked = await Promise.allSettled(
    Array.from({ length: 1000 }, async () => await (await fetch(url)).text()),
  );
  const answered = asked.filter((each) => each.status === 'fulfilled');
  assert.ok(answered.length > 0);
  for (const { value } of answered) assert.equal(value, 'as text\n');
  await until(async () => (await fetch(url).catch(() => undefined))?.status === 200);
});

test('it ends although a scraper keeps its connection', async (context) => {
  const endpoint = await start(context);
  const peer = open(context, endpoint.port);
  peer.socket.write(`${GET}\r\n${OWN}\r\n\r\n`);
  await until(() => peer.answer().includes('as text'));
  await endpoint.close();
  await until(peer.gone);
});

test('a port that is in use, and an address of another machine, are the fault of the environment', async (context) => {
  const { port } = await start(context);
  await assert.rejects(start(context, { port }), (fault) => {
    assert.ok(fault instanceof Fault);
    assert.equal(fault.message, `Cannot serve metrics on 127.0.0.1:${port}: the port is in use`);
    assert.equal(fault.exit, 3);
    assert.match(fault.hint ?? '', /http\.metrics/u);
    return true;
  });
  await assert.rejects(start(context, { host: '192.0.2.1' }), {
    message: 'Cannot serve metrics on 192.0.2.1:0: this machine has no such address',
    exit: 3,
  });
});
