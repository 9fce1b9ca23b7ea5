import { accessSync, constants, existsSync } from 'node:fs';
import { join } from 'node:path';

export const WINDOWS_PIPE = '////./pipe/docker_engine';

type Place = { readonly kind: string; readonly path: string };

/**
 * Where engines listen that nobody has configured: the first socket that this user may use, else the first that is
 * there, else Docker's own.
 */
export function findSocket(env: NodeJS.ProcessEnv): Place {
  const places = usualPlaces(env);
  const there = places.filter(({ path }) => existsSync(path));
  return there.find(({ path }) => isOpen(path)) ?? there[0] ?? places[0];
}

function usualPlaces(env: NodeJS.ProcessEnv): readonly [Place, ...Place[]] {
  const { XDG_RUNTIME_DIR: runtime, HOME: home } = env;
  return [
    { kind: 'Docker', path: '/var/run/docker.sock' },
    ...under(runtime, 'rootless Docker', 'docker.sock'),
    ...under(home, 'Docker Desktop', '.docker/run/docker.sock', '.docker/desktop/docker.sock'),
    ...under(env['COLIMA_HOME'], 'Colima', 'default/docker.sock'),
    ...under(home, 'Colima', '.colima/default/docker.sock', '.config/colima/default/docker.sock'),
    ...under(home, 'OrbStack', '.orbstack/run/docker.sock'),
    ...under(home, 'Rancher Desktop', '.rd/docker.sock'),
    ...under(runtime, 'rootless Podman', 'podman/podman.sock'),
    { kind: 'Podman', path: '/run/podman/podman.sock' },
    ...under(home, 'Podman', '.local/share/containers/podman/machine/podman.sock'),
  ];
}

function under(folder: string | undefined, kind: string, ...paths: readonly string[]): Place[] {
  return folder ? paths.map((path) => ({ kind, path: join(folder, path) })) : [];
}

function isOpen(path: string): boolean {
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
