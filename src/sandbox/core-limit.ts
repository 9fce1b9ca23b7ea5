import { readFileSync } from 'node:fs';
import { Denial } from '../denial.ts';

const PATTERN = '/proc/sys/kernel/core_pattern';
/** Only of one byte the kernel makes no dump for a program either; no limit keeps it from a socket (core(5), coredump.c). */
const NONE = '1';

/** Least and most bytes of a core file that a process may make, as the kernel says it. */
function limitOf(pid: number | 'self'): readonly [soft: string, hard: string] {
  const line = /^Max core file size\s+(\S+)\s+(\S+)/mu;
  const [, soft = '', hard = ''] = line.exec(readFileSync(`/proc/${pid}/limits`, 'utf8')) ?? [];
  return [soft, hard];
}

/**
 * The limit of core files under which a crash of what runs in a cell starts nothing on this machine. Throws
 * `sandbox-unavailable` where there is none: the kernel runs a handler as root, with the memory of a hostile program as
 * its input.
 */
export function coreLimit(
  isRoot: boolean,
  pattern = readFileSync(PATTERN, 'utf8').trim(),
  [, most] = limitOf('self'),
): string {
  if (pattern.startsWith('@'))
    throw refused(pattern, 'run sysctl -w kernel.core_pattern=core, or take the tier gvisor');
  if (most !== '0' || isRoot) return NONE;
  if (pattern.startsWith('|'))
    throw refused(pattern, 'start the gateway with a hard limit of at least 1 (LimitCORE=1)');
  return '0';
}

/** Whether a process is held at such a limit. */
export function hasCoreLimit(pid: number, limit: string): boolean {
  return limitOf(pid).every((each) => each === limit);
}

function refused(pattern: string, hint: string): Denial {
  return new Denial(
    'sandbox-unavailable',
    `Cannot run the program: a crash in the sandbox would reach ${pattern.split(' ')[0]} of this machine`,
    { hint },
  );
}
