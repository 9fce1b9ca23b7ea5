import type Docker from 'dockerode';
import { Denial } from '../denial.ts';
import { status } from './remove.ts';

/** `name@sha256:…` (a digest of a registry, or an image's id), or an id alone. */
const PIN = /^(?:(?<name>[^@]+)@)?(?<digest>sha256:[0-9a-f]{64})$/u;

export type Image = {
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Digests under which registries have it. */
  readonly digests: readonly string[];
  /** Folders that it wants from the host. */
  readonly volumes: readonly string[];
  /** Names of the variables that it gives to what runs in it. */
  readonly variables: readonly string[];
};

/** Whether the configuration says which image it has to be, and not only a name that anybody who builds can move. */
export function isPinned(own: string): boolean {
  return PIN.test(own);
}

/**
 * The image of the owner's under this name, and with this digest where there is one; undefined where there is none.
 * Throws `sandbox-unavailable` for one that is another than the one that is pinned, or that has volumes.
 */
export async function findOwn(docker: Docker, own: string): Promise<Image | undefined> {
  const { name, digest } = PIN.exec(own)?.groups ?? {};
  // By its name with the digest Docker finds what a registry gave; by its name alone what was built here.
  const found =
    (await inspect(docker, own)) ?? (name === undefined ? undefined : await inspect(docker, name));
  const [volume] = found?.volumes ?? [];
  // A volume is a folder of the host that can be written without a limit, however read-only the rest is.
  if (volume !== undefined)
    throw new Denial(
      'sandbox-unavailable',
      `Cannot run the program: the image ${name ?? own} declares the volume ${volume}`,
      { hint: 'build it without VOLUME, also in the image that it is built on' },
    );
  if (!found || !digest || found.id === digest || found.digests.includes(digest)) return found;
  throw new Denial(
    'sandbox-unavailable',
    `Cannot run the program: the image ${name ?? own} is ${found.id}, and ${digest} is pinned`,
    { hint: `get the one that is pinned (docker pull ${own}), or look at the other and pin it` },
  );
}

/** What Docker has under this name or id; undefined where it has nothing. */
export async function inspect(docker: Docker, name: string): Promise<Image | undefined> {
  try {
    const found = await docker.getImage(name).inspect();
    return {
      id: found.Id.startsWith('sha256:') ? found.Id : `sha256:${found.Id}`,
      labels: found.Config?.Labels ?? {},
      variables: (found.Config?.Env ?? []).map((each) => each.split('=')[0] ?? ''),
      volumes: Object.keys(found.Config?.Volumes ?? {}),
      digests: (found.RepoDigests ?? []).map((each) => each.slice(each.indexOf('@') + 1)),
    };
  } catch (error) {
    if (status(error) === 404) return undefined;
    throw error;
  }
}
