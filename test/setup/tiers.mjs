// runsc and bubblewrap for the tests of sandboxes without Docker.
import { install, missingPackages, which } from './apt.mjs';

/** The programs and the packages that bring them. */
const NEEDED = [
  { program: 'runsc', packages: ['runsc'] },
  { program: 'bwrap', packages: ['bubblewrap'] },
];

/** Installs what is missing; says why where it cannot, and then the tests that need it say so too. `SALLYPORT_NO_INSTALL=1` forbids apt-get. */
export async function prepareTiers({ log, env = process.env }) {
  const lacking = NEEDED.filter(({ program }) => !which(program));
  if (lacking.length === 0) return;
  const names = lacking.map(({ program }) => program).join(' and ');
  const missing = await missingPackages(NEEDED);
  if (!missing) {
    log(`${names} not found, and this is no Debian or Ubuntu as root`);
    return;
  }
  try {
    if (env.SALLYPORT_NO_INSTALL === '1') throw new Error('SALLYPORT_NO_INSTALL=1 forbids it');
    log(`${names} not found here; installing ${missing.join(' ')} with apt-get`);
    await install(missing, log);
  } catch (error) {
    log(`Cannot install ${missing.join(' ')}: ${error.message}`);
  }
}
