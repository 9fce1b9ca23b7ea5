import type { Call } from '../call.ts';
import type { Answer } from '../approvals/questions.ts';
import { isJsonObject, type JsonObject } from '../lib/json.ts';
import type { Pending } from './pending.ts';

export type Ask = (question: string, call: Call, signal: AbortSignal) => Promise<Answer>;

/** Asks the person through the client's own form (MCP elicitation); `undefined` where the client has none. */
export function createElicit(options: {
  readonly pending: Pending;
  readonly clientCapabilities: () => JsonObject;
  /** The client's request in flight that the question belongs to. */
  readonly relatedTo: (call: Call) => string | number | undefined;
  /** Milliseconds a person has. */
  readonly patienceMs: number;
}): () => Ask | undefined {
  return function elicit() {
    const declared = options.clientCapabilities()['elicitation'];
    if (!isJsonObject(declared)) return undefined;
    // An empty object means forms (2025-06-18); a client that only opens URLs cannot show one.
    if (Object.keys(declared).length > 0 && declared['form'] === undefined) return undefined;
    return ask;
  };

  async function ask(message: string, call: Call, signal: AbortSignal): Promise<Answer> {
    const { patienceMs, pending } = options;
    const patience = AbortSignal.timeout(patienceMs);
    try {
      const answer = await pending.request(
        'elicitation/create',
        { mode: 'form', message, requestedSchema: { type: 'object', properties: {} } },
        {
          signal: AbortSignal.any([signal, patience]),
          timeoutMs: patienceMs,
          maxTotalMs: patienceMs,
          related: options.relatedTo(call),
        },
      );
      return answer['action'] === 'accept' ? 'approved' : 'denied';
    } catch (thrown) {
      if (signal.aborted) throw thrown;
      return 'unanswered';
    }
  }
}
