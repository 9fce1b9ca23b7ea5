import { createParser, type EventSourceMessage } from 'eventsource-parser';

export type EventReader = AsyncDisposable & {
  readonly status: number;
  readonly headers: Headers;
  /** Events so far. */
  readonly events: EventSourceMessage[];
  /** Resolves with all events when there are `count`, or when the stream ended. */
  atLeast(count: number): Promise<readonly EventSourceMessage[]>;
  readonly ended: Promise<void>;
};

/** Opens an event stream and keeps reading it. */
export async function readStream(url: string, init: RequestInit): Promise<EventReader> {
  const abort = new AbortController();
  const response = await fetch(url, { ...init, signal: abort.signal });
  const events: EventSourceMessage[] = [];
  const state = { over: false, wake: noop };
  async function pump(): Promise<void> {
    const parser = createParser({ onEvent: (event) => events.push(event) });
    const decoder = new TextDecoder();
    const body: AsyncIterable<Uint8Array> | null = response.body;
    try {
      for await (const chunk of body ?? []) {
        parser.feed(decoder.decode(chunk, { stream: true }));
        state.wake();
      }
    } catch {
      // Cut off: what came is what came.
    }
    state.over = true;
    state.wake();
  }
  const ended = pump();
  return {
    status: response.status,
    headers: response.headers,
    events,
    ended,
    async atLeast(count) {
      while (events.length < count && !state.over)
        await new Promise<void>((resolve) => {
          state.wake = resolve;
        });
      return events;
    },
    async [Symbol.asyncDispose]() {
      abort.abort();
      await ended;
    },
  };
}

function noop(): void {}
