import { createServer, STATUS_CODES, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { deadline } from '../deadline.ts';
import { createExchange, type Exchange, type ExchangeOptions, type Via } from './exchange.ts';
import { forward, type ForwardOptions } from './forward.ts';
import { createMeter, EGRESS_LIMITS, type EgressLimits } from './meter.ts';
import { EgressRefusal } from './refusal.ts';
import { tunnel } from './tunnel.ts';

export type ProxyOptions = Omit<ExchangeOptions, 'limits' | 'meter' | 'signal'> &
  Pick<ForwardOptions, 'ca'> & {
    readonly limits?: Partial<EgressLimits>;
    readonly log: (message: string) => void;
  };

/** The way out of one sandbox. */
export interface Proxy {
  /** Cuts every connection; resolves when nobody can connect any more and the end of each is written. */
  close(): Promise<void>;
}

const MAX_HEAD = 32 * 1024;
/** What was cut ends at once; a closing gateway does not wait for ever. */
const ENDED_MS = 5000;

/**
 * Listens on a unix socket of one sandbox alone: who can connect there is that sandbox, and there is nothing to steal.
 * Speaks HTTP in absolute form and CONNECT, one request per connection.
 */
export async function openProxy(path: string, options: ProxyOptions): Promise<Proxy> {
  const { log } = options;
  const limits = { ...EGRESS_LIMITS, ...options.limits };
  const ending = new AbortController();
  const { signal } = ending;
  const lease = { ...options, limits, meter: createMeter(limits.bytes), signal };
  const sockets = new Set<Socket>();
  const serving = new Set<Promise<void>>();
  const busy = new WeakSet<Duplex>();
  let attempts = 0;
  let open = 0;

  const server = createServer({
    maxHeaderSize: MAX_HEAD,
    headersTimeout: limits.helloMs,
    connectionsCheckingInterval: 1000,
    insecureHTTPParser: false,
  });
  // A second request on the same connection could be the tail of the first for somebody else.
  server.maxRequestsPerSocket = 1;
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    if (++attempts <= limits.attempts) return;
    // Each record costs: who tries without end is told once.
    if (attempts === limits.attempts + 1)
      refused('connect', '', new EgressRefusal('too-many-connections', 'all attempts are used up'));
    socket.destroy();
  });
  server.on('connect', (request, client, head) => {
    const to = request.url ?? '';
    start('connect', to, {
      async work(exchange) {
        // Node's parser takes a line without a version for a whole request.
        if (!request.httpVersion.startsWith('1.'))
          throw new EgressRefusal('malformed', 'the proxy speaks HTTP/1.1');
        await tunnel(to, client, head, { exchange, limits, signal });
      },
      refuse: (refusal) => answer(client, refusal),
    });
  });
  server.on('request', (request, response) => {
    busy.add(request.socket);
    start('http', request.url ?? '', {
      work: async (exchange) => await forward(request, response, { ...lease, exchange }),
      refuse: (refusal) => respond(response, refusal),
    });
  });
  server.on('upgrade', (request, client) => {
    const refusal = new EgressRefusal(
      'malformed',
      'WebSockets and other upgrades go through CONNECT and TLS: ask for wss:// or https://',
    );
    refused('http', request.url ?? '', refusal);
    answer(client, refusal);
  });
  server.on('clientError', (cause, client) => {
    // Its first request is being answered; what is wrong comes behind, and must not be written into that.
    if (busy.has(client)) {
      setImmediate(() => client.end());
      return;
    }
    const why = isHttp2(cause)
      ? 'the proxy speaks HTTP/1.1; HTTP/2 goes through CONNECT and TLS'
      : 'this is no HTTP request';
    const refusal = new EgressRefusal('malformed', why, { cause });
    refused('http', '', refusal);
    answer(client, refusal);
  });

  type Service = {
    readonly work: (exchange: Exchange) => Promise<void>;
    readonly refuse: (refusal: EgressRefusal) => void;
  };

  function start(via: Via, to: string, service: Service): void {
    const served = serve(via, to, service).finally(() => serving.delete(served));
    serving.add(served);
  }

  async function serve(via: Via, to: string, { work, refuse }: Service): Promise<void> {
    const exchange = createExchange(via, to, lease);
    open++;
    let refusal: EgressRefusal | undefined;
    try {
      if (open > limits.connections)
        throw new EgressRefusal('too-many-connections', `more than ${limits.connections} at once`);
      await work(exchange);
    } catch (thrown) {
      refusal = EgressRefusal.from(thrown);
    }
    open--;
    written(() => exchange.end(refusal));
    if (refusal) refuse(refusal);
  }

  function refused(via: Via, to: string, refusal: EgressRefusal): void {
    written(() => createExchange(via, to, lease).end(refusal));
  }

  function written(write: () => void): void {
    try {
      write();
    } catch (error) {
      // Nothing more can be opened either: that is written first.
      log(`Cannot write down a connection: ${String(error)}`);
    }
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(path, resolve);
  });
  server.on('error', (error) => log(`egress: ${error.message}`));

  return {
    async close() {
      ending.abort(new EgressRefusal('time-over', 'the program has ended'));
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
      await deadline(Promise.all(serving), ENDED_MS).catch((error: unknown) =>
        log(`Cannot end a connection: ${String(error)}`),
      );
    },
  };
}

/** The preface of HTTP/2 (RFC 9113 §3.4) is a request that Node's parser knows. */
function isHttp2(cause: Error): boolean {
  const packet: unknown = Reflect.get(cause, 'rawPacket');
  return Buffer.isBuffer(packet) && packet.subarray(0, 14).equals(Buffer.from('PRI * HTTP/2.0'));
}

function answer(client: Duplex, { status, message, reason }: EgressRefusal): void {
  if (!client.writable) return void client.destroy();
  const text = `${reason}: ${message}\n`;
  client.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Refused'}\r\nContent-Type: text/plain\r\n` +
      `Content-Length: ${text.length}\r\nConnection: close\r\n\r\n${text}`,
  );
}

function respond(response: ServerResponse, { status, message, reason }: EgressRefusal): void {
  // Half an answer must not look like a whole one.
  if (response.headersSent) return void response.destroy();
  response.writeHead(status, { 'Content-Type': 'text/plain', Connection: 'close' });
  response.end(`${reason}: ${message}\n`);
}
