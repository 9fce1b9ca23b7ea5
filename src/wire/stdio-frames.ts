import { JsonError } from '../lib/json.ts';
import { answeredId, END_LENGTH } from './answered-id.ts';
import type { ChannelEvents, Frame } from './channel.ts';
import { readFrame } from './frames.ts';
import { createLineSplitter } from './lines.ts';

export type StdioFramesOptions = {
  /** Bytes of one message. */
  readonly maxFrameBytes: number;
  /** Takes what the server writes on stderr, a line at a time. */
  readonly onStderr: (line: string) => void;
  readonly events: ChannelEvents;
  /** What it writes cannot be read on. Whoever is told ends it: nothing more is read. */
  readonly onBroken: (problem: Error) => void;
};

/** Reads what a server writes on its two outputs: one frame a line (MCP specification, transports, stdio). */
export interface StdioFrames {
  stdout(chunk: Buffer): void;
  stderr(chunk: Buffer): void;
  /** It is ended on purpose: a message that goes on is no problem any more. */
  ending(): void;
}

const STDERR_LINE_BYTES = 8192;
/** In sizes of the largest frame. */
const MAX_UNREAD_FRAMES = 4;
/** Milliseconds that a message may go on beyond its limit: one that does not end is none. */
const ENDLESS_MS = 5000;
/** More than the log keeps of a text, so that it is the log that cuts it: half a secret would not be recognised. */
const SHOWN_CHARACTERS = 32_768;

export function createStdioFrames(options: StdioFramesOptions): StdioFrames {
  const { maxFrameBytes, onStderr, events } = options;
  let broken = false;
  let oversize: { readonly head: Buffer; readonly timer: NodeJS.Timeout } | undefined;
  const tooLarge = new JsonError(
    'too-large',
    `Cannot read a message: larger than ${maxFrameBytes} bytes`,
  );

  function fail(): void {
    broken = true;
    options.onBroken(tooLarge);
  }

  return {
    stdout: createLineSplitter(maxFrameBytes, {
      onLine(line) {
        if (broken) return;
        try {
          events.onFrame(readFrame(line, maxFrameBytes));
        } catch (thrown) {
          // What is not JSON is a stray print, common in real servers; the frame is lost, the channel is not.
          onStderr(`(stdout, not a message) ${line.toString().slice(0, SHOWN_CHARACTERS)}`);
          events.onUnreadable?.(
            thrown instanceof Error ? thrown : new Error('unreadable'),
            idOf(thrown, line.subarray(0, END_LENGTH), line.subarray(-END_LENGTH)),
          );
        }
      },
      onOversize(head) {
        oversize = { head, timer: setTimeout(fail, ENDLESS_MS) };
      },
      onSkipped(tail) {
        clearTimeout(oversize?.timer);
        const id = oversize && idOf(tooLarge, oversize.head, tail);
        if (id === undefined) fail();
        else if (!broken) events.onUnreadable?.(tooLarge, id);
      },
    }),
    stderr: createLineSplitter(STDERR_LINE_BYTES, {
      onLine: (line) => onStderr(line.toString()),
      onOversize: () => onStderr('(a line too long to show)'),
    }),
    ending: () => clearTimeout(oversize?.timer),
  };
}

/** A frame as a server reads it on stdin. `unread` are the bytes that it has not taken yet; throws when that is too much. */
export function stdioLine(frame: Frame, unread: number, maxFrameBytes: number): string {
  // What a server does not read is kept in memory.
  if (unread > MAX_UNREAD_FRAMES * maxFrameBytes)
    throw new Error('Cannot send: the process does not read what it is sent');
  return `${JSON.stringify(frame)}\n`;
}

function idOf(problem: unknown, head: Buffer, tail: Buffer): number | undefined {
  return answeredId(problem, head.toString('latin1'), tail.toString('latin1'));
}
