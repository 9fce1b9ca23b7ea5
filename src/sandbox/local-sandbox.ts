import { randomBytes, randomUUID } from 'node:crypto';
import { packageVersion } from '../lib/package-root.ts';
import { cacheFolder } from './cache-folder.ts';
import { dockerHost } from './docker-host.ts';
import { thisProcess } from './owner.ts';
import { createSandbox, type Sandbox, type SandboxOptions } from './sandbox.ts';

export type LocalOptions = Partial<
  Pick<SandboxOptions, 'runtime' | 'images' | 'limits' | 'cache'>
> &
  Pick<SandboxOptions, 'log'> & {
    readonly env: NodeJS.ProcessEnv;
    /** The engine's address; `DOCKER_HOST` and the usual sockets where it is absent. */
    readonly host?: string;
  };

/** The sandbox of this process on this machine: real clock, real randomness. For composition roots. */
export function createLocalSandbox({ env, host, ...options }: LocalOptions): Sandbox {
  return createSandbox({
    docker: dockerHost(env, host),
    runtime: 'runsc',
    images: {},
    owner: thisProcess(randomUUID()),
    version: packageVersion(),
    cache: cacheFolder(env),
    now: Date.now,
    random: (bytes) => randomBytes(bytes).toString('hex'),
    ...options,
  });
}
