import { Denial } from '../denial.ts';
import { JsonError } from '../lib/json.ts';
import { Oversize } from './http-upstream/read-answer.ts';

/** What whoever waits for an answer that was thrown away is told. */
export function unreadable(problem: unknown): Denial {
  const found = jsonProblem(problem);
  if (problem instanceof Oversize || found?.problem === 'too-large')
    return new Denial('too-large', 'Cannot take the result: it is larger than a message may be', {
      cause: problem,
      hint: 'Ask for less: a narrower query, a page, a part of the file',
    });
  return new Denial('upstream-failed', 'Cannot complete the call: the answer cannot be read', {
    cause: problem,
  });
}

/** What is wrong with the JSON, where that is what is wrong; an event of a stream says so in its cause. */
export function jsonProblem(problem: unknown): JsonError | undefined {
  if (problem instanceof JsonError) return problem;
  if (problem instanceof Error && problem.cause instanceof JsonError) return problem.cause;
  return undefined;
}
