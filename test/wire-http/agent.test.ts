import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { isJsonObject } from '../../src/lib/json.ts';
import { packageRoot } from '../../src/lib/package-root.ts';
import { withResolvers } from '../../src/lib/resolvers.ts';
import { HTTP_LIMITS } from '../../src/wire/http-agent/http-limits.ts';
import { valuesOf } from '../../src/wire/http-agent/request-head.ts';
import { echoSessions } from '../support/echo-session.ts';
import { until } from '../support/until.ts';
import {
  hearsOfClosed,
  INITIALIZE,
  openSession,
  post,
  startAgent,
  tokenFor,
  usual,
} from '../support/http-agent.ts';

const alice = await tokenFor();
const bob = await tokenFor({ sub: 'bob' });
const MODERN = { 'mcp-protocol-version': '2026-07-28' };
const PING = { jsonrpc: '2.0', id: 1, method: 'echo', params: { a: 1 } };

function errorCode(body: unknown): unknown {
  return isJsonObject(body) && isJsonObject(body['error']) ? body['error']['code'] : undefined;
}

/** Bytes on a socket, and what came back until the other side closed or `ms` passed. */
async function raw(port: number, text: string, ms = 30_000): Promise<string> {
  return await new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let answer = '';
    const timer = setTimeout(() => socket.destroy(), ms);
    socket.on('data', (chunk) => (answer += chunk.toString()));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(answer);
    });
    socket.write(text);
  });
}

/** What a second GET gets: 409 while the first is there. */
async function listen409(agent: { readonly url: string }, session: string): Promise<number> {
  const abort = new AbortController();
  const headers = usual(alice, { 'mcp-session-id': session });
  const { status } = await fetch(agent.url, { headers, signal: abort.signal });
  abort.abort();
  return status;
}

function head(port: number, lines: readonly string[], method = 'POST', path = '/mcp'): string {
  return [
    `${method} ${path} HTTP/1.1`,
    ...(lines.some((line) => /^host:/i.test(line)) ? [] : [`Host: 127.0.0.1:${port}`]),
    'Connection: close',
    ...lines,
    '',
    '',
  ].join('\r\n');
}

