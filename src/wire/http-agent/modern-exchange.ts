import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { isJsonObject } from '../../lib/json.ts';
import type { Frame } from '../channel.ts';
import type { RequestId } from '../frames.ts';
import type { Exchange } from '../modern-agent/exchange.ts';
import { CODES } from '../modern/meta.ts';
import { openEvents, sendJson } from './respond.ts';

export type ModernExchange = Exchange & {
  readonly done: boolean;
  /** The request is answered by somebody else: nothing is written here any more. */
  abandon(): void;
  /** A comment that keeps the connection, and those between, awake. */
  beat(): void;
};

export type ModernExchangeOptions = {
  readonly response: ServerResponse;
  readonly id: RequestId;
  /** Milliseconds until the client hears that its request is alive, by an event stream with nothing in it yet. */
  readonly patienceMs: number;
  /** Bytes that wait for a slow reader. */
  readonly queueBytes: number;
  /** The status of an answer, where that is none of the protocol's. */
  readonly statusOf: (
    frame: Frame,
  ) => { readonly status: number; readonly headers: OutgoingHttpHeaders } | undefined;
};

const OF_THIS_ERA: ReadonlySet<unknown> = new Set(Object.values(CODES));
const WAKE = ': still here\n\n';

/**
 * One POST of the modern era. Its stream belongs to this request alone and cannot be taken up again, so a reader who is too
 * slow is cut off, which cancels what it asked for (specification 2026-07-28, transports).
 */
export function createModernExchange(options: ModernExchangeOptions): ModernExchange {
  const { response } = options;
  let streaming = false;
  let done = false;
  const patience = setTimeout(() => {
    if (done || response.destroyed) return;
    stream();
    response.write(WAKE);
  }, options.patienceMs);
  response.once('close', () => clearTimeout(patience));

  function stream(): void {
    clearTimeout(patience);
    if (streaming) return;
    streaming = true;
    openEvents(response);
  }

  function write(frame: Frame): void {
    if (response.destroyed) return;
    if (response.writableLength > options.queueBytes) response.destroy();
    else response.write(`event: message\ndata: ${JSON.stringify(frame)}\n\n`);
  }

  return {
    id: options.id,
    get done() {
      return done;
    },
    abandon() {
      done = true;
      clearTimeout(patience);
    },
    notify(frame) {
      if (done || response.destroyed) return;
      stream();
      write(frame);
    },
    answer(frame) {
      if (done) return;
      done = true;
      clearTimeout(patience);
      if (streaming) {
        write(frame);
        response.end();
      } else {
        const { status = statusOf(frame), headers } = options.statusOf(frame) ?? {};
        sendJson(response, status, frame, headers);
      }
    },
    beat() {
      if (streaming && !done && !response.writableNeedDrain) response.write(WAKE);
    },
  };
}

/** Errors of the call itself are answers; only these have a status of their own (basic, error codes). */
function statusOf({ error }: Frame): number {
  return isJsonObject(error) && OF_THIS_ERA.has(error['code']) ? 400 : 200;
}
