import type { ModernCall } from './modern-call.ts';
import { ModernRefusal } from './refusal.ts';
import { createRequestStates, newNonce, type Binding } from './request-state.ts';

export type ParkingLimits = {
  readonly maxParked: number;
  readonly maxParkedPerOwner: number;
  /** Milliseconds until a call whose client does not come back is cancelled. */
  readonly parkedMs: number;
  /** Of all answers together that wait for their retry. */
  readonly maxKeptTotalBytes: number;
};

/** Calls that wait for their retry: bounded in number and time, each taken up once by whom it belongs to. */
export interface Parking {
  /** `undefined`: there is no room. */
  park(call: ModernCall, binding: Binding, person: string): string | undefined;
  /** Room for an answer; returns what gives it back. `undefined`: there is none. */
  keep(bytes: number): (() => void) | undefined;
  /**
   * Throws `ModernRefusal` for a state that is not good for this, whatever is wrong with it, and what `check` throws,
   * which does not spend it.
   */
  take(state: unknown, binding: Binding, check: (call: ModernCall) => void): ModernCall;
  /** Forgets a call that is over without a retry. */
  forget(call: ModernCall): void;
  readonly size: number;
}

type Row = {
  readonly call: ModernCall;
  readonly person: string;
  readonly timer: NodeJS.Timeout;
};

export function createParking(limits: ParkingLimits): Parking {
  const states = createRequestStates(() => performance.now());
  const rows = new Map<string, Row>();
  let kept = 0;

  function drop(nonce: string): Row | undefined {
    const row = rows.get(nonce);
    rows.delete(nonce);
    clearTimeout(row?.timer);
    return row;
  }

  return {
    park(call, binding, person) {
      // Of a person, not of a token: each new one may say something else.
      const own = [...rows.values()].filter((row) => row.person === person).length;
      if (rows.size >= limits.maxParked || own >= limits.maxParkedPerOwner) return undefined;
      const nonce = newNonce();
      const timer = setTimeout(() => drop(nonce)?.call.cancel(), limits.parkedMs).unref();
      rows.set(nonce, { call, person, timer });
      return states.seal(nonce, performance.now() + limits.parkedMs, binding);
    },
    keep(bytes) {
      if (kept + bytes > limits.maxKeptTotalBytes) return undefined;
      kept += bytes;
      return () => {
        kept -= bytes;
      };
    },
    take(state, binding, check) {
      const nonce = typeof state === 'string' ? states.open(state, binding) : undefined;
      const row = nonce === undefined ? undefined : rows.get(nonce);
      if (nonce === undefined || row === undefined)
        throw new ModernRefusal(
          'request-state',
          'Cannot continue the call: the requestState is not good for it, is over or was used already',
        );
      check(row.call);
      // Dropped before anything else happens: of two retries at once, one is too late.
      drop(nonce);
      return row.call;
    },
    forget(call) {
      for (const [nonce, row] of rows) if (row.call === call) drop(nonce);
    },
    get size() {
      return rows.size;
    },
  };
}
