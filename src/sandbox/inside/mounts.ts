import type { Stats } from 'node:fs';
import { lstat, opendir, realpath } from 'node:fs/promises';
import { basename, dirname, join, sep } from 'node:path';
import type { ServerSandbox } from '../../config/config.ts';
import { Fault } from '../../lib/fault.ts';

/** A place of the host that no server may see. */
export type Protected = {
  readonly path: string;
  /** `the state of the gateway`; for messages. */
  readonly what: string;
  /** What lies in it may be mounted, only not the whole. */
  readonly whole?: true;
  /** It may be read. */
  readonly readable?: true;
  /** The server that writes there: whoever does could put a link in the place of what lies in it. It may mount the same. */
  readonly writer?: string;
};

/** A mount whose links are resolved: what was looked at is what is mounted. */
export type PinnedMount = {
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
  readonly uid: number;
  readonly gid: number;
  readonly isFolder: boolean;
  /** Device and inode: another folder under the same name is another one. */
  readonly identity: string;
};

type Written = ServerSandbox['mounts'][number];

const HINT = 'mount a folder that holds what the server is to work on, and nothing else';

/** Places of the machine that say what it is, hold its credentials, or lead to its services. */
const SYSTEM: readonly Protected[] = ['/proc', '/sys', '/dev', '/etc', '/run', '/boot'].map(
  (path) => ({
    path,
    what: `${path} of this machine`,
  }),
);

/**
 * Looks at every mount of the server called `name` and follows its links. Throws a `Fault` for what must not be mounted:
 * what is protected, the folders above it, sockets and devices, and one place twice.
 */
export async function pinMounts(
  name: string,
  mounts: readonly Written[],
  guarded: readonly Protected[],
): Promise<PinnedMount[]> {
  const all = await Promise.all(
    [...SYSTEM, ...guarded].map(async (one) => ({ ...one, path: await resolved(one.path) })),
  );
  const pinned: PinnedMount[] = [];
  for (const [at, mount] of mounts.entries()) {
    const refuse = (why: string, hint = HINT): Fault =>
      new Fault(`Cannot use mcpServers.${name}.sandbox.mounts[${at}].host: ${mount.host} ${why}`, {
        hint,
      });
    const found = await pin(mount, refuse);
    const { source } = found;
    if (source === dirname(source)) throw refuse('is the whole machine');
    for (const { path, what, whole, readable, writer } of all) {
      if (writer !== undefined) {
        if (writer !== name && source !== path && contains(path, source))
          throw refuse(`lies in ${what}`, 'mount that one, or a folder elsewhere');
        continue;
      }
      if (readable && mount.readOnly) continue;
      if (contains(source, path)) throw refuse(source === path ? `is ${what}` : `holds ${what}`);
      if (!whole && contains(path, source)) throw refuse(`lies in ${what}`);
    }
    for (const other of pinned)
      if (contains(other.source, source) || contains(source, other.source))
        throw refuse(`overlaps another mount, ${other.source}`, 'mount each place once');
    pinned.push(found);
  }
  return pinned;
}

/** Throws when a mount is not any more what it was when it was pinned. */
export async function checkPinned(mounts: readonly PinnedMount[]): Promise<void> {
  for (const { source, identity } of mounts) {
    const same =
      (await realpath(source).catch(() => '')) === source &&
      identityOf(await lstat(source)) === identity;
    if (!same)
      throw new Error(`${source} is not what it was when the gateway started: start it again`);
  }
}

const MAX_ENTRIES = 200_000;

/** A socket below the folder, or `undefined`. Throws a `Fault` for a folder of too many files to tell. */
export async function findSocket(folder: string): Promise<string | undefined> {
  let count = 0;
  for await (const entry of await opendir(folder, { recursive: true })) {
    if (entry.isSocket()) return join(entry.parentPath, entry.name);
    if (++count > MAX_ENTRIES)
      throw new Fault(`Cannot mount ${folder} beside egress: it has too many files to look at`, {
        hint: 'mount a smaller folder, or take the egress away',
      });
  }
  return undefined;
}

async function pin(
  { host, path: target, readOnly }: Written,
  refuse: (why: string, hint?: string) => Fault,
): Promise<PinnedMount> {
  const source = await realpath(host).catch(() => undefined);
  if (source === undefined) throw refuse('is not there', 'make it, or mount another');
  const stats = await lstat(source);
  if (!stats.isDirectory() && !stats.isFile())
    throw refuse(`is ${stats.isSocket() ? 'a socket' : 'neither a folder nor a file'}`);
  const { uid, gid } = stats;
  const identity = identityOf(stats);
  return { source, target, readOnly, uid, gid, isFolder: stats.isDirectory(), identity };
}

function identityOf({ dev, ino }: Stats): string {
  return `${dev}:${ino}`;
}

function contains(outer: string, inner: string): boolean {
  return inner === outer || inner.startsWith(outer.endsWith(sep) ? outer : outer + sep);
}

/** As `realpath`, also for what is not there yet. */
async function resolved(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(await resolved(parent), basename(path));
  }
}
