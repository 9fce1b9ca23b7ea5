import type { Container } from 'dockerode';
import type { Channel, ChannelEvents } from '../../wire/channel.ts';
import { createStdioFrames, stdioLine } from '../../wire/stdio-frames.ts';
import { ending, unplug, type Wires } from '../cell.ts';
import { remove } from '../remove.ts';
import { GO } from './server-container.ts';

export type ServerChannelOptions = {
  readonly maxFrameBytes: number;
  readonly onStderr: (line: string) => void;
  /** Milliseconds the server has between the end of its input and SIGTERM, and again until it is removed. */
  readonly graceMs: number;
  readonly log: (message: string) => void;
  /** Called when the container is gone, before `close` resolves. */
  readonly onGone: (why: string) => Promise<void>;
};

/** A channel to the server that waits in the container for the word. It starts here, and ends with the container. */
export function startServer(
  { container, wires }: { readonly container: Container; readonly wires: Wires },
  events: ChannelEvents,
  options: ServerChannelOptions,
): Channel & { readonly gone: Promise<void> } {
  const { attachment, memory } = wires;
  let reason: Error | undefined;
  let closing = false;
  let ended = false;

  let removal: Promise<void> | undefined;

  function fail(problem: Error): void {
    reason ??= problem;
    void removed();
  }

  /** Once: it tries for long. Its end comes over the wire, which is cut where that does not tell. */
  async function removed(): Promise<void> {
    removal ??= remove(container, options.log).then(() => attachment.close());
    await removal;
  }

  const frames = createStdioFrames({ ...options, events, onBroken: fail });
  const tooMuch = (): void => fail(new Error('the server asked for more memory than it may have'));
  if (memory.exceeded.aborted) tooMuch();
  memory.exceeded.addEventListener('abort', tooMuch, { once: true });

  const gone = (async () => {
    await new Promise<void>((resolve) => {
      attachment.listen({
        chunk: (from, chunk) => frames[from](chunk),
        end: resolve,
      });
      attachment.say(GO);
    });
    ended = true;
    frames.ending();
    const how = reason ?? (closing ? undefined : await endOf(container));
    events.onClose(how);
    unplug(wires);
    await removed();
    await options.onGone(how?.message ?? 'closed');
  })();

  return {
    gone,
    async send(frame) {
      if (ended) throw new Error('Cannot send: the server has ended');
      if (attachment.say(stdioLine(frame, attachment.unread, options.maxFrameBytes))) return;
      await Promise.race([attachment.drained(), gone]);
    },
    async close() {
      closing = true;
      frames.ending();
      attachment.end();
      const terminate = setTimeout(() => {
        container.kill({ signal: 'SIGTERM' }).catch(() => undefined);
      }, options.graceMs);
      const kill = setTimeout(() => void removed(), options.graceMs * 2);
      await gone;
      clearTimeout(terminate);
      clearTimeout(kill);
    },
  };
}

async function endOf(container: Container): Promise<Error> {
  try {
    const { exitCode, outOfMemory } = await ending(container);
    if (outOfMemory) return new Error('the server asked for more memory than it may have');
    return new Error(`the server ended (exit code ${exitCode})`);
  } catch {
    return new Error('the connection to its container was lost');
  }
}
