import { spawnAlone } from '../lib/spawn-alone.ts';
import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream/promises';
import type { Progress } from './build-image.ts';
import { ownCache } from './cache-folder.ts';

export type RootfsOptions = {
  /** Names the tar in the cache; changes with whatever goes into it. */
  readonly name: string;
  readonly packages: readonly string[];
  /** A Node binary to put in. */
  readonly node?: string;
  readonly script: string;
  readonly cache: string;
  readonly log: (message: string) => void;
  readonly progress?: Progress;
};

export type Rootfs = { readonly file: string; readonly digest: string };

/** The packages could not be had, or not be unpacked here. */
export class RootfsError extends Error {
  override readonly name = 'RootfsError';
}

const BUILD_MS = 10 * 60_000;
const LAST_WORDS = 500;

/** Whether this machine can make a root file system from packages. */
export function canBuildRootfs(): boolean {
  return existsSync('/usr/bin/apt-get') && existsSync('/usr/bin/dpkg-deb');
}

/**
 * The tar of a root file system, made once per cache. The digest (sha256) is written beside it, and a tar that no longer
 * has it is made again. The caller sees to it that nobody else does the same.
 */
export async function buildRootfs(options: RootfsOptions): Promise<Rootfs> {
  const file = join(ownCache(join(options.cache, 'images')), `${options.name}.tar`);
  return (await cached(file, options.log)) ?? (await make(options, file));
}

async function make(options: RootfsOptions, file: string): Promise<Rootfs> {
  await sweep(file);
  const draft = `${file}.${process.pid}`;
  const work = `${draft}.d`;
  try {
    await mkdir(work, { mode: 0o700 });
    await runScript(options, draft, work);
    const digest = await digestOf(draft);
    await rename(draft, file);
    await writeFile(`${file}.sha256`, `${digest}\n`);
    return { file, digest };
  } finally {
    await rm(draft, { force: true });
    await rm(work, { recursive: true, force: true });
  }
}

/** What builds that were killed have left. */
async function sweep(file: string): Promise<void> {
  const drafts = (await readdir(dirname(file))).filter(
    (name) => name.startsWith(`${basename(file)}.`) && /\.\d+(?:\.d)?$/u.test(name),
  );
  for (const name of drafts) await rm(join(dirname(file), name), { recursive: true, force: true });
}

async function runScript(options: RootfsOptions, out: string, work: string): Promise<void> {
  const { script, packages, node, log, progress = () => {} } = options;
  await new Promise<void>((resolve, reject) => {
    const child = spawnAlone('bash', [script, out, ...packages], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, TMPDIR: work, ...(node ? { NODE: node } : {}) },
      timeout: BUILD_MS,
      killSignal: 'SIGKILL',
    });
    let last = '';
    createInterface({ input: child.stderr }).on('line', (line) => {
      const [, percent] = /^dlstatus:\d+:([\d.]+):/u.exec(line) ?? [];
      if (percent !== undefined) return progress('downloading packages', Number(percent) / 100);
      last = `${last} ${line}`.trim().slice(-LAST_WORDS);
      log(line);
      progress(line);
    });
    child.on('error', reject);
    child.on('close', (code) =>
      code === 0
        ? resolve()
        : reject(new RootfsError(`${basename(script)} ended with ${code}: ${last}`)),
    );
  });
}

async function cached(file: string, log: (message: string) => void): Promise<Rootfs | undefined> {
  let digest: string;
  try {
    digest = (await readFile(`${file}.sha256`, 'utf8')).trim();
    if ((await digestOf(file)) === digest) return { file, digest };
  } catch {
    return undefined;
  }
  log(`${file} is not what was made here: it is made again`);
  return undefined;
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}
