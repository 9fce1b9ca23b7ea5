import type { IncomingMessage } from 'node:http';
import { isJsonObject, type JsonObject } from '../../lib/json.ts';
import { readFrame, type RequestId } from '../frames.ts';
import { CODES } from '../modern/meta.ts';
import { JSON_TYPE } from './http-link.ts';
import { mediaType, readBody } from './read-answer.ts';

/** Bytes of a body that comes with an error. */
export const ERROR_BYTES = 65_536;

const MODERN_CODES: ReadonlySet<unknown> = new Set(Object.values(CODES));

export type RefusalError = {
  readonly error: JsonObject;
  /** It names the request, or is one that only a modern server gives: not what any web server says to any request. */
  readonly addressed: boolean;
};

/** The JSON-RPC error in a refusal, where there is one and it is not about another request. */
export async function readError(
  response: IncomingMessage,
  id: RequestId,
  bodyMs: number,
): Promise<RefusalError | undefined> {
  if (mediaType(response) !== JSON_TYPE) {
    response.destroy();
    return undefined;
  }
  try {
    const frame = readFrame(await readBody(response, ERROR_BYTES, bodyMs), ERROR_BYTES);
    const { error } = frame;
    const about = frame['id'] ?? id;
    if (!isJsonObject(error) || typeof error['code'] !== 'number' || about !== id) return undefined;
    return { error, addressed: frame['id'] === id || MODERN_CODES.has(error['code']) };
  } catch {
    return undefined;
  }
}
