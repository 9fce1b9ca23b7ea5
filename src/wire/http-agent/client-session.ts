import type { ServerResponse } from 'node:http';
import type { Caller } from '../../call.ts';
import { isJsonObject, type JsonValue } from '../../lib/json.ts';
import type { OpenAgentSession } from '../agent.ts';
import type { Frame } from '../channel.ts';
import type { RequestId } from '../frames.ts';
import type { AnswerStatus } from './answer-status.ts';
import { createEventStream, type EventStream, type EventStreamLimits } from './event-stream.ts';
import { createExchange, type Exchange } from './exchange.ts';
import { HttpRefusal } from './refusal.ts';
import { openEvents } from './respond.ts';
import { createUnread } from './unread.ts';

export type ClientSessionLimits = EventStreamLimits & {
  /** Requests of one client at the same time. */
  readonly maxInFlight: number;
  /** Milliseconds until a request without an answer is answered with an event stream. */
  readonly patienceMs: number;
  /** Bytes of answers that a client may leave unread before it is given no more. */
  readonly unreadBytes: number;
};

export type ClientSessionOptions = {
  readonly id: string;
  readonly caller: Caller;
  readonly open: OpenAgentSession;
  readonly limits: ClientSessionLimits;
  readonly answerStatus: AnswerStatus;
  /** The session must not be found any more. */
  readonly onRejected: () => void;
};

/** One `Mcp-Session-Id`: its requests in flight, its standalone stream, and what may be replayed. */
export interface ClientSession {
  readonly id: string;
  /** Requests in flight. */
  readonly inFlight: number;
  /** A request in flight or a connection that listens. */
  readonly busy: boolean;
  /** Whether what the token of a later request says may act in this session. */
  admits(caller: Caller): boolean;
  request(id: RequestId, frame: Frame, response: ServerResponse): void;
  /** A notification or a response of the client. */
  take(frame: Frame): void;
  /** A GET: the standalone stream, or the one that `lastEventId` belongs to. */
  listen(response: ServerResponse, lastEventId: string | undefined): void;
  beat(): void;
  close(): Promise<void>;
}

const STANDALONE = '0';
const EVENT_ID = /^(\d{1,12})\.(\d{1,12})$/;
/** The first version whose clients can read an event without data. */
const PRIMES_FROM = '2025-11-25';
const MAX_FINISHED = 64;

