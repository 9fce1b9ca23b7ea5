import { PassThrough } from 'node:stream';

import type { Command } from '../../src/commands/command.ts';
import { Fault } from '../../src/lib/fault.ts';

export type Ran = { readonly exit: number; readonly stdout: string; readonly stderr: string };

export type RunOptions = {
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  /** What a person types; the streams are terminals then. */
  readonly typed?: string;
};

/** Runs a command in this process; what it refuses becomes an exit code and text, as on the command line. */
export async function runCommand(
  command: Command,
  argv: readonly string[],
  { env, cwd, typed }: RunOptions,
): Promise<Ran> {
  const stdin = Object.assign(new PassThrough(), { isTTY: typed !== undefined });
  const stdout = Object.assign(new PassThrough(), { isTTY: typed !== undefined });
  const stderr = new PassThrough();
  const text = { stdout: '', stderr: '' };
  stdout.on('data', (chunk: Buffer) => (text.stdout += chunk.toString()));
  stderr.on('data', (chunk: Buffer) => (text.stderr += chunk.toString()));
  stdin.end(typed === undefined ? '' : `${typed}\n`);
  let exit: number;
  try {
    exit = await command.run(argv, { stdin, stdout, stderr, env, cwd });
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    exit = error.exit;
    text.stderr += `sallyport: ${error.message}\nhint: ${error.hint}\n`;
  }
  await new Promise((resolve) => setImmediate(resolve));
  return { exit, ...text };
}
