import type { IncomingMessage } from 'node:http';
import type { Caller } from '../../call.ts';
import { isJsonObject, type JsonValue } from '../../lib/json.ts';
import type { Channel, ChannelEvents, Frame, OpenChannel } from '../channel.ts';
import { readFrame, type RequestId } from '../frames.ts';
import { NotServed } from '../not-served.ts';
import { followAnswer } from './answer-stream.ts';
import type { Authorize } from './authorize.ts';
import { jsonProblem, unreadable } from '../unreadable.ts';
import type { EventPosition } from './event-position.ts';
import { Unreachable, type HttpTimeouts } from './http-client.ts';
import { createHttpLink, EVENTS_TYPE, JSON_TYPE } from './http-link.ts';
import { mirroredHeaders } from './mirrored-headers.ts';
import { createParamHeaders } from './param-headers.ts';
import { mediaType, Oversize, readBody, readEvents } from './read-answer.ts';
import { ERROR_BYTES, readError } from './read-error.ts';
import { followStandalone } from './standalone-stream.ts';

export type HttpChannelOptions = {
  readonly url: URL;
  /** Sent with every request, e.g. `authorization`; the protocol's own headers cannot be set here. */
  readonly headers: Readonly<Record<string, string>>;
  /** Absent: everybody is the same to the server. */
  readonly authorize?: Authorize;
  readonly timeouts?: Partial<HttpTimeouts>;
  /** Bytes of one message. */
  readonly maxFrameBytes: number;
  /** Takes why a message was thrown away or a stream was lost; may quote the upstream. */
  readonly onTrouble: (why: string) => void;
};

/** `answerMs` and `silenceMs` are for servers nobody waits for any more: the owner's own deadlines are shorter. */
export const HTTP_TIMEOUTS: HttpTimeouts = {
  connectMs: 10_000,
  answerMs: 600_000,
  silenceMs: 600_000,
  bodyMs: 60_000,
  closeMs: 2000,
};

/** How long the rest of a stream may take after the answer it was opened for. */
const AFTERWORD_MS = 1000;
/** Statuses with which servers say that they do not know what was sent (transports, backward compatibility). */
const UNKNOWN = new Set([400, 404, 405]);

type InFlight = {
  readonly id: RequestId;
  readonly method: JsonValue | undefined;
  readonly modern: boolean;
  answered: boolean;
  readonly ended: AbortController;
  afterword?: NodeJS.Timeout;
};

/**
 * A channel to a server over Streamable HTTP (specification 2025-11-25, transports). Nothing is sent before the first
 * frame. A request's `send` settles when its answer came or cannot come any more. A lost session and a server that
 * cannot be reached close the channel. A request that states its version in `_meta` is sent as 2026-07-28 has it: without
 * a session, and cancelled by closing its stream. Throws `TypeError` for a URL or headers it must not use.
 */
export function openHttpChannel(options: HttpChannelOptions): OpenChannel {
  const timeouts = { ...HTTP_TIMEOUTS, ...options.timeouts };
  // Checked here, so that a wrong URL is a mistake of the configuration and not of the first call.
  createHttpLink({ ...options, timeouts }).close();
  return async function openChannel(events, signal) {
    signal.throwIfAborted();
    return createChannel({ ...options, timeouts }, events);
  };
}

