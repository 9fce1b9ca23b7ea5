import { isJsonObject } from '../../src/lib/json.ts';
import type { OpenAgentSession } from '../../src/wire/agent.ts';
import type { Frame, OpenChannel } from '../../src/wire/channel.ts';
import type { RequestId } from '../../src/wire/frames.ts';

/** Joins each client to an upstream of its own, frame by frame: the two transports and nothing between them. */
export function relaySessions(openUpstream: OpenChannel): OpenAgentSession {
  return function openRelay({ port }) {
    const ended = new AbortController();
    const tokens = new Map<unknown, RequestId>();
    const inFlight = new Set<RequestId>();

    const opening = openUpstream(
      {
        onFrame(frame) {
          const params = isJsonObject(frame['params']) ? frame['params'] : {};
          if (frame['method'] === undefined) settle(frame['id']);
          if (frame['method'] === undefined) port.send(frame);
          else if (frame['id'] !== undefined) port.send(frame, [...inFlight].at(-1));
          else port.send(frame, tokens.get(params['progressToken']));
        },
        onClose: () => ended.abort(),
      },
      ended.signal,
    );

    function settle(id: unknown): void {
      if (typeof id !== 'string' && typeof id !== 'number') return;
      inFlight.delete(id);
      for (const [token, request] of tokens) if (request === id) tokens.delete(token);
    }

    async function pass(frame: Frame): Promise<void> {
      const { id, method } = frame;
      const asks = method !== undefined && (typeof id === 'string' || typeof id === 'number');
      const params = isJsonObject(frame['params']) ? frame['params'] : {};
      const meta = isJsonObject(params['_meta']) ? params['_meta'] : {};
      if (asks) inFlight.add(id);
      if (asks && meta['progressToken'] !== undefined) tokens.set(meta['progressToken'], id);
      try {
        await (await opening).send(frame);
      } catch (thrown) {
        settle(id);
        const error = { code: -32603, message: String(thrown) };
        if (asks) port.send({ jsonrpc: '2.0', id, error });
      }
    }

    return {
      receive: (frame) => void pass(frame),
      refuse: () => undefined,
      async close() {
        await (await opening).close();
      },
    };
  };
}
