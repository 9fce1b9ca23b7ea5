import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Denial } from '../denial.ts';
import { packageRoot } from '../lib/package-root.ts';
import { openCell, type Cell, type OpenOptions } from './cell.ts';
import { containerOptions } from './container.ts';
import { deadline, reason } from './deadline.ts';
import type { DockerHost } from './docker-host.ts';
import { connect, unreachable, type Engine } from './engine.ts';
import type { Ending } from './execute.ts';
import { isGvisor } from './gvisor.ts';
import { createEnsureImage } from './images.ts';
import type { Language } from './languages.ts';
import { GRACE_MS, LIMITS, type Limits } from './limits.ts';
import { ownerLabels, type Owner } from './owner.ts';
import { frame, type Program } from './program.ts';
import { reapOrphans } from './reap.ts';
import { isUnreachable } from './remove.ts';
import { createSlots } from './slots.ts';

export type SandboxOptions = {
  readonly docker: DockerHost;
  /** Name of gVisor's runtime in Docker's configuration; what it runs is looked at, every time. */
  readonly runtime: string;
  /** The owner's own images, by language; the others are built on first use. */
  readonly images: Readonly<Partial<Record<Language, string>>>;
  readonly limits?: Partial<Limits>;
  readonly owner: Owner;
  /** Version of this program: the tag of its images. */
  readonly version: string;
  /** Folder for root file systems that take long to make. */
  readonly cache: string;
  /** Programs at once, programs that may wait, and how long one waits. */
  readonly slots?: { readonly size: number; readonly queue: number; readonly waitMs: number };
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Random bytes as hexadecimal text. */
  readonly random: (bytes: number) => string;
  readonly log: (message: string) => void;
};

export type Run = Program & { readonly signal: AbortSignal };

export type RunResult = {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
  readonly timedOut: boolean;
  readonly truncated: boolean;
  readonly ended: Ending;
  /** From sending the program to its end. */
  readonly durationMs: number;
  readonly tier: 'gvisor';
  readonly sandboxId: string;
};

export type Probe =
  | {
      readonly ok: true;
      readonly tier: 'gvisor';
      readonly kernel: string;
      readonly docker: string;
      /** Whether our system call filter works inside; gVisor ignores it without `--oci-seccomp`. */
      readonly seccomp: boolean;
    }
  | { readonly ok: false; readonly denial: Denial };

export interface Sandbox {
  /** Runs a canary and looks at what it sees. Never throws. */
  probe(): Promise<Probe>;
  /**
   * Runs one program in a container of its own, then throws the container away. A program that fails, is killed or runs
   * out of time is a result. Throws `Denial`: `sandbox-unavailable`, `sandbox-failed`, `arguments-invalid`, `too-large`;
   * or the reason of `signal`.
   */
  run(program: Run): Promise<RunResult>;
  /** Removes containers whose owner is dead or whose time is over. Resolves to their number. */
  reap(): Promise<number>;
  /** Ends what runs and resolves when every container is gone. */
  close(): Promise<void>;
}

const SLOTS = { size: 4, queue: 256, waitMs: 60_000 };
const TOKEN_BYTES = 16;
const IMAGE_MS = 15 * 60_000;
const CANARY_MS = 10_000;
const CANARY = `read -r kernel < /proc/version; echo "$kernel"
while read -r key value; do if [ "$key" = Seccomp: ]; then echo "$value"; fi; done < /proc/self/status`;

