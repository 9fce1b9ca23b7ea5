import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Attachment, Listener } from '../attach.ts';
import { deadline } from '../deadline.ts';
import type { Ended } from '../execute.ts';
import { spawnAlone } from '../../lib/spawn-alone.ts';
import { FDS } from './qemu-command.ts';

/** One process with a virtual machine in it. */
export interface Machine {
  readonly attachment: Attachment;
  /** Aborted when its process has ended. */
  readonly gone: AbortSignal;
  /** The next line that the first process of the machine says on a port of its own. Rejects when none comes any more. */
  line(): Promise<string>;
  /** Tells the first process of the machine what to run, as shell. */
  tell(script: string): void;
  /** What the machine says of the program's end, or that it ended without a word. */
  ended(): Promise<Ended>;
  /** Resolves when the process is gone, and with it all that it held. */
  kill(): Promise<void>;
}

const LONGEST_LINE = 200;
const SAID = 2000;
const AFTER_MS = 2000;
const GONE_MS = 20_000;
const KILLED = 137;

/** Starts the command of `qemuCommand`. `files` are open descriptors: kernel, first file system, disk. */
export function startMachine(
  [program = '', ...args]: readonly string[],
  files: readonly [kernel: number, initrd: number, disk: number],
): Machine {
  const child = spawnAlone(program, args, {
    // Node's pipes to a child are pairs of sockets, which is what QEMU takes.
    stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe', 'pipe', ...files],
    env: {},
    cwd: '/',
    // Ctrl-C at the gateway's terminal is the gateway's.
    detached: true,
  });
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    said += chunk.toString('latin1', 0, SAID - said.length);
  });
  const gone = new Promise<void>((resolve) => {
    child.on('close', () => resolve());
    child.on('error', (error) => {
      said += error.message;
      resolve();
    });
  });
  const over = new AbortController();
  void gone.then(() => over.abort());
  const streams: readonly unknown[] = child.stdio;
  const [stdio, stderr, control] = [FDS.stdio, FDS.stderr, FDS.control].map((fd) => {
    const stream = streams[fd];
    if (!(stream instanceof Socket)) throw new Error(`${program} was not started: ${said}`);
    // A machine that is gone does not read.
    return stream.on('error', () => {});
  });
  if (!stdio || !stderr || !control) throw new Error(`${program} was not started`);
  const lines = readLines(
    control,
    gone.then(() => why()),
  );

  function why(): Error {
    return new Error(`the virtual machine ended before it began ${said.trim()}`.trimEnd());
  }

  return {
    attachment: join(stdio, stderr),
    gone: over.signal,
    line: lines,
    tell: (script) => void control.write(`${Buffer.byteLength(script)}\n${script}`),
    async ended() {
      const silent = { exitCode: KILLED, outOfMemory: false };
      const line = await lines().catch(() => '');
      const [, status, kills] = /^end (\d{1,3}) (\d+)$/.exec(line) ?? [];
      return status === undefined
        ? silent
        : { exitCode: Number(status), outOfMemory: Number(kills) > 0 };
    },
    async kill() {
      killFirst(child);
      for (const stream of [stdio, stderr, control]) stream.destroy();
      await deadline(gone, AFTER_MS).catch(async () => {
        child.kill('SIGKILL');
        await deadline(gone, GONE_MS);
      });
    },
  };
}

/** Kills QEMU, so that the process around it ends by itself and takes its exit status: a gateway may be process 1. */
function killFirst(child: ChildProcess): void {
  try {
    const { pid } = child;
    const inner = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim();
    if (inner !== '') for (const each of inner.split(' ')) process.kill(Number(each), 'SIGKILL');
    else child.kill('SIGKILL');
  } catch {
    child.kill('SIGKILL');
  }
}

function join(stdio: Socket, stderr: Socket): Attachment {
  let listener: Listener = { chunk() {}, end() {} };
  const open = new Set([stdio, stderr]);
  const sources = [
    ['stdout', stdio],
    ['stderr', stderr],
  ] as const;
  for (const [from, stream] of sources) {
    stream.on('data', (chunk: Buffer) => listener.chunk(from, chunk));
    stream.on('close', () => {
      open.delete(stream);
      if (open.size === 0) listener.end();
    });
  }
  return {
    listen(next) {
      listener = next;
      if (open.size === 0) next.end();
    },
    write: (bytes) => void stdio.write(bytes),
    close() {
      for (const stream of [stdio, stderr]) stream.destroy();
    },
  };
}

/** Lines in the order in which they came; what a machine says beyond what it may say ends it for us. */
function readLines(stream: Socket, gone: Promise<Error>): () => Promise<string> {
  const lines: string[] = [];
  let rest = '';
  let over: Error | undefined;
  let wake: (() => void) | undefined;
  const finish = (error: Error): void => {
    over ??= error;
    wake?.();
  };
  stream.on('data', (chunk: Buffer) => {
    const parts = (rest + chunk.toString('latin1')).split('\n');
    rest = parts.pop() ?? '';
    lines.push(...parts);
    if (rest.length > LONGEST_LINE || lines.length > 4) stream.destroy(new Error('too much'));
    wake?.();
  });
  void gone.then(finish);
  return async function line() {
    for (;;) {
      const next = lines.shift();
      if (next !== undefined) return next;
      if (over) throw over;
      await new Promise<void>((resolve) => (wake = resolve));
    }
  };
}