function createChannel(
  options: HttpChannelOptions & { readonly timeouts: HttpTimeouts },
  events: ChannelEvents,
): Channel {
  const { timeouts, maxFrameBytes, onTrouble } = options;
  const link = createHttpLink(options);
  const paramHeaders = createParamHeaders();
  const inFlight = new Map<JsonValue | undefined, InFlight>();
  const ended = new AbortController();
  let initializeId: JsonValue | undefined;
  let isModern = false;

  /** A request, until its answer was handed on. */
  async function ask(frame: Frame, id: RequestId, caller?: Caller): Promise<void> {
    const mirrored = mirroredHeaders(frame, paramHeaders);
    const modern = mirrored !== undefined;
    const { method } = frame;
    const own: InFlight = { id, method, modern, answered: false, ended: new AbortController() };
    inFlight.set(id, own);
    if (modern) isModern = initializeId === undefined;
    if (frame['method'] === 'initialize') initializeId = id;
    try {
      const how = { caller, ...(modern ? { mirrored } : {}) };
      const response = await link.post(frame, own.ended.signal, how);
      if (id === initializeId) link.learnSession(response);
      await readAnswer(response, own);
      if (!own.answered) throw new Error('Cannot get an answer: there was none in it');
    } catch (thrown) {
      if (!own.answered) throw own.ended.signal.aborted ? own.ended.signal.reason : thrown;
    } finally {
      clearTimeout(own.afterword);
      inFlight.delete(id);
    }
  }

  async function readAnswer(response: IncomingMessage, own: InFlight): Promise<void> {
    if (response.statusCode !== 200) await readRefusal(response, own);
    else if (mediaType(response) === JSON_TYPE)
      deliver(
        readFrame(await readBody(response, maxFrameBytes, timeouts.bodyMs), maxFrameBytes),
        own,
      );
    else if (mediaType(response) === EVENTS_TYPE)
      await followAnswer(response, {
        link,
        signal: own.ended.signal,
        modern: own.modern,
        isAnswered: () => own.answered,
        read: async (stream, position) => await read(stream, position, timeouts.silenceMs, own),
      });
    else {
      response.destroy();
      throw new Error('Cannot read the answer: neither JSON nor an event stream');
    }
  }

  /** A status other than 200. Where the server says why in JSON-RPC, that is the answer. */
  async function readRefusal(response: IncomingMessage, own: InFlight): Promise<void> {
    const { statusCode = 0 } = response;
    const { id, modern } = own;
    const refusal = await readError(response, id, timeouts.bodyMs);
    if (!modern) await checkSession(statusCode);
    if ((modern || id === initializeId) && UNKNOWN.has(statusCode) && refusal?.addressed !== true)
      throw new NotServed(`Cannot get an answer: status ${statusCode}`, { cause: refusal });
    if (refusal === undefined) throw new Error(`Cannot get an answer: status ${statusCode}`);
    deliver({ jsonrpc: '2.0', id, error: refusal.error }, own);
  }

  async function checkSession(status: number): Promise<void> {
    if (!(await link.hasLostSession(status, ended.signal))) return;
    // Whoever found out hears it before all the others: this one request was not worked on, theirs may have been.
    setImmediate(lose, new Error('the session was lost'));
    throw new NotServed('the session was lost');
  }

  async function read(
    response: IncomingMessage,
    position: EventPosition,
    silenceMs: number,
    own?: InFlight,
  ): Promise<void> {
    await readEvents(response, {
      maxLength: maxFrameBytes,
      silenceMs,
      onRetry: (ms) => position.postpone(ms),
      onEvent: ({ id, type, data }) => {
        position.advance(id);
        // Other event types are not MCP's.
        if (type === 'message' && data !== '') readEvent(data, own);
      },
    });
  }

  function readEvent(data: string, own: InFlight | undefined): void {
    let frame: Frame;
    try {
      frame = readFrame(data, maxFrameBytes);
    } catch (thrown) {
      onTrouble(`not a message: ${String(thrown)}`);
      own?.ended.abort(new Error('Cannot read the answer: not a message', { cause: thrown }));
      return;
    }
    deliver(frame, own);
  }

  function deliver(frame: Frame, stream?: InFlight): void {
    if (ended.signal.aborted) return;
    const { id, result } = frame;
    const isResponse = frame['method'] === undefined;
    // The stream of a modern request carries nothing but its own (transports, receiving messages).
    if (isResponse && stream?.modern === true && id !== stream.id) {
      onTrouble('an answer to another request');
      return;
    }
    const own = isResponse ? inFlight.get(id) : undefined;
    if (own && !own.answered) {
      own.answered = true;
      own.afterword = setTimeout(() => own.ended.abort(), AFTERWORD_MS);
      if (id === initializeId && isJsonObject(result)) becomeLegacy(result['protocolVersion']);
    }
    events.onFrame(
      own?.modern === true && own.method === 'tools/list' ? listed(frame) : frame,
      stream?.id,
    );
  }

  /** A tool whose headers cannot be set cannot be called, and is as if it were not there (streamable HTTP, headers). */
  function listed(frame: Frame): Frame {
    if (!isJsonObject(frame['result'])) return frame;
    const { result, left } = paramHeaders.learn(frame['result']);
    for (const name of left) onTrouble(`a tool with bad x-mcp-header: ${name.slice(0, 128)}`);
    return { ...frame, result };
  }

  function becomeLegacy(version: JsonValue | undefined): void {
    link.learnVersion(version);
    // It did not answer what a modern server would have answered: nobody waits for that any more.
    for (const { modern, ended: own } of inFlight.values())
      if (modern) own.abort(new Error('the server is a legacy one'));
  }

  /** A notification or a response, until the server took it. */
  async function tell(frame: Frame): Promise<void> {
    const { method, params } = frame;
    const cancelled =
      method === 'notifications/cancelled' && isJsonObject(params)
        ? inFlight.get(params['requestId'])
        : undefined;
    if (isModern && initializeId === undefined) {
      // A modern client sends no notifications over HTTP: it closes the stream (transports, cancellation).
      cancelled?.ended.abort(new Error('cancelled'));
      return;
    }
    const response = await link.post(frame, ended.signal, { answerMs: timeouts.connectMs });
    const { statusCode = 0 } = response;
    if (mediaType(response) === EVENTS_TYPE) response.destroy();
    else await readBody(response, ERROR_BYTES, timeouts.bodyMs);
    if (statusCode >= 300) {
      await checkSession(statusCode);
      throw new Error(`Cannot deliver the message: status ${statusCode}`);
    }
    if (method === 'notifications/initialized')
      followStandalone({
        link,
        signal: ended.signal,
        read: async (stream, position) => await read(stream, position, 0),
        checkSession,
        lose,
        onTrouble,
      }).catch((thrown: unknown) => {
        if (!ended.signal.aborted) onTrouble(`no standalone stream: ${String(thrown)}`);
      });
    // Nobody waits for a cancelled answer, and the server need not send one.
    cancelled?.ended.abort(new Error('cancelled'));
  }

  function end(reason: Error): void {
    ended.abort(reason);
    for (const own of inFlight.values()) own.ended.abort(reason);
  }

  function lose(reason: Error): void {
    if (ended.signal.aborted) return;
    end(reason);
    link.close();
    events.onClose(reason);
  }

  return {
    async send(frame, caller) {
      if (ended.signal.aborted) throw new Error('Cannot send: the channel is closed');
      const { id, method } = frame;
      try {
        if (method !== undefined && (typeof id === 'string' || typeof id === 'number'))
          await ask(frame, id, caller);
        else await tell(frame);
      } catch (thrown) {
        if (thrown instanceof Unreachable) lose(thrown);
        throw thrown instanceof Oversize || jsonProblem(thrown) !== undefined
          ? unreadable(thrown)
          : thrown;
      }
    },
    async close() {
      if (ended.signal.aborted) return;
      end(new Error('Cannot continue: the channel is closing'));
      await link.leave();
      link.close();
      events.onClose();
    },
  };
}
