export type PoolSettings = {
  /** Cells that are kept ready of a language that is in use; 0: none ever. */
  readonly size: number;
  /** The most that are ready or being made, of all languages together. */
  readonly max: number;
  /** So long a cell waits for its program, and a language counts as in use. */
  readonly idleMs: number;
  /** The time limit of a program that asks for none: a waiting cell lives long enough for it. */
  readonly timeoutMs?: number;
};

export const POOL: PoolSettings = { size: 1, max: 4, idleMs: 5 * 60_000 };