describe('a session', () => {
  test('is opened by initialize, and answers in plain JSON where that is all', async () => {
    await using agent = await startAgent(echoSessions());
    const opened = await post(agent, alice, INITIALIZE);
    assert.equal(opened.status, 200);
    assert.match(opened.headers.get('mcp-session-id') ?? '', /^[\w-]{43}$/);
    assert.equal(opened.headers.get('content-type'), 'application/json');
    const session = opened.headers.get('mcp-session-id') ?? '';
    const answer = await post(agent, alice, PING, { 'mcp-session-id': session });
    assert.deepEqual(answer.body, {
      jsonrpc: '2.0',
      id: 1,
      result: { params: { a: 1 }, subject: 'alice' },
    });
    const note = { jsonrpc: '2.0', method: 'notifications/initialized' };
    const taken = await post(agent, alice, note, { 'mcp-session-id': session });
    assert.deepEqual([taken.status, taken.text], [202, '']);
  });

  test('is not opened by an initialize that is refused', async () => {
    const sessions = echoSessions();
    await using agent = await startAgent(sessions);
    const answer = await post(agent, alice, { ...INITIALIZE, params: { refuse: true } });
    const session = answer.headers.get('mcp-session-id') ?? '';
    assert.equal((await post(agent, alice, PING, { 'mcp-session-id': session })).status, 404);
    assert.equal(sessions.all[0]?.closed, true);
  });

  test('is ended by DELETE, and lost for good', async () => {
    const sessions = echoSessions();
    await using agent = await startAgent(sessions);
    const session = await openSession(agent, alice);
    const headers = usual(alice, { 'mcp-session-id': session });
    assert.equal((await fetch(agent.url, { method: 'DELETE', headers })).status, 204);
    const answer = await post(agent, alice, PING, { 'mcp-session-id': session });
    assert.deepEqual([answer.status, errorCode(answer.body)], [404, -32001]);
    assert.equal(sessions.all[0]?.closed, true);
  });

  test('of another caller looks like one that does not exist, and is audited', async () => {
    await using agent = await startAgent(echoSessions());
    const session = await openSession(agent, alice);
    const unknown = await post(agent, bob, PING, { 'mcp-session-id': 'x'.repeat(43) });
    for (const thief of [bob, await tokenFor({ client_id: 'other' })]) {
      const stolen = await post(agent, thief, PING, { 'mcp-session-id': session });
      assert.deepEqual([stolen.status, stolen.text], [unknown.status, unknown.text]);
      const listened = await fetch(agent.url, {
        headers: usual(thief, { 'mcp-session-id': session }),
      });
      assert.equal(listened.status, 404);
      const headers = usual(thief, { 'mcp-session-id': session });
      assert.equal((await fetch(agent.url, { method: 'DELETE', headers })).status, 404);
    }
    assert.equal(agent.refused.filter(({ reason }) => reason === 'session-foreign').length, 6);
    assert.equal((await post(agent, alice, PING, { 'mcp-session-id': session })).status, 200);
  });

  test('acts with what the present token says', async () => {
    const sessions = echoSessions();
    await using agent = await startAgent(sessions);
    const session = await openSession(agent, await tokenFor({ groups: ['eng', 'admin'] }));
    await post(agent, await tokenFor({ groups: ['eng'] }), PING, { 'mcp-session-id': session });
    assert.deepEqual(sessions.all[0]?.caller.groups, ['eng']);
  });

  test('that cannot change what it may do ends when the token does', async () => {
    const sessions = echoSessions();
    await using agent = await startAgent({
      open(options) {
        const session = sessions.open(options);
        delete session.renew;
        return session;
      },
    });
    const session = await openSession(agent, await tokenFor({ groups: ['eng', 'admin'] }));
    const answer = await post(agent, await tokenFor({ groups: ['eng'] }), PING, {
      'mcp-session-id': session,
    });
    assert.equal(answer.status, 404);
  });

  test('ends with 401 when the token has expired', async () => {
    await using agent = await startAgent(echoSessions());
    const session = await openSession(agent, alice);
    const expired = await tokenFor({ exp: Math.floor(Date.now() / 1000) - 60 });
    const answer = await post(agent, expired, PING, { 'mcp-session-id': session });
    assert.equal(answer.status, 401);
    assert.match(answer.headers.get('www-authenticate') ?? '', /error="invalid_token"/);
  });

  test('that is idle ends', async () => {
    const sessions = echoSessions();
    await using agent = await startAgent({ ...sessions, limits: { idleMs: 50, beatMs: 20 } });
    const session = await openSession(agent, alice);
    await until(() => sessions.all[0]?.closed === true);
    assert.equal((await post(agent, alice, PING, { 'mcp-session-id': session })).status, 404);
  });

  test('flood costs a caller its own oldest, and nobody else anything', async () => {
    const sessions = echoSessions();
    await using agent = await startAgent({
      ...sessions,
      limits: { maxSessionsPerCaller: 3, maxSessions: 5 },
    });
    const hers = await openSession(agent, alice);
    for (let opened = 0; opened < 20; opened++) await openSession(agent, bob);
    assert.equal((await post(agent, alice, PING, { 'mcp-session-id': hers })).status, 200);
    assert.equal(sessions.all.filter(({ closed }) => !closed).length, 4);
    await openSession(agent, await tokenFor({ sub: 'carol' }));
    const full = await post(agent, await tokenFor({ sub: 'dave' }), INITIALIZE);
    assert.equal(full.status, 429);
  });

  test('that is waited for by a client who has gone is not opened', async () => {
    const sessions = echoSessions();
    const closing = withResolvers<undefined>();
    const begun = withResolvers<undefined>();
    await using agent = await startAgent({
      open(options) {
        const session = sessions.open(options);
        const isFirst = sessions.all.length === 1;
        return {
          ...session,
          async close() {
            if (isFirst) begun.resolve(undefined);
            if (isFirst) await closing.promise;
            await sessions.all[isFirst ? 0 : 1]?.close();
          },
        };
      },
      limits: { maxSessionsPerCaller: 1 },
    });
    await openSession(agent, alice);
    const socket = connect(agent.port, '127.0.0.1');
    const body = JSON.stringify(INITIALIZE);
    const lines = [...usual(alice, { 'content-type': 'application/json' })].map(
      ([name, value]) => `${name}: ${value}`,
    );
    socket.write(head(agent.port, [...lines, `content-length: ${body.length}`]) + body);
    await begun.promise;
    socket.destroy();
    await hearsOfClosed(agent);
    closing.resolve(undefined);
    await until(() => sessions.all[1]?.closed === true);
    assert.deepEqual(sessions.all[1]?.received, []);
  });

  test('flood of busy sessions is refused', async () => {
    const sessions = echoSessions();
    await using agent = await startAgent({
      ...sessions,
      limits: { maxSessionsPerCaller: 1, drainMs: 100 },
    });
    const session = await openSession(agent, alice);
    const never = post(agent, alice, { ...PING, method: 'never' }, { 'mcp-session-id': session });
    await until(() => sessions.all[0]?.received.length === 2);
    assert.equal((await post(agent, alice, INITIALIZE)).status, 429);
    await agent.close();
    assert.equal((await never).status, 404);
  });
});

