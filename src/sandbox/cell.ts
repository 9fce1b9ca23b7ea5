import type Docker from 'dockerode';
import type { Container, ContainerCreateOptions } from 'dockerode';
import { Denial } from '../denial.ts';
import { attach, type Attachment } from './attach.ts';
import { deadline } from './deadline.ts';
import { execute, type Execution, type ExecuteOptions } from './execute.ts';
import { isGvisor } from './gvisor.ts';
import { remove } from './remove.ts';
import { watchMemory, type MemoryWatch } from './watch-memory.ts';

/** A container that runs in gVisor and waits for its one program. */
export interface Cell {
  readonly id: string;
  /** Runs the one program. Rejects with the reason of its signal. */
  execute(program: Buffer, options: ExecuteOptions): Promise<Execution>;
  /** Kills and removes the container; resolves when it is gone. Never rejects. */
  destroy(): Promise<void>;
}

export type OpenOptions = {
  readonly startMs: number;
  readonly signal: AbortSignal;
  readonly log: (message: string) => void;
  /** Takes what is still to be cleaned up after a failure, so that the caller need not wait for it. */
  readonly later: (task: Promise<unknown>) => void;
};

const GREETING = 400;

/**
 * Makes a container and waits until it has said which kernel it runs on. Throws `sandbox-unavailable` when that is not
 * gVisor's, else what Docker threw; what it made by then is handed to `later`.
 */
export async function openCell(
  docker: Docker,
  options: ContainerCreateOptions,
  { startMs, signal, log, later }: OpenOptions,
): Promise<Cell> {
  const creating = docker.createContainer(options);
  const container = await deadline(creating, startMs, signal).catch((error: unknown) => {
    // Docker may still be making it.
    later(deadline(creating, startMs).then(async (late) => await remove(late, log)));
    throw error;
  });
  const wiring = wire(docker, container);
  try {
    const wires = await deadline(wiring, startMs, signal);
    const kernel = await deadline(greeting(container, wires.attachment), startMs, signal);
    if (!isGvisor(kernel)) throw notGvisor(String(options.HostConfig?.Runtime));
    return {
      id: container.id,
      execute: async (program, wanted) => await execute({ container, ...wires }, program, wanted),
      async destroy() {
        unplug(wires);
        await remove(container, log);
      },
    };
  } catch (error) {
    wiring.then(unplug).catch(() => {});
    later(remove(container, log));
    throw error;
  }
}

type Wires = { readonly attachment: Attachment; readonly memory: MemoryWatch };

async function wire(docker: Docker, container: Container): Promise<Wires> {
  const [attachment, memory] = await Promise.all([
    attach(container),
    watchMemory(docker, container.id),
  ]);
  return { attachment, memory };
}

function unplug({ attachment, memory }: Wires): void {
  attachment.close();
  memory.close();
}

/** Starts the container; the first line it says is its `/proc/version`. */
async function greeting(container: Container, attachment: Attachment): Promise<string> {
  return await new Promise((resolve, reject) => {
    let said = '';
    attachment.listen({
      chunk(_, chunk) {
        said += chunk.toString('latin1', 0, GREETING - said.length);
        if (said.includes('\n') || said.length === GREETING) resolve(said.split('\n')[0] ?? '');
      },
      end: () => reject(new Error(`the container ended before it began ${said}`.trimEnd())),
    });
    container.start().catch(reject);
  });
}

function notGvisor(runtime: string): Denial {
  return new Denial(
    'sandbox-unavailable',
    `Cannot run the program: the runtime ${runtime} does not run gVisor but shares a kernel of Linux`,
    { hint: `let the runtime ${runtime} in Docker's daemon.json point to gVisor's runsc` },
  );
}
