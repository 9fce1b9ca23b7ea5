import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import type { Caller } from '../call.ts';
import { JsonError } from '../lib/json.ts';
import type { About } from './about.ts';
import type { AgentSession, OpenAgentSession } from './agent.ts';
import { readFrame } from './frames.ts';
import { createLineSplitter } from './lines.ts';
import { MODERN_LIMITS } from './modern-agent/modern-agent.ts';
import { createStdioEras, type RefusedFrame } from './stdio-eras.ts';
import { createOutlet } from './stdio-outlet.ts';

export type StdioAgentOptions = {
  /** Who sits there now: always the same person. Throws `Denial` where nobody does any more. */
  readonly who: () => Caller;
  readonly open: OpenAgentSession;
  /** What modern clients are told of the gateway. */
  readonly about: About;
  readonly introduce: (caller: Caller) => Promise<About>;
  readonly input: Readable;
  readonly output: Writable;
  /** Bytes of one message. */
  readonly maxFrameBytes: number;
  /** Ends the session from outside (a signal to the process). */
  readonly signal: AbortSignal;
  /** Messages of the modern era that became nothing; those of the legacy one its session writes down. */
  readonly onRefused: (refused: RefusedFrame) => void;
  readonly onFailed: (thrown: unknown) => void;
};

const QUEUE_BYTES = 4 * 1024 * 1024;
/** A client may leave several of the largest answers unread, and with small ones as many as come of a thousand calls. */
const STUCK = { frames: 4, leastBytes: 128 * 1024 * 1024 } as const;

/** Serves the one client on stdin and stdout; resolves when it has gone and everything is closed, to whether it stopped reading. */
export async function serveStdio(options: StdioAgentOptions): Promise<{ stuck: boolean }> {
  const { input, output, maxFrameBytes } = options;
  const stuck = new AbortController();
  let dropping = false;
  const session: AgentSession = createStdioEras({
    ...options,
    // The one connection there is lives as long as the process, as it does for a legacy client.
    limits: { ...MODERN_LIMITS, innerIdleMs: Infinity },
    write: createOutlet({
      input,
      output,
      limits: {
        queueBytes: QUEUE_BYTES,
        stuckBytes: Math.max(STUCK.frames * maxFrameBytes, STUCK.leastBytes),
      },
      onDropped({ id }) {
        if (!dropping) note('the client does not read: what nobody waits for is dropped');
        dropping = true;
        // A server that asks gets an error instead of silence.
        const error = { code: -32603, message: 'Cannot reach the client: it does not read' };
        if (id !== undefined) queueMicrotask(() => session.receive({ jsonrpc: '2.0', id, error }));
      },
      onStuck() {
        if (!stuck.signal.aborted) note('the client does not read: it is given up');
        stuck.abort();
      },
    }),
  });
  output.on('drain', () => (dropping = false));

  /** An audit that cannot be written must not end the process here: calls are refused because of it. */
  function note(reason: string): void {
    try {
      options.onRefused({ reason });
    } catch (thrown) {
      options.onFailed(thrown);
    }
  }
  const over = AbortSignal.any([options.signal, stuck.signal]);
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
      once(input, 'end', { signal: over }),
      once(input, 'close', { signal: over }),
      once(output, 'close', { signal: over }),
    ]).catch(() => undefined);
  } finally {
    // After a signal the client's end is still open; reading from it would keep the process alive.
    input.pause();
    await session.close();
  }
  return { stuck: stuck.signal.aborted };
}
