import type { JsonObject } from '../lib/json.ts';
import { ORDINARY, visible } from '../lib/visible.ts';
import { namesGate } from '../scan/gate-voice.ts';

/**
 * Says which server asks: one that asks for a password must not look like the gate or like another server. A single
 * server speaks for itself, unless it says the gate's name. What a terminal would obey could wipe the name away again.
 */
export function withOrigin(
  server: string,
  single: boolean,
  method: string,
  params: JsonObject,
): JsonObject {
  const { message } = params;
  if (method !== 'elicitation/create' || typeof message !== 'string') return params;
  const origin = single && !namesGate(params) ? '' : `[${server}] `;
  return { ...params, message: origin + visible(message.replaceAll('\r\n', '\n'), ORDINARY) };
}