describe('a request is refused before it is a frame', () => {
  const cases: readonly [
    string,
    unknown,
    Readonly<Record<string, string | undefined>>,
    number,
    number?,
  ][] = [
    ['a batch', [PING, PING], {}, 400, -32600],
    ['an empty batch', [], {}, 400, -32600],
    ['a byte order mark', `\uFEFF${JSON.stringify(PING)}`, {}, 400, -32600],
    [
      'a duplicate key',
      '{"jsonrpc":"2.0","id":1,"method":"ping","method":"echo"}',
      {},
      400,
      -32600,
    ],
    [
      'a duplicate key in an escape',
      '{"jsonrpc":"2.0","id":1,"method":"ping","m\\u0065thod":"echo"}',
      {},
      400,
      -32600,
    ],
    ['__proto__', '{"jsonrpc":"2.0","id":1,"method":"echo","__proto__":{}}', {}, 400, -32600],
    ['broken JSON', '{"jsonrpc":"2.0",', {}, 400, -32700],
    ['not UTF-8', new Uint8Array([0x22, 0xff, 0x22]), {}, 400, -32700],
    ['no body', '', {}, 400, -32700],
    ['two documents', `${JSON.stringify(PING)}${JSON.stringify(PING)}`, {}, 400, -32700],
    ['deep nesting', `${'['.repeat(5000)}${']'.repeat(5000)}`, {}, 400, -32600],
    ['a string', '"ping"', {}, 400, -32600],
    ['an id that is an object', { ...PING, id: {} }, {}, 400, -32600],
    ['an id that is null', { ...PING, id: null }, {}, 400, -32600],
    ['JSON-RPC 1.0', { ...PING, jsonrpc: '1.0' }, {}, 400, -32600],
    ['a request that is a response', { ...PING, result: {} }, {}, 400, -32600],
    ['an unknown member', { ...PING, extra: 1 }, {}, 400, -32600],
    ['another content type', PING, { 'content-type': 'text/plain' }, 415],
    ['no content type', JSON.stringify(PING), { 'content-type': undefined }, 415],
    ['a form', 'a=1', { 'content-type': 'application/x-www-form-urlencoded' }, 415],
    ['another charset', PING, { 'content-type': 'application/json; charset=utf-16' }, 415],
    ['JSON in the parameters', PING, { 'content-type': 'text/plain; a=application/json' }, 415],
    ['a compressed body', PING, { 'content-encoding': 'gzip' }, 415],
    ['a client that takes no events', PING, { accept: 'application/json' }, 406],
    ['a client that takes pages', PING, { accept: 'text/html' }, 406],
    ['an unknown version', PING, { 'mcp-protocol-version': '1999-01-01' }, 400, -32022],
    ['a modern version that the body does not know', PING, MODERN, 400, -32602],
    ['no session', PING, { 'mcp-session-id': undefined }, 400, -32000],
    ['an unknown session', PING, { 'mcp-session-id': 'nobody' }, 404, -32001],
    ['a second initialize', INITIALIZE, {}, 400, -32600],
  ];
  for (const [name, body, headers, status, code] of cases)
    test(`${name}: ${status}`, async () => {
      const sessions = echoSessions();
      await using agent = await startAgent(sessions);
      const session = await openSession(agent, alice);
      const answer = await post(agent, alice, body, { 'mcp-session-id': session, ...headers });
      assert.equal(answer.status, status, answer.text);
      if (code !== undefined) assert.equal(errorCode(answer.body), code, answer.text);
      assert.equal(sessions.all[0]?.received.length, 1, 'a frame got through');
      assert.equal(agent.refused.length, 1);
      assert.deepEqual(agent.failed, []);
    });

  test('a body over the limit is refused by its length, unread: 413', async () => {
    await using agent = await startAgent({ ...echoSessions(), limits: { maxBodyBytes: 1000 } });
    const answer = await raw(
      agent.port,
      head(agent.port, [
        `Authorization: Bearer ${alice}`,
        'Content-Type: application/json',
        'Accept: application/json, text/event-stream',
        'Content-Length: 5000000000',
      ]),
    );
    assert.match(answer, /^HTTP\/1\.1 413 /);
  });

  test('a chunked body over the limit is cut off: 413', async () => {
    await using agent = await startAgent({ ...echoSessions(), limits: { maxBodyBytes: 1000 } });
    const answer = await raw(
      agent.port,
      `${head(agent.port, [
        `Authorization: Bearer ${alice}`,
        'Content-Type: application/json',
        'Accept: application/json, text/event-stream',
        'Transfer-Encoding: chunked',
      ])}1000\r\n${'x'.repeat(4096)}\r\n`,
    );
    assert.match(answer, /^HTTP\/1\.1 413 /);
  });
});

