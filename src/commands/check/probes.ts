import { readFile } from 'node:fs/promises';

import type { Config } from '../../config/config.ts';
import type { Found, Probes } from './checks.ts';

/** The parts that need their own machinery; each is loaded when its check runs. */
export function createProbes(env: NodeJS.ProcessEnv): Probes {
  return {
    env,
    platform: process.platform,
    policy,
    pins,
    sandbox: (config) => sandbox(config, env),
  };
}

const HINT = 'its calls are refused until the policy is seen to fit; sallyport pin accepts tools';

async function policy(config: Config): Promise<readonly Found[]> {
  const { configuredBundle, configuredPolicy } = await import('../../configured-policy.ts');
  const bundle = await configuredBundle(config);
  const { count, digest, unchecked } = await configuredPolicy(config);
  const { name, version, expires } = bundle?.manifest ?? {};
  const from = bundle && `, bundle ${name} version ${version} until ${expires}`;
  const shadow = config.policy.shadow.length > 0 && (await shadowOf(config.policy.shadow));
  const message = `${count} policies in force, digest ${digest.slice(0, 12)}${from ?? ''}${shadow || ''}`;
  return [
    { level: 'ok', message },
    ...unchecked.map((each) => ({ level: 'warning', message: each, hint: HINT }) as const),
  ];
}

async function shadowOf(paths: readonly string[]): Promise<string> {
  const { loadPolicy } = await import('../../policy/policy.ts');
  const { count, digest } = await loadPolicy({ paths, now: () => new Date() });
  return `; ${count} asked beside, digest ${digest.slice(0, 12)}, not enforced`;
}

async function pins({ catalogue: { lock } }: Config): Promise<string> {
  const { parseLock } = await import('../../catalogue/lock-file.ts');
  const rows = [...parseLock(await readFile(lock), lock).values()];
  const unreviewed = rows.filter(({ entry }) => !entry.reviewed).length;
  return `${lock} with ${rows.length} pins, ${unreviewed} of them not reviewed`;
}

/** Runs the canary: what it sees inside is believed, and nothing that Docker says about itself. */
async function sandbox(config: Config, env: NodeJS.ProcessEnv): Promise<string> {
  const { createLocalSandbox } = await import('../../sandbox/local-sandbox.ts');
  const { runtime, images, docker } = config.sandbox;
  const local = createLocalSandbox({
    env,
    runtime,
    images,
    log: () => undefined,
    ...(docker.host === undefined ? {} : { host: docker.host }),
  });
  try {
    const probe = await local.probe();
    if (!probe.ok) throw probe.denial;
    const filter = probe.seccomp ? 'with' : 'without';
    return `gVisor ${probe.kernel} in Docker ${probe.docker}, ${filter} our system call filter`;
  } finally {
    await local.close();
  }
}
