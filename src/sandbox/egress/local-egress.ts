import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { EXIT, Fault } from '../../lib/fault.ts';
import { thisProcess } from '../owner.ts';
import { dialTcp } from './dial.ts';
import type { EgressEntry } from './exchange.ts';
import type { EgressOptions } from './lease.ts';
import { makeOwnFolder } from './own-folder.ts';
import { createIsPublicNow } from './public-address.ts';
import { createResolve } from './resolve.ts';

const now = (): number => performance.now();

export type LocalEgressOptions = Pick<EgressOptions, 'record'> & {
  /** Of this user's gateways together. */
  readonly folder: string;
  readonly entries: readonly EgressEntry[];
  readonly env: NodeJS.ProcessEnv;
};

/** What a gateway has while it runs. */
export type LocalEgress = EgressOptions & {
  /** Removes its folder; to be called when nothing runs any more. */
  readonly close: () => Promise<void>;
};

/** The way out of this machine: its name servers, its network. For composition roots. */
export function createLocalEgress({ env, ...options }: LocalEgressOptions): LocalEgress {
  let folder: string | undefined;
  const { NODE_EXTRA_CA_CERTS: roots } = env;
  return {
    ...options,
    // Not before code runs: whoever only looks at the configuration leaves nothing.
    folder: () => (folder ??= makeOwnFolder(options.folder, thisProcess(randomUUID()))),
    async close() {
      if (folder !== undefined) await rm(folder, { recursive: true, force: true });
    },
    resolve: createResolve(),
    isPublic: createIsPublicNow(ownAddresses, now),
    dial: dialTcp,
    now,
    ...(roots ? { ca: [readRoots(roots)] } : {}),
  };
}

function ownAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((all = []) =>
    all.map(({ address }) => address),
  );
}

function readRoots(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new Fault(`Cannot open a way out of sandboxes: NODE_EXTRA_CA_CERTS is ${path}`, {
      hint: 'name a file of certificates that can be read, or unset the variable',
      exit: EXIT.environment,
      cause,
    });
  }
}
