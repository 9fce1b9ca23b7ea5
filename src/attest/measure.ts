import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, realpath } from 'node:fs/promises';
import type { Config } from '../config/config.ts';
import type { BundleCandidate } from '../bundle/bundle-source.ts';
import { parseLock } from '../catalogue/lock-file.ts';
import { configuredBundle, configuredSandbox } from '../configured-policy.ts';
import { Denial } from '../denial.ts';
import { readKnownTools } from '../known-tools.ts';
import { Fault } from '../lib/fault.ts';
import { canonicalJson, parseJson, type JsonValue } from '../lib/json.ts';
import { packageRoot, packageVersion } from '../lib/package-root.ts';
import { visible } from '../lib/visible.ts';
import { policyPaths } from '../policy/policies.ts';
import { preparePolicy } from '../policy/policy.ts';
import { readTexts, withTools } from '../policy/texts.ts';
import { dockerHost } from '../sandbox/docker-host.ts';
import type { Language } from '../sandbox/languages.ts';
import { lookAtSandbox, type FoundSandbox } from '../sandbox/measure.ts';
import type { Measurements } from './claims.ts';
import { measureDependencies, measureProgram } from './package.ts';
import { hashFile } from './tree.ts';

/** How this process was started. */
export type Started = {
  /** The binary. */
  readonly node: string;
  readonly version: string;
  /** Options of Node, of its command line and of `NODE_OPTIONS`. */
  readonly options: readonly string[];
};

export type MeasureOptions = {
  readonly config: Config;
  readonly env: NodeJS.ProcessEnv;
  readonly started: Started;
};

type Unknown = { readonly unknown: string };
type Look = <T extends object>(measure: () => Promise<T>) => Promise<T | Unknown>;

/** Measures what a gateway with this configuration is made of. What cannot be measured says why; it never throws for that. */
export async function measure({ config, env, started }: MeasureOptions): Promise<Measurements> {
  const look = createLook(config.secrets);
  // Once: policies, lock file and sandbox of two bundles would be those of no gateway.
  const bundle = configuredBundle(config);
  const whole = async (): Promise<Config> => configuredSandbox(config, await bundle);
  const sandbox = whole().then(async (known) => await openSandbox(known, env));
  const image = async (language: Language) =>
    await look(async () => {
      if (config.builtin.code?.languages.includes(language) === false)
        throw new Fault(`Cannot run ${language}: builtin.code.languages does not list it`);
      const { name, id } = await (await sandbox).image(language);
      return { name, digest: id };
    });
  const [
    program,
    dependencies,
    node,
    configuration,
    policy,
    lock,
    runsc,
    python,
    javascript,
    bash,
  ] = await Promise.all([
    look(async () => measureProgram(packageRoot())),
    look(async () => measureDependencies(packageRoot())),
    look(async () => await measureNode(started)),
    look(async () => ({ digest: configurationDigest(await whole()) })),
    look(async () => await measurePolicy(config, await bundle)),
    look(async () => await measureLock(config, await bundle)),
    look(async () => await measureRuntime(await sandbox)),
    image('python'),
    image('javascript'),
    image('bash'),
  ]);
  const images = { 'image:python': python, 'image:javascript': javascript, 'image:bash': bash };
  return { program, dependencies, node, configuration, policy, lock, runsc, ...images };
}

/** What a person may know of a failure is a reason; anything else is a slip of ours. */
function createLook(secrets: readonly string[]): Look {
  return async function look(measureIt) {
    try {
      return await measureIt();
    } catch (thrown) {
      const isSystem = thrown instanceof Error && 'syscall' in thrown;
      if (!(thrown instanceof Fault || thrown instanceof Denial || isSystem)) throw thrown;
      const why = secrets.reduce((text, each) => text.replaceAll(each, '…'), thrown.message);
      return { unknown: visible(why.split('\n')[0] ?? '').slice(0, 1000) || 'no reason' };
    }
  };
}

async function openSandbox(
  { sandbox: { runtime, images, docker } }: Config,
  env: NodeJS.ProcessEnv,
): Promise<FoundSandbox> {
  const host = dockerHost(env, docker.host);
  return await lookAtSandbox({ docker: host, runtime, images, version: packageVersion() });
}

async function measureNode({ node, version, options }: Started) {
  const digest = `sha256:${await hashFile(await realpath(node))}`;
  return { version, digest, options: [...options] };
}

async function measureRuntime(sandbox: FoundSandbox) {
  const { path, version } = await sandbox.runtime();
  return { version, digest: `sha256:${await hashFile(path)}` };
}

async function measurePolicy(config: Config, bundle: BundleCandidate | undefined) {
  const texts = await withTools(
    bundle?.texts ?? (await readTexts(policyPaths(config))),
    async () => await readKnownTools(config, bundle?.contents.lock),
  );
  // They are loaded: policies that do not load are in force nowhere.
  const policy = preparePolicy(texts, { now: () => new Date() });
  policy.close();
  const loaded = { digest: `sha256:${policy.digest}`, count: policy.count };
  if (bundle === undefined) return loaded;
  const { name, version, expires } = bundle.manifest;
  const signers = [...bundle.signers];
  return { ...loaded, bundle: { name, version, digest: `sha256:${bundle.id}`, signers, expires } };
}

async function measureLock(
  { catalogue: { lock: path } }: Config,
  bundle: BundleCandidate | undefined,
) {
  const signed = bundle?.contents.lock;
  if (signed === undefined && !existsSync(path))
    throw new Fault(`Cannot read the lock file ${path}: it is not there`);
  const bytes = signed ?? (await readFile(path));
  const origin: 'bundle' | 'file' = signed === undefined ? 'file' : 'bundle';
  return { digest: sha256(bytes), count: parseLock(bytes, path).size, origin };
}

/**
 * Of what the configuration says, without the file's own place and without secrets: a digest with a short one in it would
 * let others try values out.
 */
function configurationDigest(config: Config): string {
  const { file: _file, folder: _folder, secrets, ...rest } = config;
  const hide = (_key: string, value: unknown): unknown =>
    typeof value === 'string'
      ? secrets.reduce((text, each) => text.replaceAll(each, '…'), value)
      : value;
  const value: JsonValue = parseJson(JSON.stringify(rest, hide), {
    maxBytes: 16 * 1024 * 1024,
    maxDepth: 64,
  });
  return sha256(Buffer.from(canonicalJson(value)));
}

function sha256(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
