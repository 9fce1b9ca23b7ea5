import { Denial } from '../../denial.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../lib/json.ts';
import { decodeHeader, HEADERS } from '../modern/meta.ts';

type Declaration = { readonly header: string; readonly path: readonly string[] };

const MAX_DECLARATIONS = 64;
const DECIMAL = /^-?\d+(?:\.\d+)?$/;

/**
 * Checks `Mcp-Param-…` headers against the arguments they repeat, by what the definition that is used says of them
 * (specification 2026-07-28, custom headers). Somebody in between may have routed by them. Throws `header-mismatch`.
 */
export function createAgree(
  header: (name: string) => string | undefined,
  args: JsonValue | undefined,
): (definition: JsonObject) => void {
  return function agree({ inputSchema }) {
    for (const { header: name, path } of declarationsOf(inputSchema, [], [])) {
      const value = valueAt(args, path);
      // Neither expected nor looked at where there is nothing to repeat; another type is for the schema to refuse.
      if (value === undefined || value === null || typeof value === 'object') continue;
      const said = header(`${HEADERS.paramPrefix}${name.toLowerCase()}`);
      const decoded = said === undefined ? undefined : decodeHeader(said);
      if (decoded === undefined || !isSame(decoded, value))
        throw new Denial(
          'header-mismatch',
          `Cannot accept the request: the header for the argument ${path.join('.').slice(0, 128)} is missing or disagrees`,
        );
    }
  };
}

/** Annotations count where a chain of `properties` leads to them, and nowhere else. */
function declarationsOf(
  schema: JsonValue | undefined,
  path: readonly string[],
  found: Declaration[],
): readonly Declaration[] {
  const properties = isJsonObject(schema) ? schema['properties'] : undefined;
  if (!isJsonObject(properties)) return found;
  for (const [name, property] of Object.entries(properties)) {
    if (!isJsonObject(property) || found.length >= MAX_DECLARATIONS) continue;
    const header = property['x-mcp-header'];
    if (typeof header === 'string') found.push({ header, path: [...path, name] });
    declarationsOf(property, [...path, name], found);
  }
  return found;
}

function valueAt(args: JsonValue | undefined, path: readonly string[]): JsonValue | undefined {
  let value = args;
  for (const name of path)
    value = isJsonObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
  return value;
}

/** Numbers are compared as such: `42.0` and `42` are the same. */
function isSame(said: string, value: string | number | boolean): boolean {
  if (typeof value === 'number') return DECIMAL.test(said) && Number(said) === value;
  return said === String(value);
}
