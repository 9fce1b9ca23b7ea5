import { Denial } from '../denial.ts';
import { reason } from './deadline.ts';
import type { Seen } from './canary.ts';
import type { Driver, OpenOptions } from './driver.ts';
import type { EgressOptions } from './egress/lease.ts';
import { NotStarted, type Ending } from './execute.ts';
import type { Outputs } from './handover.ts';
import { GRACE_MS, LIMITS, type Limits } from './limits.ts';
import type { SandboxMeter } from './meter.ts';
import type { Path } from './path.ts';
import { createOpenPlace, type Place } from './place.ts';
import { createPool } from './pool.ts';
import type { PoolSettings } from './pool-settings.ts';
import { checkProgram, type Program } from './program.ts';
import { createSlots } from './slots.ts';
import type { Terms } from './terms.ts';
import { compareTiers, isAtLeast, strongestOf, type Tier } from './tier.ts';

export type SandboxOptions = {
  /** In order of preference. */
  readonly drivers: readonly Driver[];
  /** The least isolation of a program that asks for none. */
  readonly tier?: Tier;
  readonly limits?: Partial<Limits>;
  /** Where programs may connect to, and how; absent: nowhere. */
  readonly egress?: EgressOptions;
  /** Programs at once, programs that may wait, and how long one waits. */
  readonly slots?: { readonly size: number; readonly queue: number; readonly waitMs: number };
  /** Absent: nobody counts. */
  readonly meter?: SandboxMeter | undefined;
  /** Cells that are made before their calls; absent: none. */
  readonly pool?: PoolSettings;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Random bytes as hexadecimal text. */
  readonly random: (bytes: number) => string;
  readonly log: (message: string) => void;
};

export type Run = Program & {
  /** The least isolation; a stronger one may serve, a weaker one never. */
  readonly tier?: Tier;
  readonly signal: AbortSignal;
  /** Absent where no gate stands in front. */
  readonly terms?: Terms;
};

export type RunResult = {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
  readonly timedOut: boolean;
  readonly truncated: boolean;
  readonly ended: Ending;
  /** From sending the program to its end. */
  readonly durationMs: number;
  readonly tier: Tier;
  /** How its cell was made: `runsc through Docker`. */
  readonly driver: string;
  readonly path: Path;
  readonly sandboxId: string;
  /** Present where the program names some. */
  readonly outputs?: Outputs;
};

export type Probe =
  | (Seen & {
      readonly ok: true;
      readonly tier: Tier;
      /** How cells are made: `runsc through Docker`. */
      readonly driver: string;
    })
  | { readonly ok: false; readonly denial: Denial };

export interface Sandbox {
  /** Runs a canary and looks at what it sees. Never throws. */
  probe(tier?: Tier): Promise<Probe>;
  /**
   * Runs one program in a cell of its own, then throws the cell away. A program that fails, is killed or runs out of time
   * is a result. Throws `Denial`: `sandbox-unavailable`, `sandbox-failed`, `arguments-invalid`, `too-large`; or the reason
   * of `signal`.
   */
  run(program: Run): Promise<RunResult>;
  /** Removes cells whose owner is dead or whose time is over. Resolves to their number. */
  reap(): Promise<number>;
  /** Ends what runs and resolves when every cell is gone. */
  close(): Promise<void>;
}

const SLOTS = { size: 4, queue: 256, waitMs: 60_000 };
const CANARY_MS = 10_000;

type Asked = Pick<Run, 'tier' | 'signal' | 'terms'>;
type ProgramFor = (driver: Driver) => Program;
type Served = { readonly driver: Driver; readonly result: RunResult };

