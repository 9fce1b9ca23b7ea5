import { Agent as HttpAgent, request as requestHttp, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import type { Socket } from 'node:net';
import type { Caller } from '../../call.ts';

export type HttpTimeouts = {
  /** Milliseconds to connect, TLS included. */
  readonly connectMs: number;
  /** Milliseconds until a request is answered: from the connection to the head of the answer. */
  readonly answerMs: number;
  /** Milliseconds without a byte of a body. */
  readonly silenceMs: number;
  /** Milliseconds for the whole of a body that is not an event stream. */
  readonly bodyMs: number;
  /** Milliseconds for the farewell. */
  readonly closeMs: number;
};

/** Nothing was sent: there is no connection to be had. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable';
}

export type HttpRequest = {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
  /** Milliseconds from the connection to the head of the answer. */
  readonly answerMs: number;
  /** In whose name, where a client acts for somebody; absent: of whoever asks now. */
  readonly caller?: Caller | undefined;
};

export interface HttpClient {
  /** Sends one request; resolves with the head of the answer. Throws `Unreachable`, or `Error` for a redirect and a deadline. */
  send(request: HttpRequest): Promise<IncomingMessage>;
  close(): void;
}

/** Servers commonly keep an idle connection for 5 s; one that we drop first cannot be lost under a request. */
const IDLE_MS = 4000;
const KEEPALIVE_PROBE_MS = 30_000;

function ignore(): void {}

/**
 * One upstream URL and no other: redirects are errors, so credentials cannot leave for another origin. `node:http` and not
 * `fetch`, which follows redirects, unpacks bombs and ends every silence after 300 s.
 */
export function createHttpClient(url: URL, timeouts: HttpTimeouts): HttpClient {
  const secure = url.protocol === 'https:';
  if ((!secure && url.protocol !== 'http:') || url.username !== '' || url.password !== '')
    throw new TypeError(`Cannot use ${url.origin}: an http(s) URL without credentials is required`);
  const settings = { keepAlive: true, keepAliveMsecs: KEEPALIVE_PROBE_MS, timeout: IDLE_MS };
  const agent = secure ? new HttpsAgent(settings) : new HttpAgent(settings);
  const start = secure ? requestHttps : requestHttp;
  const freedAt = new WeakMap<Socket, number>();
  agent.on('free', (socket: Socket) => freedAt.set(socket, performance.now()));

  /** A busy process hears of its own timer, and of the server's end of the connection, after it has used it once more. */
  function dropIdle(): void {
    const oldest = performance.now() - IDLE_MS;
    for (const sockets of Object.values(agent.freeSockets))
      for (const socket of sockets ?? [])
        if ((freedAt.get(socket) ?? oldest) <= oldest) socket.destroy();
  }

  async function send(options: HttpRequest): Promise<IncomingMessage> {
    const { method, body, signal, answerMs } = options;
    signal.throwIfAborted();
    dropIdle();
    return await new Promise<IncomingMessage>((resolve, reject) => {
      const request = start(url, {
        method,
        agent,
        signal,
        headers: {
          ...options.headers,
          'accept-encoding': 'identity',
          ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }),
        },
      });
      let connected = false;
      let timer = setTimeout(giveUp, timeouts.connectMs, 'it does not accept the connection');
      function giveUp(why: string): void {
        request.destroy(new Error(why));
      }
      function onConnected(): void {
        connected = true;
        clearTimeout(timer);
        timer = setTimeout(giveUp, answerMs, 'it does not answer');
      }
      request.once('socket', (socket) => {
        // Between the end of an answer and the return to the pool nobody listens: an abort then would end the process.
        if (!socket.listeners('error').includes(ignore)) socket.on('error', ignore);
        if (request.reusedSocket) onConnected();
        else socket.once(secure ? 'secureConnect' : 'connect', onConnected);
      });
      request.once('error', (cause) => {
        clearTimeout(timer);
        // A system's message may hold addresses; its code and our own words do not.
        const why = 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.message;
        const Problem = connected || signal.aborted ? Error : Unreachable;
        reject(new Problem(`Cannot reach ${url.origin}: ${why}`, { cause }));
      });
      request.once('response', (response) => {
        clearTimeout(timer);
        // A body that is cut off must be an error for its reader, not for the process.
        response.on('error', () => undefined);
        const status = response.statusCode ?? 0;
        if (status >= 300 && status < 400) {
          response.destroy();
          reject(new Error(`Cannot follow a redirect of ${url.origin}`));
        } else resolve(response);
      });
      request.end(body);
    });
  }

  return { send, close: () => agent.destroy() };
}
