import type { Readable, Writable } from 'node:stream';
import type { Frame } from './channel.ts';

export type OutletOptions = {
  readonly output: Writable;
  /** What the client sends: not read while it leaves too much unread itself. */
  readonly input: Readable;
  readonly limits: OutletLimits;
  /** Takes a message that will never reach the client. */
  readonly onDropped: (frame: Frame) => void;
  /** More waits than may: the client is given up. */
  readonly onStuck: () => void;
};

export type OutletLimits = {
  /** Bytes beyond which nothing new is taken in, and what nobody waits for is dropped. */
  readonly queueBytes: number;
  /** Bytes of answers beyond which the client is given up. */
  readonly stuckBytes: number;
};

/**
 * Writes frames for a client that may read slowly or never, in bounded memory: past the first bound it is not heard until
 * it has read, and notifications and questions of servers are dropped; past the second it has gone. Answers are not dropped.
 */
export function createOutlet(options: OutletOptions): (frame: Frame) => void {
  const { output, input, limits } = options;
  let paused = false;

  function resume(): void {
    paused = false;
    input.resume();
  }

  return function write(frame) {
    if (!output.writable) return;
    if (frame['method'] !== undefined && output.writableLength > limits.queueBytes) {
      options.onDropped(frame);
      return;
    }
    output.write(`${JSON.stringify(frame)}\n`);
    if (output.writableLength > limits.stuckBytes) options.onStuck();
    else if (output.writableLength > limits.queueBytes && !paused) {
      paused = true;
      input.pause();
      output.once('drain', resume);
    }
  };
}
