import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isJsonObject, parseJson } from './json.ts';

/** The folder of the installed package: where `policies/` and `sandbox-images/` are. */
export function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder);
    if (parent === folder)
      throw new TypeError('Cannot find the package: no package.json above this file');
    folder = parent;
  }
  return folder;
}

/** The version in the package's own manifest. */
export function packageVersion(): string {
  const text = readFileSync(join(packageRoot(), 'package.json'));
  const manifest = parseJson(text, { maxBytes: 100_000, maxDepth: 10 });
  const version = isJsonObject(manifest) ? manifest['version'] : undefined;
  if (typeof version !== 'string') throw new TypeError('Cannot read the version of the package');
  return version;
}
