import { accessSync, constants } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { Denial } from '../denial.ts';

/** The absolute path of a program on the PATH. Throws `sandbox-unavailable` with `hint` where there is none. */
export function findProgram(name: string, env: NodeJS.ProcessEnv, hint: string): string {
  const folders = (env['PATH'] ?? '').split(':').filter((folder) => isAbsolute(folder));
  for (const path of folders.map((folder) => join(folder, name)))
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // The next folder may have it.
    }
  throw new Denial('sandbox-unavailable', `Cannot run the program: there is no ${name} here`, {
    hint,
  });
}
