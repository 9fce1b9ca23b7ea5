import { isJsonObject, type JsonObject, type JsonValue } from '../../lib/json.ts';
import { encodeHeader, HEADERS } from '../modern/meta.ts';

/** One argument that is repeated in a header, e.g. `['where', 'region']` in `mcp-param-region`. */
type Declaration = { readonly path: readonly string[]; readonly header: string };

/** Arguments that tools want repeated in headers, `x-mcp-header` (specification 2026-07-28, streamable HTTP). */
export interface ParamHeaders {
  /** Reads a result of `tools/list`; returns it without the tools that declare what they must not, and their names. */
  learn(result: JsonObject): { readonly result: JsonObject; readonly left: readonly string[] };
  /** The headers of a call. */
  of(params: JsonObject): Record<string, string>;
}

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$/;
const MAX_TOOLS = 10_000;
const TYPES: ReadonlySet<unknown> = new Set(['string', 'integer', 'boolean']);
/** Keywords below which there are schemas, but no argument that always stands at one place. */
const SCHEMAS = [
  'items prefixItems contains additionalProperties unevaluatedProperties unevaluatedItems',
  'propertyNames oneOf anyOf allOf not if then else',
].flatMap((names) => names.split(' '));
const NAMED_SCHEMAS = ['patternProperties', 'dependentSchemas', '$defs', 'definitions'];

export function createParamHeaders(): ParamHeaders {
  const declared = new Map<string, readonly Declaration[]>();
  return {
    learn(result) {
      const { tools } = result;
      if (!Array.isArray(tools)) return { result, left: [] };
      const left: string[] = [];
      const kept = tools.filter((tool: JsonValue) => {
        if (!isJsonObject(tool) || typeof tool['name'] !== 'string') return true;
        const { name, inputSchema } = tool;
        const declarations = isJsonObject(inputSchema) ? declarationsOf(inputSchema) : [];
        if (declarations === undefined) left.push(name);
        if (declarations === undefined || declarations.length === 0) declared.delete(name);
        else declared.set(name, declarations);
        // A server that names its tools anew each time must not fill the memory; the next list teaches the rest again.
        if (declared.size > MAX_TOOLS) declared.clear();
        return declarations !== undefined;
      });
      return left.length === 0 ? { result, left } : { result: { ...result, tools: kept }, left };
    },
    of({ name, arguments: args }) {
      const declarations = typeof name === 'string' ? declared.get(name) : undefined;
      return Object.fromEntries(
        (declarations ?? []).flatMap(({ path, header }) => {
          const value = textOf(valueAt(args, path));
          return value === undefined ? [] : [[header, encodeHeader(value)] as const];
        }),
      );
    },
  };
}

/** `undefined`: one of them is not allowed, and with it the tool. */
function declarationsOf(schema: JsonObject): readonly Declaration[] | undefined {
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

function valueAt(root: JsonValue | undefined, path: readonly string[]): JsonValue | undefined {
  let value = root;
  for (const key of path)
    value = isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  return value;
}

function textOf(value: JsonValue | undefined): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return String(value);
  return typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : undefined;
}
