import type { Context } from './scratch.ts';

/** What ends at the end of a block, the last first. */
export function endings(): Context & AsyncDisposable {
  const ends: (() => unknown)[] = [];
  return {
    after: (end) => void ends.push(end),
    async [Symbol.asyncDispose]() {
      for (const end of ends.toReversed()) await end();
    },
  };
}
