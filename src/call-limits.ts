import type { Caller } from './call.ts';
import { Denial } from './denial.ts';
import type { Stages } from './pipeline.ts';

/** Of one caller over all servers, of one server over all callers; absent: no limit. */
type Sides = { readonly perCaller?: number | undefined; readonly perServer?: number | undefined };

export type CallLimitsOptions = {
  readonly callsPerMinute?: Sides | undefined;
  readonly callsAtOnce?: Sides | undefined;
  /** Milliseconds that never go back. */
  readonly now: () => number;
};

/** How much one caller, and all callers of one server, may ask for in this process. Throws `rate-limited`. */
export type CallLimits = {
  /** The stage, which counts each call of a caller before anything is looked up. */
  readonly counted: (find: Stages['find']) => Stages['find'];
  /** The stage, during which a call has a place; it counts what a server is asked. */
  readonly placed: (dispatch: Stages['dispatch']) => Stages['dispatch'];
};

export function createCallLimits(options: CallLimitsOptions): CallLimits {
  const { callsPerMinute, callsAtOnce, now } = options;
  const rates = {
    caller: createRate(callsPerMinute?.perCaller, now),
    server: createRate(callsPerMinute?.perServer, now),
  };
  const places = {
    caller: createPlaces(callsAtOnce?.perCaller),
    server: createPlaces(callsAtOnce?.perServer),
  };
  return {
    counted: (find) =>
      async function countedFind(message, signal) {
        rates.caller(ownerOf(message.session.caller), 'you have made');
        return await find(message, signal);
      },
    placed: (dispatch) =>
      async function placedDispatch(grant, signal) {
        const { session, subject } = grant.permit.call;
        using _own = places.caller(ownerOf(session.caller), 'of yours');
        using _its = places.server(subject.server, `at ${subject.server}`);
        // Only what goes there counts: otherwise one caller's refused calls would shut out everybody else.
        rates.server(subject.server, `${subject.server} was asked`);
        return await dispatch(grant, signal);
      },
  };
}

/** The person, with whatever program: a client can be registered anew for every call. */
function ownerOf({ issuer, subject }: Caller): string {
  return JSON.stringify([issuer, subject]);
}

/** A bucket that holds a minute's calls and fills evenly; one that is full again is forgotten. */
function createRate(
  perMinute: number | undefined,
  now: () => number,
): (owner: string, who: string) => void {
  if (perMinute === undefined) return () => undefined;
  const most = perMinute;
  /** The one that was used longest ago first. */
  const buckets = new Map<string, { readonly left: number; readonly at: number }>();
  return function take(owner, who) {
    const at = now();
    for (const [old, bucket] of buckets)
      if (at - bucket.at >= 60_000) buckets.delete(old);
      else break;
    const before = buckets.get(owner) ?? { left: most, at };
    const left = Math.min(most, before.left + ((at - before.at) * most) / 60_000);
    if (left < 1) {
      const seconds = Math.ceil(((1 - left) * 60) / most);
      throw limited(`${who} more than ${most} calls in a minute`, `try again in ${seconds} s`);
    }
    buckets.delete(owner);
    buckets.set(owner, { left: left - 1, at });
  };
}

function createPlaces(most: number | undefined): (owner: string, whose: string) => Disposable {
  const taken = new Map<string, number>();
  return function take(owner, whose) {
    const before = taken.get(owner) ?? 0;
    if (most !== undefined && before >= most)
      throw limited(`${before} calls ${whose} are in work`, 'wait for one of them to end');
    taken.set(owner, before + 1);
    return {
      [Symbol.dispose]() {
        const left = (taken.get(owner) ?? 1) - 1;
        if (left === 0) taken.delete(owner);
        else taken.set(owner, left);
      },
    };
  };
}

function limited(why: string, hint: string): Denial {
  return new Denial('rate-limited', `Cannot make the call: ${why}`, { hint });
}
