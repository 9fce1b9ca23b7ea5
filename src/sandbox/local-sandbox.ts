import { randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { packageVersion } from '../lib/package-root.ts';
import { cacheFolder } from './cache-folder.ts';
import { linuxCanary, processCanary } from './canary.ts';
import { createDockerDriver, type DockerDriverOptions } from './docker-driver.ts';
import { dockerHost } from './docker-host.ts';
import { allowedDrivers, waysOf, type DriverName, type TierWays } from './driver-names.ts';
import type { Driver } from './driver.ts';
import { isGvisor } from './gvisor.ts';
import { KERNEL_PROOFS } from './kernel-proof.ts';
import { lazyDriver } from './lazy-driver.ts';
import { thisProcess } from './owner.ts';
import { createSandbox, type Sandbox, type SandboxOptions } from './sandbox.ts';
import type { Tier } from './tier.ts';
import type { Accel } from './vm/qemu-command.ts';
import { createWasmDriver } from './wasm/wasm-driver.ts';

export type LocalOptions = Partial<
  Pick<SandboxOptions, 'tier' | 'limits' | 'egress' | 'slots' | 'pool' | 'meter'> &
    Pick<DockerDriverOptions, 'runtime' | 'images' | 'cache' | 'progress'>
> &
  Pick<SandboxOptions, 'log'> & {
    readonly env: NodeJS.ProcessEnv;
    /** The engine's address; `DOCKER_HOST` and the usual sockets where it is absent. */
    readonly host?: string;
    /** This tier and no other, be it stronger. */
    readonly only?: Tier;
    readonly tiers?: TierWays;
    /** Name of Kata's runtime in Docker's configuration. */
    readonly kata?: string;
  };

const random = (bytes: number): string => randomBytes(bytes).toString('hex');

/** The sandbox of this process on this machine: real clock, real randomness. For composition roots. */
export function createLocalSandbox({
  env,
  host,
  runtime = 'runsc',
  kata = 'kata',
  images = {},
  cache = cacheFolder(env),
  only,
  tiers = {},
  ...options
}: LocalOptions): Sandbox {
  const folderOf = { gvisor: join(cache, 'gvisor'), process: join(cache, 'process') };
  const common = { images, cache, owner: thisProcess(randomUUID()), now: Date.now, ...options };
  const makers: Readonly<Record<DriverName, () => Driver>> = {
    docker: () =>
      createDockerDriver({
        ...common,
        docker: dockerHost(env, host),
        proof: KERNEL_PROOFS.gvisor,
        runtime,
        version: packageVersion(),
      }),
    runsc: () =>
      lazyDriver(
        { tier: 'gvisor', name: 'runsc', canary: linuxCanary(isGvisor), folder: folderOf.gvisor },
        async () => {
          const { createRunscDriver } = await import('./runsc-driver.ts');
          return createRunscDriver({ ...common, env, random, folder: folderOf.gvisor });
        },
      ),
    bubblewrap: () =>
      lazyDriver(
        {
          tier: 'process',
          name: 'bubblewrap',
          canary: processCanary(),
          folder: folderOf.process,
        },
        async () => {
          const { createBubblewrapDriver } = await import('./bubblewrap-driver.ts');
          return createBubblewrapDriver({ ...common, env, random, folder: folderOf.process });
        },
      ),
    kata: () =>
      createDockerDriver({
        ...common,
        docker: dockerHost(env, host),
        proof: KERNEL_PROOFS.microvm,
        runtime: kata,
        version: packageVersion(),
      }),
    qemu: () => qemu('kvm'),
    'qemu-emulated': () => qemu('tcg'),
    quickjs: () => createWasmDriver(randomUUID),
  };
  function qemu(accel: Accel): Driver {
    const facts = {
      tier: 'microvm',
      name: 'QEMU',
      canary: linuxCanary(() => false),
      folder: join(cache, 'microvm'),
      // By QEMU's own words an emulated processor is no boundary, so nobody gets it in place of gVisor.
      isOnlyAsked: accel === 'tcg',
    } as const;
    return lazyDriver(facts, async () => {
      const { createQemuDriver } = await import('./vm/qemu-driver.ts');
      return createQemuDriver({ ...common, accel, env, random });
    });
  }

  return createSandbox({
    drivers: allowedDrivers(waysOf(tiers, host, only ?? options.tier), only).map((name) =>
      makers[name](),
    ),
    ...(only && { tier: only }),
    now: Date.now,
    random,
    ...options,
  });
}
