import { hash } from 'node:crypto';
import type { Caller } from '../call.ts';

type Known = {
  readonly caller: Caller;
  readonly keys: object;
  readonly expires: number;
  readonly until: number;
};

/** Tokens that were verified a moment ago, so that each of many requests does not check the same signature again. */
export type KnownTokens = {
  /** Whom a token names, until when, and the set of keys it was verified with. */
  readonly find: (token: string) => Known | undefined;
  /** `expires`: milliseconds since 1970. */
  readonly learn: (token: string, keys: object, caller: Caller, expires: number) => void;
};

const KEPT_MS = 60_000;
const MAX_KNOWN = 4096;

/** Remembers by digest, for a minute or until the token expires: whoever reads this memory finds no token in it. */
export function createKnownTokens(now: () => number): KnownTokens {
  /** Oldest first. */
  const known = new Map<string, Known>();

  return {
    find(token) {
      const name = nameOf(token);
      const found = known.get(name);
      if (found === undefined || now() < found.until) return found;
      known.delete(name);
      return undefined;
    },
    learn(token, keys, caller, expires) {
      const [oldest] = known.keys();
      if (known.size >= MAX_KNOWN && oldest !== undefined) known.delete(oldest);
      known.set(nameOf(token), {
        caller,
        keys,
        expires,
        until: Math.min(now() + KEPT_MS, expires),
      });
    },
  };
}

function nameOf(token: string): string {
  return hash('sha256', token, 'base64');
}
