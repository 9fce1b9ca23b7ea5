import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from '../support/until.ts';
import type { PlaceFault } from './faults.ts';

export type Target = {
  /** Of the gateway's process; with configuration, state and audit below. */
  readonly folder: string;
  readonly gateway: number;
  /** Of the upstream's process, as far as it has said so. */
  readonly upstream: () => number | undefined;
};

/** Does to a running gateway what the fault says. */
export const STRIKES: Readonly<Record<PlaceFault, (target: Target) => Promise<void>>> = {
  'no fault': async () => await Promise.resolve(),
  // From its start: see `limited`.
  'disk full': async () => await Promise.resolve(),
  async 'lock file broken'({ folder }) {
    const path = join(folder, 'sallyport.lock.json');
    // What is used for the first time is written down meanwhile, and would mend it.
    await until(() => existsSync(path));
    await writeFile(path, '{"version":');
  },
  async 'policy broken'({ folder, gateway }) {
    await writeFile(join(folder, 'policy.cedar'), 'permit (principal, action');
    process.kill(gateway, 'SIGHUP');
  },
  'labels unreadable': async ({ folder }) => await unreadable(join(folder, 'state', 'labels')),
  'kill switches unreadable': async ({ folder }) =>
    await unreadable(join(folder, 'state', 'kills')),
  'approvals unreadable': async ({ folder }) =>
    await unreadable(join(folder, 'state', 'approvals')),
  async 'upstream killed'({ upstream }) {
    await until(() => upstream() !== undefined);
    end(upstream() ?? 0);
  },
  async 'sandbox killed'({ gateway }) {
    let found: number | undefined;
    await until(() => (found = sandboxOf(gateway)) !== undefined);
    end(found ?? 0);
  },
  'gateway killed': async ({ gateway }) => await Promise.resolve(end(gateway)),
};

/** The gateway's command line with a limit on what it can write to one file, as on a full disk; units of the shell. */
export function limited(command: readonly string[]): { command: string; args: string[] } {
  return { command: 'sh', args: ['-c', 'ulimit -f 48; exec "$@"', 'sh', ...command] };
}

/** Nobody, root included, can list the files of what is no folder. */
async function unreadable(folder: string): Promise<void> {
  for (let turn = 0; ; turn++)
    try {
      // Moved, not removed: the gateway may be writing into it.
      if (existsSync(folder)) await rename(folder, `${folder}.${turn}`);
      await writeFile(folder, 'not a folder');
      return;
    } catch (error) {
      // The gateway has made it anew in between.
      if (turn > 100) throw error;
    }
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

/** The process of a cell below this one. */
function sandboxOf(gateway: number): number | undefined {
  const parents = new Map(
    readdirSync('/proc')
      .filter((name) => /^\d+$/u.test(name))
      .map((pid) => [Number(pid), parentOf(pid)]),
  );
  const isBelow = (pid: number): boolean => {
    for (let at = parents.get(pid); at !== undefined && at > 1; at = parents.get(at))
      if (at === gateway) return true;
    return false;
  };
  return [...parents.keys()].find((pid) => isBelow(pid) && commandOf(pid).includes('wasm-child'));
}

const parentOf = (pid: string): number =>
  Number(/\) \S (\d+)/u.exec(read(`/proc/${pid}/stat`))?.[1]);
const commandOf = (pid: number): string => read(`/proc/${pid}/cmdline`);

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
