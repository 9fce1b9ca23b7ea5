import { isJsonObject } from '../lib/json.ts';
import type { JsonObject, JsonValue } from '../lib/json.ts';

type Rewrite = (value: JsonValue) => JsonValue;

/** Nested tool results in sampling messages; deeper ones are left alone. */
const MAX_DEPTH = 4;

/**
 * Maps the URIs that MCP gives a meaning, and nothing else: `contents[].uri` (resources/read), `uri` of `resource_link` and
 * `resource.uri` of embedded resources in `content` and `messages[].content`, and `uri` of update notifications. The
 * original is shared where nothing changed and never written to.
 */
export function rewriteUris(value: JsonObject, map: (uri: string) => string): JsonObject {
  const uri: Rewrite = (found) => (typeof found === 'string' ? map(found) : found);
  const resource: Rewrite = (found) => (isJsonObject(found) ? member(found, 'uri', uri) : found);
  const block =
    (depth: number): Rewrite =>
    (found) => {
      if (!isJsonObject(found)) return found;
      if (found['type'] === 'resource_link') return member(found, 'uri', uri);
      if (found['type'] === 'resource') return member(found, 'resource', resource);
      if (found['type'] !== 'tool_result' || depth >= MAX_DEPTH) return found;
      return member(found, 'content', blocks(depth + 1));
    };
  const blocks =
    (depth: number): Rewrite =>
    (found) =>
      isArray(found) ? items(found, block(depth)) : block(depth)(found);
  const message: Rewrite = (found) =>
    isJsonObject(found) ? member(found, 'content', blocks(0)) : found;

  let result = value;
  result = member(result, 'content', blocks(0));
  result = member(result, 'contents', (found) => (isArray(found) ? items(found, resource) : found));
  result = member(result, 'messages', (found) => (isArray(found) ? items(found, message) : found));
  return isUpdate(value) ? member(result, 'uri', uri) : result;
}

/** `notifications/resources/updated` params: `uri` and perhaps `title` and `_meta`, but none of a result's members. */
function isUpdate(value: JsonObject): boolean {
  return Object.keys(value).every((key) => key === 'uri' || key === 'title' || key === '_meta');
}

function member(object: JsonObject, key: string, rewrite: Rewrite): JsonObject {
  const before = Object.hasOwn(object, key) ? object[key] : undefined;
  if (before === undefined) return object;
  const after = rewrite(before);
  return after === before ? object : { ...object, [key]: after };
}

function items(array: readonly JsonValue[], rewrite: Rewrite): readonly JsonValue[] {
  const mapped = array.map((item) => rewrite(item));
  return mapped.every((item, at) => item === array[at]) ? array : mapped;
}

function isArray(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}
