import type { IncomingMessage } from 'node:http';
import type { Caller } from '../../call.ts';
import type { Frame } from '../channel.ts';
import { HEADERS } from '../modern/meta.ts';
import { createAuthorizedClient, type Authorize } from './authorize.ts';
import type { HttpTimeouts } from './http-client.ts';

/** The requests of one MCP session over HTTP, with the headers that the protocol puts on each. */
export interface HttpLink {
  /** `mirrored`: what a modern request repeats of its body; a legacy one has a session instead. */
  post(
    frame: Frame,
    signal: AbortSignal,
    how?: {
      readonly answerMs?: number;
      readonly mirrored?: Readonly<Record<string, string>>;
      readonly caller?: Caller | undefined;
    },
  ): Promise<IncomingMessage>;
  /** Asks for an event stream: the standalone one, or the one that `lastEventId` belongs to. */
  listen(lastEventId: string | undefined, signal: AbortSignal): Promise<IncomingMessage>;
  /** Takes the session id from the answer to `initialize`. Throws when it is not one. */
  learnSession(response: IncomingMessage): void;
  /** Takes the version that was negotiated; what is not a version is not sent back. */
  learnVersion(version: unknown): void;
  /** Whether `status` means that the session is lost. */
  hasLostSession(status: number, signal: AbortSignal): Promise<boolean>;
  /** Says good-bye to the server, within `closeMs`. Never throws. */
  leave(): Promise<void>;
  close(): void;
}

export const JSON_TYPE = 'application/json';
export const EVENTS_TYPE = 'text/event-stream';
const SESSION_ID = /^[\u0021-\u007e]{1,1024}$/;
const VERSION = /^\d{4}-\d{2}-\d{2}$/;
const RESERVED = new Set(
  [
    'accept accept-encoding connection content-length content-type host last-event-id',
    'mcp-method mcp-name mcp-protocol-version mcp-session-id transfer-encoding upgrade',
  ].flatMap((names) => names.split(' ')),
);

/** Throws `TypeError` for a header that the protocol sets. */
export function checkHeaders(headers: Readonly<Record<string, string>>): void {
  for (const name of Object.keys(headers).map((key) => key.toLowerCase()))
    if (RESERVED.has(name) || name.startsWith(HEADERS.paramPrefix))
      throw new TypeError(`Cannot set the header ${name}: the protocol sets it`);
}

/** Throws `TypeError` for a URL or headers it must not use. */
export function createHttpLink(options: {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeouts: HttpTimeouts;
  readonly authorize?: Authorize;
}): HttpLink {
  const { timeouts } = options;
  checkHeaders(options.headers);
  const client = createAuthorizedClient(options.url, options);
  let sessionId: string | undefined;
  let version: string | undefined;

  /** A modern message has no session and brings its version along. */
  function headers(
    accept: string,
    mirrored?: Readonly<Record<string, string>>,
  ): Record<string, string> {
    if (mirrored) return { ...options.headers, accept, ...mirrored };
    return {
      ...options.headers,
      accept,
      ...(sessionId === undefined ? {} : { 'mcp-session-id': sessionId }),
      ...(version === undefined ? {} : { 'mcp-protocol-version': version }),
    };
  }

  async function post(
    frame: Frame,
    signal: AbortSignal,
    how: Parameters<HttpLink['post']>[2] = {},
  ): Promise<IncomingMessage> {
    return await client.send({
      method: 'POST',
      headers: {
        ...headers(`${JSON_TYPE}, ${EVENTS_TYPE}`, how.mirrored),
        'content-type': JSON_TYPE,
      },
      body: JSON.stringify(frame),
      signal,
      answerMs: how.answerMs ?? timeouts.answerMs,
      caller: how.caller,
    });
  }

  return {
    post,
    async listen(lastEventId, signal) {
      const resume = lastEventId === undefined ? {} : { 'last-event-id': lastEventId };
      return await client.send({
        method: 'GET',
        headers: { ...headers(EVENTS_TYPE), ...resume },
        signal,
        answerMs: timeouts.answerMs,
      });
    },
    learnSession(response) {
      const id = response.headers['mcp-session-id'];
      if (id === undefined) return;
      if (typeof id !== 'string' || !SESSION_ID.test(id)) {
        response.destroy();
        throw new Error('Cannot use the session: its id is not visible ASCII');
      }
      sessionId = id;
    },
    learnVersion(spoken) {
      if (typeof spoken === 'string' && VERSION.test(spoken)) version = spoken;
    },
    async hasLostSession(status, signal) {
      if (sessionId === undefined) return false;
      if (status !== 400) return status === 404;
      // The specification says 404. Real servers say 400 as well, which has other meanings: a ping has not.
      const ping = { jsonrpc: '2.0', id: 'sallyport-session-check', method: 'ping' };
      const response = await post(ping, signal, { answerMs: timeouts.connectMs });
      response.destroy();
      return response.statusCode === 400 || response.statusCode === 404;
    },
    async leave() {
      if (sessionId === undefined) return;
      const signal = AbortSignal.timeout(timeouts.closeMs);
      const { closeMs: answerMs } = timeouts;
      await client.send({ method: 'DELETE', headers: headers(JSON_TYPE), signal, answerMs }).then(
        (response) => response.destroy(),
        () => undefined,
      );
    },
    close: () => client.close(),
  };
}
