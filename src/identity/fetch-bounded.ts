import { isConfidential } from '../lib/confidential.ts';

export type FetchLimits = {
  /** Milliseconds for the whole answer. */
  readonly timeoutMs: number;
  readonly maxBytes: number;
};

/** What is fetched in the clear can be replaced on the way: https, or this machine itself. */
export function assertSecureUrl(url: URL): void {
  if (isConfidential(url)) return;
  throw new TypeError(`Cannot use ${url.origin}: https is required`);
}

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
    const { status, headers } = response;
    const whole = await readWhole(response.body ?? [], maxBytes, new URL(url).origin);
    return new Response(whole.length === 0 ? null : whole, { status, headers });
  };
}

/** A body whole, by whoever reads one here. Throws when it is larger; `of` says whose it is. */
export async function readWhole(
  body: AsyncIterable<Uint8Array> | readonly Uint8Array[],
  maxBytes: number,
  of: string,
): Promise<Buffer<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > maxBytes) throw new Error(`Cannot read ${of}: larger than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
