import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { StdioServerConfig } from '../../config/config.ts';
import { Denial } from '../../denial.ts';
import { Fault } from '../../lib/fault.ts';
import { packageRoot } from '../../lib/package-root.ts';
import type { DockerHost } from '../docker-host.ts';
import { connect, type Engine } from '../engine.ts';
import { createEnsureImage } from '../images.ts';
import { LIMITS, type Limits } from '../limits.ts';
import { serverFilter } from './filter.ts';
import { findSocket, pinMounts, type PinnedMount, type Protected } from './mounts.ts';
import { preparePackage, type PackagesOptions, type Prepared } from './packages.ts';
import { APP, readProgram } from './program.ts';
import { runAs, type Account } from './run-as.ts';
import type { ServerSpec } from './server-container.ts';

/** A server that runs in a container. */
export type InsideServer = StdioServerConfig & {
  readonly sandbox: NonNullable<StdioServerConfig['sandbox']>;
};

export type PrepareOptions = PackagesOptions & {
  readonly docker: DockerHost;
  readonly runtime: string;
  readonly version: string;
  readonly account: Account;
  readonly guarded: readonly Protected[];
};

export type PreparedServer = {
  readonly engine: Engine;
  readonly spec: Omit<ServerSpec, 'labels' | 'egress'>;
  readonly mounts: readonly PinnedMount[];
  readonly installed: Prepared | undefined;
};

/** Files and threads of a server, which lives longer and does more at once than a program. */
const OPEN_FILES = 1024;
const HOST_THREADS = 6;

/**
 * Everything that is looked at, resolved and installed before a server's first container. Throws a `Fault` for what is
 * wrong in the configuration, a `Denial` for what this machine lacks.
 */
export async function prepareServer(
  server: InsideServer,
  options: PrepareOptions & { readonly pinned?: readonly PinnedMount[] | undefined },
): Promise<PreparedServer> {
  const { name, sandbox } = server;
  const { docker: host, runtime } = options;
  const program = readProgram(server);
  const mounts = options.pinned ?? (await pinMounts(name, sandbox.mounts, options.guarded));
  const user = runAs(name, mounts, options.account);
  const bound = mounts.length > 0 || program.package || sandbox.egress.length > 0;
  if (bound && host.options.socketPath === undefined)
    throw new Fault(`Cannot run ${name} in a sandbox: Docker at ${host.name} is another machine`, {
      hint: 'without mounts, npx and egress, and with an image that has the server, it can run there',
    });
  if (sandbox.egress.length > 0) await refuseSockets(name, mounts);
  const engine = await connect(host, runtime);
  if (engine.facts.rootless && mounts.some(({ readOnly }) => !readOnly))
    throw new Fault(`Cannot run ${name} in a sandbox: a Docker without root maps accounts`, {
      hint: 'what it writes would belong to nobody; mount read-only, or use an engine with root',
    });
  const ensure = createEnsureImage({
    ...options,
    own: 'own' in program.image ? { javascript: program.image.own } : {},
  });
  const language = 'own' in program.image ? 'javascript' : program.image.language;
  const [image, installed, base] = await Promise.all([
    ensure(engine.docker, language),
    program.package && preparePackage(program.package, options),
    readFile(join(packageRoot(), 'sandbox-images', 'seccomp.json'), 'utf8'),
  ]);
  return {
    engine,
    mounts,
    installed,
    spec: {
      image,
      runtime,
      user,
      mounts,
      argv: installed
        ? ['node', `${APP}/${installed.entry}`, ...(program.package?.args ?? [])]
        : program.argv,
      ...(installed && { app: installed.folder }),
      cwd: server.cwd ?? '/work',
      env: server.env,
      limits: limitsOf(sandbox, engine.cpus),
      seccomp: serverFilter(base, { sockets: sandbox.egress.length > 0 }),
    },
  };
}

/** For people: `sallyport/node, NAME@VERSION, /data read-only`. */
export function describePrepared(
  { sandbox }: InsideServer,
  { installed, mounts, spec }: PreparedServer,
): string {
  return [
    sandbox.image,
    ...(installed
      ? [`${installed.entry.replace(/^node_modules\//u, '')} of ${installed.version}`]
      : []),
    ...mounts.map(({ source, readOnly }) => `${source} ${readOnly ? 'read-only' : 'to write'}`),
    `as ${spec.user}`,
  ].join(', ');
}

async function refuseSockets(name: string, mounts: readonly PinnedMount[]): Promise<void> {
  for (const { source, isFolder } of mounts) {
    const socket = isFolder ? await findSocket(source) : undefined;
    if (socket !== undefined)
      throw new Denial(
        'sandbox-unavailable',
        `Cannot run ${name} in a sandbox: it could connect to the socket ${socket}`,
        { hint: 'mount a folder without sockets, or take the egress away' },
      );
  }
}

function limitsOf({ memoryMiB, cpus, processes }: InsideServer['sandbox'], most: number): Limits {
  return {
    ...LIMITS,
    memory: memoryMiB * 1024 * 1024,
    cpus: Math.min(cpus, most),
    processes,
    hostThreads: Math.max(LIMITS.hostThreads, processes * HOST_THREADS),
    openFiles: OPEN_FILES,
  };
}
