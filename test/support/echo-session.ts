import type { Caller } from '../../src/call.ts';
import { isJsonObject } from '../../src/lib/json.ts';
import type { AgentPort, AgentSession, OpenAgentSession } from '../../src/wire/agent.ts';
import type { Frame } from '../../src/wire/channel.ts';

export type EchoSession = AgentSession & {
  readonly port: AgentPort;
  /** What the client sent, in order. */
  readonly received: Frame[];
  /** Who the session acts for now. */
  caller: Caller;
  closed: boolean;
};

/** A session that answers by itself: `echo` at once, `wait` after `ms`, `progress` with notifications first, `never` not. */
export function echoSessions(): { readonly open: OpenAgentSession; readonly all: EchoSession[] } {
  const all: EchoSession[] = [];
  return {
    all,
    open({ caller, port }) {
      const session: EchoSession = {
        port,
        caller,
        received: [],
        closed: false,
        receive(frame) {
          session.received.push(frame);
          void answer(session, frame);
        },
        refuse() {
          throw new TypeError('Cannot be refused here: the transport answers');
        },
        renew(present) {
          session.caller = present;
        },
        async close() {
          session.closed = true;
        },
      };
      all.push(session);
      return session;
    },
  };
}

async function answer({ port, caller }: EchoSession, frame: Frame): Promise<void> {
  const { id, method } = frame;
  const params = isJsonObject(frame['params']) ? frame['params'] : {};
  if (typeof id !== 'string' && typeof id !== 'number') return;
  const reply = (result: Frame): void => port.send({ jsonrpc: '2.0', id, result });
  if (method === 'initialize' && params['refuse'] === true)
    port.send({ jsonrpc: '2.0', id, error: { code: -32602, message: 'no' } });
  else if (method === 'initialize')
    reply({
      protocolVersion: params['protocolVersion'] ?? '2025-11-25',
      capabilities: {},
      serverInfo: { name: 'echo', version: '1' },
    });
  else if (method === 'echo') reply({ params, subject: caller.subject });
  else if (method === 'wait') {
    await new Promise((resolve) => setTimeout(resolve, Number(params['ms'])));
    reply({});
  } else if (method === 'progress') {
    for (let progress = 1; progress <= Number(params['count']); progress++)
      port.send(
        {
          jsonrpc: '2.0',
          method: 'notifications/progress',
          params: {
            progressToken: 't',
            progress,
            padding: 'x'.repeat(Number(params['size'] ?? 0)),
          },
        },
        id,
      );
    if (params['open'] !== true) reply({});
  }
}
