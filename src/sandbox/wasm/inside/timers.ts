type Timer = { at: number; readonly every: number | undefined; readonly run: () => void };

export type Timers = {
  readonly wait: () => number;
  readonly tick: () => void;
  readonly globals: Readonly<Record<string, unknown>>;
};

const FOREVER = 2 ** 31 - 1;

/** Timers inside the engine; the process around it only sleeps. */
export function createTimers(now: () => number): Timers {
  const timers = new Map<number, Timer>();
  let last = 0;

  function add(run: unknown, delay: unknown, repeats: boolean, args: unknown[]): number {
    if (typeof run !== 'function')
      throw new TypeError('The "callback" argument must be of type function');
    const given = Math.trunc(Number(delay));
    const ms = given >= 1 && given <= FOREVER ? given : 1;
    timers.set(++last, {
      at: now() + ms,
      every: repeats ? ms : undefined,
      run: () => void Reflect.apply(run, undefined, args),
    });
    return last;
  }

  function next(): [number, Timer] | undefined {
    let first: [number, Timer] | undefined;
    for (const entry of timers) if (!first || entry[1].at < first[1].at) first = entry;
    return first;
  }

  const clear = (id: unknown): void => void timers.delete(Number(id));
  return {
    wait() {
      const first = next();
      return first ? Math.max(0, first[1].at - now()) : -1;
    },
    /** One timer at a time: what it promised is done before the next. */
    tick() {
      const first = next();
      if (!first || first[1].at > now()) return;
      const [id, timer] = first;
      if (timer.every === undefined) timers.delete(id);
      else timer.at = now() + timer.every;
      timer.run();
    },
    globals: {
      setTimeout: (run: unknown, ms?: unknown, ...args: unknown[]) => add(run, ms, false, args),
      setInterval: (run: unknown, ms?: unknown, ...args: unknown[]) => add(run, ms, true, args),
      setImmediate: (run: unknown, ...args: unknown[]) => add(run, 0, false, args),
      clearTimeout: clear,
      clearInterval: clear,
      clearImmediate: clear,
    },
  };
}
