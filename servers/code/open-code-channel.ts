import type { Server } from '@modelcontextprotocol/sdk/server/index.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { JSONRPCMessageSchema, type JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import { freezeJson, isJsonObject, parseJson } from '../../src/lib/json.ts';
import type { Channel, ChannelEvents, Frame, OpenChannel } from '../../src/wire/channel.ts';

/** More than a result has: outputs at their limits, each twice and escaped. */
const LIMITS = { maxBytes: 16 * 1024 * 1024, maxDepth: 64 };

/** A channel to a server in this process. Each opening connects a server of its own, so that it can be opened again. */
export function openCodeChannel(create: () => Server): OpenChannel {
  return async function openChannel(events, signal) {
    signal.throwIfAborted();
    const { transport, channel } = link(events);
    await create().connect(transport);
    return channel;
  };
}

function link(events: ChannelEvents): { transport: Transport; channel: Channel } {
  let closed = false;
  const transport: Transport = {
    async start() {},
    async send(message) {
      if (!closed) events.onFrame(toFrame(message));
    },
    async close() {
      if (closed) return;
      closed = true;
      // Ends the calls that are running: the server aborts their signals.
      transport.onclose?.();
      events.onClose();
    },
  };
  const channel: Channel = {
    async send(frame) {
      if (closed) throw new Error('Cannot send: the channel is closed');
      const message = JSONRPCMessageSchema.parse(frame);
      queueMicrotask(() => {
        if (!closed) transport.onmessage?.(message);
      });
    },
    close: async () => await transport.close(),
  };
  return { transport, channel };
}

/** Through text and back, as it would come from any other server. */
function toFrame(message: JSONRPCMessage): Frame {
  const frame = parseJson(JSON.stringify(message), LIMITS);
  if (!isJsonObject(frame)) throw new TypeError('Cannot send: the message is no object');
  return freezeJson(frame);
}
