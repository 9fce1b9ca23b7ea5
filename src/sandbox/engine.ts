import type Docker from 'dockerode';
import { Denial } from '../denial.ts';
import { deadline } from './deadline.ts';
import type { DockerHost } from './docker-host.ts';

export type Engine = {
  readonly docker: Docker;
  readonly version: string;
  readonly cpus: number;
  /** The program that it starts for the runtime; empty where it does not say. */
  readonly runtimePath: string;
};

const ANSWER_MS = 10_000;

/**
 * Reaches the engine and makes sure that it knows the runtime. Throws `sandbox-unavailable` with what a person can do
 * about it. Docker's client is loaded here and not before: it takes 300 ms.
 */
export async function connect(host: DockerHost, runtime: string): Promise<Engine> {
  const { default: Client } = await import('dockerode');
  const docker = new Client(host.options);
  const info = await ask(docker).catch((error: unknown) => {
    throw unreachable(error, host);
  });
  if (!hasRuntime(info, runtime))
    throw new Denial(
      'sandbox-unavailable',
      `Cannot run the program: Docker at ${host.name} has no runtime ${runtime}`,
      {
        hint: `install gVisor's runsc and add {"runtimes": {"${runtime}": {"path": "/usr/bin/runsc", "runtimeArgs": ["--network=none", "--oci-seccomp"]}}} to Docker's daemon.json`,
      },
    );
  const path = field(field(field(info, 'Runtimes'), runtime), 'path');
  return {
    docker,
    version: String(field(info, 'ServerVersion')),
    cpus: Number(field(info, 'NCPU')) || 1,
    runtimePath: typeof path === 'string' ? path : '',
  };
}

async function ask(docker: Docker): Promise<unknown> {
  // A request that is only given up keeps the process alive. `info` takes options; its types do not say so.
  const mute = new AbortController();
  // oxlint-disable-next-line typescript/unbound-method -- called on its owner
  const { info } = docker;
  const answer: Promise<unknown> = Reflect.apply(info, docker, [{ abortSignal: mute.signal }]);
  try {
    return await deadline(answer, ANSWER_MS);
  } catch (error) {
    mute.abort();
    throw error;
  }
}

const INSTALL =
  'install Docker and gVisor (Debian, Ubuntu: apt-get install docker.io runsc), or set DOCKER_HOST';
const JOIN = 'add your user to the group docker, or set DOCKER_HOST to an engine of your own';
const START = 'start the Docker engine, or set DOCKER_HOST';

const WHY = {
  ENOENT: { what: 'there is no Docker at', hint: INSTALL },
  EACCES: { what: 'this user may not use Docker at', hint: JOIN },
  EPERM: { what: 'this user may not use Docker at', hint: JOIN },
  ECONNREFUSED: { what: 'nobody answers for Docker at', hint: START },
} as const;

/** Why Docker does not answer, and what to do. */
export function unreachable(error: unknown, { name }: DockerHost): Denial {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  const { what, hint } =
    code === 'ENOENT' || code === 'EACCES' || code === 'EPERM' || code === 'ECONNREFUSED'
      ? WHY[code]
      : { what: 'no sensible answer from Docker at', hint: START };
  return new Denial('sandbox-unavailable', `Cannot run the program: ${what} ${name}`, {
    hint,
    cause: error,
  });
}

function hasRuntime(info: unknown, runtime: string): boolean {
  const runtimes = field(info, 'Runtimes');
  return typeof runtimes === 'object' && runtimes !== null && Object.hasOwn(runtimes, runtime);
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
