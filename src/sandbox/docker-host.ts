import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DockerOptions } from 'dockerode';
import { Fault } from '../lib/fault.ts';

/** Where the Docker engine is. */
export type DockerHost = {
  /** As `DOCKER_HOST` writes it; for messages. */
  readonly name: string;
  readonly options: DockerOptions;
};

const DEFAULT_SOCKET = '/var/run/docker.sock';

/**
 * The engine that `DOCKER_HOST` names, else the first of the usual sockets that exists. Throws `Fault` for an address
 * that cannot be one.
 */
export function dockerHost(env: NodeJS.ProcessEnv, host = env['DOCKER_HOST']): DockerHost {
  if (!host) {
    if (process.platform === 'win32')
      return {
        name: 'npipe:////./pipe/docker_engine',
        options: { socketPath: '//./pipe/docker_engine' },
      };
    const socketPath = usualSockets(env).find((path) => existsSync(path)) ?? DEFAULT_SOCKET;
    return { name: `unix://${socketPath}`, options: { socketPath } };
  }
  const url = URL.canParse(host) ? new URL(host) : undefined;
  const protocol = url?.protocol ?? '';
  if (protocol === 'unix:' || protocol === 'npipe:')
    return { name: host, options: { socketPath: host.slice(`${protocol}//`.length) } };
  if (url && (protocol === 'tcp:' || protocol === 'http:' || protocol === 'https:'))
    return { name: host, options: network(url, env) };
  throw new Fault(`Cannot use Docker: ${JSON.stringify(host)} is not the address of an engine`, {
    hint: 'DOCKER_HOST looks like unix:///var/run/docker.sock or tcp://127.0.0.1:2376',
  });
}

function network(url: URL, env: NodeJS.ProcessEnv): DockerOptions {
  const secure = url.protocol === 'https:' || Boolean(env['DOCKER_TLS_VERIFY']);
  const folder = env['DOCKER_CERT_PATH'];
  const place = { host: url.hostname, port: url.port || (secure ? '2376' : '2375') };
  if (!secure) return { ...place, protocol: 'http' };
  const read = (name: string): string => readFileSync(join(folder ?? '.', name), 'utf8');
  return {
    ...place,
    protocol: 'https',
    ...(folder ? { ca: read('ca.pem'), cert: read('cert.pem'), key: read('key.pem') } : {}),
  };
}

function usualSockets(env: NodeJS.ProcessEnv): readonly string[] {
  const { XDG_RUNTIME_DIR: runtime, HOME: home } = env;
  return [
    DEFAULT_SOCKET,
    ...(runtime ? [join(runtime, 'docker.sock')] : []),
    ...(home ? [join(home, '.docker/run/docker.sock')] : []),
  ];
}
