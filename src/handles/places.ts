import type { Subject } from '../call.ts';
import { isJsonObject, type JsonObject } from '../lib/json.ts';
import { pointerOf } from '../plans/pointer.ts';

const MAX_PLACES = 32;
const MAX_DEPTH = 4;
const TYPES = new Set(['string', 'number', 'integer', 'boolean', 'object', 'array']);
/** A name, and no sentence. */
const NAME = /^[\w.-]{1,64}$/u;

/**
 * What stands where in the structured result of a tool, as its reviewed `outputSchema` says: `/id integer`. Of a list the
 * first item stands for all. What a server chose when it was called has no part in it: a key may be an instruction.
 */
export function placesOf({ definition, pin, reviewed }: Subject): readonly string[] {
  const { outputSchema } = definition;
  if (pin !== 'match' || !reviewed || !isJsonObject(outputSchema)) return [];
  const places: string[] = [];
  const rest: { readonly schema: JsonObject; readonly at: readonly string[] }[] = [
    { schema: outputSchema, at: [] },
  ];
  for (const { schema, at } of rest)
    for (const [name, inner] of membersOf(schema)) {
      if (places.length >= MAX_PLACES) return places;
      const place = [...at, name];
      const { type } = inner;
      if (typeof type === 'string' && TYPES.has(type)) places.push(`${pointerOf(place)} ${type}`);
      if (place.length < MAX_DEPTH) rest.push({ schema: inner, at: place });
    }
  return places;
}

function membersOf({ type, properties, items }: JsonObject): (readonly [string, JsonObject])[] {
  if (type === 'array') return isJsonObject(items) ? [['0', items]] : [];
  if (!isJsonObject(properties)) return [];
  return Object.entries(properties).flatMap(([name, inner]) =>
    NAME.test(name) && isJsonObject(inner) ? [[name, inner] as const] : [],
  );
}
