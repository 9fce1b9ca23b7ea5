import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test, type TestContext } from 'node:test';
import { Worker } from 'node:worker_threads';
import { createHttpClient } from '../../src/wire/http-upstream/http-client.ts';
import { hearsOfClosed } from '../support/http-agent.ts';

const TIMEOUTS = {
  connectMs: 30_000,
  answerMs: 30_000,
  silenceMs: 30_000,
  bodyMs: 30_000,
  closeMs: 2000,
};
/** A server of its own thread, which says how many connections it has had, and keeps an idle one for 5 s. */
const SERVER = `
  const { parentPort } = require('node:worker_threads');
  let opened = 0;
  const server = require('node:http').createServer((request, response) => {
    request.resume().on('end', () => response.end(String(opened)));
  });
  server.keepAliveTimeout = 5000;
  if ('keepAliveTimeoutBuffer' in server) server.keepAliveTimeoutBuffer = 0;
  server.on('connection', () => opened++).listen(0, '127.0.0.1', () => {
    parentPort.postMessage(server.address().port);
  });
`;

async function serverOf(context: TestContext): Promise<URL> {
  const worker = new Worker(SERVER, { eval: true });
  context.after(async () => await worker.terminate());
  const [port]: unknown[] = await once(worker, 'message');
  return new URL(`http://127.0.0.1:${String(port)}/mcp`);
}

test('a connection that was idle for too long is not used, however late that is noticed', async (context) => {
  const url = await serverOf(context);
  const client = createHttpClient(url, TIMEOUTS);
  context.after(() => client.close());
  const ask = async (): Promise<string> => {
    const signal = new AbortController().signal;
    const answer = await client.send({
      method: 'POST',
      headers: {},
      body: '{}',
      signal,
      answerMs: TIMEOUTS.answerMs,
    });
    return String((await answer.toArray())[0]);
  };
  assert.equal(await ask(), '1');
  // The connection goes back to those that are free in a later turn.
  await hearsOfClosed({ url: url.href });
  const opened = Number(await ask());
  await hearsOfClosed({ url: url.href });
  // The gateway is busy meanwhile: neither its own timer nor the end of the connection is heard of before the next request.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 6500);
  assert.ok(Number(await ask()) > opened);
});
