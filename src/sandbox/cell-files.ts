import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packageRoot } from '../lib/package-root.ts';
import { LANGUAGES, type Language } from './languages.ts';

/** What every cell is given: texts of `sandbox-images`. */
export type CellFiles = {
  readonly supervise: string;
  readonly seccomp: string;
  readonly hooks: Readonly<Record<Language, string>>;
};

export const SECCOMP_FILE = join(packageRoot(), 'sandbox-images/seccomp.json');

/** Reads them. */
export async function readCellFiles(): Promise<CellFiles> {
  const folder = join(packageRoot(), 'sandbox-images');
  const read = async (...name: string[]): Promise<string> =>
    await readFile(join(folder, ...name), 'utf8');
  const hook = async (language: Language): Promise<string> =>
    await read('hooks', LANGUAGES[language].hook.file);
  return {
    supervise: await read('supervise.sh'),
    seccomp: await readFile(SECCOMP_FILE, 'utf8'),
    hooks: {
      python: await hook('python'),
      javascript: await hook('javascript'),
      bash: await hook('bash'),
    },
  };
}