describe('who is calling', () => {
  test('comes first: without a token nothing is read, parsed or told', async () => {
    await using agent = await startAgent(echoSessions());
    const answer = await post(agent, undefined, 'not even JSON', { 'content-type': 'text/plain' });
    assert.equal(answer.status, 401);
    assert.equal(
      answer.headers.get('www-authenticate'),
      'Bearer scope="mcp:tools", resource_metadata="https://gate.example/.well-known/oauth-protected-resource/mcp"',
    );
    // The rest of this body never comes, and the answer does not wait for it.
    const waiting = await raw(agent.port, head(agent.port, ['Content-Length: 1000000']));
    assert.match(waiting, /^HTTP\/1\.1 401 /);
  });

  test('is checked for every method', async () => {
    await using agent = await startAgent(echoSessions());
    for (const method of ['POST', 'GET', 'DELETE'])
      assert.equal((await fetch(agent.url, { method })).status, 401, method);
  });

  test('is not taken from the query string', async () => {
    await using agent = await startAgent(echoSessions());
    const url = `${agent.url}?access_token=${alice}`;
    assert.equal((await post({ url }, undefined, INITIALIZE)).status, 400);
    assert.equal((await post({ url }, alice, INITIALIZE)).status, 400);
    assert.equal((await post({ url: `${agent.url}?a=1` }, alice, INITIALIZE)).status, 200);
  });

  for (const [name, lines, status] of [
    [
      'two Authorization headers',
      [`Authorization: Bearer ${alice}`, `Authorization: Bearer ${bob}`],
      400,
    ],
    [
      'two session ids',
      [`Authorization: Bearer ${alice}`, 'Mcp-Session-Id: a', 'Mcp-Session-Id: b'],
      400,
    ],
    [
      'a NUL in the token',
      [`Authorization: Bearer ${alice.slice(0, 9)}\u0000${alice.slice(9)}`],
      400,
    ],
    ['a token of 1 MB', [`Authorization: Bearer ${'x'.repeat(1_000_000)}`], 431],
    ['a token over 16 KB', [`Authorization: Bearer ${'x'.repeat(20_000)}`], 401],
    ['another scheme', ['Authorization: Basic YTpi'], 401],
    ['a lower-case scheme', [`authorization: bearer ${alice}`], 400],
  ] as const)
    test(`${name}: ${status}`, async () => {
      await using agent = await startAgent(echoSessions());
      const answer = await raw(
        agent.port,
        head(agent.port, [...lines, 'Accept: text/event-stream'], 'GET'),
      );
      // The good token gets as far as the missing session.
      assert.match(answer, new RegExp(`^HTTP/1\\.1 ${status} `), answer.slice(0, 80));
      if (name === 'a lower-case scheme') assert.match(answer, /Mcp-Session-Id is required/);
    });

  test('is told how to get a token', async () => {
    await using agent = await startAgent(echoSessions());
    for (const path of ['', '/mcp']) {
      const url = new URL(`/.well-known/oauth-protected-resource${path}`, agent.url);
      const response = await fetch(url);
      assert.deepEqual(await response.json(), {
        resource: 'https://gate.example/mcp',
        authorization_servers: ['https://idp.example'],
        bearer_methods_supported: ['header'],
        dpop_signing_alg_values_supported: ['ES256', 'EdDSA', 'Ed25519', 'PS256', 'RS256'],
        scopes_supported: ['mcp:tools'],
      });
    }
  });

  test('when the check itself fails, the call fails: 500, and nothing leaks', async () => {
    await using agent = await startAgent({
      ...echoSessions(),
      async verify() {
        throw new Error('secret detail');
      },
    });
    const answer = await post(agent, alice, INITIALIZE);
    assert.equal(answer.status, 500);
    assert.ok(!answer.text.includes('secret'));
    assert.equal(agent.failed.length, 1);
  });
});

