import { isJsonObject, type JsonValue } from '../lib/json.ts';
import type { JsonObject } from '../lib/json.ts';

/** The token under which the sender of these parameters wants to hear of progress; any string or number, 0 too. */
export function progressToken(params: JsonObject): JsonValue | undefined {
  const meta = params['_meta'];
  return isJsonObject(meta) ? meta['progressToken'] : undefined;
}
