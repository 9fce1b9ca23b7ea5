import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { openSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { withFileMutex } from '../../lib/file-mutex.ts';
import { packageRoot } from '../../lib/package-root.ts';
import { ownCache } from '../cache-folder.ts';
import { withRootfs } from '../images.ts';
import { LANGUAGES, type Language } from '../languages.ts';
import { buildRootfs } from '../rootfs.ts';

export type GuestOptions = {
  /** Folder for what takes long to make. */
  readonly cache: string;
  readonly log: (message: string) => void;
};

/**
 * A kernel and its first file system, open for as long as this process lives: what was checked is what is started,
 * whatever becomes of the files.
 */
export type Kernel = {
  readonly kernel: number;
  readonly initrd: number;
  /** What the kernel calls itself. */
  readonly release: string;
};

const run = promisify(execFile);
const FOLDER = join(packageRoot(), 'sandbox-images', 'vm');
const BUILD_MS = 10 * 60_000;
const BUILDING = { now: Date.now, deadline: BUILD_MS, poll: 200 };

/** Debian's kernel for virtual machines, made once per cache and recipe. */
export async function openKernel({ cache, log }: GuestOptions): Promise<Kernel> {
  const name = `kernel-${await recipe('kernel.sh', 'init.sh')}`;
  const script = join(FOLDER, 'kernel.sh');
  return await locked(name, cache, async () => {
    const { file } = await buildRootfs({ name, script, packages: [], cache, log });
    const folder = await mkdtemp(join(tmpdir(), 'sallyport-kernel-'));
    try {
      await run('tar', ['-x', '-p', '-f', file, '-C', folder], { timeout: BUILD_MS });
      const release = (await readFile(join(folder, 'release'), 'utf8')).trim();
      const kernel = openSync(join(folder, 'vmlinuz'), 'r');
      return { kernel, initrd: openSync(join(folder, 'initrd'), 'r'), release };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
}

/** The root file system of a language as a disk, open for reading. */
export async function openDisk(language: Language, options: GuestOptions): Promise<number> {
  const { image } = LANGUAGES[language];
  return await withRootfs(image, options, async (of, rootfs) => {
    const { cache, log } = options;
    const name = `${of}-${await recipe('disk.sh')}`;
    const script = join(FOLDER, 'disk.sh');
    const { file: tar } = await rootfs();
    const disk = await buildRootfs({ name, script, packages: [tar], cache, log });
    return openSync(disk.file, 'r');
  });
}

async function locked<T>(name: string, cache: string, task: () => Promise<T>): Promise<T> {
  return await withFileMutex(join(ownCache(join(cache, 'images')), `${name}.lock`), BUILDING, task);
}

async function recipe(...files: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const file of files) hash.update(await readFile(join(FOLDER, file))).update('\0');
  return hash.digest('hex').slice(0, 16);
}
