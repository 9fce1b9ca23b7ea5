import type { JsonObject } from '../lib/json.ts';
import { ORDINARY, visible } from '../lib/visible.ts';

/**
 * Says which server asks: one that asks for a password must not look like the gate or like another server. Always, because
 * there are more ways to spell the gate's name, or to pass for it without, than any table knows. What a terminal would obey
 * could wipe the name away again.
 */
export function withOrigin(server: string, method: string, params: JsonObject): JsonObject {
  const { message } = params;
  if (method !== 'elicitation/create' || typeof message !== 'string') return params;
  const text = visible(message.replaceAll('\r\n', '\n'), ORDINARY);
  return { ...params, message: `[${server}] ${text}` };
}