describe('a web page', () => {
  for (const [name, headers, status] of [
    ['of a name bound to this machine', { host: 'evil.example' }, 403],
    ['of such a name and our port', { host: 'evil.example:PORT' }, 403],
    ['of a name that starts like ours', { host: 'localhost.evil.example:PORT' }, 403],
    ['of another port of this machine by name', { host: 'localhost:1' }, 403],
    ['of a foreign origin', { host: 'localhost:PORT', origin: 'https://evil.example' }, 403],
    ['in a sandbox', { host: 'localhost:PORT', origin: 'null' }, 403],
    [
      'of this machine, another port',
      { host: '127.0.0.1:PORT', origin: 'http://127.0.0.1:1' },
      403,
    ],
    [
      'of an allowed origin with a suffix',
      { host: 'localhost:PORT', origin: 'https://app.example.evil' },
      403,
    ],
    ['of an allowed origin', { host: 'localhost:PORT', origin: 'https://app.example' }, 200],
    ['of our own origin', { host: 'localhost:PORT', origin: 'http://localhost:PORT' }, 200],
    ['under an allowed name', { host: 'Gate.Example' }, 200],
    ['under an allowed name and port', { host: 'gate.example:8443' }, 200],
    ['under IPv6 loopback', { host: '[::1]:PORT' }, 200],
  ] as const)
    test(`${name}: ${status}`, async () => {
      await using agent = await startAgent({
        ...echoSessions(),
        allowedHosts: ['gate.example'],
        allowedOrigins: ['https://app.example'],
      });
      const filled = Object.fromEntries(
        Object.entries(headers).map(([key, value]) => [
          key,
          value.replace('PORT', `${agent.port}`),
        ]),
      );
      const got = await new Promise<number>((resolve, reject) => {
        const request = httpRequest(agent.url, {
          method: 'POST',
          headers: {
            authorization: `Bearer ${alice}`,
            'content-type': 'application/json',
            accept: 'application/json, text/event-stream',
            ...filled,
          },
        });
        request.on('response', (response) => {
          response.resume();
          if (filled['origin'] !== undefined && status === 200)
            assert.equal(response.headers['access-control-allow-origin'], filled['origin']);
          else assert.equal(response.headers['access-control-allow-origin'], undefined);
          resolve(response.statusCode ?? 0);
        });
        request.on('error', reject);
        request.end(JSON.stringify(INITIALIZE));
      });
      assert.equal(got, status);
    });

  test('asks first, and only an allowed origin gets a yes', async () => {
    await using agent = await startAgent({
      ...echoSessions(),
      allowedOrigins: ['https://app.example'],
    });
    for (const [origin, status] of [
      ['https://app.example', 204],
      ['https://evil.example', 403],
      [undefined, 405],
    ] as const) {
      const response = await fetch(agent.url, {
        method: 'OPTIONS',
        headers: origin === undefined ? {} : { origin },
      });
      assert.equal(response.status, status);
      assert.equal(
        response.headers.get('access-control-allow-origin'),
        status === 204 ? 'https://app.example' : null,
      );
    }
  });
});

