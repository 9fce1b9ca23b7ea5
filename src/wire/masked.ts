import { freezeJson } from '../lib/json.ts';
import { mapStrings } from '../lib/map-strings.ts';
import type { OpenChannel } from './channel.ts';

/**
 * A channel to a server that was shown a credential: what it says goes through `mask` first, frames, reasons and errors
 * alike. A server that repeats its credential must not bring it to the model, the audit or the log.
 */
export function masked(open: OpenChannel, mask: (text: string) => string): OpenChannel {
  return async function openMasked(events, signal) {
    const channel = await withMasked(mask, async () =>
      open(
        {
          onFrame(frame, cause) {
            const clean = mapStrings(frame, mask, { mapKey: mask });
            events.onFrame(freezeJson(clean), cause);
          },
          onUnreadable(problem, id) {
            events.onUnreadable?.(maskError(problem, mask), id);
          },
          onClose: (reason) => events.onClose(reason && maskError(reason, mask)),
        },
        signal,
      ),
    );
    return {
      send: async (frame, caller) =>
        await withMasked(mask, async () => await channel.send(frame, caller)),
      close: async () => await channel.close(),
    };
  };
}

async function withMasked<T>(mask: (text: string) => string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    throw thrown instanceof Error ? maskError(thrown, mask) : thrown;
  }
}

/** In place: what kind of error it is decides what comes next. */
function maskError<E extends Error>(error: E, mask: (text: string) => string): E {
  for (let each: unknown = error; each instanceof Error; each = each.cause) {
    each.message = mask(each.message);
    if (each.stack !== undefined) each.stack = mask(each.stack);
  }
  return error;
}
