import { join } from 'node:path';
import { installAside } from './install-aside.ts';

/** The floor of this package, and what is newer. */
const VERSIONS = { 20: '20.20.2', 22: '22.23.3', 24: '24.21.0' } as const;

const here = Number(process.versions.node.split('.')[0]);

/** A Node.js of this line: the one that runs this, or one from the npm registry, kept beside the installed packages. */
export async function installNode(line: keyof typeof VERSIONS): Promise<string> {
  if (here === line) return process.execPath;
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const name = `node-${platform}-${process.arch}`;
  const version = VERSIONS[line];
  const folder = await installAside(`node-${version}`, [`${name}@${version}`]);
  return join(folder, 'node_modules', name, 'bin', 'node');
}

/** This Node.js where it is no older than `line`, else a newer one. */
export async function installNodeFrom(line: 22): Promise<string> {
  return here >= line ? process.execPath : await installNode(24);
}
