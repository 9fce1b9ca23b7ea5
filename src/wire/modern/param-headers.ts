import { isJsonObject, type JsonObject, type JsonValue } from '../../lib/json.ts';
import { HEADERS } from './meta.ts';

/** One argument that is repeated in a header, e.g. `['where', 'region']` in `mcp-param-region`. */
export type Declaration = { readonly path: readonly string[]; readonly header: string };

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$/;
const TYPES: ReadonlySet<unknown> = new Set(['string', 'integer', 'boolean']);
/** Keywords below which there are schemas, but no argument that always stands at one place. */
const SCHEMAS = [
  'items prefixItems contains additionalProperties unevaluatedProperties unevaluatedItems',
  'propertyNames oneOf anyOf allOf not if then else',
].flatMap((names) => names.split(' '));
const NAMED_SCHEMAS = ['patternProperties', 'dependentSchemas', '$defs', 'definitions'];

/** What an `inputSchema` wants repeated. `undefined`: one of them is not allowed, and with it the tool. */
export function declarationsOf(schema: JsonObject): readonly Declaration[] | undefined {
  const found: Declaration[] = [];
  const headers = new Set<string>();
  function isFine(node: unknown, path: readonly string[], isReachable: boolean): boolean {
    if (Array.isArray(node)) return node.every((inner: unknown) => isFine(inner, path, false));
    if (!isJsonObject(node)) return true;
    const name = node['x-mcp-header'];
    if (name !== undefined) {
      if (!isReachable || path.length === 0 || !TYPES.has(node['type'])) return false;
      if (typeof name !== 'string' || !TOKEN.test(name)) return false;
      const header = `${HEADERS.paramPrefix}${name.toLowerCase()}`;
      if (headers.has(header)) return false;
      headers.add(header);
      found.push({ path, header });
    }
    return (
      entriesOf(node['properties']).every(([key, inner]) =>
        isFine(inner, [...path, key], isReachable),
      ) &&
      SCHEMAS.every((keyword) => isFine(node[keyword], path, false)) &&
      NAMED_SCHEMAS.every((keyword) =>
        entriesOf(node[keyword]).every(([, inner]) => isFine(inner, path, false)),
      )
    );
  }
  return isFine(schema, [], true) ? found : undefined;
}

function entriesOf(value: JsonValue | undefined): readonly (readonly [string, unknown])[] {
  return isJsonObject(value) ? Object.entries(value) : [];
}

/** The argument at `path`, of own members alone. */
export function valueAt(
  root: JsonValue | undefined,
  path: readonly string[],
): JsonValue | undefined {
  let value = root;
  for (const key of path)
    value = isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  return value;
}
