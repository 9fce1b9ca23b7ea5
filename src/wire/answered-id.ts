import { JsonError } from '../lib/json.ts';

/** As much of each end of a message as is looked at. */
export const END_LENGTH = 128;

/**
 * The id of a message too large to be read, at one of its ends, where servers have it. A wrong one harms nobody but the
 * server's own calls, which are the server's to answer anyway. What is no message for another reason may be a stray print
 * that quotes one: it has none.
 */
export function answeredId(problem: unknown, head: string, tail: string): number | undefined {
  if (!(problem instanceof JsonError) || problem.problem !== 'too-large') return undefined;
  const digits =
    /^\{"jsonrpc":"2\.0","id":(\d{1,15}),/u.exec(head)?.[1] ??
    /"id":(\d{1,15})\}\s*$/u.exec(tail)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
