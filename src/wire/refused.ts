import type { DenialCode } from '../denial.ts';
import { createFlood } from './flood.ts';

/** Writes down a message that was refused before it became a call. Returns the trace id; never throws. */
export type Refused = (
  reason: string,
  about?: {
    readonly method?: string | undefined;
    /** Why, or the JSON-RPC error code where that says it. */
    readonly code?: DenialCode | number | undefined;
  },
) => string;

/** Messages of servers a second that are written down one by one: a flood of them must not become one of records. */
const MAX_PER_SECOND = 100;

/** The same for what servers send: the rest of a flood is one line, and has no trace id. */
export function rationed(refused: Refused, now: () => number = () => performance.now()): Refused {
  const flood = createFlood(MAX_PER_SECOND, now);
  return function refuse(reason, about) {
    const admitted = flood.admit();
    if (admitted === 'yes') return refused(reason, about);
    if (admitted === 'no') return '';
    return refused('servers send too much that is refused: the rest of it is not written down');
  };
}
