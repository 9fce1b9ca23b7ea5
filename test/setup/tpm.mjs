// swtpm, a TPM in software, and tpm2-tools for the tests of attestations.
import { install, missingPackages, which } from './apt.mjs';

/** The programs and the packages that bring them. */
const NEEDED = [
  { program: 'swtpm', packages: ['swtpm'] },
  { program: 'tpm2_quote', packages: ['tpm2-tools'] },
];

/** Resolves to `{}`, or to `{ reason }` why there is no TPM for the tests. `SALLYPORT_NO_INSTALL=1` forbids apt-get. */
export async function prepareTpm({ log, env = process.env }) {
  const lacking = NEEDED.filter(({ program }) => !which(program));
  if (lacking.length === 0) return {};
  const missing = await missingPackages(NEEDED);
  const names = lacking.map(({ program }) => program).join(' and ');
  if (!missing) return { reason: `${names} not found, and this is no Debian or Ubuntu as root` };
  if (env.SALLYPORT_NO_INSTALL === '1')
    return { reason: `SALLYPORT_NO_INSTALL=1 forbids installing ${missing.join(' ')}` };
  try {
    log(`${names} not found here; installing ${missing.join(' ')} with apt-get`);
    await install(missing, log);
    return {};
  } catch (error) {
    return { reason: error.message };
  }
}
