import { freezeJson, isJsonObject, type JsonObject, type JsonValue } from '../lib/json.ts';
import type { Reference, References } from './plan.ts';
import { follow, pointerOf, readPointer } from './pointer.ts';

const STEP = '$step';
const MAX_POINTER = 512;
/** What a result has for a program; the rest is the servers' and the gateway's. */
const PARTS = new Set(['structuredContent', 'content']);

/** Finds the references in the arguments of a step; `say` takes what is wrong with one. */
export function findReferences(
  args: JsonObject,
  say: (at: readonly string[], what: string) => void,
): References {
  const found = new Map<JsonObject, Reference>();
  const rest: { readonly value: JsonValue; readonly at: readonly string[] }[] = [
    { value: args, at: [] },
  ];
  for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
    const { value, at } = next;
    if (Array.isArray(value))
      for (const [index, item] of value.entries())
        rest.push({ value: item, at: [...at, String(index)] });
    if (!isJsonObject(value)) continue;
    if (Object.hasOwn(value, STEP)) {
      const reference = readReference(value, at);
      if (typeof reference === 'string') say(at, reference);
      else found.set(value, reference);
    } else
      for (const [name, inner] of Object.entries(value))
        if (inner !== undefined) rest.push({ value: inner, at: [...at, name] });
  }
  return found;
}

function readReference(value: JsonObject, at: readonly string[]): Reference | string {
  const { [STEP]: step, pointer } = value;
  if (typeof step !== 'string' || typeof pointer !== 'string' || Object.keys(value).length !== 2)
    return 'a reference has exactly "$step" and "pointer", both texts';
  if (at.length === 0) return 'a reference cannot stand for all arguments';
  const tokens = pointer.length > MAX_POINTER ? undefined : readPointer(pointer);
  if (tokens === undefined) return 'its pointer is no JSON Pointer (RFC 6901)';
  if (!PARTS.has(tokens[0] ?? ''))
    return 'its pointer begins with /structuredContent or /content, the parts of a result';
  return { step, tokens, at };
}

/**
 * The arguments with the values that are referred to, each put in once: what a result brings is never read as a reference.
 * Throws a `RangeError` where a result has nothing at that place.
 */
export function fill(
  args: JsonObject,
  references: References,
  resultOf: (step: string) => JsonObject | undefined,
): JsonObject {
  if (references.size === 0) return args;
  const filled = put(args);
  if (!isJsonObject(filled)) throw new TypeError('Cannot fill in arguments: they are no object');
  return freezeJson(filled);

  /** As deep as what was submitted, which the wire has bounded. */
  function put(value: JsonValue): JsonValue {
    if (Array.isArray(value)) return value.map((item: JsonValue) => put(item));
    if (!isJsonObject(value)) return value;
    const reference = references.get(value);
    if (reference) return valueOf(reference);
    return Object.fromEntries(
      Object.entries(value).map(([name, inner]) => [
        name,
        inner === undefined ? undefined : put(inner),
      ]),
    );
  }

  function valueOf({ step, tokens }: Reference): JsonValue {
    const result = resultOf(step);
    const value = result && follow(result, tokens);
    if (value === undefined)
      throw new RangeError(`the result of ${step} has nothing at ${pointerOf(tokens)}`);
    return value;
  }
}
