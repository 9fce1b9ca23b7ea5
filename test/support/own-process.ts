import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Context } from './scratch.ts';

/** Why tests that need these programs cannot run; `false` where all are there. `npm test` installs them. */
export function lacking(...programs: readonly string[]): string | false {
  const reason = process.env['SALLYPORT_NO_HOSTS'];
  const missing = programs.filter((program) => which(program) === undefined);
  if (missing.length > 0) return `${missing.join(' and ')} not found${reason ? `: ${reason}` : ''}`;
  return process.getuid?.() === 0 ? false : 'it takes root to run engines of its own';
}

/** Where a program is, also in the folders of the system's own ones. */
export function which(program: string): string | undefined {
  const folders = `${process.env['PATH'] ?? ''}:/usr/sbin:/usr/bin:/sbin:/bin`.split(':');
  return folders.map((folder) => join(folder, program)).find((path) => existsSync(path));
}

export type Own = { readonly child: ChildProcess; readonly said: () => string };

/** Starts a program that ends with the test: asked first, then made to. */
export function startOwn(
  context: Context,
  program: string,
  args: readonly string[],
  options: SpawnOptions = {},
): Own {
  const child = spawn(which(program) ?? program, args, {
    ...options,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-20_000)));
  context.after(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    const hard = setTimeout(() => child.kill('SIGKILL'), 20_000);
    await ended;
    clearTimeout(hard);
  });
  return { child, said: () => said };
}

/** Ends whatever names this folder on its command line: what an engine has started and left. */
export function endAllOf(folder: string): void {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/u.test(name))) {
    try {
      const names = readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`${folder}/`);
      if (names && Number(pid) !== process.pid) process.kill(Number(pid), 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }
}
