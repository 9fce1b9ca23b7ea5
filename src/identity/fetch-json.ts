import { isConfidential } from '../lib/confidential.ts';
import { isJsonObject, parseJson, type JsonObject } from '../lib/json.ts';

export type FetchLimits = {
  /** Milliseconds for the whole answer. */
  readonly timeoutMs: number;
  readonly maxBytes: number;
};

/** Keys that travel in the clear can be replaced on the way: https, or this machine itself. */
export function assertSecureUrl(url: URL): void {
  if (isConfidential(url)) return;
  throw new TypeError(`Cannot use ${url.origin}: https is required`);
}

/** One JSON object from `url`. Throws on a redirect, any status but 200, a slow answer and a large one. */
export async function fetchJson(
  fetch: typeof globalThis.fetch,
  url: URL,
  limits: FetchLimits,
): Promise<JsonObject> {
  assertSecureUrl(url);
  const response = await fetch(url, {
    headers: { accept: 'application/json' },
    redirect: 'manual',
    signal: AbortSignal.timeout(limits.timeoutMs),
  });
  if (response.status !== 200 || response.body === null) {
    await response.body?.cancel();
    throw new Error(`Cannot read ${url.href}: status ${response.status}`);
  }
  const body: AsyncIterable<Uint8Array> = response.body;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > limits.maxBytes)
      throw new Error(`Cannot read ${url.href}: larger than ${limits.maxBytes} bytes`);
    chunks.push(chunk);
  }
  const value = parseJson(Buffer.concat(chunks), { maxBytes: limits.maxBytes, maxDepth: 32 });
  if (!isJsonObject(value)) throw new Error(`Cannot read ${url.href}: not a JSON object`);
  return value;
}