test('an allowed page may send the headers that repeat arguments, and no others that it thinks of', async () => {
  await using agent = await startAgent({
    ...echoSessions(),
    allowedOrigins: ['https://app.example'],
  });
  const wanted = 'Mcp-Param-Region,mcp-param-a_b, x-evil, mcp-param-, mcp-param-a b, mcp-name';
  const response = await fetch(agent.url, {
    method: 'OPTIONS',
    headers: { origin: 'https://app.example', 'access-control-request-headers': wanted },
  });
  const allowed = (response.headers.get('access-control-allow-headers') ?? '').split(', ');
  const asked = wanted.split(',').map((name) => name.trim().toLowerCase());
  assert.deepEqual(
    asked.filter((name) => allowed.includes(name)),
    ['mcp-param-region', 'mcp-param-a_b', 'mcp-name'],
  );
  assert.equal(allowed.filter((name) => name.startsWith('mcp-param-')).length, 2);
});

describe('a request that two servers could read differently', () => {
  test('shows every occurrence of a header, however its name is written', () => {
    const rawHeaders = ['Authorization', 'a', 'X', 'authorization', 'AUTHORIZATION', 'b'];
    assert.deepEqual(valuesOf({ rawHeaders }, 'authorization'), ['a', 'b']);
  });

  const body = JSON.stringify(INITIALIZE);
  for (const [name, lines, text] of [
    ['two lengths', ['Content-Length: 5', `Content-Length: ${body.length}`], body],
    ['a length and chunks', [`Content-Length: 4`, 'Transfer-Encoding: chunked'], '0\r\n\r\nGET /x'],
    [
      'two encodings',
      ['Transfer-Encoding: identity, chunked', 'Transfer-Encoding: x'],
      '0\r\n\r\n',
    ],
    ['a negative length', ['Content-Length: -1'], body],
    ['a folded header', ['X-A: b', ' Authorization: Bearer x'], body],
    ['a space before the colon', ['Content-Length : 3'], body],
    ['two hosts', ['Host: 127.0.0.1', 'Host: evil.example'], body],
    ['an empty host', ['Host:'], body],
    ['a bare line feed', ['X-A: b\nAuthorization: Bearer x'], body],
  ] as const)
    test(`${name}: refused, and the connection is closed or clean`, async () => {
      const sessions = echoSessions();
      await using agent = await startAgent(sessions);
      const answer = await raw(
        agent.port,
        head(agent.port, [
          `Authorization: Bearer ${alice}`,
          'Content-Type: application/json',
          'Accept: application/json, text/event-stream',
          ...lines,
        ]) + text,
      );
      assert.match(answer, /^HTTP\/1\.1 4\d\d /, answer.slice(0, 80));
      assert.equal(sessions.all.length, 0);
    });

  test('an absolute target is refused', async () => {
    await using agent = await startAgent(echoSessions());
    const answer = await raw(
      agent.port,
      head(agent.port, ['Accept: text/event-stream'], 'GET', 'http://evil.example/mcp'),
    );
    assert.match(answer, /^HTTP\/1\.1 404 /);
  });

  for (const [method, path, status] of [
    ['PUT', '/mcp', 405],
    ['HEAD', '/mcp', 405],
    ['GET', '/', 404],
    ['GET', '/mcp/', 404],
    ['GET', '/mcp/../mcp', 404],
    ['GET', '//mcp', 404],
    ['GET', '/%6dcp', 404],
    ['constructor', '/mcp', 400],
  ] as const)
    test(`${method} ${path}: ${status}`, async () => {
      await using agent = await startAgent(echoSessions());
      const answer = await raw(agent.port, head(agent.port, [], method, path));
      assert.match(answer, new RegExp(`^HTTP/1\\.1 ${status} `), answer.slice(0, 80));
    });
});

