import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

export type RootfsOptions = {
  /** Names the tar in the cache; changes with whatever goes into it. */
  readonly name: string;
  readonly packages: readonly string[];
  /** A Node binary to put in. */
  readonly node?: string;
  readonly script: string;
  readonly cache: string;
  readonly log: (message: string) => void;
};

export type Rootfs = { readonly file: string; readonly digest: string };

const BUILD_MS = 10 * 60_000;

/** Whether this machine can make a root file system from packages. */
export function canBuildRootfs(): boolean {
  return existsSync('/usr/bin/apt-get') && existsSync('/usr/bin/dpkg-deb');
}

/**
 * The tar of a root file system, made once per cache. The digest (sha256) is written beside it, and a tar that no longer
 * has it is made again. The caller sees to it that nobody else does the same.
 */
export async function buildRootfs(options: RootfsOptions): Promise<Rootfs> {
  const folder = join(options.cache, 'images');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, `${options.name}.tar`);
  return (await cached(file)) ?? (await make(options, file));
}

async function make(options: RootfsOptions, file: string): Promise<Rootfs> {
  const draft = `${file}.${process.pid}`;
  try {
    await runScript(options, draft);
    const digest = await digestOf(draft);
    await rename(draft, file);
    await writeFile(`${file}.sha256`, `${digest}\n`);
    return { file, digest };
  } finally {
    await rm(draft, { force: true });
  }
}

async function runScript(options: RootfsOptions, out: string): Promise<void> {
  const { script, packages, node, log } = options;
  await new Promise<void>((resolve, reject) => {
    const child = spawn('bash', [script, out, ...packages], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, ...(node ? { NODE: node } : {}) },
      timeout: BUILD_MS,
      killSignal: 'SIGKILL',
    });
    let last = '';
    child.stderr.setEncoding('utf8').on('data', (said: string) => {
      last = said.trim();
      log(last);
    });
    child.on('error', reject);
    child.on('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`${script} ended with ${code}: ${last}`)),
    );
  });
}

async function cached(file: string): Promise<Rootfs | undefined> {
  try {
    const digest = (await readFile(`${file}.sha256`, 'utf8')).trim();
    return (await digestOf(file)) === digest ? { file, digest } : undefined;
  } catch {
    return undefined;
  }
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}
