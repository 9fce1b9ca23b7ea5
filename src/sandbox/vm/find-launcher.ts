import { accessSync, constants, statSync } from 'node:fs';
import { Denial } from '../../denial.ts';
import { findProgram } from '../find-program.ts';
import { canBuildRootfs } from '../rootfs.ts';
import type { Accel, Launcher } from './qemu-command.ts';

const INSTALL =
  'install QEMU and bubblewrap: apt-get install qemu-system-x86 bubblewrap on Debian; it also needs /dev/kvm. Or install Kata Containers as a runtime of Docker';
/** Numbers that systemd's table of users leaves to nobody (systemd.io/UIDS-GIDS). */
const USERS = { first: 1_900_000_000, count: 0x100_0000 } as const;

/** Everything that a machine needs here. Throws `sandbox-unavailable` with what to install. */
export function findLauncher(
  accel: Accel,
  env: NodeJS.ProcessEnv,
  random: (bytes: number) => string,
): Launcher {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw missing(
      `virtual machines are made on Linux with x64, not ${process.platform} ${process.arch}`,
    );
  const find = (name: string): string => findProgram(name, SYSTEM(env), INSTALL);
  const launcher = {
    qemu: find('qemu-system-x86_64'),
    bwrap: find('bwrap'),
    prlimit: find('prlimit'),
    setpriv: find('setpriv'),
  };
  find('mke2fs');
  if (!canBuildRootfs()) throw missing('their file systems are made from packages of Debian');
  const kvmGroup = accel === 'kvm' ? checkKvm() : undefined;
  const isRoot = process.getuid?.() === 0;
  const uid = isRoot ? USERS.first + (Number.parseInt(random(4), 16) % USERS.count) : undefined;
  return { ...launcher, uid, kvmGroup };
}

const SYSTEM = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv => ({
  PATH: `${env['PATH'] ?? ''}:/usr/sbin:/sbin`,
});

function checkKvm(): number {
  try {
    accessSync('/dev/kvm', constants.R_OK | constants.W_OK);
    return statSync('/dev/kvm').gid;
  } catch (cause) {
    throw missing(
      'this machine offers no /dev/kvm to this user',
      'add your user to the group kvm, or run on a machine with hardware virtualisation',
      cause,
    );
  }
}

function missing(why: string, hint = INSTALL, cause?: unknown): Denial {
  return new Denial('sandbox-unavailable', `Cannot run the program: ${why}`, { hint, cause });
}
