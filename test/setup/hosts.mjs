// What the tests of Docker's whereabouts take: an SSH server, Podman, rootless Docker's helpers, a registry.
import { install, missingPackages, which } from './apt.mjs';

/** The programs and the packages that bring them. */
const NEEDED = [
  { program: 'sshd', packages: ['openssh-server'] },
  { program: 'ssh', packages: ['openssh-client'] },
  { program: 'openssl', packages: ['openssl'] },
  { program: 'podman', packages: ['podman'] },
  { program: 'crun', packages: ['crun'] },
  { program: 'rootlesskit', packages: ['rootlesskit'] },
  { program: 'newuidmap', packages: ['uidmap'] },
  { program: 'slirp4netns', packages: ['slirp4netns'] },
  { program: 'docker-registry', packages: ['docker-registry'] },
];

/** Resolves to `{}`, or to `{ reason }` why these programs are not there. `SALLYPORT_NO_INSTALL=1` forbids apt-get. */
export async function prepareHosts({ log, env = process.env }) {
  const lacking = NEEDED.filter(({ program }) => !which(program));
  if (lacking.length === 0) return {};
  const missing = await missingPackages(NEEDED);
  if (!missing) return { reason: 'this is no Debian or Ubuntu as root' };
  if (env.SALLYPORT_NO_INSTALL === '1')
    return { reason: `SALLYPORT_NO_INSTALL=1 forbids installing ${missing.join(' ')}` };
  try {
    log(`installing ${missing.join(' ')} with apt-get, for engines on the user's side`);
    await install(missing, log);
    return {};
  } catch (error) {
    return { reason: error.message };
  }
}
