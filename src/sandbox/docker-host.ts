import type { Agent } from 'node:http';
import type { DockerOptions } from 'dockerode';
import { Fault } from '../lib/fault.ts';
import { configFolder, readContext } from './docker-context.ts';
import { readCertificates } from './docker-tls.ts';
import { sshHost } from './ssh-host.ts';
import { findSocket, WINDOWS_PIPE } from './usual-sockets.ts';

/** What dockerode takes; its types do not have the agent. */
type EngineOptions = DockerOptions & { readonly agent?: Agent | undefined };

/** Where the Docker engine is. */
export type DockerHost = {
  /** As `DOCKER_HOST` writes it; for messages. */
  readonly name: string;
  /** What named it: a setting, a variable, a context of Docker's, or the kind of a socket that was found. */
  readonly via: string;
  /** Variables that lead another process of this user to it, beside those of TLS and of ssh. */
  readonly again: Readonly<Record<string, string>>;
  /** All that dockerode would otherwise take from the environment is in it. */
  readonly options: EngineOptions;
};

type Named = {
  readonly host: string;
  readonly via: string;
  readonly again?: Readonly<Record<string, string>>;
  /** Where certificates are; absent: where the environment says. */
  readonly certificates?: string;
};

/**
 * The engine that `setting` names, else `DOCKER_HOST`, `DOCKER_CONTEXT`, the current context of Docker's configuration,
 * `CONTAINER_HOST` (Podman's), else the first of the usual sockets that this user may use. Throws `Fault` for what
 * cannot be one, and never goes on to the next when one of them is wrong.
 */
export function dockerHost(env: NodeJS.ProcessEnv, setting?: string): DockerHost {
  const named: Named = setting
    ? { host: setting, via: 'sandbox.docker.host' }
    : (variable(env, 'DOCKER_HOST') ??
      readContext(env) ??
      variable(env, 'CONTAINER_HOST') ??
      usual(env));
  const { host: name, via, again = { DOCKER_HOST: name } } = named;
  return { name, via, again, options: { ...NOTHING, ...reach(named, env) } };
}

/** Without these docker-modem sends what is meant for a configured socket to the host of `DOCKER_HOST`. */
const NOTHING = {
  host: undefined,
  port: undefined,
  socketPath: undefined,
  protocol: undefined,
  ca: undefined,
  cert: undefined,
  key: undefined,
  agent: undefined,
} as const;

function variable(env: NodeJS.ProcessEnv, name: string): Named | undefined {
  const host = env[name];
  // Docker's own context would come before Podman's address.
  return host ? { host, via: name, again: { DOCKER_CONTEXT: 'default', [name]: host } } : undefined;
}

function usual(env: NodeJS.ProcessEnv): Named {
  if (process.platform === 'win32')
    return { host: `npipe:${WINDOWS_PIPE}`, via: 'the usual pipe of Docker' };
  const { path, kind } = findSocket(env);
  return { host: `unix://${path}`, via: `the usual socket of ${kind}` };
}

function reach(named: Named, env: NodeJS.ProcessEnv): EngineOptions {
  const { host } = named;
  const url = URL.canParse(host) ? new URL(host) : undefined;
  const protocol = url?.protocol ?? '';
  const local = host.slice(`${protocol}//`.length);
  if ((protocol === 'unix:' || protocol === 'npipe:') && local.startsWith('/'))
    return { socketPath: local, protocol: 'http' };
  if (url && protocol === 'ssh:')
    return sshHost(url, named.via === 'CONTAINER_HOST' ? 'podman' : 'docker', env);
  if (
    url?.hostname &&
    !url.username &&
    (protocol === 'tcp:' || protocol === 'http:' || protocol === 'https:')
  )
    return network(url, named, env);
  throw new Fault(`Cannot use Docker: ${JSON.stringify(host)} is not the address of an engine`, {
    hint: `${named.via} looks like unix:///var/run/docker.sock, tcp://127.0.0.1:2376 or ssh://user@host`,
  });
}

function network(url: URL, named: Named, env: NodeJS.ProcessEnv): EngineOptions {
  const { protocol, hostname, port } = url;
  const secure =
    protocol === 'https:' || named.certificates !== undefined || Boolean(env['DOCKER_TLS_VERIFY']);
  // The brackets of an IPv6 address stay: docker-modem makes a URL of it again.
  const place = { host: hostname, port: port || (secure ? '2376' : '2375') };
  if (!secure) {
    if (env['DOCKER_TLS'])
      throw new Fault('Cannot use Docker: DOCKER_TLS asks for TLS without a look at who answers', {
        hint: 'set DOCKER_TLS_VERIFY=1, and DOCKER_CERT_PATH to the folder of ca.pem, cert.pem and key.pem',
      });
    return { ...place, protocol: 'http' };
  }
  const asked = env['DOCKER_CERT_PATH'];
  const folder = named.certificates ?? (asked || configFolder(env));
  const required = named.certificates === undefined && Boolean(asked);
  return { ...place, protocol: 'https', ...readCertificates(folder, required) };
}
