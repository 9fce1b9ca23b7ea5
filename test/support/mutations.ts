import fc from './property.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../src/lib/json.ts';

/** One change of one frame: at a place counted from its front. */
export type Mutation = {
  readonly at: number;
  readonly how: keyof typeof CHANGES;
  readonly value: JsonValue;
};

const CHANGES = {
  replace: (_: JsonValue | undefined, value: JsonValue) => value,
  drop: () => undefined,
  wrap: (old: JsonValue | undefined) => [old ?? null],
  nest: (old: JsonValue | undefined) => ({ old: old ?? null }),
  text: (old: JsonValue | undefined) => JSON.stringify(old ?? null),
  number: (old: JsonValue | undefined) => Number(typeof old === 'object' ? 0 : old) || 0,
} as const satisfies Record<
  string,
  (old: JsonValue | undefined, value: JsonValue) => JsonValue | undefined
>;
const PLACES = 24;

/** The place counted from the front, changed; what lies around it stays. */
export function mutate(frame: JsonObject, { at, how, value }: Mutation): JsonObject {
  let left = at % PLACES;
  function visit(node: JsonValue): JsonValue | undefined {
    if (left-- === 0) return CHANGES[how](node, value);
    if (Array.isArray(node)) return node.map((item: JsonValue) => visit(item) ?? null);
    if (!isJsonObject(node)) return node;
    return Object.fromEntries(
      Object.entries(node).map(([key, child]) => [key, child === undefined ? child : visit(child)]),
    );
  }
  // The frame itself stays an object: what is none is refused before it gets here.
  const changed = Object.entries(frame).map(
    ([key, child]) => [key, child === undefined ? child : visit(child)] as const,
  );
  const kept = Object.fromEntries(changed.filter(([, child]) => child !== undefined));
  return left >= 0 && how !== 'drop'
    ? { ...kept, [at % 2 === 0 ? 'params' : `x${at}`]: value }
    : kept;
}

const VALUES: readonly JsonValue[] = [
  null, 0, -1, 1, 2, 7, 1.5, 2 ** 53, 1e308, '', 'x', '__proto__', 'constructor', 'read_echo', 'initialize', 'tools/call',
  'notifications/cancelled', 'sampling/createMessage', 'test://one', '\u0000', '\uD800', [], {}, { _meta: null },
  { progressToken: 0 }, { progressToken: {} }, { code: -1 }, { requestId: 1 },
]; // prettier-ignore

/** Any mutation; `more` are values that mean something where it is used. */
export const mutation = (more: readonly JsonValue[] = []): fc.Arbitrary<Mutation> =>
  fc.record({
    at: fc.nat(PLACES - 1),
    how: fc.constantFrom(...Object.keys(CHANGES)).map((how) => how as keyof typeof CHANGES), // oxlint-disable-line typescript/no-unsafe-type-assertion -- the keys of the table
    value: fc.constantFrom(...VALUES, ...more),
  });