export function createSandbox(options: SandboxOptions): Sandbox {
  const { docker: host, runtime, owner, log } = options;
  const limits = { ...LIMITS, ...options.limits };
  const slots = createSlots(options.slots ?? SLOTS);
  const ensureImage = createEnsureImage({ ...options, own: options.images });
  const closing = new AbortController();
  const ending = new Set<Promise<void>>();
  let ready: Promise<Engine & Files> | undefined;
  let reaped = false;

  async function prepare(): Promise<Engine & Files> {
    const [engine, files] = await Promise.all([connect(host, runtime), readFiles()]);
    return { ...engine, ...files };
  }

  async function prepared(): Promise<Engine & Files> {
    ready ??= prepare();
    try {
      return await ready;
    } catch (error) {
      // Whoever mends Docker need not restart the gateway.
      ready = undefined;
      throw error;
    }
  }

  async function open(
    program: Program,
    { signal, later }: Pick<OpenOptions, 'signal' | 'later'>,
  ): Promise<Cell> {
    const { docker, cpus, ...files } = await prepared();
    if (!reaped) inBackground(reap());
    reaped = true;
    // Whoever gives up while an image is built does not wait for it; the next caller finds it.
    const image = await deadline(ensureImage(docker, program.language), IMAGE_MS, signal);
    const { language, timeoutMs } = program;
    const expires = options.now() + limits.startMs + timeoutMs + 2 * GRACE_MS;
    const spec = containerOptions({
      ...files,
      language,
      image,
      runtime,
      timeoutMs,
      limits: { ...limits, cpus: Math.min(limits.cpus, cpus) },
      labels: ownerLabels(owner, expires),
    });
    return await openCell(docker, spec, { startMs: limits.startMs, signal, log, later });
  }

  async function run(program: Run): Promise<RunResult> {
    const token = options.random(TOKEN_BYTES);
    const bytes = frame(program, token, limits);
    const signal = AbortSignal.any([program.signal, closing.signal]);
    const release = await slots.acquire(signal);
    const rest: Promise<unknown>[] = [];
    const later = (task: Promise<unknown>): void => void rest.push(settle(task));
    try {
      const cell = await open(program, { signal, later });
      const began = options.now();
      const { timeoutMs } = program;
      const wanted = { token, timeoutMs, output: limits.output, signal };
      const execution = await cell.execute(bytes, wanted).finally(() => later(cell.destroy()));
      return {
        ...execution,
        timedOut: execution.ended === 'timed-out',
        durationMs: options.now() - began,
        tier: 'gvisor',
        sandboxId: cell.id,
      };
    } catch (error) {
      if (signal.aborted) throw reason(signal);
      throw refusal(error);
    } finally {
      // The answer does not wait until the container is gone; its place does.
      inBackground(Promise.all(rest).finally(release));
    }
  }

  function inBackground(task: Promise<unknown>): void {
    const done = settle(task).finally(() => ending.delete(done));
    ending.add(done);
  }

  async function settle(task: Promise<unknown>): Promise<void> {
    try {
      await task;
    } catch (error) {
      log(`Cannot clean up: ${String(error)}`);
    }
  }

  function refusal(error: unknown): Denial {
    if (error instanceof Denial) return error;
    // Ask again who is there before the next program.
    if (isUnreachable(error)) {
      ready = undefined;
      return unreachable(error, host);
    }
    const why = error instanceof Error ? error.message : String(error);
    return new Denial('sandbox-failed', `Cannot run the program: the sandbox failed: ${why}`, {
      hint: `sallyport check shows what is wrong with Docker and ${runtime}`,
      cause: error,
    });
  }

  async function probe(): Promise<Probe> {
    try {
      const { version } = await prepared();
      const { signal } = closing;
      const canary = { language: 'bash', code: CANARY, timeoutMs: CANARY_MS, signal } as const;
      const { stdout, ended } = await run(canary);
      const [kernel = '', seccomp] = stdout.split('\n');
      if (ended !== 'exited' || !isGvisor(kernel))
        throw new Denial('sandbox-failed', `Cannot trust the sandbox: its canary was ${ended}`);
      return { ok: true, tier: 'gvisor', kernel, docker: version, seccomp: seccomp === '2' };
    } catch (error) {
      return { ok: false, denial: refusal(error) };
    }
  }

  async function reap(): Promise<number> {
    const { docker } = await prepared();
    return await reapOrphans(docker, { owner, now: options.now(), log });
  }

  async function close(): Promise<void> {
    closing.abort(new Denial('sandbox-unavailable', 'Cannot run the program: shutting down'));
    while (ending.size > 0) await Promise.all(ending);
  }

  return { probe, run, reap, close };
}

type Files = { readonly supervise: string; readonly seccomp: string };

async function readFiles(): Promise<Files> {
  const folder = join(packageRoot(), 'sandbox-images');
  return {
    supervise: await readFile(join(folder, 'supervise.sh'), 'utf8'),
    seccomp: await readFile(join(folder, 'seccomp.json'), 'utf8'),
  };
}
