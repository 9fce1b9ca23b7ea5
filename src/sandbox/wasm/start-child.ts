import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Attachment, Listener } from '../attach.ts';
import type { Ended } from '../execute.ts';
import { spawnAlone } from '../../lib/spawn-alone.ts';
import { OUT_OF_MEMORY } from './protocol.ts';

export type Child = {
  readonly pid: number | undefined;
  readonly attachment: Attachment;
  /** Aborted when it has ended. */
  readonly gone: AbortSignal;
  readonly ending: () => Promise<Ended>;
  /** Kills it and resolves when it is gone. */
  readonly kill: () => Promise<void>;
};

export type ChildOptions = {
  /** Where `wasm-child.mjs` and what it reads are. */
  readonly folder: string;
  /** File with the code of ours that runs inside, without its ending. */
  readonly inside: string;
  readonly memory: number;
  readonly lifeMs: number;
};

/** What Node itself may use for its own objects; the program's are in WebAssembly. */
const HEAP_MIB = 128;
/** Most of what the main thread has. */
const STACK_KIB = 7200;
const KILLED = 137;

/** No core files, nothing that the shell adds to the environment, no file written, few descriptors, and an end even if the engine never looks up again. */
const LIMITED =
  'ulimit -s 8192 2>/dev/null; ulimit -c 0; ulimit -f 0; ulimit -n 64; ulimit -t "$0"; exec /usr/bin/env -i TZ=UTC "$@"';

/**
 * Starts the process of one cell. WebAssembly is its wall; that it is a process of its own, without environment, rights
 * to files or descriptors of the gateway, is for the day on which the wall has a hole.
 */
export function startChild(options: ChildOptions): Child {
  const [command, ...args] = commandLine(options);
  const child = spawnAlone(command ?? '', args, {
    cwd: options.folder,
    env: environment(),
    stdio: ['pipe', 'pipe', 'pipe'],
    windowsHide: true,
  });
  const closed = new Promise<void>((resolve) => {
    child.once('close', () => resolve()).once('error', () => resolve());
  });
  const gone = new AbortController();
  void closed.then(() => gone.abort());
  // What it says too late, or cannot read any more, is of no interest.
  for (const stream of [child.stdin, child.stdout, child.stderr]) stream?.on('error', () => {});
  return {
    pid: child.pid,
    attachment: attachTo(child, closed),
    gone: gone.signal,
    async ending() {
      await closed;
      const exitCode = child.exitCode ?? KILLED;
      return { exitCode, outOfMemory: exitCode === OUT_OF_MEMORY };
    },
    async kill() {
      if (child.pid === undefined) return;
      const isOver = child.exitCode !== null || child.signalCode !== null;
      const exited = isOver ? undefined : once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    },
  };
}

function commandLine({ folder, inside, memory, lifeMs }: ChildOptions): string[] {
  const file = join(folder, 'wasm-child.mjs');
  const reads = [file, join(folder, 'quickjs.wasm'), join(folder, `${inside}.js`)];
  const flags = process.allowedNodeEnvironmentFlags;
  const node = [
    process.execPath,
    flags.has('--permission') ? '--permission' : '--experimental-permission',
    ...reads.map((path) => `--allow-fs-read=${path}`),
    '--disallow-code-generation-from-strings',
    `--max-old-space-size=${HEAP_MIB}`,
    // Deep calls inside take ten times as much stack outside.
    ...(process.platform === 'win32' ? [] : [`--stack-size=${STACK_KIB}`]),
    '--no-warnings',
    file,
    inside,
    String(memory),
    String(lifeMs),
  ];
  if (process.platform === 'win32') return node;
  return ['/bin/sh', '-c', LIMITED, String(Math.ceil(lifeMs / 1000)), ...node];
}

/** None of the gateway's. Without SystemRoot no program starts on Windows. */
function environment(): NodeJS.ProcessEnv {
  const { SystemRoot } = process.env;
  return { TZ: 'UTC', ...(process.platform === 'win32' && SystemRoot && { SystemRoot }) };
}

function attachTo({ stdin, stdout, stderr }: ChildProcess, closed: Promise<void>): Attachment {
  let listener: Listener = { chunk() {}, end() {} };
  let isOver = false;
  stdout?.on('data', (chunk: Buffer) => listener.chunk('stdout', chunk));
  stderr?.on('data', (chunk: Buffer) => listener.chunk('stderr', chunk));
  void (async () => {
    await closed;
    isOver = true;
    listener.end();
  })();
  return {
    listen(next) {
      listener = next;
      if (isOver) next.end();
    },
    write: (bytes) => void stdin?.write(bytes),
    close: () => void stdin?.destroy(),
  };
}
