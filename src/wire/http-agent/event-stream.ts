import type { ServerResponse } from 'node:http';
import type { Frame } from '../channel.ts';
import { byNow } from '../in-wait.ts';

export type EventStreamLimits = {
  /** Bytes that wait for a slow or absent reader; a single frame may be larger. */
  readonly queueBytes: number;
  /** Bytes kept after they were sent, for a reader who comes back. */
  readonly replayBytes: number;
};

/** Frames for one SSE stream, numbered, which outlive the connection that carries them. */
export interface EventStream {
  readonly name: string;
  /** A connection carries it at present. */
  readonly attached: boolean;
  /** The reader has an event id to come back with. */
  readonly resumable: boolean;
  /** Bytes held, sent or not. */
  readonly size: number;
  push(frame: Frame): void;
  /** Carries on over `response`, whose head is written: after event `after`, or with what was never sent. */
  attach(response: ServerResponse, after?: number): void;
  /** An event without a frame, whose id the reader can come back with. */
  prime(): void;
  /** A comment that keeps the connection, and those between, awake. */
  beat(): void;
  /** Nothing more will be pushed: ends the connection when all is sent. */
  finish(): void;
  /** Ends the connection now. */
  detach(): void;
}

type Event = { readonly seq: number; readonly text: string; readonly frame: Frame | undefined };

const WAKE = ': still here\n\n';

/** `onDropped` takes a request of the server that will never reach the client. */
export function createEventStream(
  name: string,
  limits: EventStreamLimits,
  onDropped: (request: Frame) => void,
): EventStream {
  /** Sent events, then, from `cursor` on, those that wait. */
  const events: Event[] = [];
  let cursor = 0;
  let seq = 0;
  let sent = 0;
  let waiting = 0;
  let finished = false;
  let resumable = false;
  let sink: ServerResponse | undefined;

  function next(): Event | undefined {
    return sink && !sink.writableEnded && !sink.writableNeedDrain ? asOfNow(cursor) : undefined;
  }

  /** An answer may have been switched off since it was put here, or was sent on a connection that broke. */
  function asOfNow(at: number): Event | undefined {
    const event = events[at];
    const frame = event?.frame && byNow(event.frame);
    if (event === undefined || frame === event.frame) return event;
    const text = textOf(event.seq, frame);
    waiting += text.length - event.text.length;
    return (events[at] = { ...event, text, frame });
  }

  function textOf(number: number, frame: Frame | undefined): string {
    const said = frame === undefined ? 'data:' : `event: message\ndata: ${JSON.stringify(frame)}`;
    return `id: ${name}.${number}\n${said}\n\n`;
  }

  function flush(): void {
    for (let event = next(); event; event = next()) {
      cursor++;
      waiting -= event.text.length;
      sent += event.text.length;
      resumable = true;
      sink?.write(event.text);
    }
    while (sent > limits.replayBytes && cursor > 0) {
      sent -= events.shift()?.text.length ?? 0;
      cursor--;
    }
    if (finished && cursor === events.length) sink?.end();
  }

  function add(frame: Frame | undefined): void {
    const event = { seq, text: textOf(seq, frame), frame };
    seq++;
    if (waiting > 0 && waiting + event.text.length > limits.queueBytes) makeRoom(event.text.length);
    events.push(event);
    waiting += event.text.length;
    flush();
  }

  /** A reader too slow for its queue is cut off. For one who may come back notifications go first, and answers never. */
  function makeRoom(wanted: number): void {
    sink?.destroy();
    sink = undefined;
    for (const least of [isNotification, isRequest])
      for (let at = cursor; at < events.length && waiting + wanted > limits.queueBytes;) {
        const event = events[at];
        if (!event || !least(event)) {
          at++;
          continue;
        }
        events.splice(at, 1);
        waiting -= event.text.length;
        if (event.frame && isRequest(event)) onDropped(event.frame);
      }
  }

  return {
    name,
    get attached() {
      return sink !== undefined && !sink.writableEnded;
    },
    get resumable() {
      return resumable;
    },
    get size() {
      return sent + waiting;
    },
    push: add,
    prime: () => add(undefined),
    attach(response, after) {
      sink?.end();
      sink = response;
      response.on('drain', flush);
      response.once('close', () => {
        if (sink === response) sink = undefined;
      });
      if (after !== undefined) {
        const first = events.findIndex((event) => event.seq > after);
        cursor = first === -1 ? events.length : first;
        sent = bytes(events.slice(0, cursor));
        waiting = bytes(events.slice(cursor));
      }
      flush();
    },
    beat() {
      if (sink && !sink.writableNeedDrain && !sink.writableEnded) sink.write(WAKE);
    },
    finish() {
      finished = true;
      flush();
    },
    detach() {
      sink?.end();
      sink = undefined;
    },
  };
}

function isNotification({ frame }: Event): boolean {
  return frame === undefined || (frame['method'] !== undefined && frame['id'] === undefined);
}

function isRequest({ frame }: Event): boolean {
  return frame?.['method'] !== undefined && frame['id'] !== undefined;
}

function bytes(events: readonly Event[]): number {
  return events.reduce((sum, event) => sum + event.text.length, 0);
}
