import { join } from 'node:path';
import { packageRoot } from '../../src/lib/package-root.ts';

/** The unusual server of `odd-server.ts`, as a configuration entry. */
export function oddServer(env: Record<string, string> = {}): {
  command: string;
  args: string[];
  env: Record<string, string>;
} {
  return {
    command: process.execPath,
    args: [join(packageRoot(), 'dist', 'test', 'support', 'odd-server.js')],
    env,
  };
}
