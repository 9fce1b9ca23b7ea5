import { join } from 'node:path';
import { environment, NOBODY, programRoom, supervised, type ContainerSpec } from './container.ts';

export type BubblewrapSpec = Pick<
  ContainerSpec,
  'language' | 'limits' | 'lifeMs' | 'supervise' | 'hook' | 'egress'
> & {
  /** Folder of the unpacked root file system. */
  readonly rootfs: string;
  /** Absolute path of `bwrap`. */
  readonly bwrap: string;
  /** The file with the compiled system call filter. */
  readonly filter: string;
  /** Bytes of a core file: `coreLimit`. */
  readonly core: string;
  /** Whether this process is root, whose rights are to be given up before anything else. */
  readonly isRoot: boolean;
};

/**
 * Lays the file systems out in a mount namespace of its own, where bubblewrap's have no noexec and no limit of files:
 * those cost memory that nobody counts. The shell and timeout that the program could turn against their own gateway are
 * copies that nobody may read: so the kernel lets nobody look into a process that runs them, its own user included.
 */
const LAYOUT = `set -e
root=$1 work=$2 tmp=$3 program=$4 egress=$5 filter=$6
shift 6
scratch() { mount -t tmpfs -o "mode=$2,size=$3,nr_inodes=$4,nosuid,nodev,$5" sandbox "$root/$1"; }
exec 3< "$filter"
mount --bind -- "$root" "$root"
mount -o remount,bind,ro,nosuid,nodev "$root"
scratch run 755 1m 64 exec
cp "$root/usr/bin/dash" "$root/run/sh"
cp "$root/usr/bin/timeout" "$root/run/timeout"
chmod 0111 "$root/run/sh" "$root/run/timeout"
if [ -n "$egress" ]; then
  mkdir "$root/run/egress"
  mount --bind -- "$egress" "$root/run/egress"
  mount -o remount,bind,ro,nosuid,nodev,noexec "$root/run/egress"
fi
mkdir "$root/run/shm"
scratch run/shm 1777 1m 256 noexec
mount -o remount,bind,ro,nosuid,nodev "$root/run"
scratch work 1777 "$work" 16k noexec
scratch tmp 1777 "$tmp" 4k noexec
mkdir "$root/tmp/program"
scratch tmp/program 1777 "$program" 64 noexec
# Who has no rights may not walk through the folders above, which are the gateway's; nothing of ours lies below /sys.
mount --rbind -- "$root" /sys
cd /
exec "$@"`;

/** Inside, with the process that becomes the first of all: its user namespace counts its own processes alone. */
const LIMIT = `ulimit -p "$1" && ulimit -n "$2" && ulimit -d "$3" && shift 3 && exec "$@"`;

const KIB = 1024;
const MIB = 1024 * KIB;
/** Of one process; far above what the watch over all of them lets through, for those that are faster than it looks. */
const LEAST_DATA = 1024 * MIB;

/** The command that makes one cell of bubblewrap, for a user with rights or without. */
export function bubblewrapCommand(spec: BubblewrapSpec): string[] {
  const { limits, rootfs, egress = '', filter, core, isRoot } = spec;
  const own = isRoot ? ['--mount'] : ['--user', '--map-root-user', '--mount'];
  return [
    'prlimit',
    `--core=${core}`,
    ...'setpriv --pdeathsig KILL unshare'.split(' '),
    ...own,
    'sh',
    '-c',
    LAYOUT,
    'layout',
    rootfs,
    ...[limits.work, limits.tmp, programRoom(limits)].map(String),
    egress,
    filter,
    // Root inside a user namespace is still root to the files of /proc.
    ...(isRoot ? ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'] : []),
    ...inside(spec),
  ];
}

function inside(spec: BubblewrapSpec): string[] {
  const { limits, bwrap } = spec;
  const life = Math.ceil(spec.lifeMs / 1000);
  const data = Math.max(2 * limits.memory, LEAST_DATA) / KIB;
  const identity = `--uid ${NOBODY} --gid ${NOBODY} --hostname sandbox --cap-drop ALL --clearenv`;
  const variables = environment(spec).flatMap((each) => {
    const at = each.indexOf('=');
    return ['--setenv', each.slice(0, at), each.slice(at + 1)];
  });
  return [
    bwrap,
    ...'--unshare-all --unshare-user --die-with-parent --new-session --as-pid-1'.split(' '),
    ...'--bind /sys / --proc /proc --dev /dev'.split(' '),
    ...'--bind /sys/run/shm /dev/shm --remount-ro /dev --remount-ro /proc --chdir /work'.split(' '),
    ...identity.split(' '),
    ...variables,
    ...'--seccomp 3 -- /run/sh -c'.split(' '),
    LIMIT,
    'limit',
    ...[limits.processes, limits.openFiles, data].map(String),
    // It ends by itself even when no gateway is left to end it.
    ...`/run/timeout -s KILL ${life} /run/sh -c`.split(' '),
    ...supervised(spec),
  ];
}

/** Where the compiled filter of a cell lies. */
export function filterFile(folder: string): string {
  return join(folder, 'filter');
}
