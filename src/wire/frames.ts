import { isJsonObject, JsonError, parseJson, type JsonObject } from '../lib/json.ts';
import type { Frame } from './channel.ts';

export type RequestId = string | number;

/** A frame after one look; what it is decides who may send it. */
export type Classified =
  | {
      readonly kind: 'request';
      readonly id: RequestId;
      readonly method: string;
      readonly params: JsonObject;
    }
  | { readonly kind: 'notification'; readonly method: string; readonly params: JsonObject }
  | { readonly kind: 'response'; readonly id: RequestId; readonly frame: Frame };

const ALLOWED_KEYS = new Set(['jsonrpc', 'id', 'method', 'params', 'result', 'error']);

/** A frame that is JSON but not JSON-RPC as MCP uses it. `id` is set where an answer can be addressed. */
export class FrameError extends Error {
  override readonly name = 'FrameError';
  readonly id: RequestId | null;
  readonly code: number;

  constructor(message: string, id: RequestId | null = null, code = -32600) {
    super(message);
    this.id = id;
    this.code = code;
  }
}

/** Each value costs a hundred times the two bytes it may take: a million empty strings are no message. */
const MAX_VALUES = 500_000;

/** Bytes or text to one frame. Throws `JsonError` or `FrameError`. */
export function readFrame(input: Uint8Array | string, maxBytes: number): Frame {
  const value = parseJson(input, { maxBytes, maxDepth: 64, maxValues: MAX_VALUES });
  if (Array.isArray(value))
    throw new FrameError('Cannot accept the message: JSON-RPC batches are not part of MCP');
  if (!isJsonObject(value))
    throw new FrameError('Cannot accept the message: not a JSON-RPC object');
  return value;
}

/** The JSON-RPC error code that belongs to a message which could not be read (JSON-RPC 2.0 §5.1). */
export function problemCode(problem: Error): {
  readonly code: number;
  readonly id: RequestId | null;
} {
  if (problem instanceof FrameError) return { code: problem.code, id: problem.id };
  if (
    problem instanceof JsonError &&
    problem.problem !== 'syntax' &&
    problem.problem !== 'not-utf8'
  )
    return { code: -32600, id: null };
  return { code: -32700, id: null };
}

function readId(frame: Frame): RequestId | null {
  const id = frame['id'];
  return typeof id === 'string' || (typeof id === 'number' && Number.isSafeInteger(id)) ? id : null;
}

/** Tells requests, notifications and responses apart. Throws `FrameError` for what is none or more than one. */
export function classify(frame: Frame): Classified {
  const id = readId(frame);
  if (frame['jsonrpc'] !== '2.0')
    throw new FrameError('Cannot accept the message: jsonrpc is not "2.0"', id);
  for (const key of Object.keys(frame))
    if (!ALLOWED_KEYS.has(key))
      throw new FrameError(
        `Cannot accept the message: unknown member ${JSON.stringify(key.slice(0, 64))}`,
        id,
      );
  if (frame['id'] !== undefined && id === null)
    throw new FrameError('Cannot accept the message: the id is neither a string nor an integer');
  const { method, params } = frame;
  if (method === undefined) return classifyResponse(frame, id);
  if (typeof method !== 'string')
    throw new FrameError('Cannot accept the message: method is not a string', id);
  if (frame['result'] !== undefined || frame['error'] !== undefined)
    throw new FrameError('Cannot accept the message: both a request and a response', id);
  if (params !== undefined && !isJsonObject(params))
    throw new FrameError('Cannot accept the message: params is not an object', id, -32602);
  if (id === null) return { kind: 'notification', method, params: params ?? {} };
  return { kind: 'request', id, method, params: params ?? {} };
}

function classifyResponse(frame: Frame, id: RequestId | null): Classified {
  const { result, error } = frame;
  if (id === null) throw new FrameError('Cannot accept the message: a response without an id');
  if ((result === undefined) === (error === undefined))
    throw new FrameError(
      'Cannot accept the message: a response has either a result or an error',
      id,
    );
  if (result !== undefined && !isJsonObject(result))
    throw new FrameError('Cannot accept the message: the result is not an object', id);
  if (error !== undefined && !(isJsonObject(error) && typeof error['code'] === 'number'))
    throw new FrameError('Cannot accept the message: the error has no code', id);
  return { kind: 'response', id, frame };
}
