import { once } from 'node:events';
import type { Server } from 'node:http';
import type { Context } from './scratch.ts';

/** Lets a server of a test listen on a free port of the loopback address until the test ends. Returns its origin. */
export async function listenHttp(context: Context, http: Server): Promise<string> {
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  context.after(() => {
    http.close();
    http.closeAllConnections();
  });
  const address = http.address();
  if (address === null || typeof address === 'string') throw new TypeError('Cannot listen');
  return `http://127.0.0.1:${address.port}`;
}
