import type { Caller } from '../call.ts';

/** The tokens with which callers signed in, for asking their issuer in their name. In memory alone. */
export type SubjectTokens = {
  /** The one that came last is kept; a longer life says nothing of whether the issuer still accepts it. `expires`: milliseconds since 1970. */
  readonly keep: (caller: Caller, token: string, expires: number) => void;
  /** A token that says exactly what is known of the caller: no more scopes, no other groups. */
  readonly of: (caller: Caller) => string | undefined;
  /** The issuer does not accept this one any more. */
  readonly drop: (caller: Caller, token: string) => void;
};

const MAX_TOKENS = 10_000;

export function createSubjectTokens(now: () => number): SubjectTokens {
  /** Oldest first. */
  const tokens = new Map<string, { readonly token: string; readonly expires: number }>();
  return {
    keep(caller, token, expires) {
      const key = claimsOf(caller);
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
    drop(caller, token) {
      const key = claimsOf(caller);
      if (tokens.get(key)?.token === token) tokens.delete(key);
    },
  };
}

/** All that a token said: two tokens of one person with other scopes, or another actor, are two. */
export function claimsOf(caller: Caller): string {
  const { issuer, subject, client, groups, scopes, assurance, authTime, key, claims } = caller;
  return JSON.stringify([
    issuer, subject, client, groups, scopes, assurance, authTime, key, claims,
  ]); // prettier-ignore
}
