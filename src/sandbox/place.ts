import type { Cell, Driver, OpenOptions } from './driver.ts';
import type { EgressLease, EgressOptions } from './egress/lease.ts';
import type { Language } from './languages.ts';
import type { Limits } from './limits.ts';

/** A cell with its way out. */
export type Place = {
  readonly driver: Driver;
  readonly cell: Cell;
  /** Absent: there is no way out. */
  readonly lease: EgressLease | undefined;
  /** Ends whatever runs; resolves when cell and way out are gone. */
  readonly destroy: () => Promise<void>;
};

export type PlaceWish = {
  readonly language: Language;
  readonly lifeMs: number;
  /** Lists of policies that narrow where its program may connect to; absent: the configuration's stands. */
  readonly egress?: readonly string[];
};

/** Makes a place. Throws what the driver throws; what is left by then is handed to `later`. */
export type OpenPlace = (driver: Driver, wish: PlaceWish, options: OpenOptions) => Promise<Place>;

export type OpenPlaceOptions = {
  readonly limits: Limits;
  readonly egress?: EgressOptions;
  readonly random: (bytes: number) => string;
  readonly log: (message: string) => void;
};

const TOKEN_BYTES = 16;
const NAME_BYTES = 6;

export function createOpenPlace({ limits, egress, random, log }: OpenPlaceOptions): OpenPlace {
  return async function openPlace(driver, { egress: lists = [], ...wish }, { signal, later }) {
    const lease = await openWay(lists);
    const way = lease && { egress: lease.folder };
    try {
      const token = random(TOKEN_BYTES);
      const cell = await driver.open({ ...wish, limits, token, ...way }, { signal, later });
      return {
        driver,
        cell,
        lease,
        async destroy() {
          await Promise.all([cell.destroy(), lease?.close()]);
        },
      };
    } catch (error) {
      if (lease) later(lease.close());
      throw error;
    }
  };

  async function openWay(lists: readonly string[]): Promise<EgressLease | undefined> {
    if (!egress || egress.entries.length === 0) return undefined;
    const [{ openLease }, { readBounds }] = await Promise.all([
      import('./egress/lease.ts'),
      import('./egress/bounds.ts'),
    ]);
    return await openLease(random(NAME_BYTES), { ...egress, bounds: readBounds(lists), log });
  }
}
