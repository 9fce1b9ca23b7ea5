import type { Config } from '../../config/config.ts';
import { Denial } from '../../denial.ts';
import { Fault } from '../../lib/fault.ts';
import { packageVersion } from '../../lib/package-root.ts';
import { cacheFolder } from '../../sandbox/cache-folder.ts';
import { dockerHost, type DockerHost } from '../../sandbox/docker-host.ts';
import { allowedDrivers, waysOf } from '../../sandbox/driver-names.ts';
import type { EngineFacts } from '../../sandbox/engine-facts.ts';
import { connect, type Engine } from '../../sandbox/engine.ts';
import { createEnsureImage, findImage } from '../../sandbox/images.ts';
import type { Language } from '../../sandbox/languages.ts';
import { isPinned } from '../../sandbox/own-image.ts';
import type { ProgressBar } from '../progress.ts';
import type { Found } from './checks.ts';

export type CheckEngineOptions = {
  readonly env: NodeJS.ProcessEnv;
  /** Whether images that are missing are to be built. */
  readonly build: boolean;
  readonly bar: ProgressBar;
};

/**
 * What the engine says of itself, which nobody believes but people want to know, and which images there are. Nothing where
 * there is no engine: the canary has said so.
 */
export async function checkEngine(
  config: Config,
  options: CheckEngineOptions,
): Promise<readonly Found[]> {
  const { docker, runtime, tiers } = config.sandbox;
  if (!allowedDrivers(waysOf(tiers, docker.host)).includes('docker')) return [];
  try {
    const host = dockerHost(options.env, docker.host);
    const engine = await connect(host, runtime);
    const images: Found[] = [];
    // One after the other: each has the bar for itself.
    for (const language of config.builtin.code?.languages ?? [])
      images.push(await lookAtImage(engine, language, config, options));
    return [...describe(host, engine.facts), ...images];
  } catch (error) {
    if (error instanceof Denial || error instanceof Fault) return [];
    throw error;
  }
}

/** What the engine is, and what of it an owner should know. */
function describe({ name, via, options }: DockerHost, facts: EngineFacts): readonly Found[] {
  const { product, version, api, system, cgroup, storage, rootless, runtimes, unenforced } = facts;
  const parts = [
    `${product} ${version} (API ${api}) at ${name} (${via})`,
    system,
    rootless ? 'rootless' : 'not rootless',
    `cgroup ${cgroup}`,
    `storage ${storage}`,
    `runtimes ${runtimes.toSorted().join(' ')}`,
  ];
  const plain = options.protocol === 'http' && !options.socketPath && !options.agent;
  const near = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/u.test(options.host ?? '');
  return [
    { level: 'ok', message: parts.join(', ') },
    ...(unenforced.length > 0
      ? [
          {
            level: 'warning' as const,
            message: `${product} does not keep limits of ${unenforced.join(' and ')}`,
            hint: 'docker info says why, at its end',
          },
        ]
      : []),
    ...(plain && !near
      ? [
          {
            level: 'warning' as const,
            message: `${name} is plain text: whoever is on the way reads every program, and whoever reaches the port owns that machine`,
            hint: 'DOCKER_TLS_VERIFY=1 with certificates, or ssh://',
          },
        ]
      : []),
  ];
}

async function lookAtImage(
  { docker }: Engine,
  language: Language,
  { sandbox: { images: own } }: Config,
  { env, build, bar }: CheckEngineOptions,
): Promise<Found> {
  const wanted = { own, version: packageVersion() };
  try {
    const { name, id } = await findImage(docker, language, wanted);
    if (id !== undefined) return found(language, name, id, own[language] !== undefined);
    if (!build && own[language] === undefined)
      return {
        level: 'warning',
        message: `${language}: the image ${name} is not built yet; the first call builds it`,
        hint: 'sallyport check --build builds what is missing',
      };
    const { log, progress } = bar;
    const ensure = createEnsureImage({ ...wanted, cache: cacheFolder(env), log, progress });
    return found(language, name, await ensure(docker, language), false);
  } catch (error) {
    if (!(error instanceof Denial)) throw error;
    const { message, hint } = error;
    return { level: 'error', message: `${language}: ${message}`, ...(hint ? { hint } : {}) };
  } finally {
    bar.end();
  }
}

function found(language: Language, name: string, id: string, isOwn: boolean): Found {
  if (!isOwn || isPinned(name)) return { level: 'ok', message: `${language}: ${name} is ${id}` };
  return {
    level: 'warning',
    message: `${language}: ${name} is ${id}, and not pinned: whoever may build there can move the name`,
    hint: `sandbox.images.${language}: ${name}@${id}`,
  };
}
