import type { Audit } from './audit/audit.ts';
import type { Log } from './audit/log.ts';
import type { Subject } from './call.ts';
import type { BundleCandidate } from './bundle/bundle-source.ts';
import type { Config } from './config/config.ts';
import { createCanEnforce } from './policy/can-enforce.ts';
import { createInForce, whyRefused } from './policy/in-force.ts';
import type { Candidate, InForce, InForceOptions } from './policy/in-force.ts';
import { factsOptions, readKnownTools } from './known-tools.ts';
import type { JsonObject } from './lib/json.ts';
import { planSubmit } from './open-plans.ts';
import { policyPaths } from './policy/policies.ts';
import type { FactsOptions, Policy } from './policy/policy.ts';
import { digestOf } from './policy/sources.ts';
import { readTexts, withTools } from './policy/texts.ts';
import type { SandboxSettings } from './config/sandbox-settings.ts';

export type OpenPolicyOptions = {
  readonly config: Config;
  readonly audit: Audit;
  readonly log: Log;
  /** What else facts about arguments are found by. */
  readonly facts: Pick<FactsOptions, 'traces' | 'usage'>;
};

/** The policies of a configuration, and what else its bundle says. */
export type OpenPolicy = InForce & {
  /** The lock file of the bundle in force; undefined where it has none. */
  readonly lock: () => Buffer | undefined;
  /** Of the bundle that was there at the start. */
  readonly sandbox: SandboxSettings | undefined;
};

/** Begins to load what the configuration names. A bundle is proven before this returns; throws where it is refused. */
export async function openPolicy(options: OpenPolicyOptions): Promise<OpenPolicy> {
  const { config } = options;
  const { bundle } = config.policy;
  const plans = await planSubmit(config);
  const inForce =
    bundle === undefined ? openFolders(options, plans) : await openBundle(options, bundle, plans);
  const opened = config.policy.shadow.length === 0 ? inForce : withShadow(inForce, options);
  // It is the end of the start, which is told there.
  let closed = false;
  opened.ready.catch((thrown: unknown) => {
    if (!closed) recordRefusal(options, whyRefused(thrown));
  });
  return {
    ...opened,
    async close() {
      closed = true;
      await opened.close();
    },
  };
}

/** Whoever may write a folder must not be able to change what is in force: only a person's signal does. */
function openFolders(options: OpenPolicyOptions, plans: Subject | undefined): OpenPolicy {
  const knownTools = async () => await readKnownTools(options.config);
  const read = async (): Promise<Candidate> => {
    const texts = await withTools(await readTexts(policyPaths(options.config)), knownTools);
    return { texts, id: digestOf(texts.sources) };
  };
  const inForce = createInForce(read(), {
    ...common(options),
    plans,
    read,
    admit: (_, policy) => recordLoaded(options, policy),
  });
  return { ...inForce, lock: () => undefined, sandbox: undefined };
}

async function openBundle(
  options: OpenPolicyOptions,
  settings: NonNullable<Config['policy']['bundle']>,
  plans: Subject | undefined,
): Promise<OpenPolicy> {
  const { config, log } = options;
  const { openBundleSource } = await import('./bundle/bundle-source.ts');
  const source = await openBundleSource(settings, config.state.path, now);
  const read = async (): Promise<BundleCandidate> => {
    const candidate = await source.read();
    const { lock } = candidate.contents;
    const knownTools = async () => await readKnownTools(config, lock);
    return { ...candidate, texts: await withTools(candidate.texts, knownTools) };
  };
  const first = await read().catch((thrown: unknown) => {
    recordRefusal(options, whyRefused(thrown));
    throw thrown;
  });
  const { sandbox } = first.contents;
  let newest = first;
  const inForce = createInForce(Promise.resolve(first), {
    ...common(options),
    plans,
    read,
    admit(candidate, policy) {
      candidate.remember();
      recordLoaded(options, policy, candidate);
      if (JSON.stringify(candidate.contents.sandbox) !== JSON.stringify(sandbox))
        log.warn(candidate.said, 'its sandbox settings hold from the next start on');
      newest = candidate;
    },
  });
  const unwatch = source.watch(() => void inForce.reload());
  return {
    ...inForce,
    lock: () => newest.contents.lock,
    sandbox,
    async close() {
      unwatch();
      await inForce.close();
    },
  };
}

/** Begins to load the policies that are asked beside. Where they do not load, nothing is compared. */
function withShadow(inForce: OpenPolicy, options: OpenPolicyOptions): OpenPolicy {
  const { audit, config, log } = options;
  let { decide } = inForce;
  const closing = new AbortController();
  const { signal } = closing;
  const loading = (async () => {
    const { loadShadow } = await import('./policy/shadow.ts');
    const { beside, digest, count } = await loadShadow({
      paths: config.policy.shadow,
      now,
      canEnforce: createCanEnforce(config),
      knownTools: async () => await readKnownTools(config),
      facts: { ...factsOptions(config), ...options.facts },
      onDifference(call, difference) {
        const { traceId, method, session, subject } = call;
        const { issuer, subject: user, client } = session.caller;
        audit.append('policy-shadow', {
          traceId,
          caller: { issuer, subject: user, client },
          session: session.id,
          method,
          server: subject.server,
          name: subject.name,
          shadowDigest: digest,
          ...difference,
        });
      },
      onFailed: (thrown) => log.error(thrown, 'shadow policies'),
      signal,
    });
    decide = beside(inForce.decide);
    log.info(
      { digest, count },
      'policies asked beside those in force; nothing of them is enforced',
    );
  })();
  const loaded = loading.catch((thrown: unknown) => {
    if (signal.aborted) return;
    const why = whyRefused(thrown);
    log.error(why, 'shadow policies refused; nothing is compared');
    recordRefusal(options, why);
  });
  return {
    ...inForce,
    decide: (call, approvals) => decide(call, approvals),
    async close() {
      closing.abort();
      await Promise.all([loaded, inForce.close()]);
    },
  };
}

const now = (): Date => new Date();

function common(
  options: OpenPolicyOptions,
): Pick<InForceOptions<Candidate>, 'now' | 'canEnforce' | 'facts' | 'onRefused'> {
  return {
    now,
    canEnforce: createCanEnforce(options.config),
    facts: { ...factsOptions(options.config), ...options.facts },
    onRefused(thrown) {
      const why = whyRefused(thrown);
      options.log.error(why, 'policies refused; those in force stay');
      recordRefusal(options, why);
    },
  };
}

function recordRefusal({ audit, log }: OpenPolicyOptions, why: JsonObject): void {
  try {
    audit.append('policy-refused', why);
  } catch (error) {
    // Calls are refused from here on.
    log.error(error, 'audit');
  }
}

function recordLoaded(
  { audit, log }: OpenPolicyOptions,
  { digest, count, parsed }: Policy,
  candidate?: BundleCandidate,
): void {
  const bundle = candidate && { bundle: candidate.said };
  audit.append('policy-loaded', {
    digest,
    count,
    ...(parsed === undefined ? {} : { parsed }),
    ...bundle,
  });
  log.info({ digest, count, ...bundle }, 'policies in force');
}
