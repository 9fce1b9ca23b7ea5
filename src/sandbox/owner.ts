import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

/** The process that containers belong to. */
export type Owner = {
  readonly instance: string;
  readonly host: string;
  readonly pid: number;
  /** When the process began, in the kernel's own count; empty where the kernel does not say. */
  readonly began: string;
};

/** The running process as an owner; `instance` is the gateway's own name. */
export function thisProcess(instance: string): Owner {
  const { pid } = process;
  return { instance, host: hostname(), pid, began: processBegan(pid) };
}

const PREFIX = 'dev.sallyport.';
/** Every container of ours has it. */
export const OWNED = `${PREFIX}instance`;

/** Labels that let any later process tell whether a container has been left behind. `expires` is in ms since 1970. */
export function ownerLabels(owner: Owner, expires: number): Record<string, string> {
  return {
    [OWNED]: owner.instance,
    [`${PREFIX}host`]: owner.host,
    [`${PREFIX}pid`]: String(owner.pid),
    [`${PREFIX}began`]: owner.began,
    [`${PREFIX}expires`]: String(expires),
  };
}

/** Whether the container with these labels is past its time, or its owner on this host is gone. */
export function orphaned(
  labels: Readonly<Record<string, string>>,
  { host }: Owner,
  now: number,
): boolean {
  const expires = Number(labels[`${PREFIX}expires`]);
  if (!(now <= expires)) return true;
  // A process number of another machine that shares the engine means nothing here.
  if (labels[`${PREFIX}host`] !== host) return false;
  const pid = Number(labels[`${PREFIX}pid`]);
  return !alive(pid) || processBegan(pid) !== labels[`${PREFIX}began`];
}

/** Process numbers are used again; the time of birth is not. Field 22 of proc_pid_stat(5). */
function processBegan(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

function alive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
