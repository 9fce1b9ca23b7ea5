import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Frame } from '../channel.ts';
import type { EventStream } from './event-stream.ts';
import { openEvents, sendJson } from './respond.ts';

export type ExchangeOptions = {
  readonly response: ServerResponse;
  /** The stream that what comes before the answer goes on; asked for once, and by most requests never. */
  readonly openStream: () => EventStream;
  /** Milliseconds until the client hears that its request is alive, by an event stream with nothing in it yet. */
  readonly patienceMs: number;
  /** Whether the client can read an event without data (2025-11-25 and later). */
  readonly primes: boolean;
  /** The status of an answer, where that is not 200. */
  readonly statusOf: (
    frame: Frame,
  ) => { readonly status: number; readonly headers: OutgoingHttpHeaders } | undefined;
};

/** One POST with a request in it, until its response is on its way. */
export interface Exchange {
  /** A frame that the request caused. `false`: the client can no longer be reached this way. */
  relate(frame: Frame): boolean;
  answer(frame: Frame): void;
  /** Ends the connection with an error, or without an answer where the stream has begun. */
  abandon(status: number, body: Frame): void;
  /** Ends the connection without an answer: the client wants none any more. */
  cancel(): void;
}

/**
 * Answers as plain JSON where the response is all there is, and as an event stream as soon as anything comes before it.
 * A client that goes away has not cancelled (MCP transports, "Disconnection"): with an event id it may come back.
 */
export function createExchange(options: ExchangeOptions): Exchange {
  const { response } = options;
  let stream: EventStream | undefined;

  /** Undefined: the client has gone, with no event to come back to. */
  function startStream(): EventStream | undefined {
    clearTimeout(patience);
    if (stream === undefined) {
      if (response.destroyed) return undefined;
      stream = options.openStream();
      openEvents(response);
      stream.attach(response);
    }
    return stream.attached || stream.resumable ? stream : undefined;
  }

  const patience = setTimeout(() => {
    const open = startStream();
    if (options.primes) open?.prime();
    else open?.beat();
  }, options.patienceMs);

  return {
    relate(frame) {
      const open = startStream();
      open?.push(frame);
      return open !== undefined;
    },
    answer(frame) {
      clearTimeout(patience);
      if (stream === undefined) {
        const { status = 200, headers } = options.statusOf(frame) ?? {};
        sendJson(response, status, frame, headers);
      } else {
        stream.push(frame);
        stream.finish();
      }
    },
    abandon(status, body) {
      clearTimeout(patience);
      if (stream === undefined) sendJson(response, status, body);
      else stream.detach();
    },
    cancel() {
      startStream();
      stream?.detach();
    },
  };
}
