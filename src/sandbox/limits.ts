/** What one call may use. Bytes, unless the name says otherwise. */
export type Limits = {
  readonly memory: number;
  readonly cpus: number;
  /** Threads of the container on the host. Reaching it crashes gVisor's kernel, so `processes` must bite first. */
  readonly hostThreads: number;
  /** Processes and threads of the program. */
  readonly processes: number;
  readonly openFiles: number;
  readonly work: number;
  readonly tmp: number;
  /** Of stdout and of stderr, each. */
  readonly output: number;
  readonly code: number;
  readonly stdin: number;
  /** Of all files together. */
  readonly files: number;
  readonly fileCount: number;
  /** Of all files that are handed over afterwards, together. */
  readonly outputFiles: number;
  readonly outputCount: number;
  /** The longest time limit that a call may ask for. */
  readonly timeoutMs: number;
  /** From asking Docker for a container to the first word out of it. */
  readonly startMs: number;
};

const MIB = 1024 * 1024;

export const LIMITS: Limits = {
  memory: 512 * MIB,
  cpus: 2,
  hostThreads: 256,
  processes: 64,
  openFiles: 256,
  work: 128 * MIB,
  tmp: 16 * MIB,
  output: MIB / 4,
  code: MIB,
  stdin: 4 * MIB,
  files: 32 * MIB,
  fileCount: 64,
  outputFiles: MIB,
  outputCount: 16,
  timeoutMs: 10 * 60_000,
  startMs: 30_000,
};

/** After the program's own limit the container ends by itself, even when nobody is left to end it. */
export const GRACE_MS = 10_000;
