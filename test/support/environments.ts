import { readdirSync, readFileSync } from 'node:fs';

export type RunningProcess = {
  readonly pid: number;
  /** Its environment and its command line, as other programs of the same account may read them. */
  readonly environment: string;
  readonly commandLine: string;
};

/** All that `pid` has started, and what those have started. Linux alone. */
export function startedBy(pid: number): RunningProcess[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    const [, parent] = /^\d+ \(.*\) \S (\d+)/su.exec(read(`/proc/${name}/stat`)) ?? [];
    if (parent !== undefined) parents.set(Number(name), Number(parent));
  }
  const isBelow = (one: number): boolean => {
    const parent = parents.get(one);
    return parent === pid || (parent !== undefined && parent > 1 && isBelow(parent));
  };
  return [...parents.keys()].filter(isBelow).map((one) => ({
    pid: one,
    environment: read(`/proc/${one}/environ`),
    commandLine: read(`/proc/${one}/cmdline`),
  }));
}

/** Nothing of what has ended meanwhile. */
function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
