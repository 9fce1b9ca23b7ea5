import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { JsonError } from '../lib/json.ts';
import { answeredId, END_LENGTH } from './answered-id.ts';
import type { OpenChannel } from './channel.ts';
import { readFrame } from './frames.ts';
import { createLineSplitter } from './lines.ts';

export type StdioOptions = {
  readonly command: string;
  readonly args: readonly string[];
  /** The whole environment of the child: nothing of the gateway's own is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Bytes of one message. */
  readonly maxFrameBytes: number;
  /** Takes what the child writes on stderr, a line at a time. */
  readonly onStderr: (line: string) => void;
  /** Milliseconds the child has between the end of its input and SIGTERM, and again until SIGKILL. */
  readonly graceMs: number;
  /** Takes the process group of a child that has started; what it returns is called when the group has ended. */
  readonly onStart?: (group: number) => () => void;
};

const STDERR_LINE_BYTES = 8192;
/** In sizes of the largest frame. */
const MAX_UNREAD_FRAMES = 4;
/** Milliseconds that a message may go on beyond its limit: one that does not end is none. */
const ENDLESS_MS = 5000;
/** Milliseconds for what a process wrote before its end. */
const DRAIN_MS = 500;
/** More than the log keeps of a text, so that it is the log that cuts it: half a secret would not be recognised. */
const SHOWN_CHARACTERS = 32_768;

/** A channel to a child process: one frame a line (MCP specification, transports, stdio). */
export function openStdioChannel(options: StdioOptions): OpenChannel {
  return async function openChannel(events, signal) {
    signal.throwIfAborted();
    // Its own process group: `npx` starts the real server as a grandchild, and both must end.
    const child = spawn(options.command, [...options.args], {
      env: { ...options.env },
      cwd: options.cwd,
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: process.platform !== 'win32',
      windowsHide: true,
    });
    let reason: Error | undefined;
    let closing = false;
    let open = false;
    let oversize: { readonly head: Buffer; readonly timer: NodeJS.Timeout } | undefined;
    const tooLarge = new JsonError(
      'too-large',
      `Cannot read a message: larger than ${options.maxFrameBytes} bytes`,
    );
    let onEnd: (() => void) | undefined;

    function fail(problem: Error): void {
      reason ??= problem;
      killGroup(child, 'SIGKILL');
    }

    child.stdout.on(
      'data',
      createLineSplitter(options.maxFrameBytes, {
        onLine(line) {
          if (reason) return;
          try {
            events.onFrame(readFrame(line, options.maxFrameBytes));
          } catch (thrown) {
            // What is not JSON is a stray print, common in real servers; the frame is lost, the channel is not.
            options.onStderr(
              `(stdout, not a message) ${line.toString().slice(0, SHOWN_CHARACTERS)}`,
            );
            events.onUnreadable?.(
              thrown instanceof Error ? thrown : new Error('unreadable'),
              idOf(thrown, line.subarray(0, END_LENGTH), line.subarray(-END_LENGTH)),
            );
          }
        },
        onOversize(head) {
          oversize = { head, timer: setTimeout(() => fail(tooLarge), ENDLESS_MS) };
        },
        onSkipped(tail) {
          clearTimeout(oversize?.timer);
          const id = oversize && idOf(tooLarge, oversize.head, tail);
          if (id === undefined) fail(tooLarge);
          else if (!reason) events.onUnreadable?.(tooLarge, id);
        },
      }),
    );
    child.stderr.on(
      'data',
      createLineSplitter(STDERR_LINE_BYTES, {
        onLine: (line) => options.onStderr(line.toString()),
        onOversize: () => options.onStderr('(a line too long to show)'),
      }),
    );
    // A child that closed its input must not crash the gateway; `exit` tells the owner.
    child.stdin.on('error', () => undefined);
    // A process that left the group may hold the pipes open; the server has gone all the same.
    child.once('exit', () => {
      setTimeout(() => {
        for (const pipe of [child.stdin, child.stdout, child.stderr]) pipe.destroy();
      }, DRAIN_MS).unref();
    });
    const closed = new Promise<void>((resolve) => {
      child.once('close', (code, signalName) => {
        killGroup(child, 'SIGKILL');
        onEnd?.();
        if (open)
          events.onClose(
            reason ??
              (closing
                ? undefined
                : new Error(`the process ended (${signalName ?? `exit code ${code}`})`)),
          );
        resolve();
      });
    });
    await started(child, options.command);
    open = true;
    if (child.pid !== undefined) onEnd = options.onStart?.(child.pid);

    return {
      async send(frame) {
        if (child.stdin.destroyed) throw new Error('Cannot send: the process has ended');
        // What a process does not read is kept in memory.
        if (child.stdin.writableLength > MAX_UNREAD_FRAMES * options.maxFrameBytes)
          throw new Error('Cannot send: the process does not read what it is sent');
        if (!child.stdin.write(`${JSON.stringify(frame)}\n`))
          await Promise.race([once(child.stdin, 'drain'), closed]);
      },
      async close() {
        closing = true;
        clearTimeout(oversize?.timer);
        child.stdin.end();
        const terminate = setTimeout(() => killGroup(child, 'SIGTERM'), options.graceMs);
        const kill = setTimeout(() => killGroup(child, 'SIGKILL'), options.graceMs * 2);
        await closed;
        clearTimeout(terminate);
        clearTimeout(kill);
      },
    };
  };
}

function idOf(problem: unknown, head: Buffer, tail: Buffer): number | undefined {
  return answeredId(problem, head.toString('latin1'), tail.toString('latin1'));
}

async function started(child: ChildProcessWithoutNullStreams, command: string): Promise<void> {
  if (child.pid !== undefined) {
    child.on('error', () => undefined);
    return;
  }
  const [problem] = await once(child, 'error').catch((thrown: unknown) => [thrown]);
  const code =
    problem instanceof Error && 'code' in problem ? String(problem.code) : String(problem);
  throw new Error(`Cannot start ${command}: ${code === 'ENOENT' ? 'no such command' : code}`);
}

function killGroup(child: ChildProcessWithoutNullStreams, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    if (process.platform === 'win32') child.kill(signal);
    else process.kill(-child.pid, signal);
  } catch {
    // ESRCH: the group has ended already.
  }
}
