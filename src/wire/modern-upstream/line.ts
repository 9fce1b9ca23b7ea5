import type { Caller } from '../../call.ts';
import type { JsonObject } from '../../lib/json.ts';
import type { Channel, ChannelEvents, Frame, OpenChannel } from '../channel.ts';
import type { RequestId } from '../frames.ts';

/** A channel on which some requests are the translator's own: their answers come back as promises. */
export interface Line {
  readonly send: Channel['send'];
  /** Sends a request; resolves with its response. Rejects when none can come any more. */
  ask(id: RequestId, method: string, params: JsonObject, caller?: Caller): Promise<Frame>;
  /** Nobody waits for this answer any more: its `ask` rejects, and a late answer is swallowed. */
  abandon(id: RequestId): void;
  readonly closed: boolean;
  close(): Promise<void>;
}

type Waiting = {
  readonly resolve: (frame: Frame) => void;
  readonly reject: (reason: unknown) => void;
};

/** Late answers that are swallowed without a word; more of them are nobody's and go on to the owner, who complains. */
const MAX_ABANDONED = 256;

/** Opens a channel as a line. `events` takes what is not an answer to the line's own requests. */
export async function openLine(
  open: OpenChannel,
  events: ChannelEvents,
  signal: AbortSignal,
): Promise<Line> {
  const waiting = new Map<RequestId, Waiting>();
  const abandoned = new Set<RequestId>();
  let closed = false;

  function failAll(reason: unknown): void {
    for (const { reject } of waiting.values()) reject(reason);
    waiting.clear();
  }

  const channel: Channel = await open(
    {
      onFrame(frame, cause) {
        const { id, method } = frame;
        if (method === undefined && (typeof id === 'string' || typeof id === 'number')) {
          if (abandoned.delete(id)) return;
          const entry = waiting.get(id);
          if (entry) {
            waiting.delete(id);
            entry.resolve(frame);
            return;
          }
        }
        events.onFrame(frame, cause);
      },
      onUnreadable: (problem, id) => events.onUnreadable?.(problem, id),
      onClose(reason) {
        closed = true;
        failAll(reason ?? new Error('the connection was closed'));
        events.onClose(reason);
      },
    },
    signal,
  );

  return {
    send: channel.send.bind(channel),
    async ask(id, method, params, caller) {
      return await new Promise<Frame>((resolve, reject) => {
        waiting.set(id, { resolve, reject });
        channel.send({ jsonrpc: '2.0', id, method, params }, caller).catch((thrown: unknown) => {
          if (waiting.delete(id)) reject(thrown);
        });
      });
    },
    abandon(id) {
      const entry = waiting.get(id);
      if (!entry) return;
      waiting.delete(id);
      entry.reject(new Error('abandoned'));
      if (abandoned.size >= MAX_ABANDONED) abandoned.clear();
      abandoned.add(id);
    },
    get closed() {
      return closed;
    },
    async close() {
      await channel.close();
    },
  };
}