function get(port: number, session: string): string {
  const lines = [
    'Authorization: Bearer x',
    'Accept: text/event-stream',
    `Mcp-Session-Id: ${session}`,
  ];
  return head(port, lines, 'GET').replace('Connection: close', 'Connection: keep-alive');
}

describe('a client that goes while its token is looked at', () => {
  const CALLER = {
    issuer: 'i',
    subject: 'alice',
    client: 'c',
    groups: [],
    scopes: [],
    assurance: 1,
  };
  for (const [name, send] of [
    [
      'by a second GET before the first is answered',
      (socket: Socket, text: string) => socket.write(text + text),
    ],
    ['by itself', (socket: Socket, text: string) => socket.end(text, () => socket.destroy())],
  ] as const)
    test(`${name} leaves no stream behind`, async () => {
      const sessions = echoSessions();
      let looked = 0;
      const verify = async (): Promise<typeof CALLER> => {
        await new Promise((resolve) => setTimeout(resolve, 100));
        looked++;
        return CALLER;
      };
      await using agent = await startAgent({
        ...sessions,
        verify,
        limits: { maxSessionsPerCaller: 1 },
      });
      const session = await openSession(agent, 'x');
      const socket = connect(agent.port, '127.0.0.1');
      socket.on('error', () => undefined);
      const closed = once(socket, 'close');
      send(socket, get(agent.port, session));
      await closed;
      await until(() => looked === 2);
      await until(async () => (await listen409(agent, session)) === 200);
      // A session with a stream is busy: it would never make room.
      await until(async () => (await post(agent, 'x', INITIALIZE)).status === 200);
      assert.equal(sessions.all[0]?.closed, true);
    });
});

