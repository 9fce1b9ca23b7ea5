import type { BundleCandidate } from './bundle/bundle-source.ts';
import type { Config } from './config/config.ts';
import { factsOptions, readKnownTools } from './known-tools.ts';
import type { KnownTools, Policy, PolicyOptions } from './policy/policy.ts';
import type { Texts } from './policy/texts.ts';

/** The bundle that a configuration names, proven; undefined where it names none. Looking at it is not remembered. */
export async function configuredBundle({
  policy: { bundle },
  state,
}: Config): Promise<BundleCandidate | undefined> {
  if (bundle === undefined) return undefined;
  const { openBundleSource } = await import('./bundle/bundle-source.ts');
  return await (await openBundleSource(bundle, state.path, () => new Date())).read();
}

/** The policies that a gateway would have in force now. Throws a `Fault` where it would have none. */
export async function configuredPolicy(
  config: Config,
  canEnforce?: PolicyOptions['canEnforce'],
  facts?: PolicyOptions['facts'],
): Promise<Policy> {
  const { preparePolicy } = await import('./policy/policy.ts');
  return preparePolicy(await configuredTexts(config), {
    now: () => new Date(),
    facts: { ...factsOptions(config), ...facts },
    ...(canEnforce && { canEnforce }),
  });
}

/** What they are made of. */
export async function configuredTexts(config: Config): Promise<Texts> {
  const [{ readTexts, withTools }, { policyPaths }] = await Promise.all([
    import('./policy/texts.ts'),
    import('./policy/policies.ts'),
  ]);
  const bundle = await configuredBundle(config);
  return await withTools(
    bundle?.texts ?? (await readTexts(policyPaths(config))),
    async () => await readKnownTools(config, bundle?.contents.lock),
  );
}

/** Tools as they were accepted in that lock file. */
export async function configuredTools(config: Config): Promise<KnownTools> {
  return await readKnownTools(config, (await configuredBundle(config))?.contents.lock);
}

/** The configuration with the sandbox that a gateway would have: a bundle may bring its own. */
export function configuredSandbox(config: Config, bundle: BundleCandidate | undefined): Config {
  const { sandbox = config.sandbox } = bundle?.contents ?? {};
  return { ...config, sandbox };
}

/** The lock file of that bundle, for `openLock`. */
export async function configuredLock(
  config: Config,
): Promise<{ readonly path: string; readonly signed: () => Uint8Array | undefined }> {
  const lock = (await configuredBundle(config))?.contents.lock;
  return { path: config.catalogue.lock, signed: () => lock };
}
