import { createServer } from 'node:http';
import { Fault } from '../lib/fault.ts';

/** Where a browser comes back to. */
export type Callback = AsyncDisposable & {
  readonly url: string;
  readonly answer: (signal: AbortSignal) => Promise<URL>;
};

/** Waits on loopback for the browser that brings `state`; whoever else knocks is turned away. */
export async function listenForBrowser(state: string): Promise<Callback> {
  let url = '';
  let found: (url: URL) => void;
  const answered = new Promise<URL>((resolve) => (found = resolve));
  const server = createServer((request, response) => {
    const path = request.url ?? '/';
    // `//` is no URL, and whatever knocks here must not end the process.
    const at = URL.canParse(path, url) ? new URL(path, url) : undefined;
    const isOurs = at?.pathname === '/callback' && at.searchParams.get('state') === state;
    response.writeHead(isOurs ? 200 : 400, {
      'content-type': 'text/plain; charset=utf-8',
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      connection: 'close',
    });
    response.end(isOurs ? 'You can close this page.\n' : 'Nobody waits for this.\n');
    if (isOurs && at) found(at);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('Cannot listen');
  url = `http://127.0.0.1:${address.port}/callback`;
  return {
    url,
    async answer(signal) {
      return await Promise.race([
        answered,
        new Promise<never>((_, reject) => {
          const giveUp = (): void => reject(new Fault('Cannot sign in: nobody came back in time'));
          signal.addEventListener('abort', giveUp, { once: true });
        }),
      ]);
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
