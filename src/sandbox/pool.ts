import type { Driver } from './driver.ts';
import { createDemand, type Demand } from './demand.ts';
import type { Language } from './languages.ts';
import { GRACE_MS } from './limits.ts';
import type { OpenPlace, Place } from './place.ts';
import type { PoolSettings } from './pool-settings.ts';

/** Cells that were made before their call. Each is handed out once. */
export interface Pool {
  /**
   * A cell that is ready and lives long enough, or nothing; either way the call counts as demand. The driver's that comes
   * first, another one's only where those before it make none.
   */
  take(drivers: readonly Driver[], language: Language, timeoutMs: number): Place | undefined;
  /** Hears whether a cell that was taken ran its program. */
  judge(driver: Driver, language: Language, worked: boolean): void;
  /** Makes no more, and resolves when every cell that waited is gone. */
  close(): Promise<void>;
}

export type PoolOptions = {
  readonly settings: PoolSettings;
  readonly openPlace: OpenPlace;
  /** From asking for a cell to its first word. */
  readonly startMs: number;
  /** Takes what goes on behind a call. */
  readonly inBackground: (task: Promise<unknown>) => void;
  readonly now: () => number;
  readonly log: (message: string) => void;
};

/** Calls with a longer time limit than this and the usual one get a cell of their own: its life is decided when it is made. */
const PROGRAM_MS = 60_000;
/** A refill shall not take the processor from the program whose cell it replaces. */
const PAUSE_MS = 50;
const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 60_000;

type Shelf = {
  readonly driver: Driver;
  readonly language: Language;
  readonly demand: Demand;
  /** The longest waiting first. */
  readonly ready: Set<Waiting>;
  isMaking: boolean;
  /** Cells in a row that could not be made, or died before their programs began. */
  failures: number;
  next: NodeJS.Timeout | undefined;
};

type Waiting = {
  readonly place: Place;
  readonly leave: () => void;
  /** Leaves and is destroyed. */
  readonly discard: () => void;
};

export function createPool(options: PoolOptions): Pool {
  const { settings, openPlace, inBackground, log } = options;
  const { size, max, idleMs } = settings;
  const programMs = Math.max(PROGRAM_MS, settings.timeoutMs ?? 0);
  const lifeMs = options.startMs + idleMs + programMs + GRACE_MS;
  const shelves: Shelf[] = [];
  const closing = new AbortController();
  let held = 0;

  function take(
    drivers: readonly Driver[],
    language: Language,
    timeoutMs: number,
  ): Place | undefined {
    if (size === 0 || timeoutMs > programMs || closing.signal.aborted) return undefined;
    for (const driver of drivers) {
      const shelf = shelfOf(driver, language);
      shelf.demand.note();
      const [waiting] = shelf.ready;
      waiting?.leave();
      refillSoon(shelf);
      if (waiting || shelf.failures === 0) return waiting?.place;
    }
    return undefined;
  }

  function judge(driver: Driver, language: Language, worked: boolean): void {
    const shelf = shelfOf(driver, language);
    // That a cell was made does not say that it works.
    shelf.failures = worked ? 0 : shelf.failures + 1;
    clearTimeout(shelf.next);
    shelf.next = undefined;
    refillSoon(shelf);
  }

  function shelfOf(driver: Driver, language: Language): Shelf {
    const known = shelves.find((each) => each.driver === driver && each.language === language);
    if (known) return known;
    const shelf: Shelf = {
      driver,
      language,
      demand: createDemand({ memoryMs: idleMs, now: options.now }),
      ready: new Set(),
      isMaking: false,
      failures: 0,
      next: undefined,
    };
    shelves.push(shelf);
    return shelf;
  }

  function refillSoon(shelf: Shelf): void {
    if (shelf.next || shelf.isMaking || closing.signal.aborted) return;
    const { failures } = shelf;
    const wait =
      failures === 0 ? PAUSE_MS : Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** (failures - 1));
    shelf.next = setTimeout(() => {
      shelf.next = undefined;
      if (wants(shelf) && makeRoom(shelf)) inBackground(refill(shelf));
    }, wait).unref();
  }

  function wants({ demand, ready }: Shelf): boolean {
    const peak = demand.peak();
    return peak > 0 && ready.size < Math.max(size, peak);
  }

  /** Whether there is room for one more. One language must not keep all of it: the one with the most gives. */
  function makeRoom({ ready }: Shelf): boolean {
    if (held < max) return true;
    const [most] = shelves.toSorted((a, b) => b.ready.size - a.ready.size);
    if (!most || most.ready.size < ready.size + 2) return false;
    const [oldest] = most.ready;
    oldest?.discard();
    return true;
  }

  /** One at a time and language: a second gateway process on this machine has to start its cells too. */
  async function refill(shelf: Shelf): Promise<void> {
    const { driver, language } = shelf;
    const { signal } = closing;
    shelf.isMaking = true;
    held++;
    try {
      const place = await openPlace(driver, { language, lifeMs }, { signal, later: inBackground });
      if (signal.aborted) inBackground(place.destroy());
      else store(shelf, place);
    } catch (error) {
      if (!signal.aborted) log(`Cannot keep a sandbox for ${language} ready: ${String(error)}`);
      shelf.failures++;
    } finally {
      held--;
      shelf.isMaking = false;
      refillSoon(shelf);
    }
  }

  function store(shelf: Shelf, place: Place): void {
    const { gone } = place.cell;
    held++;
    const discard = (): void => {
      waiting.leave();
      inBackground(place.destroy());
      refillSoon(shelf);
    };
    const died = (): void => {
      shelf.failures++;
      discard();
    };
    const idle = setTimeout(discard, idleMs).unref();
    const waiting: Waiting = {
      place,
      discard,
      leave() {
        if (!shelf.ready.delete(waiting)) throw new TypeError('Cannot hand out a cell twice');
        held--;
        clearTimeout(idle);
        gone?.removeEventListener('abort', died);
      },
    };
    shelf.ready.add(waiting);
    gone?.addEventListener('abort', died, { once: true });
    if (gone?.aborted) died();
  }

  async function close(): Promise<void> {
    closing.abort();
    const waiting = shelves.flatMap(({ ready }) => [...ready]);
    for (const { next } of shelves) clearTimeout(next);
    for (const { leave } of waiting) leave();
    await Promise.all(waiting.map(async ({ place }) => await place.destroy()));
  }

  return { take, judge, close };
}
