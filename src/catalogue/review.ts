import { isJsonObject } from '../lib/json.ts';
import type { JsonObject, JsonValue } from '../lib/json.ts';
import { acceptedDefinition } from './accepted.ts';
import type { Accepted } from './accepted.ts';
import { isLockable } from './claim.ts';
import type { Claim } from './claim.ts';
import { KINDS, definitionHash, definitionId, pinnedPart } from './definition.ts';
import type { Kind } from './definition.ts';
import { lockKey } from './lock-file.ts';
import type { LockRow } from './lock-file.ts';
import { propose } from './propose.ts';
import type { Proposal } from './propose.ts';
import type { Suspicion } from './suspect/suspicion.ts';

/** What differs between the lock file and what a server lists now. */
export type Change = {
  readonly change: 'new' | 'changed' | 'removed' | 'refused';
  readonly server: string;
  readonly kind: Kind;
  readonly name: string;
  /** What would be accepted; absent for `removed`. */
  readonly claim?: Claim;
  /** What stands in the lock file; absent for `new`. */
  readonly row?: LockRow;
  /** What the definition now looks like, whatever the lock file says. */
  readonly proposal?: Proposal;
  /** What a person who accepts it should look at. */
  readonly suspicions: readonly Suspicion[];
  /** Members that differ; empty when the accepted text is not at hand. */
  readonly members: readonly MemberChange[];
};

export type MemberChange = {
  /** JSON Pointer (RFC 6901). */
  readonly pointer: string;
  readonly before?: JsonValue;
  readonly after?: JsonValue;
};

export type Listed = {
  readonly server: string;
  readonly definitions: Readonly<Record<Kind, readonly JsonObject[]>>;
  readonly error?: string;
};

/**
 * Compares what a server lists with its rows. `refused`: it cannot be accepted as it stands, because it is listed twice or
 * has no usable name. A server that could not be listed in full has nothing `removed`.
 */
export function review(
  listed: Listed,
  rows: readonly LockRow[],
  accepted: Accepted,
  suspicionsOf: (server: string, kind: Kind, definition: JsonObject) => readonly Suspicion[],
): Change[] {
  const { server, definitions, error } = listed;
  const known = new Map(rows.map((row) => [lockKey(server, row.kind, row.name), row]));
  const seen = new Map<string, number>();
  for (const kind of KINDS)
    for (const definition of definitions[kind]) {
      const key = lockKey(server, kind, definitionId(kind, definition));
      seen.set(key, (seen.get(key) ?? 0) + 1);
    }
  const changes: Change[] = [];
  for (const kind of KINDS)
    for (const definition of definitions[kind]) {
      const name = definitionId(kind, definition);
      const key = lockKey(server, kind, name);
      const claim: Claim = { server, kind, name, definition };
      const row = known.get(key);
      const isRefused = !isLockable(claim) || (seen.get(key) ?? 0) > 1;
      if (!isRefused && row?.entry.hash === definitionHash(kind, definition)) continue;
      const before = row && acceptedDefinition(accepted, row);
      changes.push({
        change: isRefused ? 'refused' : row === undefined ? 'new' : 'changed',
        server,
        kind,
        name,
        claim,
        ...(row && { row }),
        proposal: propose(kind, definition),
        suspicions: suspicionsOf(server, kind, definition),
        members: row && !before ? [] : compare(before ?? {}, pinnedPart(kind, definition)),
      });
    }
  if (error !== undefined) return changes;
  const removed = [...known].filter(([key]) => !seen.has(key));
  return [
    ...changes,
    ...removed.map(([, row]): Change => {
      const { kind, name } = row;
      return { change: 'removed', server, kind, name, row, suspicions: [], members: [] };
    }),
  ];
}

/** The members at which two values differ, as deep as both are objects or both are arrays. */
function compare(
  before: JsonValue | undefined,
  after: JsonValue | undefined,
  pointer = '',
): MemberChange[] {
  if (isJsonObject(before) && isJsonObject(after)) return compareMembers(before, after, pointer);
  if (Array.isArray(before) && Array.isArray(after))
    return compareMembers(numbered(before), numbered(after), pointer);
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  return [
    {
      pointer,
      ...(before === undefined ? {} : { before }),
      ...(after === undefined ? {} : { after }),
    },
  ];
}

function compareMembers(before: JsonObject, after: JsonObject, pointer: string): MemberChange[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].toSorted();
  return keys.flatMap((key) => {
    const step = key.replaceAll('~', '~0').replaceAll('/', '~1');
    return compare(own(before, key), own(after, key), `${pointer}/${step}`);
  });
}

function numbered(list: readonly JsonValue[]): JsonObject {
  return Object.fromEntries(list.entries());
}

function own(object: JsonObject, key: string): JsonValue | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}
