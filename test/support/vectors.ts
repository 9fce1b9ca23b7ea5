import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { packageRoot } from '../../src/lib/package-root.ts';

export type Vector = {
  /** The file's name without `.txt`. */
  readonly name: string;
  readonly expect: readonly string[];
  readonly source: string;
  /** What arrives behind the gate, as JSON. */
  readonly sends?: string;
  /** The method it is for. */
  readonly method?: string;
  readonly text: string;
};

/** The attacks and examples of one area: header lines `expect:` and `source:`, a blank line, the text. */
export function vectors(area: string): Vector[] {
  const folder = join(packageRoot(), 'test', 'vectors', area);
  return readdirSync(folder)
    .toSorted()
    .map((file) => {
      const content = readFileSync(join(folder, file), 'utf8');
      const end = content.indexOf('\n\n');
      const header = content.slice(0, end).split('\n');
      const field = (name: string): string[] =>
        header
          .filter((line) => line.startsWith(`${name}: `))
          .map((line) => line.slice(name.length + 2));
      const one = (name: 'sends' | 'method'): { sends?: string; method?: string } =>
        field(name).length === 0 ? {} : { [name]: field(name).join(' ') };
      return {
        name: file.replace(/\.txt$/u, ''),
        expect: field('expect'),
        source: field('source').join(' '),
        ...one('sends'),
        ...one('method'),
        text: content.slice(end + 2),
      };
    });
}
