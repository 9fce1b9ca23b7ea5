import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { packageRoot } from '../../src/lib/package-root.ts';

export type Vector = {
  readonly name: string;
  readonly header: Readonly<Record<string, string>>;
  readonly text: string;
};

/** Attack vectors of one folder: header lines, an empty line, then the text. */
export function readVectors(folder: string): Vector[] {
  const path = join(packageRoot(), 'test/vectors', folder);
  return readdirSync(path)
    .filter((name) => name.endsWith('.txt'))
    .map((name) => {
      const [head = '', ...rest] = readFileSync(join(path, name), 'utf8').split('\n\n');
      const header = Object.fromEntries(
        head.split('\n').map((line) => {
          const at = line.indexOf(': ');
          return [line.slice(0, at), line.slice(at + 2)];
        }),
      );
      return { name: name.replace('.txt', ''), header, text: rest.join('\n\n').trimEnd() };
    });
}
