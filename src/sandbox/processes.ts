import { readdirSync, readFileSync } from 'node:fs';
import { processBegan } from '../lib/process-began.ts';

export type Process = { readonly pid: number; readonly began: string };

const GONE_MS = 10_000;
const LOOK_MS = 5;

/** A process and what descends from it, the process first. In a pid namespace orphans stay below its first process. */
export function tree(pid: number): Process[] {
  const found: Process[] = [];
  const rest = [pid];
  for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
    const began = processBegan(next);
    if (began === '') continue;
    found.push({ pid: next, began });
    rest.push(...children(next));
  }
  return found;
}

function children(pid: number): number[] {
  try {
    const folder = `/proc/${pid}/task`;
    return readdirSync(folder).flatMap((task) =>
      readFileSync(`${folder}/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
    );
  } catch {
    return [];
  }
}

/**
 * Kills a process that leads a group of its own, the group, and everything below it; resolves when none of them runs any
 * more, or after 10 s. Nothing where another process has its number by now.
 */
export async function killTree(root: Process): Promise<void> {
  const { pid } = root;
  // A number is not given again as long as a group has it.
  if (!['', root.began].includes(processBegan(pid))) return;
  // What lost its parent is found by its group alone, and where the leader lives nothing has lost it yet.
  const orphans = runs(root) ? [] : inGroup(pid);
  kill(-pid);
  const until = performance.now() + GONE_MS;
  const known = new Map(orphans.map((each) => [each.pid, each]));
  for (;;) {
    // What was made while we killed stands below one that still runs.
    for (const each of [root, ...known.values()].flatMap(family)) known.set(each.pid, each);
    const left = [...known.values()].filter(runs);
    if (left.length === 0 || performance.now() > until) return;
    for (const each of left) kill(each.pid);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

function family({ pid, began }: Process): Process[] {
  return processBegan(pid) === began ? tree(pid) : [];
}

function inGroup(group: number): Process[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/u.test(name) && statLine(Number(name)).split(' ')[2] === String(group))
    .map((name) => ({ pid: Number(name), began: processBegan(Number(name)) }));
}

function runs({ pid, began }: Process): boolean {
  const line = statLine(pid);
  // A dead one that its parent has not asked for yet is no more than a number.
  return processBegan(pid) === began && !/^[ZX]/u.test(line);
}

function statLine(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2);
  } catch {
    return '';
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
}

/** A field of `/proc/PID/status`; empty where there is none. */
export function statusField(pid: number, name: string): string {
  try {
    const text = readFileSync(`/proc/${pid}/status`, 'utf8');
    return new RegExp(`^${name}:\\s*(.*)$`, 'mu').exec(text)?.[1] ?? '';
  } catch {
    return '';
  }
}
