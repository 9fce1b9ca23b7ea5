import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { createAbout } from '../../src/wire/about.ts';
import { META } from '../../src/wire/modern/meta.ts';
import { serveStdio } from '../../src/wire/stdio-agent.ts';
import { localCaller } from '../../src/identity/local-caller.ts';
import { askingSessions } from '../support/asking-session.ts';
import { openSession, startAgent, tokenFor } from '../support/http-agent.ts';
import { ask, errorOf, headersOf, modernRequest, resultOf } from '../support/modern-frames.ts';
import { until } from '../support/until.ts';

const alice = await tokenFor();

/** One POST as bytes, so that two can be sent before the first is answered. */
function bytesOf(port: number, request: ReturnType<typeof modernRequest>): string {
  const body = JSON.stringify(request);
  const headers = {
    host: `127.0.0.1:${port}`,
    authorization: `Bearer ${alice}`,
    accept: 'application/json, text/event-stream',
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    ...headersOf(request),
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `POST /mcp HTTP/1.1\r\n${lines.join('')}\r\n${body}`;
}

test('who sends a second request before the first is answered loses the connection, and nobody else', async () => {
  await using agent = await startAgent({ ...askingSessions(), limits: { patienceMs: 20 } });
  const socket = connect(agent.port, '127.0.0.1');
  await once(socket, 'connect');
  let seen = '';
  socket.setEncoding('utf8').on('data', (text: string) => (seen += text));
  const slow = modernRequest('tools/call', { name: 'tool', arguments: { wait: 200 } });
  socket.write(bytesOf(agent.port, slow) + bytesOf(agent.port, modernRequest('no/such', {})));
  await once(socket, 'close');
  assert.equal(seen, '');
  assert.equal(await openSession(agent, alice).then((id) => id.length > 0), true);
});

test('an HTTP request is refused although the refusal cannot be written down', async () => {
  await using agent = await startAgent({
    ...askingSessions(),
    onRefused() {
      throw new Error('the disk is full');
    },
  });
  const answer = await ask(agent, 'no/such', {}, { token: alice });
  assert.equal(answer.status, 404);
  assert.equal(errorOf(answer)['code'], -32601);
  assert.match(String(agent.failed[0]), /the disk is full/);
});

test('what the router throws of a request is its answer, and ends nothing else', async () => {
  const { open } = askingSessions();
  await using agent = await startAgent({
    open(options) {
      const session = open(options);
      return {
        ...session,
        receive(frame, aside) {
          const { method } = frame;
          if (method === 'logging/setLevel' || method === 'resources/subscribe')
            throw new Error(`the router is broken by ${method}`);
          if (method === 'prompts/get') throw new Error('the router is broken');
          session.receive(frame, aside);
        },
      };
    },
  });
  // Asked for on behalf of the request, and by nobody waited for.
  const levelled = await ask(
    agent,
    'tools/call',
    { name: 'tool', arguments: {} },
    { token: alice, meta: { [META.logLevel]: 'debug' } },
  );
  assert.deepEqual(resultOf(levelled)['content'], []);
  const notifications = { resourceSubscriptions: ['test://one'] };
  const followed = await ask(agent, 'subscriptions/listen', { notifications }, { token: alice });
  assert.equal(resultOf(followed)['resultType'], 'complete');
  const broken = await ask(agent, 'prompts/get', { name: 'p' }, { token: alice });
  assert.equal(errorOf(broken)['code'], -32603);
  assert.deepEqual(agent.failed.map(String), [
    'Error: the router is broken by logging/setLevel',
    'Error: the router is broken by resources/subscribe',
    'Error: the router is broken',
  ]);
});

test('a stdio request is refused although the refusal cannot be written down', async () => {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const failed: unknown[] = [];
  const caller = localCaller({ user: 'alice', groups: [] });
  const served = serveStdio({
    who: () => caller,
    about: createAbout('0'),
    introduce: async () => await Promise.resolve(createAbout('0')),
    open: askingSessions().open,
    input,
    output,
    maxFrameBytes: 10_000,
    signal: new AbortController().signal,
    onRefused() {
      throw new Error('the disk is full');
    },
    onFailed: (thrown) => failed.push(thrown),
  });
  input.write(`${JSON.stringify(modernRequest('tools/list', {}))}\n`);
  input.write(`${JSON.stringify(modernRequest('no/such', {}))}\n{"not": "a frame"}\n`);
  await until(() => failed.length === 2);
  const said = String(output.read());
  assert.match(said, /"code":-32601/);
  assert.match(said, /"code":-32600/);
  input.end();
  await served;
});
