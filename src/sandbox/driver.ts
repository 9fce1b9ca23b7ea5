import type { Denial } from '../denial.ts';
import type { Canary } from './canary.ts';
import type { Execution, ExecuteOptions } from './execute.ts';
import type { Language } from './languages.ts';
import type { Limits } from './limits.ts';
import type { Program } from './program.ts';
import type { Tier } from './tier.ts';

/** What a cell is made for. */
export type Wish = {
  readonly language: Language;
  readonly limits: Limits;
  /** What the supervisor of the cell closes the outputs with; no program ever gets it. */
  readonly token: string;
  /** So long after its start the cell ends by itself, even when no gateway is left to end it. */
  readonly lifeMs: number;
  /** The folder of the host that holds the way out; absent: there is none. */
  readonly egress?: string;
};

export type OpenOptions = {
  readonly signal: AbortSignal;
  /** Takes what is still to be cleaned up after a failure, so that the caller need not wait for it. */
  readonly later: (task: Promise<unknown>) => void;
};

/** One isolated place that waits for its one program. */
export interface Cell {
  readonly id: string;
  /** Aborted when the cell comes to its end before it has its program; absent where nobody can see that. */
  readonly gone?: AbortSignal;
  /**
   * Runs the one program, which `checkProgram` has let through. Rejects with the reason of its signal, or with `NotStarted`
   * where nothing of the program can have run.
   */
  execute(program: Program, options: ExecuteOptions): Promise<Execution>;
  /** Ends whatever runs and removes the cell; resolves when it is gone. Never rejects. */
  destroy(): Promise<void>;
}

/** One way to make cells. */
export interface Driver {
  readonly tier: Tier;
  /** Serves those alone who ask for its very tier: it is not trusted to hold what a weaker one holds. */
  readonly isOnlyAsked?: boolean;
  /** How cells are made, for people: `runsc through Docker`. */
  readonly name: string;
  /** What `Sandbox.probe` runs. */
  readonly canary: Canary;
  /**
   * Makes a cell and looks at what it is: one that is not of the driver's tier is never handed out. Throws
   * `sandbox-unavailable` where this machine cannot, else whatever went wrong.
   */
  open(wish: Wish, options: OpenOptions): Promise<Cell>;
  /** What is to be said of an error that `open` or a cell threw. */
  refusal(error: unknown): Denial;
  /** Removes what dead owners left behind. Resolves to the number of cells. */
  reap(): Promise<number>;
}
