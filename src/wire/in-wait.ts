import type { Frame } from './channel.ts';

const checks = new WeakMap<Frame, () => Frame>();

/** An answer that may wait to be fetched: `check` says what is given in its place by then, or the frame itself. */
export function mayWait(frame: Frame, check: () => Frame): Frame {
  checks.set(frame, check);
  return frame;
}

/** The same answer in other words, which waits as the first one does. */
export function rewritten(frame: Frame, words: Frame): Frame {
  return mayWait(words, () => {
    const now = byNow(frame);
    return now === frame ? words : now;
  });
}

/** What may be given of an answer that has waited. */
export function byNow(frame: Frame): Frame {
  return checks.get(frame)?.() ?? frame;
}
