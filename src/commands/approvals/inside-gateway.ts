import { readFileSync } from 'node:fs';
import { basename } from 'node:path';

/** More generations than any shell, and an end where the table changes while it is read. */
const MAX_GENERATIONS = 64;

/**
 * Whether a gateway is among the ancestors of this process: then a tool is at work, and no person. Only Linux tells; and a
 * program that can run anything as this user can hide where it comes from, so this stops the direct way alone.
 */
export function isInsideGateway(): boolean {
  let pid = process.ppid;
  for (let generation = 0; pid > 1 && generation < MAX_GENERATIONS; generation++) {
    const found = read(pid);
    if (found === undefined) return false;
    if (isGateway(found.args)) return true;
    pid = found.parent;
  }
  // Whoever stacks up more generations than that has something to hide.
  return pid > 1;
}

function isGateway(args: readonly string[]): boolean {
  const program = args.findIndex((arg) => /^sallyport(?:\.js)?$/u.test(basename(arg)));
  return program !== -1 && ['serve', 'wrap'].includes(args[program + 1] ?? '');
}

function read(pid: number): { args: string[]; parent: number } | undefined {
  try {
    const args = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    const parent = /^PPid:\s*(\d+)$/mu.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return { args, parent: Number(parent ?? 0) };
  } catch {
    return undefined;
  }
}
