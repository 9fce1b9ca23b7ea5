import { Denial } from '../../denial.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../lib/json.ts';
import { decodeHeader } from '../modern/meta.ts';
import { declarationsOf, valueAt } from '../modern/param-headers.ts';

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
    const declarations = isJsonObject(inputSchema) ? declarationsOf(inputSchema) : [];
    // Clients have to leave such a tool out, so whoever calls it means no header by the same rules.
    if (declarations === undefined)
      throw mismatch('the tool declares a header for an argument that can have none');
    for (const { header: name, path } of declarations) {
      const value = valueAt(args, path);
      const said = header(name);
      const isThere = value !== undefined && value !== null && typeof value !== 'object';
      // Not expected where there is nothing to repeat, and then nobody in between may have read one either.
      if (isThere ? said === undefined || !isSame(decodeHeader(said), value) : said !== undefined)
        throw mismatch(
          `the header for the argument ${path.join('.').slice(0, 128)} is missing or disagrees`,
        );
    }
  };
}

function mismatch(why: string): Denial {
  return new Denial('header-mismatch', `Cannot accept the request: ${why}`);
}

/** Numbers are compared as such: `42.0` and `42` are the same. */
function isSame(said: string | undefined, value: string | number | boolean): boolean {
  if (said === undefined) return false;
  if (typeof value === 'number') return DECIMAL.test(said) && Number(said) === value;
  return said === String(value);
}
