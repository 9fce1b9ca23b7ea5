import type Docker from 'dockerode';
import type { Container, ContainerCreateOptions } from 'dockerode';
import type { Denial } from '../denial.ts';
import { attach, type Attachment, type Conversation } from './attach.ts';
import { deadline } from './deadline.ts';
import type { Cell, OpenOptions } from './driver.ts';
import { execute, type Ended } from './execute.ts';
import { greeting } from './greeting.ts';
import { judgeKernel, KERNEL_PROOFS } from './kernel-proof.ts';
import { remove } from './remove.ts';
import { watchMemory, type MemoryWatch } from './watch-memory.ts';

export type CellOptions = Omit<ContainerOptions, 'hello'> & { readonly token: string };

export type ContainerOptions = OpenOptions & {
  /** What is wrong with the kernel that a container says it runs on; absent: whether it is gVisor's is asked. */
  readonly judge?: (version: string) => Denial | undefined;
  /** What is written before it starts. */
  readonly hello?: string;
  readonly startMs: number;
  readonly log: (message: string) => void;
};

const EXIT_MS = 10_000;

/** Makes a container whose interpreter waits for its program. Throws as `openContainer`. */
export async function openCell(
  docker: Docker,
  options: ContainerCreateOptions,
  { token, ...given }: CellOptions,
): Promise<Cell> {
  const { container, wires } = await openContainer(docker, options, {
    ...given,
    hello: `${token}\n`,
  });
  const gone = new AbortController();
  // Out of memory, killed, its engine restarted; or it speaks before it is spoken to.
  const end = (): void => gone.abort();
  wires.attachment.listen({ chunk: end, end });
  wires.memory.exceeded.addEventListener('abort', end, { once: true });
  return {
    id: container.id,
    gone: gone.signal,
    async execute(program, wanted) {
      const running = { ...wires, token, ending: async () => await ending(container) };
      return await execute(running, program, wanted);
    },
    async destroy() {
      unplug(wires);
      await remove(container, given.log);
    },
  };
}

/**
 * Makes a container and waits until it has said which kernel it runs on, which is the first line of its output. Throws
 * what is wrong with that kernel, else what Docker threw; what it made by then is handed to `later`.
 */
export async function openContainer(
  docker: Docker,
  options: ContainerCreateOptions,
  { judge, hello, startMs, signal, log, later }: ContainerOptions,
): Promise<{ readonly container: Container; readonly wires: Wires }> {
  const creating = docker.createContainer(options);
  const container = await deadline(creating, startMs, signal).catch((error: unknown) => {
    // Docker may still be making it.
    later(deadline(creating, startMs).then(async (late) => await remove(late, log)));
    throw error;
  });
  const wiring = wire(docker, container);
  try {
    const wires = await deadline(wiring, startMs, signal);
    const { attachment } = wires;
    if (hello !== undefined) attachment.say(hello);
    const kernel = await deadline(start(container, attachment), startMs, signal);
    const runtime = String(options.HostConfig?.Runtime);
    const wrong = judge ? judge(kernel) : judgeKernel(KERNEL_PROOFS.gvisor, runtime, kernel);
    if (wrong) throw wrong;
    return { container, wires };
  } catch (error) {
    wiring.then(unplug).catch(() => {});
    later(remove(container, log));
    throw error;
  }
}

export type Wires = { readonly attachment: Conversation; readonly memory: MemoryWatch };

async function wire(docker: Docker, container: Container): Promise<Wires> {
  const both = [attach(container), watchMemory(docker, container.id)] as const;
  try {
    const [attachment, memory] = await Promise.all(both);
    return { attachment, memory };
  } catch (error) {
    // The other half may come still, and nobody else knows of it.
    for (const half of both) half.then((open) => open.close()).catch(() => {});
    throw error;
  }
}

export function unplug({ attachment, memory }: Wires): void {
  attachment.close();
  memory.close();
}

/** Starts the container; the first line it says is its `/proc/version`. */
async function start(container: Container, attachment: Attachment): Promise<string> {
  const said = greeting(
    attachment,
    (why) => new Error(`the container ended before it began ${why}`.trimEnd()),
  );
  said.catch(() => {});
  // Its connection ends before Docker says why it did not start.
  await container.start();
  return await said;
}

export async function ending(container: Container): Promise<Ended> {
  await deadline(container.wait(), EXIT_MS);
  const { State: state } = await deadline(container.inspect(), EXIT_MS);
  return { exitCode: state.ExitCode, outOfMemory: state.OOMKilled };
}
