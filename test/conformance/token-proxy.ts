import { once } from 'node:events';
import {
  createServer,
  request,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';

export type TokenProxy = AsyncDisposable & {
  readonly port: number;
  /** Where requests go from now on. */
  forward(to: URL, token: () => Promise<string>): void;
};

/** The suite cannot sign in: this passes its requests on with an access token, and changes nothing else. */
export async function startTokenProxy(): Promise<TokenProxy> {
  let target: { readonly to: URL; readonly token: () => Promise<string> } | undefined;
  const server: Server = createServer((incoming, outgoing) => {
    void pass(incoming, outgoing).catch(() => outgoing.destroy());
  });

  async function pass(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    if (!target) {
      outgoing.writeHead(503).end();
      return;
    }
    const { to, token } = target;
    const authorization = `Bearer ${await token()}`;
    const passed = request({
      host: to.hostname,
      port: to.port,
      path: incoming.url,
      method: incoming.method,
      headers: { ...incoming.headers, authorization },
      setHost: false,
    });
    outgoing.on('close', () => passed.destroy());
    passed.on('error', () => outgoing.destroy());
    passed.on('response', (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      outgoing.flushHeaders();
      answer.on('error', () => outgoing.destroy());
      answer.pipe(outgoing);
    });
    incoming.pipe(passed);
  }

  // Longer than the suite takes from one request to the next on a busy machine: a socket that closes while it is used fails one.
  server.keepAliveTimeout = 120_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('Cannot listen');
  return {
    port: address.port,
    forward(to, token) {
      target = { to, token };
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
