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
  const seen = new Set<Error>();
  for (let each: unknown = error; each instanceof Error && !seen.has(each); each = each.cause) {
    seen.add(each);
    maskMember(each, 'message', mask);
    maskMember(each, 'stack', mask);
  }
  return error;
}

/** Not assigned: that of a `DOMException`, which is what ends a request in time, has no setter. */
function maskMember(error: Error, name: 'message' | 'stack', mask: (text: string) => string): void {
  const said = error[name];
  const value = said === undefined ? undefined : mask(said);
  if (value !== said) Object.defineProperty(error, name, { value, configurable: true });
}
