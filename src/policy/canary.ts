import { setImmediate, setTimeout as pause } from 'node:timers/promises';
import {
  MessageChannel,
  receiveMessageOnPort,
  Worker,
  type MessagePort,
} from 'node:worker_threads';
import { fix } from '../lib/fixed.ts';
import { Fault } from '../lib/fault.ts';
import type { Compilation, Compiled } from './compile.ts';
import { attributesOf, contextPaths, entitiesOf } from './expressions.ts';
import { PolicyFault, type Problem } from './problem.ts';
import type { Texts } from './texts.ts';

/** How it ended; the policies come by the port, a few at a time, while they are still being checked. */
export type CanaryAnswer =
  | {
      readonly kind: 'sound';
      readonly count: number;
      readonly rest: Omit<Compilation, 'policies' | 'problems'>;
    }
  | { readonly kind: 'refused'; readonly problems: readonly Problem[] };

/** What the thread begins with. */
export type CanaryWork = Texts & { readonly port: MessagePort };

export const CLOSING = 'Cannot load policies: the gateway is closing';
/** So few that reading them delays nobody. */
export const AT_ONCE = 5;
const PATIENCE_MS = 60_000;
/** Between two looks for what has come. */
const LOOK_MS = 4;

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
  const { port1: port, port2 } = new MessageChannel();
  const worker = new Worker(new URL('./canary-worker.js', import.meta.url), {
    workerData: {
      sources,
      base,
      problems,
      ...(tools && { tools }),
      port: port2,
    } satisfies CanaryWork,
    transferList: [port2],
    // It needs no secrets, and whatever it prints must not reach the frames on standard output.
    env: {},
    execArgv: [],
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: 512 },
  });
  let timer: NodeJS.Timeout | undefined;
  let stop: (() => void) | undefined;
  const over = new AbortController();
  const policies: Compiled[] = [];
  const taking = takeFrom(port, policies, over.signal);
  try {
    const answer = new Promise<CanaryAnswer>((resolve, reject) => {
      const lost = (why: string): void =>
        reject(new Fault(`Cannot load policies: the thread that tries them ${why}`));
      stop = () => reject(new Fault(CLOSING));
      signal?.addEventListener('abort', stop);
      timer = setTimeout(() => lost('gave no answer in time'), patienceMs);
      worker.on('error', () => lost('failed'));
      worker.on('exit', () => lost('ended'));
      worker.on('message', resolve);
    });
    const said = await answer;
    if (said.kind === 'refused') throw new PolicyFault(said.problems);
    // All that it has sent is there by now: what it says last, it says after that.
    over.abort();
    await taking;
    if (policies.length !== said.count)
      throw new Fault('Cannot load policies: the thread that tries them sent others');
    return { ...said.rest, policies, problems: [] };
  } finally {
    over.abort();
    clearTimeout(timer);
    if (stop !== undefined) signal?.removeEventListener('abort', stop);
    worker.removeAllListeners();
    worker.on('error', () => undefined);
    port.close();
    await Promise.allSettled([worker.terminate(), taking]);
  }
}

/** Reads what comes, a few policies each turn, until it is over and nothing is left. */
async function takeFrom(port: MessagePort, into: Compiled[], over: AbortSignal): Promise<void> {
  for (;;) {
    const wasOver = over.aborted;
    const received = receiveMessageOnPort(port);
    if (received) {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- canary-worker.ts sends nothing else
      for (const each of received.message as readonly Compiled[]) into.push(readied(each));
      await setImmediate();
    } else if (wasOver) return;
    else await pause(LOOK_MS, undefined, { signal: over }).catch(() => undefined);
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
