import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { spawnExecutor } from '../../lib/spawn-executor.ts';
import type { DockerHost } from '../docker-host.ts';

/** Removes the containers of this process when it is gone without having done so itself, e.g. by SIGKILL. */
export interface ContainerWill {
  /** From now on there is something to remove. */
  start(): void;
  /** All is removed. */
  close(): void;
}

/**
 * Waits for the end of its input, which the system brings about whatever the gateway died of. A server that ignores the
 * end of its own would otherwise live until the next start of a gateway.
 */
const EXECUTOR = 'while read -r word; do [ "$word" = done ] && exit; done; exec "$@"';
const PASSED_ON = [
  'PATH',
  'HOME',
  'SSH_AUTH_SOCK',
  'DOCKER_TLS_VERIFY',
  'DOCKER_CERT_PATH',
  'DOCKER_CONFIG',
  'CONTAINER_SSHKEY',
];

/** `engine` leads to it. Where there is no POSIX shell nothing is removed before the next start. */
export function createContainerWill(
  instance: string,
  { engine, env }: { readonly engine: DockerHost['again']; readonly env: NodeJS.ProcessEnv },
): ContainerWill {
  let executor: ChildProcess | undefined;
  return {
    start() {
      if (executor || process.platform === 'win32') return;
      const reaper = fileURLToPath(new URL('./reap-instance.js', import.meta.url));
      const child = spawnExecutor(EXECUTOR, {
        args: ['sh', process.execPath, reaper, instance],
        env: {
          ...Object.fromEntries(
            PASSED_ON.flatMap((name) => (env[name] ? [[name, env[name]]] : [])),
          ),
          ...engine,
        },
        onGone() {
          if (executor === child) executor = undefined;
        },
      });
      executor = child;
    },
    close() {
      executor?.stdin?.end('done\n');
      executor = undefined;
    },
  };
}
