import { readFile } from 'node:fs/promises';

import type { Config } from '../../config/config.ts';
import { Denial } from '../../denial.ts';
import type { DriverName } from '../../sandbox/driver-names.ts';
import type { EgressEntry } from '../../sandbox/egress/exchange.ts';
import type { LocalEgress } from '../../sandbox/egress/local-egress.ts';
import type { Probe } from '../../sandbox/sandbox.ts';
import type { ProgressBar } from '../progress.ts';
import type { Found, Probes } from './checks.ts';

type Io = { readonly env: NodeJS.ProcessEnv; readonly bar: ProgressBar };
type Ways = {
  /** What is missing is built. */
  readonly build?: boolean;
  readonly bar?: ProgressBar;
  readonly say?: (message: string) => void;
};

const NO_BAR: ProgressBar = { log() {}, progress() {}, end() {} };

/** The parts that need their own machinery; each is loaded when its check runs. */
export function createProbes(
  env: NodeJS.ProcessEnv,
  { build = false, bar = NO_BAR, say = () => undefined }: Ways = {},
): Probes {
  return {
    env,
    platform: process.platform,
    policy,
    pins,
    async sandbox(config) {
      const ways = await sandbox(config, { env, bar });
      const { checkEngine } = await import('./check-engine.ts');
      return [...ways, ...(await checkEngine(config, { env, build, bar }))];
    },
    inside: async (config) =>
      await (await import('./check-inside.ts')).checkInside(config, env, say),
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

/** Every way to run code: what its canary sees inside is believed, and nothing that a program says about itself. */
async function sandbox(config: Config, { env, bar }: Io): Promise<readonly Found[]> {
  const { allowedDrivers, DRIVERS, waysOf } = await import('../../sandbox/driver-names.ts');
  const { isAtLeast } = await import('../../sandbox/tier.ts');
  const { host } = config.sandbox.docker;
  const least = config.builtin.code?.tier ?? 'gvisor';
  const names = allowedDrivers(waysOf(config.sandbox.tiers, host, least));
  const looks = await Promise.all(
    names.map(async (name) => ({ name, ...(await probeWay(name, config, { env, bar })) })),
  );
  // The gateway takes the first that starts: what the others lack is no problem of its owner's.
  const serving = looks.find(({ name, probe }) => probe.ok && isAtLeast(DRIVERS[name], least));
  return looks.map((look): Found => {
    const { name, probe, blocked, hasEgress } = look;
    const tier = DRIVERS[name];
    const denial = probe.ok ? blocked : probe.denial;
    if (!denial && probe.ok) {
      const filter = probe.seccomp ? 'with' : 'without';
      const way = hasEgress ? '; programs reach their way out' : '';
      const message = `${tier}: ${probe.kernel} (${probe.driver}), ${filter} our system call filter${way}`;
      return { level: 'ok', message };
    }
    const { message = '', hint } = denial ?? {};
    if (look !== serving && (serving || !isAtLeast(tier, least))) {
      const lacks = blocked ? 'no way out' : 'not here';
      const mend = hint ? ` (${hint})` : '';
      return { level: 'ok', message: `${tier} by ${name}: ${lacks}: ${message}${mend}` };
    }
    return { level: 'error', message, ...(hint === undefined ? {} : { hint }) };
  });
}

type Look = {
  readonly probe: Probe;
  /** Why programs do not reach the way out that is configured. */
  readonly blocked?: Denial;
  readonly hasEgress?: boolean;
};

async function probeWay(name: DriverName, config: Config, { env, bar }: Io): Promise<Look> {
  const [{ createLocalSandbox }, { DRIVERS }] = await Promise.all([
    import('../../sandbox/local-sandbox.ts'),
    import('../../sandbox/driver-names.ts'),
  ]);
  const { runtime, kata, images, docker } = config.sandbox;
  const { code } = config.builtin;
  const egress =
    code && code.egress.length > 0 ? await openEgress(config, code.egress, env) : undefined;
  const only = DRIVERS[name];
  const local = createLocalSandbox({
    env,
    runtime,
    kata,
    images,
    only,
    tiers: { [only]: [name] },
    log: bar.log,
    progress: bar.progress,
    ...(docker.host === undefined ? {} : { host: docker.host }),
    ...(egress && { egress }),
  });
  try {
    const probe = await local.probe();
    if (!probe.ok || !egress) return { probe };
    const { probeEgress } = await import('../../sandbox/egress/probe.ts');
    const blocked = await probeEgress(local, code?.languages ?? [], runtime).then(
      () => undefined,
      (error: unknown) => Denial.from(error),
    );
    return blocked ? { probe, blocked } : { probe, hasEgress: true };
  } finally {
    bar.end();
    await local.close();
    await egress?.close();
  }
}

/** As the gateway has it, for programs that connect to nobody. */
async function openEgress(
  { state }: Config,
  entries: readonly EgressEntry[],
  env: NodeJS.ProcessEnv,
): Promise<LocalEgress> {
  const { createLocalEgress } = await import('../../sandbox/egress/local-egress.ts');
  const { stateLayout } = await import('../../state/layout.ts');
  return createLocalEgress({
    entries,
    env,
    folder: stateLayout(state.path).egress,
    record({ step }) {
      if (step !== 'refused') throw new TypeError('Cannot connect: it is a check');
    },
  });
}
