import type { JsonObject } from '../../lib/json.ts';
import type { Kind } from '../definition.ts';
import { drawnLike, foldName } from './fold-name.ts';
import { mentionsOf, spelling } from './mentions.ts';
import type { Suspicion } from './suspicion.ts';

/** The tools of all servers by name, so that one server's words about another's are noticed. */
export interface Neighbours {
  /** Replaces the names of this server's tools; `true` when that changes anything for the others. */
  set(server: string, names: Iterable<string>): boolean;
  /** What a definition has to do with the tools of other servers. */
  suspicions(server: string, kind: Kind, definition: JsonObject): Suspicion[];
}

type Index = {
  /** Servers that have a tool of this name, by folded name. */
  readonly owners: ReadonlyMap<string, ReadonlySet<string>>;
  /** The first tool that is drawn so. */
  readonly drawn: ReadonlyMap<string, readonly { server: string; name: string }[]>;
};

/** `separator` stands between a server and its tool in the names that clients see. */
export function createNeighbours(separator: string): Neighbours {
  const names = new Map<string, readonly string[]>();
  let made: Index | undefined;

  function index(): Index {
    if (made !== undefined) return made;
    const owners = new Map<string, Set<string>>();
    const drawn = new Map<string, { server: string; name: string }[]>();
    for (const [server, ofServer] of names)
      for (const name of ofServer) {
        const folded = foldName(name);
        owners.set(folded, (owners.get(folded) ?? new Set()).add(server));
        const like = drawnLike(name);
        drawn.set(like, [...(drawn.get(like) ?? []), { server, name }]);
      }
    return (made = { owners, drawn });
  }

  function mentions(server: string, definition: JsonObject): Suspicion[] {
    const { owners } = index();
    const found: Suspicion[] = [];
    for (const { folded, written, server: front, pointer, steers } of mentionsOf(definition)) {
      const having = owners.get(folded);
      // A name that its own server has as well is that one.
      if (having === undefined || (front === undefined && having.has(server))) continue;
      const other = [...having].find(
        (owner) => owner !== server && (front === undefined || foldName(owner) === front),
      );
      if (other === undefined) continue;
      const name = names.get(other)?.find((one) => foldName(one) === folded) ?? folded;
      if (written !== undefined && written !== spelling(name)) continue;
      found.push(
        steers
          ? {
              check: 'shadowing',
              pointer,
              detail: `says how to behave with ${other}/${name}`,
              grave: true,
            }
          : { check: 'mention', pointer, detail: `mentions ${other}/${name}`, grave: false },
      );
    }
    return found;
  }

  function looks(server: string, name: string): Suspicion[] {
    const pointer = '/name';
    const posed = [...names.keys()].find(
      (other) => other !== server && name.startsWith(`${other}${separator}`),
    );
    const poses: Suspicion[] =
      posed === undefined
        ? []
        : [
            {
              check: 'poses-as',
              pointer,
              detail: `is named like a tool of ${posed}`,
              // Clients see it under its own server's name all the same.
              grave: false,
            },
          ];
    const twin = (index().drawn.get(drawnLike(name)) ?? []).find(
      (other) => other.name !== name && isDisguised(name, other.name),
    );
    if (twin === undefined) return poses;
    const detail = `is drawn like ${twin.server}/${twin.name} with other characters`;
    return [...poses, { check: 'look-alike', pointer, detail, grave: true }];
  }

  return {
    set(server, list) {
      const fresh = [...new Set(list)].toSorted();
      const before = names.get(server) ?? [];
      if (fresh.length === before.length && fresh.every((name, at) => name === before[at]))
        return false;
      names.set(server, fresh);
      made = undefined;
      return true;
    },
    suspicions(server, kind, definition) {
      const { name } = definition;
      const named = kind === 'tool' && typeof name === 'string' ? looks(server, name) : [];
      return [...named, ...mentions(server, definition)];
    },
  };
}

/** Whether this one, and not the other, is the one in disguise: letters of other scripts, digits for letters. */
function isDisguised(name: string, other: string): boolean {
  const [strange, ordinary] = [oddity(name), oddity(other)];
  if (strange <= ordinary) return false;
  return foldName(name) !== foldName(other) || /\P{ASCII}/u.test(name);
}

function oddity(name: string): number {
  return name.match(/\P{ASCII}|[01I]|rn|vv/gu)?.length ?? 0;
}
