import { lookup } from 'node:dns/promises';
import { request as requestHttp, type IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP } from 'node:net';
import { createIsPublic } from '../sandbox/egress/public-address.ts';
import { readWhole } from './fetch-bounded.ts';
import { LOOPBACK_HOSTS } from '../lib/confidential.ts';

export type GuardedFetchOptions = {
  /** The server that names the addresses; what it may name lies no further inside than it does itself. */
  readonly server: URL;
  /** Every address of a name. */
  readonly resolve?: (host: string) => Promise<readonly string[]>;
  /** Told of each address before it is connected to. */
  readonly connect?: (address: string) => void;
};

const TIMEOUT_MS = 10_000;
const MAX_BYTES = 1_048_576;

/**
 * `fetch` for addresses that a server names. Connects to public addresses alone; to private ones only where the server
 * itself is at private ones alone, to this machine only where the server is on it: a server must not send the gateway where
 * it cannot go itself. What was checked is what is connected to. No redirects, https (or this machine), answers of at most 1 MiB.
 */
export function createFetchGuarded(options: GuardedFetchOptions): typeof globalThis.fetch {
  const { server, resolve = resolveAll } = options;
  const isPublic = createIsPublic([]);
  const onThisMachine = LOOPBACK_HOSTS.has(server.hostname);

  /** Decided once: a server whose name leads elsewhere the next time is not thereby further inside. */
  let inside: Promise<boolean> | undefined;

  async function isInside(): Promise<boolean> {
    if (onThisMachine) return false;
    inside ??= addressesOf(server).then((found) => found.length > 0 && found.every(isPrivate));
    return await inside.catch((thrown: unknown) => {
      inside = undefined;
      throw thrown;
    });
  }

  function isPrivate(address: string): boolean {
    return !isPublic(address) && isPublic(address, true);
  }

  async function addressesOf({ hostname }: URL): Promise<readonly string[]> {
    const host = hostname.replace(/^\[|\]$/gu, '');
    return isIP(host) === 0 ? await resolve(host) : [host];
  }

  async function addressOf(url: URL): Promise<string> {
    if (onThisMachine && LOOPBACK_HOSTS.has(url.hostname))
      return url.hostname === 'localhost' ? '127.0.0.1' : url.hostname.replace(/^\[|\]$/gu, '');
    const mayBePrivate = await isInside();
    const found = await addressesOf(url);
    const [first] = found;
    if (first === undefined || !found.every((address) => isPublic(address, mayBePrivate)))
      throw new Error(`Cannot ask ${url.origin}: its address is not public`);
    // A public server could have answered for the private network just once, to be counted as of it.
    if (mayBePrivate && url.hostname === server.hostname && !found.every(isPrivate))
      throw new Error(`Cannot ask ${url.origin}: its address was a private one before`);
    return first;
  }

  return async function fetchGuarded(input, init = {}) {
    const url = new URL(input instanceof Request ? input.url : input);
    const secure = url.protocol === 'https:';
    if (!secure && !(url.protocol === 'http:' && onThisMachine && LOOPBACK_HOSTS.has(url.hostname)))
      throw new Error(`Cannot ask ${url.origin}: https is required`);
    const address = await addressOf(url);
    options.connect?.(address);
    const { method = 'GET', body } = init;
    const headers = Object.fromEntries(new Headers(init.headers));
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const start = secure ? requestHttps : requestHttp;
    const response = await new Promise<IncomingMessage>((answered, failed) => {
      const request = start(url, {
        method,
        signal,
        headers: { ...headers, 'accept-encoding': 'identity' },
        // The name is looked up once: a second answer could be another one.
        lookup: (_host, { all }, done) => {
          const family = isIP(address);
          if (all === true) done(null, [{ address, family }]);
          else done(null, address, family);
        },
      });
      request.once('response', answered).once('error', failed);
      request.end(body === undefined || body === null ? undefined : textOf(body));
    });
    const whole = await readWhole(response, MAX_BYTES, url.origin);
    const { statusCode: status = 0 } = response;
    if (status >= 300 && status < 400) throw new Error(`Cannot follow a redirect of ${url.origin}`);
    const bare = status === 204 || status === 205;
    return new Response(bare ? null : whole, {
      status,
      headers: Object.entries(response.headersDistinct).flatMap(([name, values]) =>
        (values ?? []).map((value): [string, string] => [name, value]),
      ),
    });
  };
}

function textOf(body: NonNullable<RequestInit['body']>): string {
  if (typeof body === 'string') return body;
  if (body instanceof URLSearchParams) return body.toString();
  throw new TypeError('Cannot send a body that is neither a text nor a form');
}

async function resolveAll(host: string): Promise<readonly string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address);
}
