import type { Container } from 'dockerode';
import type { Attachment } from './attach.ts';
import { createCapture } from './capture.ts';
import { deadline, reason } from './deadline.ts';
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
};

export type ExecuteOptions = {
  readonly token: string;
  readonly timeoutMs: number;
  /** Bytes of stdout and of stderr, each. */
  readonly output: number;
  readonly signal: AbortSignal;
};

/** A container that waits for its program. */
export type Running = {
  readonly container: Container;
  readonly attachment: Attachment;
  readonly memory: MemoryWatch;
};

const KILLED = 137;
const EXIT_MS = 10_000;

/** Sends the program and waits for its end; the container is to be thrown away after that. */
export async function execute(
  { container, attachment, memory }: Running,
  program: Buffer,
  { token, timeoutMs, output, signal }: ExecuteOptions,
): Promise<Execution> {
  const captures = {
    stdout: createCapture(output, token),
    stderr: createCapture(output, token),
  };
  const ended = await new Promise<Ending | 'lost'>((resolve, reject) => {
    const limit = setTimeout(() => finish(() => resolve('timed-out')), timeoutMs);
    const aborted = (): void => finish(() => reject(reason(signal)));
    const exceeded = (): void => finish(() => resolve('out-of-memory'));
    function finish(settle: () => void): void {
      clearTimeout(limit);
      signal.removeEventListener('abort', aborted);
      memory.exceeded.removeEventListener('abort', exceeded);
      attachment.listen({ chunk() {}, end() {} });
      attachment.close();
      settle();
    }
    if (signal.aborted) return aborted();
    signal.addEventListener('abort', aborted, { once: true });
    memory.exceeded.addEventListener('abort', exceeded, { once: true });
    attachment.listen({
      chunk(from, chunk) {
        const state = captures[from].write(chunk);
        if (state === 'full') finish(() => resolve('output-limit'));
        const { stdout, stderr } = captures;
        if (stdout.exitCode !== undefined && stderr.exitCode !== undefined)
          finish(() => resolve('exited'));
      },
      end: () => finish(() => resolve('lost')),
    });
    attachment.write(program);
  });
  const { stdout, stderr } = captures;
  const end = { ended, exitCode: stdout.exitCode ?? stderr.exitCode };
  return {
    stdout: stdout.text(),
    stderr: stderr.text(),
    ...(await judge(end, { container, memory })),
    truncated: stdout.truncated || stderr.truncated,
  };
}

/**
 * A program may have made the pipe refuse its closing marks, and gVisor says a plain 1 of one that the host killed for
 * its memory: then what the engine says of the ended container stands.
 */
async function judge(
  { ended, exitCode }: { ended: Ending | 'lost'; exitCode: number | undefined },
  { container, memory: { exceeded } }: Pick<Running, 'container' | 'memory'>,
): Promise<{ ended: Ending; exitCode: number }> {
  if (ended !== 'lost' && (ended !== 'exited' || exitCode === 0))
    return { ended, exitCode: exitCode ?? KILLED };
  await deadline(container.wait(), EXIT_MS);
  const { State: state } = await deadline(container.inspect(), EXIT_MS);
  if (state.OOMKilled || exceeded.aborted) return { ended: 'out-of-memory', exitCode: KILLED };
  const killed = ended === 'lost' && state.ExitCode >= 128;
  return { ended: killed ? 'killed' : 'exited', exitCode: exitCode ?? state.ExitCode };
}
