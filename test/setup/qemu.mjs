// QEMU and bubblewrap for the tests of virtual machines.
import { install, missingPackages, which } from './apt.mjs';

/** The programs and the packages that bring them. */
const NEEDED = [
  { program: 'qemu-system-x86_64', packages: ['qemu-system-x86'] },
  { program: 'bwrap', packages: ['bubblewrap'] },
  { program: 'mke2fs', packages: ['e2fsprogs'] },
  { program: 'setpriv', packages: ['util-linux'] },
];

/** Resolves to `{}`, or to `{ reason }` why no virtual machine can run. `SALLYPORT_NO_INSTALL=1` forbids apt-get. */
export async function prepareQemu({ log, env = process.env }) {
  if (process.arch !== 'x64')
    return { reason: `virtual machines are x64, this is ${process.arch}` };
  const lacking = NEEDED.filter(({ program }) => !which(program));
  if (lacking.length === 0) return {};
  const missing = await missingPackages(NEEDED);
  if (!missing) return { reason: 'this is no Debian or Ubuntu as root' };
  if (env.SALLYPORT_NO_INSTALL === '1')
    return { reason: `SALLYPORT_NO_INSTALL=1 forbids installing ${missing.join(' ')}` };
  try {
    log(`installing ${missing.join(' ')} with apt-get, for virtual machines`);
    await install(missing, log);
    return {};
  } catch (error) {
    return { reason: error.message };
  }
}
