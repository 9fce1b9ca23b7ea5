/** Rejects when `promise` has not settled after `ms`, or with the reason of `signal` as soon as it is aborted. */
export async function deadline<T>(
  promise: Promise<T>,
  ms: number,
  signal?: AbortSignal,
): Promise<T> {
  return await new Promise<T>((resolve, reject) => {
    const timer = setTimeout(() => settle(() => reject(new Error(`no answer in ${ms} ms`))), ms);
    const aborted = (): void => settle(() => reject(reason(signal)));
    function settle(how: () => void): void {
      clearTimeout(timer);
      signal?.removeEventListener('abort', aborted);
      how();
    }
    // First of all: what is given up at once may still fail, and nobody else would take that.
    promise.then(
      (value) => settle(() => resolve(value)),
      (error: unknown) => settle(() => reject(error)),
    );
    if (signal?.aborted) return aborted();
    signal?.addEventListener('abort', aborted, { once: true });
  });
}

/** The reason of an aborted signal as an error. */
export function reason(signal: AbortSignal | undefined): Error {
  const why: unknown = signal?.reason;
  return why instanceof Error ? why : new Error('Cannot go on: cancelled', { cause: why });
}
