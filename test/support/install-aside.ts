import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { packageRoot } from '../../src/lib/package-root.ts';

const PATIENCE_MS = 300_000;
const installing = new Map<string, Promise<string>>();

/**
 * Packages (`name@version`) from the npm registry that only a test or a measurement needs, kept under `name` beside the
 * installed ones. Returns the folder that holds their `node_modules`.
 */
export async function installAside(name: string, packages: readonly string[]): Promise<string> {
  const own = installing.get(name) ?? install(name, packages);
  installing.set(name, own);
  return await own;
}

async function install(name: string, packages: readonly string[]): Promise<string> {
  const folder = join(packageRoot(), 'node_modules', '.cache', 'sallyport', name);
  if (existsSync(folder)) return folder;
  // Under a name of its own until it is whole: two processes may install at once.
  const fresh = `${folder}.${process.pid}`;
  await mkdir(fresh, { recursive: true });
  try {
    await writeFile(join(fresh, 'package.json'), '{ "private": true }');
    await promisify(execFile)(
      'npm',
      ['install', '--ignore-scripts', '--no-audit', '--no-fund', ...packages],
      { cwd: fresh, timeout: PATIENCE_MS },
    );
    await rename(fresh, folder).catch((error: unknown) => {
      if (!existsSync(folder)) throw error;
    });
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
  return folder;
}
