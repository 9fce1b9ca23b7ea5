import { Agent } from 'node:http';
import type { Duplex } from 'node:stream';
import type { DockerOptions } from 'dockerode';
import { Fault } from '../lib/fault.ts';
import { dialStdio } from './ssh-stdio.ts';

/** A name that a command line or a shell could take for something else is refused. */
const WORD = /^[A-Za-z0-9_.@%+][A-Za-z0-9_.@%+-]*$/u;
const HOST = /^(?:[A-Za-z0-9_][A-Za-z0-9_.-]*|\[[0-9A-Fa-f:.]+\])$/u;
const PATH = /^(?:\/[A-Za-z0-9_.-]+)+$/u;

/** The client on the other machine that passes a connection on to its engine. */
const DIAL = {
  docker: (socket) => `docker${socket ? ` --host unix://${socket}` : ''} system dial-stdio`,
  podman: (socket) => `podman${socket ? ` --url unix://${socket}` : ''} system dial-stdio`,
} as const satisfies Record<string, (socket: string) => string>;

/**
 * Every connection to an engine behind `ssh://[user@]host[:port][/socket]` is one run of the system's ssh, as Docker's
 * own client does it: with the user's own configuration, keys, agent and known hosts. Throws `Fault`.
 */
export function sshHost(
  url: URL,
  client: keyof typeof DIAL,
  env: NodeJS.ProcessEnv,
): DockerOptions & { readonly agent: Agent } {
  const { username, password, hostname, port, pathname } = url;
  const refuse = (why: string): Fault =>
    new Fault(`Cannot use Docker: ssh://${hostname}${port && `:${port}`} ${why}`, {
      hint: 'it looks like ssh://user@host:22, or ssh://user@host/run/user/1000/docker.sock',
    });
  if (password) throw refuse('has a password in it, where ssh takes none; use a key or an agent');
  const user = decoded(username);
  const socket = pathname === '/' ? '' : pathname;
  if (!HOST.test(hostname) || (user && !WORD.test(user))) throw refuse('names no host and user');
  if (socket && !PATH.test(socket)) throw refuse('names no socket');
  const identity = client === 'podman' ? env['CONTAINER_SSHKEY'] : undefined;
  const args = [
    ...(user ? ['-l', user] : []),
    ...(port ? ['-p', port] : []),
    ...(identity ? ['-i', identity] : []),
    '--',
    hostname.replace(/^\[(.*)\]$/u, '$1'),
    DIAL[client](socket),
  ];
  return {
    protocol: 'http',
    // Only a name: the agent connects.
    host: 'engine',
    port: '80',
    agent: createAgent(() => dialStdio(args, env)),
  };
}

function createAgent(connect: () => Duplex): Agent {
  return Object.assign(new Agent({ keepAlive: false }), { createConnection: connect });
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
