import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import type { OpenChannel } from './channel.ts';
import { spawnAlone } from '../lib/spawn-alone.ts';
import { createStdioFrames, stdioLine } from './stdio-frames.ts';

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

/** Milliseconds for what a process wrote before its end. */
const DRAIN_MS = 500;

/** A channel to a child process: one frame a line (MCP specification, transports, stdio). */
export function openStdioChannel(options: StdioOptions): OpenChannel {
  return async function openChannel(events, signal) {
    signal.throwIfAborted();
    // Its own process group: `npx` starts the real server as a grandchild, and both must end.
    const child = spawnAlone(options.command, options.args, {
      env: { ...options.env },
      cwd: options.cwd,
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: process.platform !== 'win32',
      windowsHide: true,
    });
    let reason: Error | undefined;
    let closing = false;
    let open = false;
    let onEnd: (() => void) | undefined;

    function fail(problem: Error): void {
      reason ??= problem;
      killGroup(child, 'SIGKILL');
    }

    const frames = createStdioFrames({ ...options, events, onBroken: fail });
    child.stdout.on('data', (chunk: Buffer) => frames.stdout(chunk));
    child.stderr.on('data', (chunk: Buffer) => frames.stderr(chunk));
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
        const line = stdioLine(frame, child.stdin.writableLength, options.maxFrameBytes);
        if (!child.stdin.write(line)) await Promise.race([once(child.stdin, 'drain'), closed]);
      },
      async close() {
        closing = true;
        frames.ending();
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
