import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './process.mjs';

/** Installs the locked packages where node_modules is not what package-lock.json says, and compiles. */
export async function prepare({ root, log }) {
  if (!current(root)) {
    log('npm ci');
    await run('npm', ['ci', '--no-audit', '--no-fund'], { cwd: root, timeout: 900_000 });
  }
  log('npm run build');
  await run('npm', ['run', '--silent', 'build'], { cwd: root, timeout: 300_000 });
}

/** Compares the two lock files package by package: a checkout's times say nothing. */
function current(root) {
  const installed = join(root, 'node_modules/.package-lock.json');
  if (!existsSync(installed)) return false;
  const have = packages(installed);
  const want = packages(join(root, 'package-lock.json'));
  delete want[''];
  return (
    Object.entries(want).every(([path, { optional, integrity }]) =>
      have[path] ? have[path].integrity === integrity : optional,
    ) && Object.keys(have).every((path) => path in want)
  );
}

const packages = (path) => JSON.parse(readFileSync(path, 'utf8')).packages ?? {};
