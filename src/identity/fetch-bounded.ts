import { assertSecureUrl, type FetchLimits } from './fetch-json.ts';

/** `fetch` for answers that fit into memory: https or this machine, no redirects, whole within the limits. */
export function createFetchBounded(
  fetch: typeof globalThis.fetch,
  { timeoutMs, maxBytes }: FetchLimits,
): (url: string, init: RequestInit) => Promise<Response> {
  return async function fetchBounded(url, init) {
    assertSecureUrl(new URL(url));
    const deadline = AbortSignal.timeout(timeoutMs);
    const signal = init.signal ? AbortSignal.any([init.signal, deadline]) : deadline;
    const response = await fetch(url, { ...init, redirect: 'manual', signal });
    const body: AsyncIterable<Uint8Array> | null = response.body;
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of body ?? []) {
      size += chunk.byteLength;
      if (size > maxBytes)
        throw new Error(`Cannot read ${new URL(url).origin}: larger than ${maxBytes} bytes`);
      chunks.push(chunk);
    }
    const { status, headers } = response;
    const whole = chunks.length === 0 ? null : Buffer.concat(chunks);
    return new Response(whole, { status, headers });
  };
}
