import { Denial } from '../denial.ts';

/** Where a container was to start; for what people are told. */
export type Place = {
  readonly runtime: string;
  /** Of the machine on which the engine runs. */
  readonly kernel: string;
  /** Where the engine keeps images and containers. */
  readonly folder: string;
};

type Say = (found: RegExpExecArray, place: Place) => readonly [what: string, hint: string];

const TOOLS =
  'an image needs timeout, sh, mkdir and python3, node or bash for its language, in /usr/local/bin, /usr/bin or /bin';

function lacks(name: string | undefined): readonly [string, string] {
  return [`the image has no ${name ?? 'program of that name'}`, TOOLS];
}

/** What Docker, containerd, runsc and apt say, and what it means here. */
const SAYINGS: readonly (readonly [RegExp, Say])[] = [
  [
    // google/gvisor#10704: Linux 6.11 broke how runsc knew the network namespace of the machine.
    /cannot run with network enabled in root network namespace/u,
    (_, { runtime, kernel }) => [
      `this release of gVisor does not set up a network on Linux ${kernel}`,
      `add "--network=none" to the runtimeArgs of ${runtime} in Docker's daemon.json and restart Docker (programs never use that network), or install a release of gVisor newer than July 2024`,
    ],
  ],
  [
    /fork\/exec (\S+): ([a-z ]+)/u,
    (found, { runtime }) => [
      `the runtime ${runtime} cannot be started: ${found[1]}: ${found[2]?.trim()}`,
      `install gVisor's runsc there, or let "path" of ${runtime} in Docker's daemon.json be where it is`,
    ],
  ],
  [
    /unknown or invalid runtime name|binary not installed/u,
    (_, { runtime }) => [
      `the engine does not know the runtime ${runtime} any more`,
      'restart Docker, and see what daemon.json says of it',
    ],
  ],
  [
    /cannot set up cgroup/u,
    (_, { runtime }) => [
      `the runtime ${runtime} may not make a cgroup`,
      'a rootless engine needs cgroup v2 with the controllers delegated to its user; or use the engine of the system',
    ],
  ],
  [/(?:error finding executable|exec:) "([^"]+)"/u, (found) => lacks(found[1])],
  [/failed to run command \W*(\w+)/u, (found) => lacks(found[1])],
  [/supervise: (?:line )?\d+: ([\w.-]+): (?:command )?not found/u, (found) => lacks(found[1])],
  [
    /no space left on device|disk quota exceeded/iu,
    (_, { folder }) => [
      `the disk is full${folder && ` under ${folder}`}`,
      'docker system df shows what takes the space, docker system prune frees it',
    ],
  ],
];

/** What is to be done about a container that did not start, where that is known: the engine's error, or its first words. */
export function startFault(error: unknown, place: Place): Denial | undefined {
  const said = error instanceof Error ? error.message : String(error);
  for (const [saying, say] of SAYINGS) {
    const found = saying.exec(said);
    if (!found) continue;
    const [what, hint] = say(found, place);
    const options = { hint, cause: error };
    return new Denial('sandbox-unavailable', `Cannot run the program: ${what}`, options);
  }
  return undefined;
}
