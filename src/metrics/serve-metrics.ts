import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { isIP } from 'node:net';
import type { Address } from '../lib/address.ts';
import { EXIT, Fault } from '../lib/fault.ts';
import { HttpRefusal } from '../wire/http-agent/refusal.ts';
import { asHost, readTarget } from '../wire/http-agent/request-head.ts';
import { acceptedFormat } from './accepted-format.ts';
import type { Format } from './registry.ts';

export type ServeMetricsOptions = Address & {
  /** `Host` values besides addresses and this machine's own name: `name` (any port) or `name:port`. */
  readonly allowedHosts: readonly string[];
  readonly render: (format: Format) => string;
  readonly limits?: Partial<typeof LIMITS>;
  /** A mistake of the program; who asked learns nothing of it. */
  readonly onFailed: (thrown: unknown) => void;
};

export type MetricsEndpoint = { readonly url: string; close(): Promise<void> };

const PATH = '/metrics';
/** Milliseconds for the head, for the request, and until an answer must have been read. */
const LIMITS = { headMs: 5000, requestMs: 10_000, answerMs: 10_000, maxConnections: 32 };

const CONTENT_TYPE = {
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
  text: 'text/plain; version=0.0.4; charset=utf-8',
} as const satisfies Record<Format, string>;

/** No page may read it, as a script or otherwise. */
const SAFE = {
  'cache-control': 'no-store',
  'cross-origin-resource-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
};

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the port is in use',
  EACCES: 'this account may not use that port',
  EADDRNOTAVAIL: 'this machine has no such address',
  ENOTFOUND: 'no address is known for that name',
};

/** Serves the metrics to whoever reaches the address. Throws a `Fault` when it cannot listen. */
export async function serveMetrics(options: ServeMetricsOptions): Promise<MetricsEndpoint> {
  const { host, render, onFailed } = options;
  const limits = { ...LIMITS, ...options.limits };
  const checkHost = createHostCheck([...options.allowedHosts, host]);
  const server = createServer(
    {
      maxHeaderSize: 8192,
      headersTimeout: limits.headMs,
      requestTimeout: limits.requestMs,
      connectionsCheckingInterval: Math.min(1000, limits.headMs),
    },
    (request, response) => {
      response.on('error', () => undefined);
      // Sent before the one ahead of it was answered: answers of one connection must not pile up.
      if (response.socket === null) request.socket.destroy();
      else answer(request, response);
    },
  );
  // So many answers at most wait for their readers.
  server.maxConnections = limits.maxConnections;

  function answer(request: IncomingMessage, response: ServerResponse): void {
    // A reader that takes a byte now and then is never idle.
    const over = setTimeout(() => request.socket.destroy(), limits.answerMs).unref();
    response.once('close', () => clearTimeout(over));
    try {
      checkHost(request);
      if (readTarget(request) !== PATH)
        throw new HttpRefusal('target', `Cannot find this path; the metrics are at ${PATH}`);
      if (request.method !== 'GET' && request.method !== 'HEAD')
        throw new HttpRefusal('method', 'Method not allowed', { headers: { allow: 'GET, HEAD' } });
      const format = acceptedFormat(request.headers.accept);
      send(response, 200, render(format), { 'content-type': CONTENT_TYPE[format] });
    } catch (thrown) {
      const refusal = HttpRefusal.from(thrown);
      if (refusal.reason === 'internal') onFailed(refusal.cause);
      const type = { 'content-type': 'text/plain; charset=utf-8' };
      send(response, refusal.status, `${refusal.message}\n`, { ...type, ...refusal.headers });
    }
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(refused(options, error)));
    server.listen(options.port, host, resolve);
  });
  server.on('error', onFailed);
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : options.port;
  return {
    url: `http://${asHost(host)}:${port}${PATH}`,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

function send(
  response: ServerResponse,
  status: number,
  text: string,
  headers: Record<string, unknown>,
): void {
  response.writeHead(status, {
    ...SAFE,
    'content-length': Buffer.byteLength(text),
    ...headers,
  });
  response.end(text);
}

/** Refuses what a web page could send: another name that was bound to this address, or anything with an `Origin`. */
function createHostCheck(allowed: readonly string[]): (request: IncomingMessage) => void {
  const hosts = new Set(['localhost', ...allowed.map((each) => each.toLowerCase())]);
  return function checkHost({ headers }) {
    const host = headers.host?.toLowerCase() ?? '';
    const name = host.replace(/:\d+$/u, '');
    // A page can have a name re-bound, never an address.
    const isAddress = isIP(name.replace(/^\[(.*)\]$/u, '$1')) !== 0;
    if (!isAddress && !hosts.has(name) && !hosts.has(host))
      throw new HttpRefusal('host', 'Cannot show metrics: this host name is not allowed');
    if (headers.origin !== undefined)
      throw new HttpRefusal('origin', 'Cannot show metrics to a web page');
  };
}

function refused({ host, port }: Address, error: NodeJS.ErrnoException): Fault {
  const why = REASONS[error.code ?? ''] ?? error.code ?? error.message;
  return new Fault(`Cannot serve metrics on ${asHost(host)}:${port}: ${why}`, {
    hint:
      error.code === 'EADDRINUSE'
        ? 'another gateway may serve there: give each its own http.metrics (port 0: any free one, which the log names)'
        : 'http.metrics is HOST:PORT of this machine, such as 127.0.0.1:9464',
    exit: EXIT.environment,
    cause: error,
  });
}
