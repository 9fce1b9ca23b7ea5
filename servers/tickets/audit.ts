import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import type { Caller } from './token.ts';

export type Entry = { readonly event: string } & Readonly<Record<string, unknown>>;

/** Writes one line. Throws where it cannot: then what it is about does not happen. */
export type Audit = (caller: Caller | undefined, entry: Entry) => void;

/** The server's own record in JSON lines: who, for whom, what. No token is in it, and no text of a ticket. */
export function createAudit(path: string, now: () => Date): Audit {
  return function audit(caller, entry) {
    const who = caller && {
      sub: caller.subject,
      act: caller.actors,
      client: caller.client,
      jti: caller.tokenId,
    };
    const file = openSync(path, 'a', 0o600);
    try {
      writeSync(file, `${JSON.stringify({ time: now().toISOString(), ...entry, ...who })}\n`);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  };
}
