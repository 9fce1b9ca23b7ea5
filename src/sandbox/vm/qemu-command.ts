import type { Limits } from '../limits.ts';

/** `kvm`: the processor's own isolation. `tcg`: emulated, slow, and by QEMU's own words no security boundary. */
export type Accel = 'kvm' | 'tcg';

/** What the process is started from: paths, and rights of its own where this program may give them. */
export type Launcher = {
  readonly qemu: string;
  readonly bwrap: string;
  readonly prlimit: string;
  readonly setpriv: string;
  /** A user that nobody else is, for one machine; absent: this program's own, which it cannot change. */
  readonly uid: number | undefined;
  /** The group that may use `/dev/kvm`. */
  readonly kvmGroup: number | undefined;
};

/** File descriptors of the process; what is not named here is not handed over. */
export const FDS = { stdio: 3, stderr: 4, control: 5, kernel: 6, initrd: 7, disk: 8 } as const;

const MIB = 1024 * 1024;
/** Less than that Debian's kernel does not start with. */
const LEAST_MIB = 128;
/** What QEMU itself may take beside the machine's memory: its libraries, its threads' stacks, what it has translated. */
const OWN_BYTES = 2048 * MIB;

const KERNEL = [
  'quiet loglevel=0 rdinit=/init random.trust_cpu=on reboot=t',
  // A kernel that has lost its way ends the machine.
  'panic=-1 oops=panic',
  'init_on_alloc=1 slab_nomerge page_alloc.shuffle=1 vsyscall=none ipv6.disable=1',
  'i8042.noaux i8042.nokbd 8250.nr_uarts=0',
].join(' ');

/**
 * The command that is one virtual machine: no network, no disk that can be written, three ports. Whoever breaks out of
 * it is a process of nobody's, in namespaces of its own, that sees `/usr` alone.
 */
export function qemuCommand(
  accel: Accel,
  { limits, cpus, seconds }: { limits: Limits; cpus: number; seconds: number },
  launcher: Launcher,
): string[] {
  const mib = Math.max(LEAST_MIB, Math.floor(limits.memory / MIB));
  return [
    launcher.prlimit,
    ...words(`--as=${mib * MIB + OWN_BYTES} --core=0 --fsize=0 --nofile=64`),
    // Ends it even if it is stuck where nobody can see it.
    `--cpu=${seconds * (cpus + 1)}`,
    ...privileges(launcher),
    launcher.bwrap,
    ...walls(accel),
    launcher.qemu,
    ...machine(accel, { mib, cpus }),
  ];
}

function privileges({ setpriv, uid, kvmGroup }: Launcher): string[] {
  if (uid === undefined) return [];
  const groups = kvmGroup === undefined ? '--clear-groups' : `--groups=${kvmGroup}`;
  return [setpriv, ...words(`--reuid=${uid} --regid=${uid} ${groups} --no-new-privs`)];
}

function walls(accel: Accel): string[] {
  return words(`--unshare-all --die-with-parent --new-session --as-pid-1 --clearenv --cap-drop ALL
    --ro-bind /usr /usr --ro-bind-try /lib /lib --ro-bind-try /lib64 /lib64
    --ro-bind-try /etc/ld.so.cache /etc/ld.so.cache --proc /proc --dev /dev --chdir /
    ${accel === 'kvm' ? '--dev-bind /dev/kvm /dev/kvm' : ''} --`);
}

const PROCESSOR = { kvm: '-accel kvm -cpu host', tcg: '-accel tcg,tb-size=64 -cpu max' } as const;

function machine(accel: Accel, { mib, cpus }: { mib: number; cpus: number }): string[] {
  return [
    ...words(`-nodefaults -no-user-config -nic none -display none -no-reboot
      -M pc,usb=off,vmport=off,smm=off -m ${mib} -smp ${cpus} ${PROCESSOR[accel]}
      -sandbox on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny
      -kernel /proc/self/fd/${FDS.kernel} -initrd /proc/self/fd/${FDS.initrd}`),
    '-append',
    KERNEL,
    // The ports first: so the machine calls them /dev/vport0p1 to 3.
    ...words(`-device virtio-serial-pci,max_ports=4
      ${port(1, FDS.stdio)} ${port(2, FDS.stderr)} ${port(3, FDS.control)}
      -add-fd fd=${FDS.disk},set=1
      -blockdev driver=file,node-name=root,filename=/dev/fdset/1,read-only=on,locking=off
      -device virtio-blk-pci,drive=root`),
  ];
}

function port(number: number, fd: number): string {
  return `-chardev socket,id=p${number},fd=${fd} -device virtserialport,chardev=p${number},nr=${number}`;
}

function words(text: string): string[] {
  return text.split(/\s+/u).filter(Boolean);
}
