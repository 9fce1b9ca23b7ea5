import type { DenialCode } from '../denial.ts';

/** Writes down a message that was refused before it became a call. Returns the trace id; never throws. */
export type Refused = (
  reason: string,
  about?: {
    readonly method?: string | undefined;
    /** Why, or the JSON-RPC error code where that says it. */
    readonly code?: DenialCode | number | undefined;
  },
) => string;
