// Installs what tests need, on Debian and Ubuntu, without leaving a new source behind.
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from './process.mjs';

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** Names of the packages that bring the programs which are not there; null where this machine has no apt or we are not root. */
export async function missingPackages(needed) {
  if (process.platform !== 'linux' || process.getuid?.() !== 0 || !which('apt-get')) return null;
  const { ID = '', ID_LIKE = '' } = await osRelease();
  if (!/\b(debian|ubuntu)\b/.test(`${ID} ${ID_LIKE}`)) return null;
  return needed.filter(({ program }) => !which(program)).flatMap(({ packages }) => packages);
}

/** Installs packages; rejects with apt's last lines. */
export async function install(packages, log) {
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-apt-'));
  try {
    const backports = packages.includes('runsc') ? await backportsSource() : null;
    const options = ['-qq', '-y', '-o', 'DPkg::Lock::Timeout=120', '-o', 'Dpkg::Use-Pty=0'];
    const parts = join(folder, 'parts');
    await cp('/etc/apt/sources.list.d', parts, { recursive: true, force: true }).catch(() => {});
    if (backports) {
      await writeFile(join(parts, 'sallyport-backports.list'), `${backports.line}\n`);
      options.push('-o', `Dir::Etc::SourceParts=${parts}`);
    }
    log(
      `apt-get install ${packages.join(' ')}${backports ? ` (runsc from ${backports.suite})` : ''}`,
    );
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    // A third-party source that does not answer fails the update, not the packages that we need.
    await run('apt-get', ['update', ...options], { env, timeout: 300_000 }).catch(() => {});
    const wish = (suite) =>
      packages.map((name) => (name === 'runsc' && suite ? `runsc/${suite}` : name));
    const apt = (names) =>
      run('apt-get', ['install', '--no-install-recommends', ...options, ...names], {
        env,
        timeout: 600_000,
      });
    await apt(wish(backports?.suite)).catch((error) => {
      if (!backports) throw error;
      return apt(wish(undefined));
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Debian 12's own runsc is from 2022; its backport, on the mirror this machine uses already, is not. */
async function backportsSource() {
  const { ID, VERSION_CODENAME: codename } = await osRelease();
  if (ID !== 'debian' || codename !== 'bookworm') return null;
  const format = '$(REPO_URI) $(RELEASE) $(COMPONENT)';
  const listed = await run('apt-get', ['indextargets', '--no-release-info', '--format', format]);
  const main = listed.stdout
    .split('\n')
    .map((line) => line.split(' '))
    .find(([, release, component]) => release === codename && component === 'main');
  if (!main) return null;
  const suite = `${codename}-backports`;
  const signed = existsSync(KEYRING) ? `[signed-by=${KEYRING}] ` : '';
  return { suite, line: `deb ${signed}${main[0]} ${suite} main` };
}

async function osRelease() {
  const text = await readFile('/etc/os-release', 'utf8').catch(() => '');
  const pairs = text.matchAll(/^(\w+)="?([^"\n]*)"?$/gm);
  return Object.fromEntries([...pairs].map(([, key, value]) => [key, value]));
}

export function which(program) {
  const folders = `${process.env.PATH ?? ''}:/usr/sbin:/usr/bin:/sbin:/bin`.split(':');
  return folders.map((folder) => join(folder, program)).find((path) => existsSync(path));
}
