import assert from 'node:assert/strict';
import { createServer, type AddressInfo } from 'node:net';
import { test } from 'node:test';
import { dialTcp } from '../../../src/sandbox/egress/dial.ts';

test('dialling reaches who listens, and nobody once the time is over', async (t) => {
  const server = createServer((socket) => socket.end('there')).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  t.after(() => server.close());
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it listens on TCP
  const { port } = server.address() as AddressInfo;
  const patience = new AbortController();
  const socket = await dialTcp('127.0.0.1', port, patience.signal);
  patience.abort();
  let said = '';
  for await (const chunk of socket) said += String(chunk);
  assert.equal(said, 'there', 'its time is over when it is connected');
  await assert.rejects(dialTcp('127.0.0.1', port, AbortSignal.abort()), /does not answer/u);
  server.close();
  await assert.rejects(dialTcp('127.0.0.1', 1, new AbortController().signal), /ECONNREFUSED/u);
});
