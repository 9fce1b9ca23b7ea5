import { isJsonObject, type JsonObject, type JsonValue } from '../../lib/json.ts';
import { anything, join, meet, NOTHING, NULL, of, type Form, type Shape } from './shape.ts';

/** An upstream may write a schema that unfolds without end. */
const MAX_STEPS = 5000;
const MAX_DEPTH = 16;

type Place = { readonly refs: readonly string[]; readonly depth: number };

/**
 * What a JSON Schema (2020-12 and what is left of draft-07) says of a value, as far as a type can say it; keywords that
 * only narrow, such as `pattern` or `if`, are left to the check of arguments. Never throws.
 */
export function readSchema(root: JsonObject): Shape {
  let steps = 0;
  return read(root, { refs: [], depth: 0 });

  function read(schema: JsonValue | undefined, place: Place): Shape {
    if (schema === false) return NOTHING;
    if (!isJsonObject(schema)) return anything('its type is not said');
    if (++steps > MAX_STEPS || place.depth > MAX_DEPTH) return anything('its schema is too large');
    const inner = { ...place, depth: place.depth + 1 };
    const said = [ownType(schema), values(schema), members(schema, inner), items(schema, inner)];
    if (schema['$ref'] !== undefined) said.push(follow(schema['$ref'], inner));
    if (schema['$dynamicRef'] !== undefined) said.push(anything('it is a $dynamicRef'));
    for (const each of listOf(schema['allOf'])) said.push(read(each, inner));
    for (const keyword of ['anyOf', 'oneOf'])
      if (Array.isArray(schema[keyword]))
        said.push(
          listOf(schema[keyword])
            .map((each) => read(each, inner))
            .reduce(join, NOTHING),
        );
    return said.reduce(meet, anything(''));
  }

  function follow(ref: JsonValue, place: Place): Shape {
    if (typeof ref !== 'string' || !/^#(?:\/|$)/u.test(ref))
      return anything('its $ref leads elsewhere');
    if (place.refs.includes(ref)) return anything('it contains itself');
    const target = pointer(root, ref);
    if (target === undefined) return anything('its $ref leads nowhere');
    return read(target, { ...place, refs: [...place.refs, ref] });
  }

  function members(schema: JsonObject, place: Place): Shape {
    const { properties, required, additionalProperties, unevaluatedProperties } = schema;
    const names = listOf(required).filter((name) => typeof name === 'string');
    if (!isJsonObject(properties) && names.length === 0 && additionalProperties === undefined)
      return anything('');
    const fields = Object.entries(isJsonObject(properties) ? properties : {});
    return {
      ...of({
        kind: 'record',
        fields: new Map(fields.map(([name, each]) => [name, read(each, place)])),
        required: new Set(names),
        closed: additionalProperties === false || unevaluatedProperties === false,
      }),
      nullable: true,
    };
  }

  function items(schema: JsonObject, place: Place): Shape {
    const tuple = [...listOf(schema['prefixItems']), ...listOf(schema['items'])];
    const rest = Array.isArray(schema['items']) ? schema['additionalItems'] : schema['items'];
    if (tuple.length === 0 && rest === undefined) return anything('');
    const each = [...tuple, ...(rest === undefined ? [] : [rest])].map((one) => read(one, place));
    const element = each.reduce(join, NOTHING);
    return { ...of({ kind: 'set', of: element, orOne: false }), nullable: true };
  }
}

const UNKNOWN: Shape = anything('its type is not said');
const EMPTY: Form = { kind: 'record', fields: new Map(), required: new Set(), closed: false };

const TYPES: Readonly<Record<string, Shape>> = {
  string: of({ kind: 'text' }),
  boolean: of({ kind: 'flag' }),
  integer: of({ kind: 'whole' }),
  number: of({ kind: 'decimal' }),
  array: of({ kind: 'set', of: UNKNOWN, orOne: false }),
  object: of(EMPTY),
  null: NULL,
};

function ownType({ type }: JsonObject): Shape {
  if (type === undefined) return UNKNOWN;
  const types = Array.isArray(type) ? listOf(type) : [type];
  return types
    .map((name) =>
      typeof name === 'string' && Object.hasOwn(TYPES, name) ? (TYPES[name] ?? UNKNOWN) : UNKNOWN,
    )
    .reduce(join, NOTHING);
}

/** What `enum` and `const` say. */
function values(schema: JsonObject): Shape {
  const { enum: list, const: one } = schema;
  const fixed = one === undefined ? listOf(list) : [one];
  if (fixed.length === 0) return anything('');
  return fixed.map((value) => ownType({ type: typeOf(value) })).reduce(join, NOTHING);
}

function typeOf(value: JsonValue): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isSafeInteger(value) ? 'integer' : 'number';
  return typeof value;
}

function listOf(value: JsonValue | undefined): readonly JsonValue[] {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- isArray widens readonly arrays to any[]
  return Array.isArray(value) ? (value as readonly JsonValue[]) : [];
}

/** RFC 6901, in the fragment of a URI. */
function pointer(root: JsonValue, ref: string): JsonValue | undefined {
  let at: JsonValue | undefined = root;
  for (const step of ref.split('/').slice(1)) {
    const name = decode(step).replaceAll('~1', '/').replaceAll('~0', '~');
    if (Array.isArray(at)) at = listOf(at)[Number(name)];
    else at = isJsonObject(at) && Object.hasOwn(at, name) ? at[name] : undefined;
  }
  return at;
}

function decode(step: string): string {
  try {
    return decodeURIComponent(step);
  } catch {
    return step;
  }
}
