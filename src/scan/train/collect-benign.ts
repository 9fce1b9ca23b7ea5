import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

/** A harmless text of somebody else's package. */
export type BenignText = {
  /** The package and its version. */
  readonly source: string;
  readonly license: string;
  /** What it is: `readme`, `changelog`, `json`, `comment`. */
  readonly what: string;
  readonly text: string;
};

/**
 * Texts from the packages under a `node_modules` folder whose manifest names a permissive licence: READMEs, changelogs,
 * manifests and documentation comments, in pieces of at most 6,000 characters, in the order of the names.
 */
export function collectBenign(nodeModules: string): BenignText[] {
  const found: BenignText[] = [];
  for (const folder of packagesIn(nodeModules)) {
    const manifest = read(join(folder, 'package.json'));
    const about = manifest === undefined ? undefined : parseManifest(manifest);
    if (manifest === undefined || about === undefined || !PERMISSIVE.has(about.license)) continue;
    const source = `${about.name}@${about.version}`;
    const add = (what: string, text: string): void => {
      for (let from = 0; from < Math.min(text.length, LONGEST); from += PIECE)
        if (text.length - from >= SHORTEST)
          found.push({
            source,
            license: about.license,
            what,
            text: text.slice(from, from + PIECE),
          });
    };
    add('json', manifest);
    for (const file of namesIn(folder)) {
      const what = KINDS.find(([, name]) => name.test(file))?.[0];
      const text = what === undefined ? undefined : read(join(folder, file));
      if (what !== undefined && text !== undefined) add(what, text);
    }
    const comments = declarationsIn(folder).flatMap((file) => read(file)?.match(COMMENT) ?? []);
    add('comment', comments.join('\n\n'));
  }
  return found;
}

function packagesIn(nodeModules: string): string[] {
  return namesIn(nodeModules).flatMap((name) => {
    if (name.startsWith('.')) return [];
    const folder = join(nodeModules, name);
    return name.startsWith('@') ? namesIn(folder).map((scoped) => join(folder, scoped)) : [folder];
  });
}

/** Declarations at the top of a package and in its usual output folders. */
const declarationsIn = (folder: string): string[] =>
  ['.', 'dist', 'lib', 'types', 'build']
    .flatMap((part) => namesIn(join(folder, part)).map((name) => join(folder, part, name)))
    .filter((name) => name.endsWith('.d.ts'))
    .slice(0, MOST_DECLARATIONS);

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).toSorted();
  } catch {
    return [];
  }
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function parseManifest(text: string): z.infer<typeof Manifest> | undefined {
  try {
    return Manifest.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

const Manifest = z.object({ name: z.string(), version: z.string(), license: z.string() });
const PERMISSIVE: ReadonlySet<string> = new Set([
  'MIT',
  'MIT-0',
  'ISC',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
]);
const KINDS = [
  ['readme', /^readme(?:\.\w+)?$/i],
  ['changelog', /^(?:changelog|history|changes)(?:\.\w+)?$/i],
] as const;
const COMMENT = /\/\*\*(?:[^*]|\*(?!\/)){40,4000}\*\//g;
const PIECE = 6000;
const LONGEST = 60_000;
const SHORTEST = 80;
const MOST_DECLARATIONS = 12;
