import type { ChildProcess } from 'node:child_process';
import { Socket } from 'node:net';
import { spawnAlone } from './spawn-alone.ts';

export type ExecutorOptions = {
  /** Words behind the script: `$0` and what follows. */
  readonly args?: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** It ended, or could not be started. */
  readonly onGone: () => void;
};

/**
 * Starts a shell script that outlives this process and reads what it is told from its stdin; the system ends that
 * whatever this process died of. It keeps nothing of this process alive or open.
 */
export function spawnExecutor(
  script: string,
  { args = [], env, onGone }: ExecutorOptions,
): ChildProcess {
  // A session of its own: what ends this process's group must not end the executor.
  const child = spawnAlone('/bin/sh', ['-c', script, ...args], {
    detached: true,
    cwd: '/',
    env: { ...env },
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  child.once('error', onGone).once('exit', onGone);
  child.stdin.on('error', onGone);
  child.unref();
  if (child.stdin instanceof Socket) child.stdin.unref();
  return child;
}
