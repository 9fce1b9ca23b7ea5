import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { DriverName } from '../../src/sandbox/driver-names.ts';
import type { LocalOptions } from '../../src/sandbox/local-sandbox.ts';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import type { Tier } from '../../src/sandbox/tier.ts';
import { CACHE, containersLeft, noDocker, openSandbox } from './support.ts';

/** One way to make cells, as the tests take it. */
export type Way = {
  readonly tier: Tier;
  readonly title: string;
  /** Why this machine cannot; `false` where it can. */
  readonly missing: string | false;
  /** Which of these cells are still there. */
  readonly left: (ids: readonly string[]) => Promise<readonly string[]>;
  /** Attacks that it does not hold, and why. Everything else on the list it does. */
  readonly fails: Readonly<Record<string, string>>;
};

/** What the program is found by, as the drivers find it. */
function missing(...programs: readonly string[]): string | false {
  const folders = (process.env['PATH'] ?? '').split(':');
  const absent = programs.filter((name) => !folders.some((at) => existsSync(join(at, name))));
  return absent.length > 0 && `no ${absent.join(', ')}: npm test installs it`;
}

/** Cells without Docker have a folder each. */
function foldersLeft(name: string): Way['left'] {
  return async (ids) => {
    const folder = join(CACHE, name);
    return existsSync(folder) ? readdirSync(folder).filter((id) => ids.includes(id)) : [];
  };
}

/** Ways that no attack is tried in, and why. */
export const UNTRIED = {
  qemu: 'the machine of the tests has no KVM that works; what runs is what `qemu-emulated` runs',
  kata: 'no test has run Kata; which runtimes are refused is tried',
} as const satisfies Partial<Record<DriverName, string>>;

/**
 * A way whose programs are tried one by one. Each start of a machine takes seconds of an emulated processor: their tests
 * are microvm.test.ts. `quickjs` runs no programs of Linux: its attacks are those of `test/vectors/wasm`.
 */
type Tried = Exclude<DriverName, keyof typeof UNTRIED | 'qemu-emulated' | 'quickjs'>;

/** Whoever is told that a call is not permitted makes no threads; only "there is none" would do, which runsc cannot say. */
const CLONE3 =
  'they are namespaces of gVisor’s own kernel, and nothing can be mounted in them; threads need this call';

/** Every such way there is. A new one is a new row, and has to hold what the others hold or say why not. */
export const WAYS: Readonly<Record<Tried, Way>> = {
  docker: {
    tier: 'gvisor',
    title: 'gVisor, through Docker',
    missing: noDocker,
    left: containersLeft,
    fails: { 'namespaces-by-clone3': CLONE3 },
  },
  runsc: {
    tier: 'gvisor',
    title: 'gVisor without Docker, as root and not',
    missing: missing('runsc'),
    left: foldersLeft('gvisor'),
    fails: { 'namespaces-by-clone3': CLONE3 },
  },
  bubblewrap: {
    tier: 'process',
    title: 'bubblewrap, as root and not',
    missing: missing('bwrap'),
    left: foldersLeft('process'),
    fails: {
      'socket-memory': 'what lies in unix sockets is memory of no process',
      'unmapped-memory': 'pages that are no longer mapped are memory of no process',
    },
  },
};

const NO_FILTER = 'inside is no filter of system calls: it is a call of the machine’s own kernel';

/** Of `qemu-emulated`, and of `qemu` by what it is. */
export const MACHINES: Pick<Way, 'title' | 'fails'> = {
  title: 'virtual machine, emulated',
  fails: {
    identity: 'the login user is a figure of the machine’s own kernel',
    'more-system-calls': NO_FILTER,
    privileges: 'no capability, but no filter of system calls either',
    sockets: 'netlink is the machine’s own kernel’s',
    'system-calls': NO_FILTER,
  },
};

export const NAMES = Object.keys(WAYS).filter(isTried);

export function isTried(name: string): name is Tried {
  return Object.hasOwn(WAYS, name);
}

/** A real sandbox that has this one way and no other. */
export function openWay(name: Tried, options: Partial<LocalOptions> = {}): Sandbox {
  const { tier } = WAYS[name];
  return openSandbox({ only: tier, tiers: { [tier]: [name] }, ...options });
}
