import { isJsonObject, parseJson, type JsonObject } from '../../lib/json.ts';

const LOCK = { maxBytes: 32 * 1024 * 1024, maxDepth: 64 } as const;
/** Versions, ranges and tags of the registry, also under another name. A folder, a repository or an address has more. */
const OF_REGISTRY = /^(?:npm:(?:@[\w.~-]+\/)?[\w.~-]+(?:@|$))?[\w.^~<>=|*+ -]*$/u;
const PLACE = /^(?:node_modules\/(?:@[\w.~-]+\/)?[\w.~-]+(?:\/|$))+$/u;
const KINDS = ['dependencies', 'optionalDependencies', 'peerDependencies'] as const;

/**
 * A lock file of npm, of which everything comes from the registry, with the digest of what it gave. Throws for another: a
 * package that asks for `file:/home/me/notes` would take that into the sandbox, one that asks for an address makes this
 * machine ask there.
 */
export function readLock(text: string | Uint8Array): JsonObject {
  const lock = parseJson(typeof text === 'string' ? Buffer.from(text) : text, LOCK);
  const packages = isJsonObject(lock) ? lock['packages'] : undefined;
  if (!isJsonObject(lock) || !isJsonObject(packages)) throw new Error('npm wrote no lock file');
  for (const [place, entry] of Object.entries(packages)) {
    if (!isJsonObject(entry)) throw new Error(`npm wrote no entry for ${place}`);
    for (const kind of KINDS) checkSpecs(place, entry[kind]);
    if (place !== '') checkEntry(place, entry);
  }
  return packages;
}

function checkSpecs(place: string, wanted: unknown): void {
  if (wanted === undefined) return;
  if (!isJsonObject(wanted)) throw new Error(`npm wrote no dependencies for ${place}`);
  for (const [name, spec] of Object.entries(wanted))
    if (typeof spec !== 'string' || !OF_REGISTRY.test(spec))
      throw foreign(`${name}@${JSON.stringify(spec)}`, place);
}

function checkEntry(place: string, { link, resolved, integrity, inBundle }: JsonObject): void {
  if (!PLACE.test(place) || link !== undefined) throw foreign(place, place);
  // What is of the registry is had from it by name; the lock file of a hostile package would name another address.
  if (resolved !== undefined) throw foreign(JSON.stringify(resolved), place);
  // What another package brings along is part of that one's digest.
  if (inBundle !== true && (typeof integrity !== 'string' || integrity === ''))
    throw new Error(`the registry gave no digest of ${place}`);
}

function foreign(what: string, where: string): Error {
  return new Error(`it wants ${what} (${where || 'itself'}), which is not of the registry`);
}
