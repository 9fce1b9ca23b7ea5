import type { Attachment } from './attach.ts';
import { createCapture } from './capture.ts';
import { reason } from './deadline.ts';
import { createHandover, noOutputs, type Outputs } from './handover.ts';
import { frame, type Program } from './program.ts';
import type { MemoryWatch } from './watch-memory.ts';

/** How a program came to its end. */
export const ENDINGS = ['exited', 'timed-out', 'output-limit', 'out-of-memory', 'killed'] as const;
export type Ending = (typeof ENDINGS)[number];

export type Execution = {
  readonly stdout: string;
  readonly stderr: string;
  /** 137 (128 + SIGKILL) for a program that did not end by itself. */
  readonly exitCode: number;
  readonly ended: Ending;
  readonly truncated: boolean;
  /** Present where the program names some. */
  readonly outputs?: Outputs;
};

export type ExecuteOptions = {
  readonly timeoutMs: number;
  /** Bytes of stdout and of stderr, each. */
  readonly output: number;
  /** Bytes of all files that are handed over. */
  readonly outputFiles: number;
  readonly signal: AbortSignal;
};

/** A cell that waits for its program behind `supervise.sh`. */
export type Running = {
  readonly attachment: Attachment;
  readonly token: string;
  readonly memory: MemoryWatch;
  /** Waits for the end of the cell. */
  readonly ending: () => Promise<Ended>;
};

/** What whoever runs the cell says of its end. */
export type Ended = { readonly exitCode: number; readonly outOfMemory: boolean };

/** The cell came to an end before its program began, and nothing of it can have run. */
export class NotStarted extends Error {}

const KILLED = 137;
/** The cell itself does not live longer after the program's time limit (`GRACE_MS`). */
const HANDOVER_MS = 10_000;
/** What the hook says when the program is laid out: the first byte on stdout, or the program never began. */
const ACK = 0x06;

/**
 * Sends the program and waits for its end; the cell is to be thrown away after that. Rejects with `NotStarted` where
 * nothing of the program can have run.
 */
export async function execute(
  { attachment, token, memory, ending }: Running,
  program: Program,
  { timeoutMs, output, outputFiles, signal }: ExecuteOptions,
): Promise<Execution> {
  const captures = {
    stdout: createCapture(output, token),
    stderr: createCapture(output, token),
  };
  const { outputs = [] } = program;
  const handover = outputs.length > 0 ? createHandover(outputs, outputFiles, token) : undefined;
  let isSent = false;
  let hasStarted = false;
  let hasExited = false;
  let hasHandedOver = false;
  const ended = await new Promise<Ending | 'lost'>((resolve, reject) => {
    let limit = setTimeout(() => finish(() => resolve('timed-out')), timeoutMs);
    const aborted = (): void => finish(() => reject(reason(signal)));
    const exceeded = (): void => finish(() => resolve('out-of-memory'));
    let isOver = false;
    function finish(settle: () => void): void {
      isOver = true;
      clearTimeout(limit);
      signal.removeEventListener('abort', aborted);
      memory.exceeded.removeEventListener('abort', exceeded);
      attachment.listen({ chunk() {}, end() {} });
      attachment.close();
      settle();
    }
    if (signal.aborted) return aborted();
    if (memory.exceeded.aborted) return exceeded();
    signal.addEventListener('abort', aborted, { once: true });
    memory.exceeded.addEventListener('abort', exceeded, { once: true });
    attachment.listen({
      chunk(from, chunk) {
        const begins = !hasStarted && from === 'stdout' && chunk[0] === ACK;
        hasStarted ||= begins;
        const { stdout, stderr } = captures;
        const isBehind = from === 'stdout' && stdout.word !== undefined;
        const state = captures[from].write(begins ? chunk.subarray(1) : chunk);
        if (state === 'full') return finish(() => resolve('output-limit'));
        if (stdout.word === undefined) return;
        if (from === 'stdout' && handover?.write(isBehind ? chunk : stdout.rest) === true)
          hasHandedOver = true;
        if (stderr.word === undefined) return;
        if (!handover || !hasStarted || hasHandedOver) return finish(() => resolve('exited'));
        if (hasExited) return;
        // The program has ended in its time; what it left behind has a time of its own.
        hasExited = true;
        clearTimeout(limit);
        limit = setTimeout(() => finish(() => resolve('exited')), HANDOVER_MS);
      },
      end: () => finish(() => resolve(hasExited ? 'exited' : 'lost')),
    });
    // A stream that is gone has said so by now.
    if (isOver) return;
    isSent = true;
    attachment.write(frame(program, outputFiles));
  });
  const { stdout, stderr } = captures;
  // The supervisor's closing marks stand behind the ACK; without them it may have been lost on the way.
  if (!hasStarted && (ended === 'exited' || (ended === 'lost' && !isSent)))
    throw new NotStarted(`the program did not begin ${stderr.text()}`.trimEnd());
  const end = { ended, exitCode: stdout.exitCode ?? stderr.exitCode };
  const judged = await judge(end, { ending, memory });
  if (!hasStarted && judged.ended === 'exited')
    throw new Error(`nobody saw the program begin ${stderr.text()}`.trimEnd());
  return {
    stdout: stdout.text(),
    stderr: stderr.text(),
    ...judged,
    truncated: stdout.truncated || stderr.truncated,
    ...(handover && { outputs: ended === 'exited' ? handover.outputs() : noOutputs(outputs) }),
  };
}

/**
 * A program may have made the pipe refuse its closing marks, and gVisor says a plain 1 of one that the host killed for
 * its memory: then what the engine says of the ended container stands.
 */
async function judge(
  { ended, exitCode }: { ended: Ending | 'lost'; exitCode: number | undefined },
  { ending, memory: { exceeded } }: Pick<Running, 'ending' | 'memory'>,
): Promise<{ ended: Ending; exitCode: number }> {
  if (ended !== 'lost' && (ended !== 'exited' || exitCode === 0))
    return { ended, exitCode: exitCode ?? KILLED };
  const said = await ending().catch((error: unknown) => {
    // Whoever has said how it ended may have been stopped by then; nothing of it outlives its cell.
    if (ended === 'exited' && exitCode !== undefined) return { exitCode, outOfMemory: false };
    throw error;
  });
  if (said.outOfMemory || exceeded.aborted) return { ended: 'out-of-memory', exitCode: KILLED };
  const killed = ended === 'lost' && said.exitCode >= 128;
  return { ended: killed ? 'killed' : 'exited', exitCode: exitCode ?? said.exitCode };
}
