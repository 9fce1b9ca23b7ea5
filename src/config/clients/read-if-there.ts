import { readFile } from 'node:fs/promises';

import { Fault } from '../../lib/fault.ts';

/** The bytes of a file, or undefined when there is none. Throws Fault when it cannot be read. */
export async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new Fault(`Cannot read ${path}: ${String(code)}`, { cause: error });
  }
}
