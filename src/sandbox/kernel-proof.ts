import { Denial } from '../denial.ts';
import { isGvisor } from './gvisor.ts';

/** How a container shows that it is of its tier, and what to tell people whose runtime is of another. */
export type KernelProof = {
  readonly tier: 'gvisor' | 'microvm';
  /**
   * Looks at `/proc/version` inside a container. `host` is the release of Linux on the engine's machine, empty where the
   * engine does not say.
   */
  readonly isRight: (version: string, host: string) => boolean;
  /** Why a runtime is refused: `the runtime X …`. */
  readonly otherwise: string;
  readonly mend: (runtime: string) => string;
  /** What to install where the engine does not know the runtime; absent: gVisor. */
  readonly install?: (runtime: string) => string;
  /** Whether a socket of the host that is mounted inside can be connected to. */
  readonly hasWayOut: boolean;
};

const LINUX = /^Linux version (\S+) \(/;

/** A kernel of Linux that is neither gVisor nor the one of the engine's machine. */
export function isOtherLinux(version: string, host: string): boolean {
  const release = LINUX.exec(version)?.[1];
  // Who does not know the host's cannot tell that it is another one.
  return release !== undefined && host !== '' && release !== host && !isGvisor(version);
}

function kata(runtime: string): string {
  return `install Kata Containers and add {"runtimes": {"${runtime}": {"runtimeType": "io.containerd.kata.v2"}}} to the daemon.json of Docker 23 or newer`;
}

export const KERNEL_PROOFS: Readonly<Record<KernelProof['tier'], KernelProof>> = {
  gvisor: {
    tier: 'gvisor',
    isRight: isGvisor,
    otherwise: 'does not run gVisor but shares a kernel of Linux',
    mend: (runtime) =>
      `let the runtime ${runtime} in Docker's daemon.json point to gVisor's runsc; Podman runs what [engine] runtime in containers.conf names, whatever is asked of it`,
    hasWayOut: true,
  },
  microvm: {
    tier: 'microvm',
    isRight: isOtherLinux,
    otherwise: 'does not run a virtual machine with a kernel of its own',
    mend: kata,
    install: kata,
    hasWayOut: false,
  },
};

/** What is to be said of a runtime whose container names this kernel; undefined where it is the right one. */
export function judgeKernel(
  { isRight, otherwise, mend }: KernelProof,
  runtime: string,
  version: string,
  host = '',
): Denial | undefined {
  if (isRight(version, host)) return undefined;
  return new Denial(
    'sandbox-unavailable',
    `Cannot run the program: the runtime ${runtime} ${otherwise}`,
    { hint: mend(runtime) },
  );
}
