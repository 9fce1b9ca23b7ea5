import { isJsonObject } from '../../src/lib/json.ts';

/** What a process that was started with this before its program says when its parent asks; bytes. */
export type HeapUse = { readonly used: number; readonly total: number };

process.on('message', (asked: unknown) => {
  if (isJsonObject(asked) && asked['collect'] === true) globalThis.gc?.();
  const { heapUsed: used, heapTotal: total } = process.memoryUsage();
  process.send?.({ used, total } satisfies HeapUse);
});
// Being asked must not keep the process alive.
process.channel?.unref();
