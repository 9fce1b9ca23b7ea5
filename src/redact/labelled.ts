import { LABELLED, type Kind } from './names.ts';
import type { Span } from './span.ts';

/** Values in a text that stand behind a name which says what they are. */
export function findLabelled(text: string, kind: Kind): Span[] {
  return Array.from(text.matchAll(LABELLED[kind]), (match): Span => {
    const [, front = '', value = ''] = match;
    const start = match.index + front.length;
    // The quotes stay, so that what was JSON is JSON still.
    const quote = /^(?:\\*["'])/.exec(value)?.[0].length ?? 0;
    return { start: start + quote, end: start + value.length - quote, kind };
  });
}
