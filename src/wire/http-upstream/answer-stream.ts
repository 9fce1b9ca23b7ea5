import type { IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { createEventPosition, type EventPosition } from './event-position.ts';
import { Unreachable } from './http-client.ts';
import { EVENTS_TYPE, type HttpLink } from './http-link.ts';
import { mediaType, Oversize } from './read-answer.ts';

export type AnswerStreamOptions = {
  readonly link: Pick<HttpLink, 'listen'>;
  readonly signal: AbortSignal;
  /** A stream of the modern era cannot be taken up again. */
  readonly modern: boolean;
  readonly isAnswered: () => boolean;
  readonly read: (response: IncomingMessage, position: EventPosition) => Promise<void>;
};

/** Attempts to get a broken answer back, without news in between. */
const MAX_RESUMES = 4;

/**
 * Reads the event stream of a request until it is answered; one that breaks is taken up again after the last event
 * (Last-Event-ID). Throws when no answer can come any more; what cannot be taken up is left without one.
 */
export async function followAnswer(
  first: IncomingMessage,
  options: AnswerStreamOptions,
): Promise<void> {
  const { link, signal } = options;
  const position = createEventPosition();
  for (let response: IncomingMessage | undefined = first; ; response = undefined) {
    let problem: unknown;
    try {
      response ??= await link.listen(position.lastEventId, signal);
      if (response.statusCode !== 200 || mediaType(response) !== EVENTS_TYPE) {
        response.destroy();
        return;
      }
      await options.read(response, position);
    } catch (thrown) {
      if (signal.aborted || thrown instanceof Oversize || thrown instanceof Unreachable)
        throw thrown;
      problem = thrown;
    }
    position.retry();
    if (options.isAnswered()) return;
    if (options.modern) throw new Error('Cannot get an answer: the stream ended without one');
    if (position.lastEventId === undefined || position.failures > MAX_RESUMES)
      throw new Error('Cannot get an answer: the stream ended without one', { cause: problem });
    await sleep(position.pauseMs, undefined, { signal });
  }
}
