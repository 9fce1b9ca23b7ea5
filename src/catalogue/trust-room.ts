import { jsonSize } from '../lib/json-size.ts';
import { LOCK_LIMITS } from './lock-file.ts';
import type { Claim } from './claim.ts';

/** Bytes of the lock file that first uses of one server may take: more than ten thousand names. */
const MAX_OF_SERVER = LOCK_LIMITS.maxBytes / 8;
/** The same of all servers; the rest is for what people accept. */
const MAX_OF_ALL = (LOCK_LIMITS.maxBytes / 4) * 3;
/** Bytes of definitions, kept beside the lock file, that one process trusts of one server: four lists of full size. */
const MAX_TEXTS = 32 * 1024 * 1024;
/** An entry without its name. */
const ENTRY_BYTES = 400;
/** A character of a name, written as an escape. */
const CHARACTER_BYTES = 6;

type Named = { readonly server: string; readonly name: string };

/**
 * What trust on first use has room for. A server that lists other names each time would fill the lock file, and one that
 * is too large to be read keeps back everything of every server. Returns the claims that fit beside `held`.
 */
export function createTrustRoom(): (claims: readonly Claim[], held: Iterable<Named>) => Claim[] {
  const texts = new Map<string, number>();
  return function fitting(claims, held) {
    const taken = new Map<string, number>();
    let all = 0;
    function take(server: string, bytes: number): void {
      taken.set(server, (taken.get(server) ?? 0) + bytes);
      all += bytes;
    }
    for (const row of held) take(row.server, entryBytes(row));
    return claims.filter((claim) => {
      const { server, definition } = claim;
      const bytes = entryBytes(claim);
      const text = (texts.get(server) ?? 0) + jsonSize(definition, MAX_TEXTS).bytes;
      if ((taken.get(server) ?? 0) + bytes > MAX_OF_SERVER) return false;
      if (all + bytes > MAX_OF_ALL || text > MAX_TEXTS) return false;
      take(server, bytes);
      texts.set(server, text);
      return true;
    });
  };
}

function entryBytes({ name }: Named): number {
  return ENTRY_BYTES + CHARACTER_BYTES * name.length;
}
