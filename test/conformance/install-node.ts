import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { packageRoot } from '../../src/lib/package-root.ts';

/** What the suite runs under: it needs 22 or later, and the floor of this package is 20. */
const VERSION = '24.21.0';
const NEEDED = 22;
const PATIENCE_MS = 300_000;

/** A Node.js that can run the suite: this one, or one from the npm registry, kept beside the installed packages. */
export async function installNode(): Promise<string> {
  if (Number(process.versions.node.split('.')[0]) >= NEEDED) return process.execPath;
  const cache = join(packageRoot(), 'node_modules', '.cache', 'sallyport');
  const folder = join(cache, `node-${VERSION}`);
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const name = `node-${platform}-${process.arch}`;
  const binary = join(folder, 'node_modules', name, 'bin', 'node');
  if (existsSync(binary)) return binary;
  // Under a name of its own until it is whole: two runs may install at once.
  const fresh = `${folder}.${process.pid}`;
  await mkdir(fresh, { recursive: true });
  try {
    await writeFile(join(fresh, 'package.json'), '{ "private": true }');
    await promisify(execFile)(
      'npm',
      ['install', '--ignore-scripts', '--no-audit', '--no-fund', `${name}@${VERSION}`],
      { cwd: fresh, timeout: PATIENCE_MS },
    );
    await rename(fresh, folder).catch((error: unknown) => {
      if (!existsSync(binary)) throw error;
    });
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
  return binary;
}
