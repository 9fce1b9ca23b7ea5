import { isJsonObject, parseJson, type JsonObject } from '../lib/json.ts';
import { createFetchBounded, type FetchLimits } from './fetch-bounded.ts';

/** One JSON object from `url`. Throws on a redirect, any status but 200, a slow answer and a large one. */
export async function fetchJson(
  fetch: typeof globalThis.fetch,
  url: URL,
  limits: FetchLimits,
): Promise<JsonObject> {
  const response = await createFetchBounded(fetch, limits)(url.href, {
    headers: { accept: 'application/json' },
  });
  if (response.status !== 200)
    throw new Error(`Cannot read ${url.href}: status ${response.status}`);
  const bytes = Buffer.from(await response.arrayBuffer());
  const value = parseJson(bytes, { maxBytes: limits.maxBytes, maxDepth: 32 });
  if (!isJsonObject(value)) throw new Error(`Cannot read ${url.href}: not a JSON object`);
  return value;
}
