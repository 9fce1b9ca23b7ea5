import { Denial } from '../denial.ts';
import type { DockerHost } from './docker-host.ts';
import type { EngineFacts, Limit } from './engine-facts.ts';
import { status } from './remove.ts';

type Why = { readonly what: string; readonly hint: string };

const START = 'start the Docker engine, or set DOCKER_HOST';
const CA =
  'ca.pem has to be the authority that issued the certificate of this engine; DOCKER_CERT_PATH says where it is';
const JOIN = {
  what: 'this user may not use Docker at',
  hint: 'add your user to the group docker, or set DOCKER_HOST to an engine of your own (rootless Docker)',
};
const WRONG_NAME = {
  what: 'no such host is known for Docker at',
  hint: 'see that the name is right and that this machine can resolve it',
};
const FAR = {
  what: 'nothing comes back from Docker at',
  hint: 'see that the address is right, the machine runs and no firewall is between',
};
const CUT = {
  what: 'the connection was closed by Docker at',
  hint: 'an engine with TLS wants DOCKER_TLS_VERIFY=1, and closes on certificates in DOCKER_CERT_PATH that its authority has not issued',
};
const UNKNOWN_CA = { what: 'this is not trusted as Docker at', hint: CA };
const PLAIN = {
  what: 'there is no TLS in what answers for Docker at',
  hint: 'the engine listens without TLS there, or something else does; its port with TLS is mostly 2376',
};

/** Codes of Node's sockets and of OpenSSL, and those of `ssh-stdio.ts`. */
const WHY: Readonly<Record<string, Why>> = {
  ENOENT: {
    what: 'there is no Docker at',
    hint: 'install Docker and gVisor (Debian, Ubuntu: apt-get install docker.io runsc), or set DOCKER_HOST',
  },
  EACCES: JOIN,
  EPERM: JOIN,
  ECONNREFUSED: { what: 'nobody answers for Docker at', hint: START },
  ENOTSOCK: { what: 'nobody answers for Docker at', hint: START },
  ENOTFOUND: WRONG_NAME,
  EAI_AGAIN: WRONG_NAME,
  ETIMEDOUT: FAR,
  EHOSTUNREACH: FAR,
  ENETUNREACH: FAR,
  ECONNRESET: CUT,
  EPIPE: CUT,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN_CA,
  UNABLE_TO_GET_ISSUER_CERT: UNKNOWN_CA,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_CA,
  DEPTH_ZERO_SELF_SIGNED_CERT: UNKNOWN_CA,
  SELF_SIGNED_CERT_IN_CHAIN: UNKNOWN_CA,
  CERT_SIGNATURE_FAILURE: UNKNOWN_CA,
  CERT_HAS_EXPIRED: {
    what: 'the certificate is expired of Docker at',
    hint: 'renew the certificate of the engine, and see that the clocks of both machines are right',
  },
  CERT_NOT_YET_VALID: {
    what: 'the certificate is not yet valid of Docker at',
    hint: 'see that the clocks of both machines are right',
  },
  ERR_TLS_CERT_ALTNAME_INVALID: {
    what: 'the certificate is for another name than that of Docker at',
    hint: 'use a name or address that the certificate of the engine has as subjectAltName',
  },
  EPROTO: PLAIN,
  ERR_SSL_WRONG_VERSION_NUMBER: PLAIN,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: PLAIN,
  SSH_MISSING: {
    what: 'there is no ssh to reach Docker at',
    hint: 'install the OpenSSH client (Debian, Ubuntu: apt-get install openssh-client)',
  },
  SSH_HOST_KEY: {
    what: 'ssh does not know the host key of Docker at',
    hint: 'compare its fingerprint by another way, and add it to known_hosts by connecting once with ssh by hand',
  },
  SSH_DENIED: {
    what: 'ssh is not let in to Docker at',
    hint: 'it takes a key without a question: one in the agent, or one that your ssh configuration names for this host',
  },
  SSH_NO_CLIENT: {
    what: 'the client docker is not found over ssh at',
    hint: 'install Docker’s client there, on the PATH of commands that ssh runs',
  },
  SSH_NO_ENGINE: { what: 'no engine runs, or not for this user, over ssh at', hint: START },
  SSH_FAILED: { what: 'ssh does not reach Docker at', hint: 'see what ssh says by hand' },
};