describe('a slow client', () => {
  test('does not hold a connection with half a head', async () => {
    await using agent = await startAgent({ ...echoSessions(), limits: { headMs: 300 } });
    // Less than the time of an agent whose limit is not set.
    const patience = HTTP_LIMITS.headMs - 1000;
    const answer = await raw(
      agent.port,
      'POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: ',
      patience,
    );
    assert.match(answer, /^HTTP\/1\.1 408 /);
  });

  test('does not hold a connection with half a body', async () => {
    await using agent = await startAgent({
      ...echoSessions(),
      limits: { headMs: 300, requestMs: 500 },
    });
    const answer = await raw(
      agent.port,
      `${head(agent.port, [
        `Authorization: Bearer ${alice}`,
        'Content-Type: application/json',
        'Accept: application/json, text/event-stream',
        'Content-Length: 100',
      ])}{"json`,
      HTTP_LIMITS.requestMs - 1000,
    );
    assert.match(answer, /^HTTP\/1\.1 408 /);
  });

  test('that does not read is cut off, and what waits for it is bounded', async () => {
    const sessions = echoSessions();
    await using agent = await startAgent({
      ...sessions,
      limits: { queueBytes: 100_000, stallMs: 400, beatMs: 100 },
    });
    const session = await openSession(agent, alice);
    const socket = connect(agent.port, '127.0.0.1');
    socket.on('error', () => undefined);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    const answered = new Promise<Buffer>((resolve) =>
      socket.once('data', (chunk: Buffer) => {
        socket.pause();
        resolve(chunk);
      }),
    );
    socket.write(
      head(
        agent.port,
        [
          `Authorization: Bearer ${alice}`,
          'Accept: text/event-stream',
          `Mcp-Session-Id: ${session}`,
        ],
        'GET',
      ),
    );
    // Whoever asks first has the stream.
    assert.match((await answered).toString(), /^HTTP\/1\.1 200 /);
    assert.equal(await listen409(agent, session), 409);
    const before = process.memoryUsage().heapUsed + process.memoryUsage().external;
    const text = 'x'.repeat(10_000);
    for (let sent = 0; sent < 20_000; sent++) {
      sessions.all[0]?.port.send({
        jsonrpc: '2.0',
        method: 'notifications/message',
        params: { text },
      });
      if (sent % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    const grown = process.memoryUsage().heapUsed + process.memoryUsage().external - before;
    assert.ok(grown < 100_000_000, `grew by ${grown} bytes of 200 MB`);
    await until(async () => (await listen409(agent, session)) === 200);
    socket.resume();
    await closed;
  });
});

test('healthz says no more than that it is well', async () => {
  await using agent = await startAgent(echoSessions());
  const response = await fetch(new URL('/healthz', agent.url));
  assert.deepEqual([response.status, await response.text()], [200, '{"status":"ok"}']);
});

test('every answer says that it is not a page', async () => {
  await using agent = await startAgent(echoSessions());
  for (const response of [await fetch(agent.url), await fetch(new URL('/healthz', agent.url))]) {
    assert.equal(response.headers.get('x-content-type-options'), 'nosniff');
    assert.equal(response.headers.get('cache-control'), 'no-store');
    assert.match(response.headers.get('content-security-policy') ?? '', /default-src 'none'/);
  }
});

test('the address it is bound to is a name of its own', async () => {
  await using agent = await startAgent({ ...echoSessions(), host: '127.0.0.2' });
  assert.match(agent.url, /^http:\/\/127\.0\.0\.2:\d+\/mcp$/);
  assert.equal((await post(agent, alice, INITIALIZE)).status, 200);
});

describe('shutting down', () => {
  test('may be asked for by a signal', async () => {
    const sessions = echoSessions();
    const stop = new AbortController();
    await using agent = await startAgent({ ...sessions, signal: stop.signal });
    await openSession(agent, alice);
    stop.abort();
    await until(() => sessions.all[0]?.closed === true);
    await assert.rejects(post(agent, alice, INITIALIZE));
  });

  test('waits for what is in flight, and takes nothing new', async () => {
    const sessions = echoSessions();
    await using agent = await startAgent(sessions);
    const session = { 'mcp-session-id': await openSession(agent, alice) };
    const running = post(agent, alice, { ...PING, method: 'wait', params: { ms: 300 } }, session);
    await until(() => sessions.all[0]?.received.length === 2);
    const closed = agent.close();
    assert.deepEqual((await running).body, { jsonrpc: '2.0', id: 1, result: {} });
    await closed;
    await assert.rejects(post(agent, alice, PING, session));
  });

  test('is awaited even where nothing else keeps the process', async () => {
    const program = join(packageRoot(), 'dist', 'test', 'support', 'stuck-agent.js');
    const { stdout } = await promisify(execFile)(process.execPath, [program]);
    assert.equal(stdout, 'closed');
  });

  test('does not wait for ever', async () => {
    const sessions = echoSessions();
    await using agent = await startAgent({ ...sessions, limits: { drainMs: 200 } });
    const session = { 'mcp-session-id': await openSession(agent, alice) };
    const stuck = post(agent, alice, { ...PING, method: 'never' }, session);
    await until(() => sessions.all[0]?.received.length === 2);
    // Without a limit it would wait for ever.
    await agent.close();
    assert.equal((await stuck).status, 404);
    assert.equal(sessions.all[0]?.closed, true);
  });
});