export function createClientSession(options: ClientSessionOptions): ClientSession {
  const { id: sessionId, limits } = options;
  let { caller } = options;
  type Open = { readonly exchange: Exchange; stream: EventStream | undefined };
  const exchanges = new Map<RequestId, Open>();
  /** Of requests that were answered with a stream. */
  const streams = new Map<string, EventStream>();
  /** Names of the streams whose response was sent, oldest first. */
  const finished: string[] = [];
  const standalone = createEventStream(STANDALONE, limits, onDropped);
  const unread = createUnread();
  let lastName = 0;
  let initializeId: RequestId | undefined;
  let primes = false;
  let closed = false;

  const agent = options.open({ caller, port: { send }, transport: 'http' });

  function send(frame: Frame, related?: RequestId): void {
    if (closed) return;
    if (frame['method'] === undefined) {
      answer(frame);
      return;
    }
    const open = related === undefined ? undefined : exchanges.get(related);
    if (!open) standalone.push(frame);
    else if (!open.exchange.relate(frame)) onDropped(frame);
  }

  function answer(frame: Frame): void {
    const { id } = frame;
    const open = typeof id === 'string' || typeof id === 'number' ? exchanges.get(id) : undefined;
    if (!open || (typeof id !== 'string' && typeof id !== 'number')) return;
    exchanges.delete(id);
    if (id === initializeId) opened(frame);
    open.exchange.answer(frame);
    if (open.stream) keepForReplay(open.stream);
  }

  /** A refused `initialize` leaves no session behind. */
  function opened({ result }: Frame): void {
    initializeId = undefined;
    const version = isJsonObject(result) ? result['protocolVersion'] : undefined;
    if (typeof version === 'string') primes = version >= PRIMES_FROM;
    else options.onRejected();
  }

  function keepForReplay(stream: EventStream): void {
    if (stream.resumable) finished.push(stream.name);
    else streams.delete(stream.name);
    let size = finished.reduce((sum, name) => sum + (streams.get(name)?.size ?? 0), 0);
    while (finished.length > MAX_FINISHED || (finished.length > 0 && size > limits.replayBytes)) {
      const oldest = finished.shift() ?? '';
      size -= streams.get(oldest)?.size ?? 0;
      streams.delete(oldest);
    }
  }

  /** A cancelled request gets no answer (MCP, cancellation), so its connection would wait for ever. */
  function cancel(id: JsonValue | undefined): void {
    if ((typeof id !== 'string' && typeof id !== 'number') || id === initializeId) return;
    const open = exchanges.get(id);
    if (!open) return;
    exchanges.delete(id);
    open.exchange.cancel();
    if (open.stream) streams.delete(open.stream.name);
  }

  /** The server waits for an answer that cannot come: it gets an error instead of silence. */
  function onDropped(frame: Frame): void {
    const { id } = frame;
    if (id === undefined || closed) return;
    const error = { code: -32603, message: 'Cannot reach the client: nobody listens' };
    queueMicrotask(() => {
      if (!closed) agent.receive({ jsonrpc: '2.0', id, error });
    });
  }

  return {
    id: sessionId,
    get inFlight() {
      return exchanges.size;
    },
    get busy() {
      return (
        exchanges.size > 0 || standalone.attached || [...streams.values()].some((s) => s.attached)
      );
    },
    admits(present) {
      if (present === caller || JSON.stringify(present) === JSON.stringify(caller)) return true;
      // What a fresh token takes away must not live on in the session; without a way to say so, the session ends.
      if (!agent.renew) return false;
      agent.renew(present);
      caller = present;
      return true;
    },
    request(id, frame, response) {
      if (exchanges.has(id))
        throw new HttpRefusal('id-in-use', 'Cannot accept the request: its id is in use', { id });
      if (exchanges.size >= limits.maxInFlight)
        throw new HttpRefusal('requests-exhausted', 'Cannot accept the request: too many at once', {
          id,
        });
      unread.check(id, limits.unreadBytes);
      unread.add(response);
      if (frame['method'] === 'initialize') {
        initializeId = id;
        response.setHeader('mcp-session-id', sessionId);
      }
      const exchange = createExchange({
        response,
        patienceMs: limits.patienceMs,
        primes,
        statusOf: (answered) => options.answerStatus(answered, caller),
        openStream() {
          open.stream = createEventStream(String(++lastName), limits, onDropped);
          streams.set(open.stream.name, open.stream);
          return open.stream;
        },
      });
      const open: Open = { exchange, stream: undefined };
      exchanges.set(id, open);
      agent.receive(frame);
    },
    take(frame) {
      agent.receive(frame);
      const { method, params } = frame;
      if (method === 'notifications/cancelled' && isJsonObject(params)) cancel(params['requestId']);
    },
    listen(response, lastEventId) {
      if (lastEventId === undefined) {
        if (standalone.attached)
          throw new HttpRefusal('stream-open', 'Cannot open a second stream for this session');
        openEvents(response);
        standalone.attach(response);
        return;
      }
      const [, name = '', seq] = EVENT_ID.exec(lastEventId) ?? [];
      const stream = name === STANDALONE ? standalone : streams.get(name);
      if (!stream)
        throw new HttpRefusal('event-unknown', 'Cannot resume: the event is not kept any more');
      openEvents(response);
      stream.attach(response, Number(seq));
    },
    beat() {
      standalone.beat();
      for (const stream of streams.values()) stream.beat();
    },
    async close() {
      if (closed) return;
      closed = true;
      for (const [id, { exchange }] of exchanges)
        exchange.abandon(404, {
          jsonrpc: '2.0',
          id,
          error: { code: -32001, message: 'Session not found' },
        });
      exchanges.clear();
      for (const stream of streams.values()) stream.detach();
      standalone.detach();
      await agent.close();
    },
  };
}
