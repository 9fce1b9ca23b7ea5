import { isJsonObject } from '../lib/json.ts';
import type { JsonObject } from '../lib/json.ts';

/** W3C Trace Context, level 1, section 3.2.2: version, trace id, parent id, flags; later versions may add more. */
const TRACEPARENT =
  /^(?:00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}|(?!ff|00)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(?:-.{0,256})?)$/;

/** The trace a request says it belongs to, in `params._meta.traceparent`; undefined when it says nothing valid. */
export function traceIdOf(params: JsonObject | undefined): string | undefined {
  const meta = params?.['_meta'];
  const header = isJsonObject(meta) ? meta['traceparent'] : undefined;
  if (typeof header !== 'string' || header.length > 320) return undefined;
  const [, first, firstParent, later, laterParent] = TRACEPARENT.exec(header) ?? [];
  const trace = first ?? later;
  const parent = firstParent ?? laterParent;
  if (!trace || !parent || isZero(trace) || isZero(parent)) return undefined;
  return trace;
}

function isZero(hex: string): boolean {
  return /^0+$/.test(hex);
}
