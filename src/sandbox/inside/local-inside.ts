import { randomBytes, randomUUID } from 'node:crypto';
import { homedir } from 'node:os';
import type { Audit } from '../../audit/audit.ts';
import type { Config } from '../../config/config.ts';
import { packageRoot, packageVersion } from '../../lib/package-root.ts';
import { stateLayout } from '../../state/layout.ts';
import { cacheFolder } from '../cache-folder.ts';
import { dockerHost, type DockerHost } from '../docker-host.ts';
import { createLocalEgress } from '../egress/local-egress.ts';
import { thisProcess } from '../owner.ts';
import { createInside, type Inside } from './inside.ts';
import type { Protected } from './mounts.ts';
import type { Account } from './run-as.ts';
import { createContainerWill } from './will.ts';

export type LocalInsideOptions = {
  readonly config: Config;
  readonly env: NodeJS.ProcessEnv;
  readonly log: (message: string) => void;
  /** Takes what servers write on stderr. */
  readonly onStderr: (server: string, line: string) => void;
  /** Absent: nothing is written down, which is for looking at servers only. */
  readonly audit: Pick<Audit, 'append'> | undefined;
  readonly graceMs: number;
};

/** Servers in containers on this machine: real clock, real randomness. For composition roots. */
export function createLocalInside(options: LocalInsideOptions): Inside {
  const { config, env, audit } = options;
  const docker = dockerHost(env, config.sandbox.docker.host);
  const cache = cacheFolder(env);
  const state = stateLayout(config.state.path);
  const instance = randomUUID();
  const account: Account =
    process.geteuid && process.getegid
      ? { uid: process.geteuid(), gid: process.getegid() }
      : undefined;
  return createInside({
    docker,
    runtime: config.sandbox.runtime,
    version: packageVersion(),
    cache,
    pins: state.packages,
    env,
    account,
    guarded: guardedPlaces(config, { docker, cache }),
    owner: thisProcess(instance),
    will: createContainerWill(instance, { engine: docker.again, env }),
    maxFrameBytes: config.limits.maxMessageBytes,
    graceMs: options.graceMs,
    now: Date.now,
    random: (bytes) => randomBytes(bytes).toString('hex'),
    log: options.log,
    onStderr: options.onStderr,
    record: (event, fields) => void audit?.append(event, { ...fields }),
    egress: ({ name, sandbox: { egress: entries } }) =>
      createLocalEgress({
        entries,
        env,
        folder: state.egress,
        record(fields) {
          if (!audit) throw new TypeError('Cannot connect: there is no audit');
          audit.append('egress', { ...fields, server: name });
        },
      }),
  });
}

/** What a server must not see or change: whoever has it is no longer held by the gateway. */
function guardedPlaces(
  { file, state, audit, catalogue, policy, mcpServers }: Config,
  { docker, cache }: { readonly docker: DockerHost; readonly cache: string },
): Protected[] {
  const { socketPath } = docker.options;
  const policies = [
    ...policy.path,
    ...policy.shadow,
    ...(policy.bundle ? [policy.bundle.path] : []),
  ];
  const written = Object.values(mcpServers).flatMap((server) =>
    server.kind === 'stdio' && !server.disabled
      ? (server.sandbox?.mounts ?? [])
          .filter(({ readOnly }) => !readOnly)
          .map(({ host }) => ({
            path: host,
            writer: server.name,
            what: `what ${server.name} writes`,
          }))
      : [],
  );
  return [
    ...written,
    { path: state.path, what: 'the state of the gateway' },
    { path: audit.path, what: 'the audit' },
    { path: cache, what: 'the cache of the gateway' },
    { path: catalogue.lock, what: 'the lock file' },
    ...(file === undefined ? [] : [{ path: file, what: 'the configuration' }]),
    ...policies.map((path) => ({ path, what: 'the policies' })),
    ...(policy.bundle?.keys ?? []).map((path) => ({ path, what: 'a key of the policies' })),
    ...(socketPath === undefined ? [] : [{ path: socketPath, what: 'the socket of Docker' }]),
    { path: packageRoot(), what: 'the program itself', readable: true },
    { path: homedir(), what: 'the home folder as a whole', whole: true },
  ];
}
