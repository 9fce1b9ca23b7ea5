import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { connect as connectTls, rootCertificates } from 'node:tls';
import { deadline } from '../deadline.ts';
import type { Exchange } from './exchange.ts';
import { answerHeaders, readHead, withSecret } from './head.ts';
import { counting } from './meter.ts';
import { EgressRefusal } from './refusal.ts';
import { masking, type EgressSecret } from './secret.ts';
import type { TunnelOptions } from './tunnel.ts';

export type ForwardOptions = TunnelOptions & {
  /** Roots to trust besides those of Node. */
  readonly ca?: readonly string[];
};

/**
 * Serves one request in absolute form. To an entry without `http://` it goes over TLS that the gateway makes and
 * verifies, which is how a secret can be put in without the program ever having it. Throws an `EgressRefusal`.
 */
export async function forward(
  request: IncomingMessage,
  response: ServerResponse,
  { exchange, ...options }: ForwardOptions & { readonly exchange: Exchange },
): Promise<void> {
  const { limits, signal } = options;
  const head = readHead(request);
  const { destination } = head;
  const entry = exchange.allow(destination);
  const { plain, secret } = entry;
  const { headers, isUsed } = withSecret(head, plain ? 80 : 443, plain ? undefined : secret);
  if (isUsed && secret) exchange.used(secret.name);
  const reached = await exchange.reach(destination, entry);
  try {
    const socket = plain ? reached : await secure(reached, destination.host, options);
    socket.setTimeout(limits.idleMs, () =>
      socket.destroy(new EgressRefusal('time-over', `idle for ${limits.idleMs} ms`)),
    );
    const outgoing = httpRequest({
      method: request.method,
      path: head.path,
      headers,
      setHost: false,
      // Without an agent, not with `false`: that would connect by itself, to this machine.
      createConnection: () => socket,
      maxHeaderSize: 64 * 1024,
      signal,
    });
    exchange.sent(headers.join('').length + head.path.length);
    const answered = answer(outgoing);
    const body = head.hasBody
      ? pipeline(request, counting(exchange.sent), outgoing, { signal })
      : void outgoing.end();
    // A server may answer before it has read the whole body, and then close.
    const incoming = await Promise.race([answered, failureOf(body)]);
    await back(incoming, response, { exchange, signal, secret: isUsed ? secret : undefined });
  } finally {
    reached.destroy();
  }
}

async function secure(
  socket: Socket,
  servername: string,
  { ca, limits, signal }: ForwardOptions,
): Promise<Socket> {
  const secured = connectTls({
    socket,
    servername,
    ALPNProtocols: ['http/1.1'],
    // The environment could otherwise turn this off for the whole process.
    rejectUnauthorized: true,
    ...(ca ? { ca: [...rootCertificates, ...ca] } : {}),
  });
  try {
    await deadline(once(secured, 'secureConnect'), limits.connectMs, signal);
    return secured;
  } catch (cause) {
    secured.destroy();
    throw new EgressRefusal('unreachable', `no trusted TLS with ${servername}`, { cause });
  }
}

async function answer(outgoing: ReturnType<typeof httpRequest>): Promise<IncomingMessage> {
  return await new Promise((resolve, reject) => {
    outgoing.on('response', resolve).on('error', reject);
    outgoing.on('close', () => reject(new EgressRefusal('unreachable', 'no answer came')));
  });
}

/** Never resolves: a body that is sent says nothing yet. */
async function failureOf(sending: Promise<void> | undefined): Promise<never> {
  await sending;
  return await new Promise(() => {});
}

type Back = {
  readonly exchange: Exchange;
  readonly signal: AbortSignal;
  readonly secret: EgressSecret | undefined;
};

async function back(
  incoming: IncomingMessage,
  response: ServerResponse,
  { exchange, signal, secret }: Back,
): Promise<void> {
  const { statusCode = 502, statusMessage = '', rawHeaders } = incoming;
  const coding = incoming.headers['content-encoding'] ?? 'identity';
  if (secret && coding !== 'identity')
    throw new EgressRefusal('unreachable', 'the answer is compressed against what was asked');
  const headers = answerHeaders(rawHeaders, secret);
  exchange.received(rawHeaders.join('').length);
  response.writeHead(statusCode, secret ? '' : statusMessage, headers);
  const counted = counting(exchange.received);
  if (secret) await pipeline(incoming, counted, masking(secret), response, { signal });
  else await pipeline(incoming, counted, response, { signal });
}
