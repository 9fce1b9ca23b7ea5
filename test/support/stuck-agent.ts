/** An HTTP agent side whose one session never ends. Opens it, closes the agent, and says so when that is done. */
import { createAbout } from '../../src/wire/about.ts';
import { serveHttp } from '../../src/wire/http-agent/serve-http.ts';

const agent = await serveHttp({
  port: 0,
  about: createAbout('0'),
  introduce: async () => await Promise.resolve(createAbout('0')),
  allowedHosts: [],
  allowedOrigins: [],
  verify: async () =>
    await Promise.resolve({
      issuer: 'local',
      subject: 'alice',
      client: 'c',
      groups: [],
      scopes: [],
      assurance: 1,
    }),
  limits: { drainMs: 200 },
  onRefused: () => undefined,
  onFailed: () => undefined,
  open: ({ port }) => ({
    receive: ({ id }) =>
      port.send({ jsonrpc: '2.0', id, result: { protocolVersion: '2025-11-25' } }),
    refuse: () => undefined,
    close: async () => await new Promise(() => undefined),
  }),
});
const response = await fetch(agent.url, {
  method: 'POST',
  headers: {
    accept: 'application/json, text/event-stream',
    authorization: 'Bearer x',
    connection: 'close',
    'content-type': 'application/json',
  },
  body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params: {} }),
});
await response.text();
await agent.close();
process.stdout.write('closed');
