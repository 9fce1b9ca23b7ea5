import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Fault } from '../lib/fault.ts';
import { createPrivateFile, makePrivateFolder, readPrivateFile } from '../state/private-file.ts';
import { BundleFault } from './bundle-fault.ts';
import type { Manifest } from './manifest.ts';

/** What was in force before, so that nobody can go back to it. */
export type BundleMemory = {
  /** Throws a `BundleFault` for an older version, the same with other contents, or another bundle in this place. */
  readonly check: (manifest: Manifest, digest: string) => void;
  /** From now on nothing older is taken; does what `check` does first. Survives the process when it returns. */
  readonly remember: (manifest: Manifest, digest: string) => void;
};

export type BundleMemoryOptions = {
  /** Folder of the state, shared by all processes of the user. */
  readonly path: string;
  /** Where the configuration says the bundle is. */
  readonly place: string;
  /** The name that the configuration asks for; absent: the one that was first in this place. */
  readonly name: string | undefined;
};

/**
 * Every fact is a file that is made once and never changed: `names/NAME/VERSION` holds a digest, `places/PLACE` a name. So
 * processes that load at the same time need no lock, and none can overwrite what another has seen.
 */
export function createBundleMemory({ path, place, name }: BundleMemoryOptions): BundleMemory {
  const placeFile = join(path, 'places', createHash('sha256').update(place).digest('hex'));
  /** What this process has remembered itself: whoever empties the folder under it leads it no way back. */
  let own: { readonly name: string; readonly version: number; readonly digest: string } | undefined;

  function check(manifest: Manifest, digest: string): void {
    const wanted = name ?? own?.name ?? read(placeFile);
    // Another bundle of the same signers was made for another gate, and its versions are another count.
    if (wanted !== undefined && manifest.name !== wanted)
      throw new BundleFault('other-name', `it is ${manifest.name}, and ${wanted} belongs here`, {
        hint:
          name === undefined
            ? `${place} had that one before; policy.name says otherwise`
            : 'policy.name names it',
      });
    const stored = newestOf(join(path, 'names', manifest.name));
    const newest = own !== undefined && own.version > (stored?.version ?? 0) ? own : stored;
    if (newest === undefined || manifest.version > newest.version) return;
    if (manifest.version < newest.version)
      throw new BundleFault(
        'rolled-back',
        `version ${manifest.version} is older than ${newest.version}, which was in force before`,
        { hint: 'to go back, sign the older policies as a newer version' },
      );
    if (digest !== newest.digest)
      throw new BundleFault(
        'other-digest',
        `version ${manifest.version} was in force before with other contents`,
        { hint: 'every change needs a newer version' },
      );
  }

  function remember(manifest: Manifest, digest: string): void {
    check(manifest, digest);
    const folder = join(path, 'names', manifest.name);
    for (const each of [path, join(path, 'names'), folder, join(path, 'places')])
      makePrivateFolder(each);
    createPrivateFile(join(folder, String(manifest.version)), digest);
    createPrivateFile(placeFile, manifest.name);
    // After the writing: another process may have remembered a newer one meanwhile.
    check(manifest, digest);
    own = { name: manifest.name, version: manifest.version, digest };
    for (const version of versionsIn(folder))
      if (version < manifest.version) rmSync(join(folder, String(version)), { force: true });
  }

  return { check, remember };
}

const MAX_TRIES = 16;

function newestOf(folder: string): { version: number; digest: string } | undefined {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const version = Math.max(...versionsIn(folder));
    if (version === -Infinity) return undefined;
    const digest = read(join(folder, String(version)));
    if (digest !== undefined) return { version, digest };
    // Another process has removed it for a newer one.
  }
  throw new Fault(`Cannot read ${folder}: its files vanish whenever they are looked at`);
}

function versionsIn(folder: string): number[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => /^[1-9]\d{0,15}$/u.test(file))
    .map(Number);
}

function read(file: string): string | undefined {
  try {
    return readPrivateFile(file);
  } catch (thrown) {
    // A link that leads nowhere is there, and is refused like every other.
    if (lstatSync(file, { throwIfNoEntry: false }) === undefined) return undefined;
    throw thrown;
  }
}
