import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect, type AddressInfo, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { readRule } from '../../../src/sandbox/egress/allowlist.ts';
import type { Dial } from '../../../src/sandbox/egress/dial.ts';
import type { EgressEntry, EgressRecord } from '../../../src/sandbox/egress/exchange.ts';
import { createIsPublic } from '../../../src/sandbox/egress/public-address.ts';
import type { ProxyOptions } from '../../../src/sandbox/egress/proxy.ts';
import type { EgressSecret } from '../../../src/sandbox/egress/secret.ts';
import { packageRoot } from '../../../src/lib/package-root.ts';
import type { Context } from '../../support/scratch.ts';

const pem = (name: string): string =>
  readFileSync(
    join(packageRoot(), 'test', 'sandbox', 'egress', 'certificates', `${name}.pem`),
    'utf8',
  );

export const ROOT = pem('ca');

/** Addresses that the names of the tests have; each is public by the rule that is in force. */
const ADDRESSES: Readonly<Record<string, readonly string[]>> = {
  'api.example.com': ['93.184.216.34'],
  'mirror.example.com': ['93.184.216.34'],
  'wrong.example': ['93.184.216.35'],
  'rebound.example.com': ['93.184.216.34', '127.0.0.1'],
  'metadata.example.com': ['169.254.169.254'],
  'mapped.example.com': ['::ffff:169.254.169.254'],
  'dead.example.com': ['93.184.216.36'],
};

export type Seen = Pick<IncomingMessage, 'method' | 'url' | 'rawHeaders'> & {
  readonly body: string;
};

/** Real servers that stand for the internet, behind the one address the proxy may connect to. */
export type Outside = {
  /** What reached the servers. */
  readonly seen: Seen[];
  /** Bytes that left through the proxy's connections, TLS's own too. */
  readonly bytes: () => number;
  /** Where the proxy connected to. */
  readonly dialled: string[];
  readonly records: EgressRecord[];
  readonly dial: Dial;
  readonly options: (entries: readonly EgressEntry[]) => ProxyOptions;
};

export async function openOutside(context: Context, serve?: RequestListener): Promise<Outside> {
  const seen: Seen[] = [];
  const dialled: string[] = [];
  const records: EgressRecord[] = [];
  const sockets: Socket[] = [];
  const listener: RequestListener = (request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      const { method, url, rawHeaders } = request;
      seen.push({ method, url, rawHeaders, body });
      if (serve) serve(request, response);
      else response.end(`hello from ${request.headers.host ?? ''}`);
    });
  };
  const plain = createServer(listener);
  const secure = createTlsServer({ key: pem('site-key'), cert: pem('site') }, listener);
  const other = createTlsServer({ key: pem('other-key'), cert: pem('other') }, listener);
  const ports = new Map<string, number>();
  for (const [place, server] of [
    ['93.184.216.34:80', plain],
    ['93.184.216.34:443', secure],
    ['93.184.216.35:443', other],
  ] as const)
    ports.set(place, await listen(server, context));

  async function dial(address: string, port: number): Promise<Socket> {
    const place = `${address}:${port}`;
    dialled.push(place);
    return await new Promise((resolve, reject) => {
      const local = { host: '127.0.0.1', port: ports.get(place) ?? 1, allowHalfOpen: true };
      const socket: Socket = connect(local, () => resolve(socket)).on('error', reject);
      sockets.push(socket);
    });
  }

  return {
    seen,
    bytes: () => sockets.reduce((sum, { bytesWritten }) => sum + bytesWritten, 0),
    dialled,
    records,
    dial,
    options: (entries) => ({
      entries,
      dial,
      isPublic: createIsPublic([]),
      async resolve(host) {
        const found = ADDRESSES[host];
        if (!found) throw new Error('ENOTFOUND');
        return found;
      },
      ca: [ROOT],
      record: (record) => void records.push(record),
      now: () => performance.now(),
      log: () => undefined,
    }),
  };
}

async function listen(server: Server, context: Context): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => void sockets.add(socket));
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it listens on TCP
  return (server.address() as AddressInfo).port;
}

/** Entries as the configuration writes them. */
export function entries(written: readonly string[], secret?: EgressSecret): EgressEntry[] {
  return written.map((entry) => {
    const rule = readRule(entry);
    if (typeof rule === 'string') throw new TypeError(`${entry}: ${rule}`);
    return { ...rule, ...(secret && rule.host === 'api.example.com' ? { secret } : {}) };
  });
}
