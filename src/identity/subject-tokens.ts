import type { Caller } from '../call.ts';

/** The tokens with which callers signed in, for asking their issuer in their name. In memory alone. */
export type SubjectTokens = {
  /** `expires`: milliseconds since 1970. */
  readonly keep: (caller: Caller, token: string, expires: number) => void;
  /** A token that says exactly what is known of the caller: no more scopes, no other groups. */
  readonly of: (caller: Caller) => string | undefined;
};

const MAX_TOKENS = 10_000;

export function createSubjectTokens(now: () => number): SubjectTokens {
  /** Oldest first. */
  const tokens = new Map<string, { readonly token: string; readonly expires: number }>();
  return {
    keep(caller, token, expires) {
      const key = claimsOf(caller);
      if ((tokens.get(key)?.expires ?? 0) > expires) return;
      tokens.delete(key);
      const [oldest] = tokens.keys();
      if (tokens.size >= MAX_TOKENS && oldest !== undefined) tokens.delete(oldest);
      tokens.set(key, { token, expires });
    },
    of(caller) {
      const key = claimsOf(caller);
      const found = tokens.get(key);
      if (found === undefined || found.expires > now()) return found?.token;
      tokens.delete(key);
      return undefined;
    },
  };
}

/** All that a token said: two tokens of one person with other scopes are two. */
export function claimsOf(caller: Caller): string {
  const { issuer, subject, client, groups, scopes, assurance, authTime, key } = caller;
  return JSON.stringify([issuer, subject, client, groups, scopes, assurance, authTime, key]);
}
