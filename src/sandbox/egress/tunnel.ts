import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { deadline } from '../deadline.ts';
import { readClientHello } from './client-hello.ts';
import { readDestination } from './destination.ts';
import type { Exchange } from './exchange.ts';
import { counting, type EgressLimits } from './meter.ts';
import { EgressRefusal } from './refusal.ts';

export type TunnelOptions = {
  readonly limits: EgressLimits;
  readonly signal: AbortSignal;
};

/**
 * Serves one CONNECT (RFC 9110 §9.3.6): TLS to an allowed host, whose name the client also has to say in its
 * ClientHello. Nothing of the program goes out before that was read. Throws an `EgressRefusal`.
 */
export async function tunnel(
  to: string,
  client: Duplex,
  head: Buffer,
  { exchange, limits, signal }: TunnelOptions & { readonly exchange: Exchange },
): Promise<void> {
  const destination = readDestination(to);
  if (!destination) throw new EgressRefusal('malformed', 'expected a host and a port');
  const entry = exchange.allow(destination);
  const upstream = await exchange.reach(destination, entry);
  try {
    if (head.length > 0) client.unshift(head);
    client.write('HTTP/1.1 200 Connection established\r\n\r\n');
    const name = await deadline(readName(client), limits.helloMs, signal).catch((error) => {
      if (error instanceof EgressRefusal) throw error;
      throw new EgressRefusal('time-over', 'no ClientHello came in time', { cause: error });
    });
    // Another name would be another site behind the same address.
    if (name !== destination.host)
      throw new EgressRefusal('hello-refused', 'TLS is asked for with another server name');
    const idle = (): void =>
      void upstream.destroy(new EgressRefusal('time-over', `idle for ${limits.idleMs} ms`));
    upstream.setTimeout(limits.idleMs, idle);
    await Promise.all([
      pipeline(client, counting(exchange.sent), upstream, { signal }),
      pipeline(upstream, counting(exchange.received), client, { signal }),
    ]);
  } finally {
    upstream.destroy();
    client.destroy();
  }
}

/** Resolves to the server name; what was read for that is put back. */
async function readName(client: Duplex): Promise<string> {
  return await new Promise((resolve, reject) => {
    let bytes = Buffer.alloc(0);
    let wanted = 1;
    const refuse = (why: string): void =>
      settle(() => reject(new EgressRefusal('hello-refused', why)));
    function settle(how: () => void): void {
      client.off('data', take).off('close', closed).off('end', closed);
      client.pause();
      how();
    }
    function take(chunk: Buffer): void {
      bytes = Buffer.concat([bytes, chunk]);
      if (bytes.length < wanted) return;
      const hello = readClientHello(bytes);
      if (hello.kind === 'more') wanted = hello.bytes;
      else if (hello.kind === 'refused') refuse(hello.why);
      else
        settle(() => {
          client.unshift(bytes);
          resolve(hello.name);
        });
    }
    const closed = (): void => refuse('the program closed before it said where to');
    client.on('data', take).on('close', closed).on('end', closed);
  });
}
