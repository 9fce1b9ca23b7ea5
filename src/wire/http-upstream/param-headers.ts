import { isJsonObject, type JsonObject, type JsonValue } from '../../lib/json.ts';
import { encodeHeader } from '../modern/meta.ts';
import { declarationsOf, valueAt, type Declaration } from '../modern/param-headers.ts';

/** Arguments that tools want repeated in headers, `x-mcp-header` (specification 2026-07-28, streamable HTTP). */
export interface ParamHeaders {
  /** Reads a result of `tools/list`; returns it without the tools that declare what they must not, and their names. */
  learn(result: JsonObject): { readonly result: JsonObject; readonly left: readonly string[] };
  /** The headers of a call. */
  of(params: JsonObject): Record<string, string>;
}

const MAX_TOOLS = 10_000;

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

function textOf(value: JsonValue | undefined): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return String(value);
  return typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : undefined;
}
