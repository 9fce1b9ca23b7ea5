import { isJsonObject, type JsonObject, type JsonValue } from '../lib/json.ts';
import { INDEX } from './pointer.ts';

/** Keywords that make a place depend on more than the way to it: then nothing is said about it. */
const ELSEWHERE = ['$ref', '$dynamicRef', 'anyOf', 'oneOf', 'allOf', 'if', 'not'];

/**
 * Why the value that `output` describes at one place cannot be what `input` wants at another, as far as that can be told
 * from the schemas; undefined: nothing speaks against it.
 */
export function misfit(
  output: JsonObject,
  from: readonly string[],
  input: JsonObject,
  to: readonly string[],
): string | undefined {
  const made = schemaAt(output, from);
  if (made === 'nothing') return 'the output schema of that tool has nothing at this place';
  const wanted = schemaAt(input, to);
  // What the input has no place for is told by its own schema.
  if (!isJsonObject(made) || !isJsonObject(wanted)) return undefined;
  const [types, others] = [typesOf(made), typesOf(wanted)];
  if (types === undefined || others === undefined) return undefined;
  if (types.some((type) => others.some((other) => canBe(type, other)))) return undefined;
  return `it is ${types.join(' or ')} there, and ${others.join(' or ')} here`;
}

function schemaAt(
  schema: JsonObject,
  tokens: readonly string[],
): JsonObject | 'nothing' | undefined {
  let at: JsonObject = schema;
  for (const token of tokens) {
    const here = at;
    if (ELSEWHERE.some((keyword) => Object.hasOwn(here, keyword))) return undefined;
    const next = memberAt(here, token);
    if (!isJsonObject(next)) return next === false ? 'nothing' : undefined;
    at = next;
  }
  return at;
}

/** `false`: nothing may stand there. */
function memberAt(schema: JsonObject, token: string): JsonValue | undefined {
  const { properties, additionalProperties, patternProperties, prefixItems, items } = schema;
  const types = typesOf(schema);
  if (isJsonObject(properties) && Object.hasOwn(properties, token)) return properties[token];
  if (types?.length === 1 && types[0] === 'array') {
    if (!INDEX.test(token)) return false;
    const tuple: readonly JsonValue[] = Array.isArray(prefixItems) ? prefixItems : [];
    return tuple[Number(token)] ?? items;
  }
  if (types?.every((type) => type !== 'object' && type !== 'array') === true) return false;
  return patternProperties === undefined ? additionalProperties : undefined;
}

function typesOf({ type }: JsonObject): readonly string[] | undefined {
  const types: readonly JsonValue[] = Array.isArray(type) ? type : [type ?? null];
  const named = types.filter((each) => typeof each === 'string');
  return named.length === types.length && named.length > 0 ? named : undefined;
}

function canBe(type: string, other: string): boolean {
  const numbers = ['number', 'integer'];
  return type === other || (numbers.includes(type) && numbers.includes(other));
}
