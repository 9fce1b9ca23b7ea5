// The Docker engine's HTTP interface, with nothing but node:http, for use before anything is installed.
import { request } from 'node:http';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** One request to the engine at `host` (`unix://…` or `tcp://…`); resolves to the parsed body. */
export async function engine(host, method, path, timeout = 5000) {
  const body = await send(host, method, path, timeout);
  return body.startsWith('{') || body.startsWith('[') ? JSON.parse(body) : body;
}

function send(host, method, path, timeout) {
  const url = new URL(host);
  const where =
    url.protocol === 'unix:'
      ? { socketPath: url.pathname }
      : { host: url.hostname, port: url.port || 2375 };
  return new Promise((resolve, reject) => {
    const call = request({ ...where, method, path, timeout }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk) => (body += chunk));
      response.on('end', () => {
        if (response.statusCode >= 400) return reject(new Error(`${response.statusCode} ${body}`));
        resolve(body);
      });
      response.on('error', reject);
    });
    call.on('timeout', () => call.destroy(new Error('no answer in time')));
    call.on('error', reject);
    call.end();
  });
}

/** The Docker that this machine has running already, if it can run gVisor. */
export async function findEngine(env) {
  const sockets = [
    '/var/run/docker.sock',
    ...(env.XDG_RUNTIME_DIR ? [join(env.XDG_RUNTIME_DIR, 'docker.sock')] : []),
    join(homedir(), '.docker/run/docker.sock'),
  ];
  const host = env.DOCKER_HOST ?? sockets.filter(existsSync).map((path) => `unix://${path}`)[0];
  if (!host) return { reason: 'no Docker is running here' };
  try {
    const info = await engine(host, 'GET', '/info');
    if (info.Runtimes?.runsc) return { host };
    return { reason: `the Docker at ${host} has no runtime named runsc` };
  } catch (error) {
    return { reason: `the Docker at ${host} does not answer: ${error.message}` };
  }
}
