import type { ServerResponse } from 'node:http';
import type { Frame } from '../channel.ts';
import type { EventStream } from './event-stream.ts';
import { openEvents, sendJson } from './respond.ts';

export type ExchangeOptions = {
  readonly response: ServerResponse;
  readonly stream: EventStream;
  /** Milliseconds until the client hears that its request is alive, by an event stream with nothing in it yet. */
  readonly patienceMs: number;
  /** Whether the client can read an event without data (2025-11-25 and later). */
  readonly primes: boolean;
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
  const { response, stream } = options;
  let streaming = false;

  function startStream(): boolean {
    clearTimeout(patience);
    if (!streaming && response.destroyed) return false;
    if (!streaming) {
      streaming = true;
      openEvents(response);
      stream.attach(response);
    }
    return stream.attached || stream.resumable;
  }

  const patience = setTimeout(() => {
    if (!startStream()) return;
    if (options.primes) stream.prime();
    else stream.beat();
  }, options.patienceMs);

  return {
    relate(frame) {
      if (!startStream()) return false;
      stream.push(frame);
      return true;
    },
    answer(frame) {
      clearTimeout(patience);
      if (!streaming) sendJson(response, 200, frame);
      else {
        stream.push(frame);
        stream.finish();
      }
    },
    abandon(status, body) {
      clearTimeout(patience);
      if (streaming) stream.detach();
      else sendJson(response, status, body);
    },
    cancel() {
      startStream();
      stream.detach();
    },
  };
}