/** Why Docker does not answer, and what to do. */
export function unreachable(error: unknown, { name }: DockerHost): Denial {
  const { what, hint } = explain(error);
  const said =
    error instanceof Error && what === WHY['SSH_FAILED']?.what ? ` (${error.message})` : '';
  return new Denial('sandbox-unavailable', `Cannot run the program: ${what} ${name}${said}`, {
    hint,
    cause: error,
  });
}

function explain(error: unknown): Why {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  if (typeof code === 'string' && Object.hasOwn(WHY, code)) return WHY[code] ?? unclear();
  // Alerts of the other side about our own certificate.
  if (typeof code === 'string' && /^ERR_SSL_.*ALERT/u.test(code)) return CUT;
  const refused = status(error);
  if (refused === 400 && /http request to an https server/iu.test(String(error)))
    return { what: 'only TLS is spoken by Docker at', hint: 'set DOCKER_TLS_VERIFY=1, and DOCKER_CERT_PATH to the folder of ca.pem, cert.pem and key.pem' }; // prettier-ignore
  if (refused === 401 || refused === 403) return JOIN;
  return unclear();
}

function unclear(): Why {
  return { what: 'no sensible answer from Docker at', hint: START };
}

/** The oldest engine that is known to keep every limit: Docker 19.03. */
const OLDEST_API = [1, 40] as const;

/** Without these a program could take the machine down. */
const NEEDED: readonly Limit[] = ['memory', 'processes'];

/** Throws `sandbox-unavailable` for an engine in which a program would not be held as it has to be. */
export function mustHold(
  facts: EngineFacts,
  { name }: DockerHost,
  runtime: string,
  install?: (runtime: string) => string,
): void {
  const { product, version, api, runtimes, rootless, unenforced, cgroup } = facts;
  const refuse = (why: string, hint: string): Denial =>
    new Denial('sandbox-unavailable', `Cannot run the program: ${product} at ${name} ${why}`, {
      hint,
    });
  const [major = 0, minor = 0] = api.split('.').map(Number);
  if (!(major > OLDEST_API[0] || (major === OLDEST_API[0] && minor >= OLDEST_API[1])))
    throw refuse(
      `is too old: it is version ${version || 'unknown'} with API ${api || 'unknown'}, and ${OLDEST_API.join('.')} is needed`,
      'install Docker 20.10 or newer',
    );
  // Docker lists what its configuration names, not what it finds by the name of a shim.
  if (!runtimes.includes(runtime) && !runtime.startsWith('io.containerd.'))
    throw refuse(
      `has no runtime ${runtime}`,
      install && product !== 'Podman' ? install(runtime) : addRuntime(product, runtime),
    );
  const lost = NEEDED.filter((limit) => unenforced.includes(limit));
  if (lost.length === 0) return;
  const ignores = facts.runtimeArgs?.some((arg) => /ignore-cgroups/u.test(arg));
  throw refuse(
    `does not keep limits of ${lost.join(' and ')}${rootless ? ', rootless' : ''} with cgroup ${cgroup}${ignores ? ` and ${runtime} --ignore-cgroups` : ''}`,
    rootless
      ? 'boot with cgroup v2, delegate "cpu cpuset io memory pids" to users (Delegate= in a drop-in of user@.service) and take --ignore-cgroups out of the runtime’s arguments; or use the engine of the system'
      : ignores
        ? `take --ignore-cgroups out of the arguments of ${runtime} in Docker's daemon.json and restart it`
        : 'give the engine the cgroup controllers memory and pids (kernel command line: cgroup_enable=memory)',
  );
}

const ARGS = ['--network=none', '--host-uds=open', '--oci-seccomp'];

function addRuntime(product: EngineFacts['product'], runtime: string): string {
  if (product === 'Podman')
    return `install gVisor's runsc, and in containers.conf make it [engine] runtime = "${runtime}", a script that starts it with ${ARGS.join(' ')}`;
  return `install gVisor's runsc and add ${daemonJson(runtime)} to Docker's daemon.json`;
}

/** What a runtime entry has to look like, for a person to copy. */
export function daemonJson(runtime: string): string {
  return `{"runtimes": {"${runtime}": {"path": "/usr/bin/runsc", "runtimeArgs": [${ARGS.map((arg) => `"${arg}"`).join(', ')}]}}}`;
}
