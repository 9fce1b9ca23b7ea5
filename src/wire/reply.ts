import type { Denial } from '../denial.ts';
import type { JsonObject } from '../lib/json.ts';
import type { Reply } from '../call.ts';
import type { Frame } from './channel.ts';
import { problemCode, type RequestId } from './frames.ts';

/** Where a refusal says what it is; no server can write there (see disown). */
export const DENIAL = 'sallyport/denial';

export function resultFrame(id: RequestId, result: JsonObject): Frame {
  return { jsonrpc: '2.0', id, result };
}

export function errorFrame(
  id: RequestId | null,
  code: number,
  message: string,
  data?: JsonObject,
): Frame {
  return { jsonrpc: '2.0', id, error: { code, message, ...(data === undefined ? {} : { data }) } };
}

/** A reply as the peer gets it: the upstream's own result, or the upstream's own error. */
export function replyFrame(id: RequestId, reply: Reply): Frame {
  return reply.scanned.output.raw.failed
    ? { jsonrpc: '2.0', id, error: reply.result }
    : resultFrame(id, reply.result);
}

/** A refusal as the contract words it: a result the model can read for `tools/call`, an error elsewhere. */
export function denialFrame(id: RequestId, method: string, denial: Denial, traceId: string): Frame {
  const text =
    denial.hint === undefined ? denial.message : `${denial.message}\nHint: ${denial.hint}`;
  const { code, policies, scopes } = denial;
  const details = {
    [DENIAL]: {
      code,
      policies: [...policies],
      traceId,
      ...(scopes.length > 0 ? { scopes: [...scopes] } : {}),
    },
  };
  // A name that is hidden and a name that is missing must not differ in anything, so this error carries nothing more.
  if (denial.code === 'tool-unknown') return errorFrame(id, denial.rpc, denial.message);
  if (method === 'tools/call' && denial.inResult)
    return resultFrame(id, { content: [{ type: 'text', text }], isError: true, _meta: details });
  return errorFrame(id, denial.rpc, text, details);
}

/** The answer to bytes that were no message. */
export function problemFrame(problem: Error): Frame {
  const { id, code } = problemCode(problem);
  return errorFrame(id, code, problem.message);
}
