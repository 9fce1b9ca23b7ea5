import { isJsonObject, type JsonObject } from '../../lib/json.ts';
import type { Frame } from '../channel.ts';
import type { RequestId } from '../frames.ts';
import { CACHEABLE, CODES, META } from '../modern/meta.ts';
import { errorFrame } from '../reply.ts';

/** A pin, a policy or a kill counts from the next request on, so nothing is fresh for longer than it is read. */
const TTL_MS = 0;

/** Codes of the legacy eras that this one must not use (basic, error codes), and what says the same now. */
const REPLACED: ReadonlyMap<number, number> = new Map([
  [-32002, -32602],
  [-32042, -32603],
]);
const RESERVED = { from: -32099, to: -32020 } as const;

/** A result with what this era wants of each; `serverInfo` is whose word it is, so no upstream's stays. */
export function completeResult(
  method: string,
  result: JsonObject,
  serverInfo: JsonObject,
): JsonObject {
  const { inputRequests: _asked, requestState: _state, ...own } = result;
  return {
    ...own,
    resultType: 'complete',
    ...(CACHEABLE.has(method) ? { ttlMs: TTL_MS, cacheScope: 'private' } : {}),
    _meta: {
      ...(isJsonObject(own['_meta']) ? own['_meta'] : {}),
      [META.serverInfo]: serverInfo,
    },
  };
}

/** The router's answer as the modern client gets it, under the client's own id. */
export function toModern(
  method: string,
  id: RequestId,
  { result, error }: Frame,
  serverInfo: JsonObject,
): Frame {
  if (isJsonObject(error)) return { jsonrpc: '2.0', id, error: modernError(error) };
  const said = isJsonObject(result) ? result : {};
  // Only the gate says that input is required: in a server's result it would be a question nobody decided about.
  if (said['resultType'] !== undefined && said['resultType'] !== 'complete')
    return errorFrame(id, -32603, 'Cannot take the result: it is of an unknown type');
  return { jsonrpc: '2.0', id, result: completeResult(method, said, serverInfo) };
}

/** The state of a task of the router's in the words of the extension (ext-tasks 2026-07-28). */
export function taskState(task: JsonObject): JsonObject {
  const { taskId, status, statusMessage, createdAt, lastUpdatedAt, ttl, pollInterval } = task;
  return {
    taskId,
    status,
    ...(statusMessage === undefined ? {} : { statusMessage }),
    createdAt,
    lastUpdatedAt,
    ttlMs: ttl,
    ...(typeof pollInterval === 'number' ? { pollIntervalMs: Math.round(pollInterval) } : {}),
  };
}

/** The answer to a call that goes on as a task. */
export function createdTask(id: RequestId, task: JsonObject, serverInfo: JsonObject): Frame {
  const result = {
    ...completeResult('tools/call', taskState(task), serverInfo),
    resultType: 'task',
  };
  return { jsonrpc: '2.0', id, result };
}

/**
 * A code of this era means what the specification says, and says it of the gate: an upstream's `UnsupportedProtocolVersion`
 * would send the client back to an older era.
 */
function modernError(error: JsonObject): JsonObject {
  const { code, data } = error;
  if (typeof code !== 'number') return { ...error, code: -32603 };
  const replaced = REPLACED.get(code);
  if (replaced !== undefined) return { ...error, code: replaced };
  if (code < RESERVED.from || code > RESERVED.to) return error;
  // Only the gate's own refusals carry its name: no upstream may.
  if (code === CODES.headerMismatch && isJsonObject(data) && data['sallyport/denial'] !== undefined)
    return error;
  const names = isJsonObject(data) && isJsonObject(data['requiredCapabilities']);
  return code === CODES.missingCapability && names ? error : { ...error, code: -32603 };
}
