import type Docker from 'dockerode';

export interface MemoryWatch {
  /** Aborted as soon as the container has asked for more memory than it may have. */
  readonly exceeded: AbortSignal;
  close(): void;
}

/**
 * Listens for the engine's out-of-memory event of one container. gVisor does not always end then: the host kills a
 * thread of the program, and the sandbox waits for it for ever.
 */
export async function watchMemory(docker: Docker, id: string): Promise<MemoryWatch> {
  const exceeded = new AbortController();
  const listening = new AbortController();
  const events = await docker.getEvents({
    filters: { container: [id], event: ['oom'] },
    abortSignal: listening.signal,
  });
  events.on('data', () => exceeded.abort());
  events.on('error', () => {});
  return { exceeded: exceeded.signal, close: () => listening.abort() };
}
