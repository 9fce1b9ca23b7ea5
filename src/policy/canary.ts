import { Worker } from 'node:worker_threads';
import { fix } from '../lib/fixed.ts';
import { Fault } from '../lib/fault.ts';
import type { Compilation, Compiled } from './compile.ts';
import { attributesOf, contextPaths, entitiesOf } from './expressions.ts';
import { PolicyFault, type Problem } from './problem.ts';
import type { Texts } from './texts.ts';

/** What the thread says: policies a few at a time, whenever it is told to go on, and how it ended. */
export type CanaryAnswer =
  | { readonly kind: 'some'; readonly policies: readonly Compiled[] }
  | { readonly kind: 'sound'; readonly rest: Omit<Compilation, 'policies' | 'problems'> }
  | { readonly kind: 'refused'; readonly problems: readonly Problem[] };

export const CLOSING = 'Cannot load policies: the gateway is closing';
/** So few that reading them delays nobody. */
export const AT_ONCE = 10;
const PATIENCE_MS = 60_000;

export type TryOptions = {
  readonly patienceMs?: number;
  /** When it ends, so does the thread. */
  readonly signal?: AbortSignal | undefined;
};

/**
 * Checks candidates for policies in a thread of their own, so that the instance of Cedar in force never parses one: a
 * text can break the instance that reads it. Throws a `PolicyFault` with every problem, or a `Fault` where the thread
 * gave no answer.
 */
export async function tryPolicies(
  texts: Texts,
  { patienceMs = PATIENCE_MS, signal }: TryOptions = {},
): Promise<Compilation> {
  if (signal?.aborted === true) throw new Fault(CLOSING);
  const { sources, base, problems, tools } = texts;
  const worker = new Worker(new URL('./canary-worker.js', import.meta.url), {
    workerData: { sources, base, problems, tools },
    // It needs no secrets, and whatever it prints must not reach the frames on standard output.
    env: {},
    execArgv: [],
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: 512 },
  });
  let timer: NodeJS.Timeout | undefined;
  let stop: (() => void) | undefined;
  try {
    return await new Promise<Compilation>((resolve, reject) => {
      const lost = (why: string): void =>
        reject(new Fault(`Cannot load policies: the thread that tries them ${why}`));
      stop = () => reject(new Fault(CLOSING));
      signal?.addEventListener('abort', stop);
      timer = setTimeout(() => lost('gave no answer in time'), patienceMs);
      const policies: Compiled[] = [];
      worker.on('error', () => lost('failed'));
      worker.on('exit', () => lost('ended'));
      worker.on('message', (answer: CanaryAnswer) => {
        if (answer.kind === 'refused') reject(new PolicyFault(answer.problems));
        else if (answer.kind === 'sound') resolve({ ...answer.rest, policies, problems: [] });
        else {
          for (const each of answer.policies) policies.push(readied(each));
          // Not at once: whoever waits for this thread comes first.
          setImmediate(() => {
            // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
            worker.postMessage('go on');
          });
        }
      });
    });
  } finally {
    clearTimeout(timer);
    if (stop !== undefined) signal?.removeEventListener('abort', stop);
    worker.removeAllListeners();
    worker.on('error', () => undefined);
    await worker.terminate();
  }
}

/** What everybody asks of a policy is worked out now, while there is time. */
function readied(compiled: Compiled): Compiled {
  const { policy } = fix(compiled);
  entitiesOf(policy);
  attributesOf(policy);
  contextPaths(policy.conditions);
  return compiled;
}
