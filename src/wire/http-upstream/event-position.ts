const EVENT_ID = /^[\u0020-\u007e]{1,1024}$/;
const BACKOFF = { leastMs: 100, firstMs: 500, mostMs: 30_000 };

/** Where a reader is in an event stream that may break, and when it may come back. */
export type EventPosition = {
  readonly lastEventId: string | undefined;
  /** Attempts since something last came. */
  readonly failures: number;
  /** Something came. */
  advance(eventId: string | undefined): void;
  /** Another attempt begins. */
  retry(): void;
  /** The server says how long to wait. */
  postpone(ms: number): void;
  /** Milliseconds before the next attempt. */
  readonly pauseMs: number;
};

export function createEventPosition(): EventPosition {
  let lastEventId: string | undefined;
  let failures = 0;
  let baseMs = BACKOFF.firstMs;
  return {
    get lastEventId() {
      return lastEventId;
    },
    get failures() {
      return failures;
    },
    advance(eventId) {
      failures = 0;
      // It goes back in a header: an id that is no header value is no id.
      if (eventId !== undefined && EVENT_ID.test(eventId)) lastEventId = eventId;
    },
    retry() {
      failures++;
    },
    postpone(ms) {
      // The server may ask for patience, not for a storm.
      baseMs = Math.min(Math.max(ms, BACKOFF.leastMs), BACKOFF.mostMs);
    },
    get pauseMs() {
      return Math.min(baseMs * 2 ** Math.max(0, failures - 1), BACKOFF.mostMs);
    },
  };
}
