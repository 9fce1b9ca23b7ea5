import { jsonSize } from '../lib/json-size.ts';
import type { Frame } from './channel.ts';
import { disownParams } from './disown.ts';
import { createFlood } from './flood.ts';
import { classify, FrameError, type Classified, type RequestId } from './frames.ts';
import type { Pending } from './pending.ts';

export type InboxOptions = {
  readonly pending: Pick<Pending, 'settle' | 'progress'>;
  readonly onRequest: (
    request: Extract<Classified, { kind: 'request' }>,
    cause: RequestId | undefined,
  ) => void;
  readonly onNotification: (
    notification: Extract<Classified, { kind: 'notification' }>,
    cause: RequestId | undefined,
  ) => void;
  readonly onRefused: (reason: string) => void;
  readonly maxNotificationsPerSecond: number;
};

/** What one upstream says: answers to their requests, the rest to the owner, within bounds. */
export interface Inbox {
  /** `cause`: the request in flight on whose stream it came, where the transport tells. Never throws. */
  take(frame: Frame, cause?: RequestId): void;
  /** A message that could not even be read, or another reason to complain. */
  refuse(reason: string): void;
  /** Questions that came so far. */
  readonly asked: number;
}

/** Thrown-away messages a second that are written down: a flood of them must not become one of records. */
const MAX_COMPLAINTS_PER_SECOND = 200;
/** Bytes of notifications a second: each is scanned, and megabytes of them would leave the others no time. */
const MAX_NOTIFIED_PER_SECOND = 256 * 1024;

export function createInbox(options: InboxOptions): Inbox {
  const { pending } = options;
  const flood = createFlood(options.maxNotificationsPerSecond);
  const volume = createFlood(MAX_NOTIFIED_PER_SECOND);
  const complaints = createFlood(MAX_COMPLAINTS_PER_SECOND);
  let asked = 0;

  function take(frame: Frame, cause?: RequestId): void {
    let message: Classified;
    try {
      message = classify(frame);
    } catch (thrown) {
      refuse(thrown instanceof Error ? thrown.message : 'not a message');
      // A broken answer is an answer: nobody has to wait for a better one until the time is over.
      if (thrown instanceof FrameError && thrown.id !== null && frame['method'] === undefined)
        pending.settle(thrown.id, {});
      return;
    }
    if (message.kind === 'response') {
      // A second answer, a late one, or one for an id that was never asked: nobody is waiting.
      if (!pending.settle(message.id, message.frame)) refuse('a response nobody waits for');
      return;
    }
    const admitted = flood.admit();
    if (admitted !== 'yes') {
      if (admitted === 'first-no') refuse('too many messages: the rest of the flood is dropped');
      return;
    }
    const own = { ...message, params: disownParams(message.params) };
    if (own.kind === 'notification') notified(own, cause);
    else {
      if (own.method !== 'ping') asked++;
      options.onRequest(own, cause);
    }
  }

  function notified(
    message: Extract<Classified, { kind: 'notification' }>,
    cause: RequestId | undefined,
  ): void {
    const fits = volume.admit(jsonSize(message.params, MAX_NOTIFIED_PER_SECOND).bytes);
    if (fits !== 'yes') {
      if (fits === 'first-no') refuse('too much said unasked: the rest of it is dropped');
    } else if (message.method === 'notifications/progress') {
      if (!pending.progress(message.params)) refuse('progress of a request that is not in flight');
    } else options.onNotification(message, cause);
  }

  function refuse(reason: string): void {
    const admitted = complaints.admit();
    if (admitted === 'yes') options.onRefused(reason);
    else if (admitted === 'first-no')
      options.onRefused('too many messages to throw away: the rest of them is not written down');
  }

  return {
    take,
    refuse,
    get asked() {
      return asked;
    },
  };
}
