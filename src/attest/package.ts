import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { Fault } from '../lib/fault.ts';
import { readJson } from '../lib/read-json.ts';
import { hashLines, hashTree } from './tree.ts';

/** What runs, of a package as npm ships it and of a clone alike. */
const RUNS = ['package.json', 'bin', 'dist/program', 'model', 'policies', 'sandbox-images'];

const names = z.record(z.string(), z.unknown()).optional();
const manifest = z.looseObject({
  name: z.string().regex(/^(?:@[\w.-]+\/)?[\w.-]+$/u),
  version: z.string(),
  dependencies: names,
  optionalDependencies: names,
  peerDependencies: names,
});

/** The digest of the program in a folder: of the installed package, of an unpacked one, or of a clone that is built. */
export function measureProgram(folder: string): {
  readonly version: string;
  readonly digest: string;
} {
  const { version } = readManifest(folder);
  // Source maps are not shipped, and nothing runs them.
  const digest = hashTree(folder, RUNS, (path) => path.endsWith('.map'));
  return { version, digest: `sha256:${digest}` };
}

/**
 * The digest of every package that the one in this folder can import, found as Node finds them: of lines with each one's
 * own digest and `name@version`, so that it does not matter where npm has put it.
 */
export function measureDependencies(folder: string): {
  readonly count: number;
  readonly digest: string;
} {
  const seen = new Set<string>();
  const lines = new Map<string, readonly [string, string]>();
  for (const rest = [realpathSync(folder)]; rest.length > 0;) {
    const from = rest.pop() ?? '';
    const { dependencies, optionalDependencies = {}, peerDependencies } = readManifest(from);
    for (const name of Object.keys({
      ...peerDependencies,
      ...dependencies,
      ...optionalDependencies,
    })) {
      const found = findPackage(name, from);
      if (found === undefined) {
        if (dependencies && name in dependencies && !(name in optionalDependencies))
          throw new Fault(`Cannot measure the dependencies: ${name} is not installed`);
        continue;
      }
      if (seen.has(found)) continue;
      seen.add(found);
      rest.push(found);
      const { name: called, version } = readManifest(found);
      const own = hashTree(found, ['.'], (path) => path === 'node_modules');
      lines.set(`${own} ${called}@${version}`, [own, `${called}@${version}`]);
    }
  }
  return { count: lines.size, digest: `sha256:${hashLines([...lines.values()])}` };
}

/** The way that Node goes from folder to folder. */
function findPackage(name: string, from: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const path = join(folder, 'node_modules', name);
    if (existsSync(join(path, 'package.json'))) return realpathSync(path);
    if (folder === dirname(folder)) return undefined;
  }
}

const readManifest = (folder: string): z.infer<typeof manifest> =>
  readJson(join(folder, 'package.json'), manifest, 'it is no manifest of a package');
