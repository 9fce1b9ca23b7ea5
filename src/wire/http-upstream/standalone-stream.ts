import type { IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { createEventPosition, type EventPosition } from './event-position.ts';
import { Unreachable } from './http-client.ts';
import { EVENTS_TYPE, type HttpLink } from './http-link.ts';
import { mediaType, Oversize } from './read-answer.ts';

export type StandaloneStreamOptions = {
  readonly link: Pick<HttpLink, 'listen'>;
  readonly signal: AbortSignal;
  readonly read: (response: IncomingMessage, position: EventPosition) => Promise<void>;
  /** Throws when the session is lost. */
  readonly checkSession: (status: number) => Promise<void>;
  /** Takes why the server cannot be used any more. */
  readonly lose: (reason: Error) => void;
  readonly onTrouble: (why: string) => void;
};

/** Statuses below 500 after which the stream may be had later. */
const LATER = new Set([408, 409, 429]);

/** Reads the stream that belongs to no request, until `signal`, for as long as the server offers one. */
export async function followStandalone(options: StandaloneStreamOptions): Promise<void> {
  const { link, signal } = options;
  const position = createEventPosition();
  while (!signal.aborted) {
    try {
      const response = await link.listen(position.lastEventId, signal);
      const { statusCode = 0 } = response;
      const offered = statusCode === 200 && mediaType(response) === EVENTS_TYPE;
      if (offered) await options.read(response, position);
      else {
        response.destroy();
        await options.checkSession(statusCode);
        if (statusCode < 500 && !LATER.has(statusCode)) return;
      }
    } catch (thrown) {
      if (thrown instanceof Oversize || thrown instanceof Unreachable) options.lose(thrown);
      if (signal.aborted) return;
      options.onTrouble(`the standalone stream broke: ${String(thrown)}`);
    }
    position.retry();
    await sleep(position.pauseMs, undefined, { signal, ref: false });
  }
}
