import type { Caller } from '../call.ts';
import { Denial } from '../denial.ts';
import { personOf } from '../person.ts';
import type { Reach } from './difference.ts';
import { end, isOpen, type KeptPlan } from './kept.ts';

/** What is kept of one person with one program. */
export type Shelf = {
  /** By id, the oldest first. */
  readonly plans: Map<string, KeptPlan>;
  /** What the last plan reached that was accepted. */
  reach: Reach | undefined;
  /** Digests of plans that have counted as suspicious already. */
  readonly suspected: Set<string>;
};

const MAX_PLANS = 8;
const MAX_SHELVES = 10_000;
const MAX_SUSPECTED = 32;

/** Plans of one process by who submitted them: another one's are not there. Bounded. */
export type Shelves = {
  /** Undefined where this caller has none. */
  readonly find: (caller: Caller) => Shelf | undefined;
  readonly of: (caller: Caller) => Shelf;
  /** Throws `rate-limited` where too many are open. */
  readonly keep: (caller: Caller, kept: KeptPlan) => void;
};

/** `onExpired` hears of each plan whose time is over before it ended, once. */
export function createShelves(now: () => number, onExpired: (kept: KeptPlan) => void): Shelves {
  const shelves = new Map<string, Shelf>();

  function find(caller: Caller): Shelf | undefined {
    const shelf = shelves.get(personOf(caller));
    if (shelf) expire(shelf);
    return shelf;
  }

  function expire({ plans }: Shelf): void {
    const time = now();
    for (const kept of plans.values())
      if (isOpen(kept) && kept.expires <= time) {
        const { stop } = kept;
        end(kept, 'expired');
        stop?.abort(new Denial('plan-violated', 'Cannot go on with the plan: its time is over'));
        onExpired(kept);
      }
  }

  function of(caller: Caller): Shelf {
    const known = find(caller);
    if (known) return known;
    const fresh: Shelf = { plans: new Map(), reach: undefined, suspected: new Set() };
    shelves.set(personOf(caller), fresh);
    if (shelves.size > MAX_SHELVES) forgetOne();
    return fresh;
  }

  /** The one without an open plan that came first. */
  function forgetOne(): void {
    for (const [key, shelf] of shelves) {
      expire(shelf);
      if ([...shelf.plans.values()].some(isOpen)) continue;
      shelves.delete(key);
      return;
    }
  }

  return {
    find,
    of,
    keep(caller, kept) {
      const { plans } = of(caller);
      for (const old of plans.values()) {
        if (plans.size < MAX_PLANS) break;
        if (!isOpen(old)) plans.delete(old.id);
      }
      if (plans.size >= MAX_PLANS)
        throw new Denial(
          'rate-limited',
          `Cannot keep the plan: ${MAX_PLANS} of yours are open already`,
          { hint: 'cancel those that are not needed any more' },
        );
      plans.set(kept.id, kept);
    },
  };
}

/** `false`: this plan has counted already. */
export function suspect({ suspected }: Shelf, digest: string): boolean {
  if (suspected.has(digest)) return false;
  suspected.add(digest);
  for (const oldest of suspected) {
    if (suspected.size <= MAX_SUSPECTED) break;
    suspected.delete(oldest);
  }
  return true;
}
