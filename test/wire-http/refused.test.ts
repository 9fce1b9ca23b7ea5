import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { test } from 'node:test';
import { Denial } from '../../src/denial.ts';
import { createAuthorizedClient } from '../../src/wire/http-upstream/authorize.ts';
import { HTTP_TIMEOUTS } from '../../src/wire/http-upstream/open-http-channel.ts';

test('a refusal that nobody can do anything about leaves no connection open', async (context) => {
  let close: () => void;
  const closed = new Promise<string>((resolve) => (close = () => resolve('closed')));
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    request.socket.once('close', () => close());
    // It never ends.
    response.writeHead(401).write('x');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(address !== null && typeof address !== 'string');
  const why = new Denial('upstream-failed', 'Cannot refresh the sign-in');
  const client = createAuthorizedClient(new URL(`http://127.0.0.1:${address.port}/`), {
    timeouts: HTTP_TIMEOUTS,
    authorize: {
      token: async () => await Promise.resolve('t'),
      renew: async () => await Promise.reject(why),
      missing: () => why,
    },
  });
  context.after(() => {
    client.close();
    server.closeAllConnections();
    server.close();
  });
  const signal = AbortSignal.timeout(5000);
  const sent = client.send({ method: 'POST', headers: {}, body: '', signal, answerMs: 1000 });
  await assert.rejects(sent, why);
  const late = new Promise<string>((resolve) => void setTimeout(resolve, 2000, 'open').unref());
  assert.equal(await Promise.race([closed, late]), 'closed');
});