export function createSandbox(options: SandboxOptions): Sandbox {
  const { drivers, now, log, meter } = options;
  const limits = { ...LIMITS, ...options.limits };
  const slots = createSlots(options.slots ?? SLOTS);
  const closing = new AbortController();
  const ending = new Set<Promise<void>>();
  const reaped = new Set<Driver>();
  const openPlace = createOpenPlace({ ...options, limits });
  const pool =
    options.pool &&
    createPool({ settings: options.pool, openPlace, inBackground, now, log, ...limits });

  async function run(program: Run): Promise<RunResult> {
    checkProgram(program, limits);
    return (await serve(() => program, program, program.terms?.path ?? 'hot')).result;
  }

  async function serve(programFor: ProgramFor, asked: Asked, path: Path): Promise<Served> {
    const serving = serveNow(programFor, asked, path);
    // Whoever closes waits for what still runs; how it ends is the caller's.
    inBackground(Promise.allSettled([serving]));
    return await serving;
  }

  async function serveNow(programFor: ProgramFor, asked: Asked, path: Path): Promise<Served> {
    const signal = AbortSignal.any([asked.signal, closing.signal]);
    const waited = meter?.waits();
    const release = await slots.acquire(signal).finally(waited);
    const started = meter?.starts();
    const rest: Promise<unknown>[] = [];
    const later = (task: Promise<unknown>): void => void rest.push(settle(task));
    const use = async (place: Place, way: Path): Promise<Served> => {
      started?.(place.driver.tier, way);
      const how = { ...asked, signal, path: way };
      return await finish(place, programFor(place.driver), how).finally(() =>
        later(place.destroy()),
      );
    };
    try {
      const able = eligible(asked, path);
      const egress = asked.terms?.egress ?? [];
      // The way out of a cell that waits is as the configuration has it.
      const warm = path === 'hot' && egress.length === 0 ? takeWarm(programFor, able) : undefined;
      if (warm)
        try {
          const served = await use(warm, 'hot');
          pool?.judge(warm.driver, programFor(warm.driver).language, true);
          return served;
        } catch (error) {
          // It died on the way to its program: a cell that is made now may run it, for the first time.
          if (!(error instanceof NotStarted)) throw error;
          pool?.judge(warm.driver, programFor(warm.driver).language, false);
          // The old cell has had the program, or a part of it.
          await Promise.all(rest);
        }
      const cold = path === 'escalation' ? path : 'standard';
      return await use(await open(programFor, able, { signal, later, egress }), cold);
    } finally {
      // The answer does not wait until the cell is gone; its place does.
      inBackground(Promise.all(rest).finally(release));
    }
  }

  /** The drivers that isolate well enough, in the order in which they are tried. */
  function eligible({ tier, terms }: Asked, path: Path): readonly Driver[] {
    const least = strongestOf([tier ?? options.tier ?? 'gvisor', terms?.isolation]);
    const able = drivers.filter(
      ({ tier: own, isOnlyAsked }) => isAtLeast(own, least) && (!isOnlyAsked || own === least),
    );
    if (able.length === 0)
      throw new Denial(
        'sandbox-unavailable',
        `Cannot run the program: the tier ${least} is not available here`,
        {
          hint:
            least === 'microvm'
              ? 'virtual machines serve where sandbox.tiers.microvm lists ways, such as [qemu, kata]'
              : 'sallyport check shows the tiers of this machine',
        },
      );
    return path === 'escalation' ? able.toSorted((a, b) => compareTiers(b.tier, a.tier)) : able;
  }

  function takeWarm(programFor: ProgramFor, able: readonly Driver[]): Place | undefined {
    const [first] = able;
    if (!first || !pool) return undefined;
    const { language, timeoutMs } = programFor(first);
    return pool.take(able, language, timeoutMs);
  }

  /** From the first driver that can. */
  async function open(
    programFor: ProgramFor,
    able: readonly Driver[],
    { signal, later, egress }: OpenOptions & { readonly egress: readonly string[] },
  ): Promise<Place> {
    let first: Denial | undefined;
    for (const driver of able) {
      const { language, timeoutMs } = programFor(driver);
      if (!reaped.has(driver)) inBackground(driver.reap());
      reaped.add(driver);
      const wish = { language, egress, lifeMs: limits.startMs + timeoutMs + GRACE_MS };
      try {
        return await openPlace(driver, wish, { signal, later });
      } catch (error) {
        if (signal.aborted) throw reason(signal);
        const denial = driver.refusal(error);
        if (denial.code !== 'sandbox-unavailable') throw denial;
        first ??= denial;
      }
    }
    throw first ?? new TypeError('Cannot run the program: no driver was tried');
  }

  async function finish(
    { driver, cell, lease }: Place,
    program: Program,
    { signal, terms, path }: Asked & { readonly path: Path },
  ): Promise<Served> {
    const began = now();
    lease?.serve({ sandbox: cell.id, ...(terms && { traceId: terms.traceId }) });
    const { output, outputFiles } = limits;
    const wanted = { timeoutMs: program.timeoutMs, output, outputFiles, signal };
    try {
      const execution = await cell.execute(program, wanted);
      const result = {
        ...execution,
        timedOut: execution.ended === 'timed-out',
        durationMs: now() - began,
        tier: driver.tier,
        driver: driver.name,
        path,
        sandboxId: cell.id,
      };
      return { driver, result };
    } catch (error) {
      if (signal.aborted) throw reason(signal);
      throw path === 'hot' && error instanceof NotStarted ? error : driver.refusal(error);
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

  async function probe(tier?: Tier): Promise<Probe> {
    try {
      const { signal } = closing;
      const { driver, result } = await serve(
        ({ canary: { language, code, timeoutMs = CANARY_MS } }) => ({ language, code, timeoutMs }),
        { signal, ...(tier && { tier }) },
        'standard',
      );
      const seen = result.ended === 'exited' ? driver.canary.read(result.stdout) : undefined;
      if (!seen)
        throw new Denial(
          'sandbox-failed',
          `Cannot trust the sandbox: its canary was ${result.ended}`,
        );
      return { ok: true, tier: driver.tier, driver: driver.name, ...seen };
    } catch (error) {
      return { ok: false, denial: Denial.from(error) };
    }
  }

  async function reap(): Promise<number> {
    // One that has nobody to ask must not keep the others from it.
    const counts = await Promise.allSettled(
      drivers.map(async (driver) => {
        reaped.add(driver);
        return await driver.reap();
      }),
    );
    const failed = counts.find((each) => each.status === 'rejected');
    if (failed) throw failed.reason;
    return counts.reduce((sum, each) => sum + (each.status === 'fulfilled' ? each.value : 0), 0);
  }

  async function close(): Promise<void> {
    closing.abort(new Denial('sandbox-unavailable', 'Cannot run the program: shutting down'));
    if (pool) inBackground(pool.close());
    while (ending.size > 0) await Promise.all(ending);
  }

  return { probe, run, reap, close };
}
