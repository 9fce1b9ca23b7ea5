import type { BundleCandidate } from './bundle/bundle-source.ts';
import type { Config } from './config/config.ts';
import type { Policy, PolicyOptions } from './policy/policy.ts';

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
): Promise<Policy> {
  const [{ preparePolicy }, { readTexts }, { policyPaths }] = await Promise.all([
    import('./policy/policy.ts'),
    import('./policy/texts.ts'),
    import('./policy/policies.ts'),
  ]);
  const bundle = await configuredBundle(config);
  const texts = bundle?.texts ?? (await readTexts(policyPaths(config)));
  return preparePolicy(texts, { now: () => new Date(), ...(canEnforce && { canEnforce }) });
}

/** The lock file of that bundle, for `openLock`. */
export async function configuredLock(
  config: Config,
): Promise<{ readonly path: string; readonly signed: () => Uint8Array | undefined }> {
  const lock = (await configuredBundle(config))?.contents.lock;
  return { path: config.catalogue.lock, signed: () => lock };
}
