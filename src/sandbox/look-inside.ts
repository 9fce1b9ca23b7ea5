import { readFileSync, readlinkSync, statfsSync, statSync } from 'node:fs';
import { hasCoreLimit } from './core-limit.ts';
import { statusField, tree } from './processes.ts';
import type { Meter } from './watch-usage.ts';

const NAMESPACES = ['user', 'mnt', 'pid', 'net', 'ipc', 'uts'] as const;
const NO_CAPABILITIES = /^0+$/u;
const SCRATCH = ['/work', '/tmp', '/tmp/program', '/dev/shm'] as const;
const SOCKETS = ['tcp', 'tcp6', 'udp', 'udp6'] as const;

/**
 * The first process of the cell below `root`, if the kernel says that it is confined: namespaces of its own, our root file
 * system, no dumps, a system call filter, no capability, no way to get one, and not root here. Else `undefined`.
 */
export function confined(root: number, wanted: Wanted): number | undefined {
  return tree(root).find(({ pid }) => isConfined(pid, wanted))?.pid;
}

type Wanted = {
  readonly rootfs: string;
  /** Bytes of a core file: `coreLimit`. */
  readonly core: string;
};

function isConfined(pid: number, { rootfs, core }: Wanted): boolean {
  const says = (name: string): string => statusField(pid, name);
  try {
    return (
      NAMESPACES.every((name) => namespace(pid, name) !== namespace('self', name)) &&
      isSameFile(`/proc/${pid}/root/usr`, `${rootfs}/usr`) &&
      hasCoreLimit(pid, core) &&
      says('Seccomp') === '2' &&
      says('NoNewPrivs') === '1' &&
      ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'].every((name) =>
        NO_CAPABILITIES.test(says(name)),
      ) &&
      !says('Uid').split('\t').includes('0')
    );
  } catch {
    return false;
  }
}

function namespace(pid: number | 'self', name: string): string {
  return readlinkSync(`/proc/${pid}/ns/${name}`);
}

function isSameFile(a: string, b: string): boolean {
  const [left, right] = [statSync(a), statSync(b)];
  return left.dev === right.dev && left.ino === right.ino;
}

/** Counts what the processes below `root` and the scratch folders of the cell of `inside` hold, above `limit` exactly. */
export function memoryOf(root: number, inside: number, limit: number): Meter {
  return {
    used() {
      const pids = tree(root).map(({ pid }) => pid);
      const folders = SCRATCH.reduce((sum, name) => sum + held(`/proc/${inside}/root${name}`), 0);
      const scratch = SOCKETS.reduce(
        (sum, name) => sum + queued(`/proc/${inside}/net/${name}`),
        folders,
      );
      // What processes share is counted for each of them here; the exact answer costs more and is asked second.
      const most = pids.reduce((sum, pid) => sum + resident(pid), scratch);
      return most > limit ? pids.reduce((sum, pid) => sum + share(pid), scratch) : most;
    },
    close() {},
  };
}

function resident(pid: number): number {
  return ['RssAnon', 'RssShmem'].reduce((sum, name) => sum + kib(statusField(pid, name)), 0);
}

function share(pid: number): number {
  try {
    const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
    return [...text.matchAll(/^Pss_(?:Anon|Shmem):\s*(.*)$/gmu)].reduce(
      (sum, [, value]) => sum + kib(value ?? ''),
      0,
    );
  } catch {
    return resident(pid);
  }
}

/** Bytes that wait in sockets, which are memory of no process; of unix sockets the kernel does not say. */
function queued(file: string): number {
  try {
    const queues = readFileSync(file, 'latin1').matchAll(/ ([0-9A-F]{8}):([0-9A-F]{8}) \d\d:/gu);
    return [...queues].reduce(
      (sum, [, sent = '', received = '']) =>
        sum + Number.parseInt(sent, 16) + Number.parseInt(received, 16),
      0,
    );
  } catch {
    return 0;
  }
}

function kib(text: string): number {
  return (Number.parseInt(text, 10) || 0) * 1024;
}

function held(folder: string): number {
  try {
    const { blocks, bfree, bsize } = statfsSync(folder);
    return (blocks - bfree) * bsize;
  } catch {
    return 0;
  }
}
