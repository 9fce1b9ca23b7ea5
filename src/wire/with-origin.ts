import type { JsonObject } from '../lib/json.ts';
import { namesGate } from '../scan/gate-voice.ts';

/**
 * Says which server asks: one that asks for a password must not look like the gate or like another server. A single
 * server speaks for itself, unless it says the gate's name.
 */
export function withOrigin(
  server: string,
  single: boolean,
  method: string,
  params: JsonObject,
): JsonObject {
  const { message } = params;
  if (method !== 'elicitation/create' || typeof message !== 'string') return params;
  return single && !namesGate(params) ? params : { ...params, message: `[${server}] ${message}` };
}
