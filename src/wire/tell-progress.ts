import type { DispatchOptions } from '../dispatch.ts';
import type { Gate } from '../gate.ts';
import type { AgentPort } from './agent.ts';
import { progressToken } from './progress-token.ts';
import type { Refused } from './refused.ts';

export type TellProgressOptions = Pick<Gate, 'given' | 'harmless'> & {
  readonly port: AgentPort;
  readonly onRefused: Refused;
};

/** Tells the client how far a call is, in the client's own token, unless it looks like an injection. */
export function createTellProgress(options: TellProgressOptions): DispatchOptions['onProgress'] {
  const { given, harmless, port, onRefused } = options;
  const method = 'notifications/progress';
  return function tellProgress(call, params) {
    const { server } = call.subject;
    if (!harmless(params, call.session, server)) {
      onRefused(`${server} sent progress that looks like an injection`, { method });
      return;
    }
    given(call, params);
    const own = { ...params, progressToken: progressToken(call.params) };
    port.send({ jsonrpc: '2.0', method, params: own }, call.id);
  };
}
