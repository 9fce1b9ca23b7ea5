import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawnAlone } from '../../lib/spawn-alone.ts';

/** Milliseconds that one run of npm may take. */
export const NPM_MS = 5 * 60_000;
const LAST_WORDS = 4000;

/** Where programs and its own files are. */
const PLACES = ['PATH', 'HOME', 'TMPDIR', 'LANG'];
/** How the network is reached, and whom it trusts there. */
const NETWORK = /^(?:(?:https?|no|all)_proxy|node_extra_ca_certs|ssl_cert_(?:file|dir))$/iu;
/** Which registry, with which account: what npmrc says too. */
const REGISTRY =
  /^npm_config_(?:registry|replace_registry_host|(?:user|global)config|prefix|cache|ca|cafile|cert|key|proxy|https[_-]proxy|noproxy|strict[_-]ssl|fetch[_-].*|before|_auth.*|@.*:registry|\/\/.*)$/iu;
const NAMED = /\$\{([^}?]+)\??\}/gu;

/**
 * What of the gateway's environment npm gets: it talks to the network, and what loads code into it or is a secret of
 * somebody else's is not its business. Variables that the user's own npmrc names are meant for it.
 */
export function npmEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const own = new Set([...PLACES, ...namedInNpmrc(env)]);
  return Object.fromEntries(
    Object.entries(env).filter(
      ([name]) => own.has(name) || NETWORK.test(name) || REGISTRY.test(name),
    ),
  );
}

function namedInNpmrc(env: NodeJS.ProcessEnv): string[] {
  const file = env['npm_config_userconfig'] ?? join(env['HOME'] ?? '/', '.npmrc');
  if (!existsSync(file)) return [];
  return [...readFileSync(file, 'utf8').matchAll(NAMED)].map(([, name = '']) => name);
}

/** Nothing runs. */
const OPTIONS = '--ignore-scripts --git=false --no-audit --no-fund --omit=dev --loglevel=error';

/** npm from 11.15 on refuses what is not of the registry by itself, most of it before it asks for it. */
const allow = (...sources: readonly string[]): readonly string[] =>
  sources.map((source) => `--allow-${source}=none`);

/**
 * The choice of versions: what comes from the registry has no address in the lock file then, what else there is has one.
 * npm does not look into packages that bundle others where it is to refuse addresses.
 */
export const CHOOSE = [
  'install',
  '--save-exact',
  '--package-lock-only',
  '--omit-lockfile-registry-resolved',
  ...allow('git', 'file', 'directory'),
];

/** What was chosen, and no address that a lock file inside of a package names. */
export const UNPACK = ['ci', ...allow('git', 'file', 'directory', 'remote')];

/** Runs npm in a folder. Throws with what it said where it fails. */
export async function npm(
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    // Another account reads it inside: what this one's umask keeps from others must not be missing there.
    const child = spawnAlone(
      '/bin/sh',
      ['-c', 'umask 022 && exec npm "$@"', 'sh', ...args, ...OPTIONS.split(' ')],
      {
        cwd,
        env: npmEnvironment(env),
        stdio: ['ignore', 'ignore', 'pipe'],
        timeout: NPM_MS,
        killSignal: 'SIGKILL',
      },
    );
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(0, LAST_WORDS);
    });
    child.on('error', reject);
    child.on('close', (code) => {
      const first = said.split('\n').filter((line) => /error/iu.test(line));
      if (code === 0) resolve();
      else reject(new Error(`npm ended with ${code}: ${first.slice(0, 2).join(' ')}`));
    });
  });
}
