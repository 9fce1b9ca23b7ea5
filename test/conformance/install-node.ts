import { join } from 'node:path';
import { installAside } from '../support/install-aside.ts';

/** What the suite runs under: it needs 22 or later, and the floor of this package is 20. */
const VERSION = '24.21.0';
const NEEDED = 22;

/** A Node.js that can run the suite: this one, or one from the npm registry, kept beside the installed packages. */
export async function installNode(): Promise<string> {
  if (Number(process.versions.node.split('.')[0]) >= NEEDED) return process.execPath;
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const name = `node-${platform}-${process.arch}`;
  const folder = await installAside(`node-${VERSION}`, [`${name}@${VERSION}`]);
  return join(folder, 'node_modules', name, 'bin', 'node');
}
