import { hostname } from 'node:os';
import { isAlive, processBegan } from '../lib/process-began.ts';

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
  here: Owner,
  now: number,
): boolean {
  const expires = Number(labels[`${PREFIX}expires`]);
  if (!(now <= expires)) return true;
  const pid = Number(labels[`${PREFIX}pid`]);
  return isGone({ host: labels[`${PREFIX}host`], pid, began: labels[`${PREFIX}began`] }, here);
}

/** Whether a process of this host has ended. Of other hosts nothing is known: their process numbers mean nothing here. */
export function isGone(
  { host, pid, began }: { host: string | undefined; pid: number; began: string | undefined },
  here: Pick<Owner, 'host'>,
): boolean {
  return host === here.host && (!isAlive(pid) || processBegan(pid) !== began);
}
