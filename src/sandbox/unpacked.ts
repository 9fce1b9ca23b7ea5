import { spawnAlone } from '../lib/spawn-alone.ts';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Denial } from '../denial.ts';
import { ownCache } from './cache-folder.ts';
import { withRootfs } from './images.ts';
import { LANGUAGES, type Language } from './languages.ts';
import { canBuildRootfs } from './rootfs.ts';

export type UnpackedOptions = {
  /** The owner's own images, by language: only Docker has them. */
  readonly images: Readonly<Partial<Record<Language, string>>>;
  /** Folder for what takes long to make. */
  readonly cache: string;
  readonly log: (message: string) => void;
};

/** The folder with the root file system of a language; makes it where it is missing. */
export type EnsureUnpacked = (language: Language) => Promise<string>;

const TAR_MS = 5 * 60_000;
/** As `rootfs.sh` packs, so that the digest of the tar is also that of the folder. */
const PACK =
  '--sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner --format=gnu -c -f - .'.split(' ');

/**
 * Root file systems of our images as folders, for sandboxes without Docker. Each is looked at once per process: one that no
 * longer has the digest of what was unpacked is made again.
 */
export function createEnsureUnpacked(options: UnpackedOptions): EnsureUnpacked {
  const known = new Map<Language, Promise<string>>();

  return async function ensureUnpacked(language) {
    const own = options.images[language];
    if (own !== undefined)
      throw missing(`the image ${own} needs Docker`, 'take it out of sandbox.images');
    const found = known.get(language) ?? ensure(language, options);
    known.set(language, found);
    try {
      return await found;
    } catch (error) {
      known.delete(language);
      throw error;
    }
  };
}

async function ensure(language: Language, options: UnpackedOptions): Promise<string> {
  try {
    return await withRootfs(LANGUAGES[language].image, options, async (name, rootfs) => {
      const folder = join(ownCache(join(options.cache, 'rootfs')), name);
      const root = join(folder, 'root');
      if (await isWhole(folder)) return root;
      if (!canBuildRootfs()) throw new Error('this machine has no apt-get to make one with');
      options.log(`making the root file system ${name}, once`);
      const { file, digest } = await rootfs();
      await unpack(file, digest, folder);
      return root;
    });
  } catch (cause) {
    if (cause instanceof Denial) throw cause;
    const why = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
    throw missing(
      `there is no root file system for ${language} (${why})`,
      'run it on Debian or Ubuntu, or install Docker',
      cause,
    );
  }
}

/** A half one is never seen under its name. */
async function unpack(file: string, digest: string, folder: string): Promise<void> {
  const draft = `${folder}.${process.pid}`;
  try {
    await mkdir(join(draft, 'root'), { recursive: true, mode: 0o755 });
    await tar(['-x', '-p', '--no-same-owner', '-f', file, '-C', join(draft, 'root')]);
    await writeFile(join(draft, 'digest'), `${digest}\n`);
    await rm(folder, { recursive: true, force: true });
    await rename(draft, folder);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  if (!(await isWhole(folder))) throw new Error(`${folder} is not what ${file} holds`);
}

async function isWhole(folder: string): Promise<boolean> {
  if (!existsSync(folder)) return false;
  try {
    const digest = (await readFile(join(folder, 'digest'), 'utf8')).trim();
    const hash = createHash('sha256');
    await tar(['-C', join(folder, 'root'), ...PACK], hash);
    return hash.digest('hex') === digest;
  } catch {
    return false;
  }
}

async function tar(args: readonly string[], into?: NodeJS.WritableStream): Promise<void> {
  const child = spawnAlone('tar', args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], LC_ALL: 'C' },
    timeout: TAR_MS,
    killSignal: 'SIGKILL',
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said = text.trim()));
  const closed = new Promise<void>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`tar ended with ${code}: ${said}`)),
    );
  });
  if (into) await Promise.all([pipeline(child.stdout, into), closed]);
  else {
    child.stdout.resume();
    await closed;
  }
}

function missing(why: string, hint: string, cause?: unknown): Denial {
  return new Denial('sandbox-unavailable', `Cannot run the program: ${why}`, { hint, cause });
}
