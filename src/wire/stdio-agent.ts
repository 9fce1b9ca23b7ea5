import { once } from 'node:events';
import type { Caller } from '../call.ts';
import { JsonError } from '../lib/json.ts';
import type { About } from './about.ts';
import type { AgentSession, OpenAgentSession } from './agent.ts';
import { readFrame } from './frames.ts';
import { createLineSplitter } from './lines.ts';
import { MODERN_LIMITS } from './modern-agent/modern-agent.ts';
import { createStdioEras, type RefusedFrame } from './stdio-eras.ts';

export type StdioAgentOptions = {
  readonly caller: Caller;
  readonly open: OpenAgentSession;
  /** What modern clients are told of the gateway. */
  readonly about: About;
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
  /** Bytes of one message. */
  readonly maxFrameBytes: number;
  /** Ends the session from outside (a signal to the process). */
  readonly signal: AbortSignal;
  /** Messages of the modern era that became nothing; those of the legacy one its session writes down. */
  readonly onRefused: (refused: RefusedFrame) => void;
  readonly onFailed: (thrown: unknown) => void;
};

/** Serves the one client on stdin and stdout; resolves when it has gone and everything is closed. */
export async function serveStdio(options: StdioAgentOptions): Promise<void> {
  const { input, output, maxFrameBytes } = options;
  const session: AgentSession = createStdioEras({
    ...options,
    // The one connection there is lives as long as the process, as it does for a legacy client.
    limits: { ...MODERN_LIMITS, innerIdleMs: Infinity },
    write(frame) {
      if (output.writable) output.write(`${JSON.stringify(frame)}\n`);
    },
  });
  // EPIPE: the client went away; the end of its input says the same.
  output.on('error', () => undefined);
  input.on(
    'data',
    createLineSplitter(maxFrameBytes, {
      onLine(line) {
        try {
          session.receive(readFrame(line, maxFrameBytes));
        } catch (thrown) {
          session.refuse(thrown instanceof Error ? thrown : new Error('unreadable'));
        }
      },
      onOversize() {
        session.refuse(
          new JsonError('too-large', `Cannot read the message: larger than ${maxFrameBytes} bytes`),
        );
      },
    }),
  );
  try {
    await Promise.race([
      once(input, 'end', { signal: options.signal }),
      once(input, 'close', { signal: options.signal }),
      once(output, 'close', { signal: options.signal }),
    ]).catch(() => undefined);
  } finally {
    // After a signal the client's end is still open; reading from it would keep the process alive.
    input.pause();
    await session.close();
  }
}
