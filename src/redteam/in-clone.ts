import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT, Fault } from '../lib/fault.ts';
import { packageRoot } from '../lib/package-root.ts';

type Places = {
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
};

/**
 * Runs a program that only a clone has, as it starts servers that are no part of the package. Resolves to its exit code;
 * throws a `Fault` where it is not there.
 */
export async function runInClone(
  program: 'scenarios' | 'chaos',
  args: readonly string[],
  { stdout, stderr, env, cwd }: Places,
): Promise<number> {
  const main = join(packageRoot(), 'dist', 'test', program, 'main.js');
  if (!existsSync(main))
    throw new Fault(`Cannot run redteam ${program}: its servers are no part of the package`, {
      hint: 'it runs in a clone of the repository, after npm ci and npm run build',
      exit: EXIT.environment,
    });
  const child = spawn(process.execPath, [main, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env,
    cwd,
  });
  const end = (): void => void child.kill();
  process.once('exit', end);
  child.stdout.pipe(stdout, { end: false });
  child.stderr.pipe(stderr, { end: false });
  const [code]: unknown[] = await once(child, 'close');
  process.off('exit', end);
  return typeof code === 'number' ? code : EXIT.no;
}
