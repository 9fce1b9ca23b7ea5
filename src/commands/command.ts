import type { Readable, Writable } from 'node:stream';

/** What a command may touch of the outside world. */
export type Io = {
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: NodeJS.WritableStream;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
};

/** One word of the command line. `run` resolves to the exit code; a Fault or Denial it throws is printed for it. */
export type Command = {
  readonly summary: string;
  /** The whole text of `--help`. */
  readonly usage: string;
  run(argv: readonly string[], io: Io): Promise<number>;
};
