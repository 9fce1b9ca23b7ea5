import { isJsonObject, type JsonObject, type JsonValue } from '../lib/json.ts';

/** The parts of a result that a model would have read: of each item its text, data or address, and what is structured. */
export function valuesOf({ content, structuredContent }: JsonObject): JsonValue[] {
  const items: readonly JsonValue[] = Array.isArray(content) ? content : [];
  const values = items.map((item) => valueOf(item));
  return structuredContent === undefined ? values : [...values, structuredContent];
}

function valueOf(item: JsonValue): JsonValue {
  if (!isJsonObject(item)) return item;
  const inner = isJsonObject(item['resource']) ? item['resource'] : item;
  for (const member of ['text', 'data', 'blob', 'uri'] as const)
    if (typeof inner[member] === 'string') return inner[member];
  return item;
}

export type Shape = { readonly [what: string]: string | number };

/** Kind and size, and nothing that its author chose the words of: names of members are the author's too. */
export function shapeOf(value: JsonValue): Shape {
  if (typeof value === 'string')
    return { type: 'text', characters: value.length, lines: value.split('\n').length };
  if (Array.isArray(value)) return { type: 'list', items: value.length };
  if (isJsonObject(value)) return { type: 'object', members: Object.keys(value).length };
  return { type: value === null ? 'null' : typeof value };
}
