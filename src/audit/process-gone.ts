import { readFileSync } from 'node:fs';

/** Linux counts a process's start in hundredths of a second since boot, on every architecture. */
const TICKS_PER_MS = 0.1;
/** Clocks of a start and of a file differ by no more. */
const SLACK_MS = 5_000;

/**
 * Whether the process that began to write at `since` (ms since 1970) no longer runs. A process of the same number
 * that started later is another one: numbers are used again, at the latest after a reboot.
 */
export function processGone(pid: number, since: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (thrown) {
    return thrown instanceof Error && 'code' in thrown && thrown.code === 'ESRCH';
  }
  const started = startOf(pid);
  return started !== undefined && started > since + SLACK_MS;
}

/** When a process started, ms since 1970; undefined where /proc does not say. */
function startOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold spaces; the start time is the 20th field behind it (proc(5), starttime).
    const ticks = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
    const uptimeMs = Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) * 1_000;
    return Number.isFinite(ticks) ? Date.now() - (uptimeMs - ticks / TICKS_PER_MS) : undefined;
  } catch {
    return undefined;
  }
}
