import type { OpenChannel } from '../../wire/channel.ts';
import { openContainer, unplug } from '../cell.ts';
import { deadline } from '../deadline.ts';
import { openLease } from '../egress/lease.ts';
import type { LocalEgress } from '../egress/local-egress.ts';
import { ownerLabels, type Owner } from '../owner.ts';
import { reapOrphans } from '../reap.ts';
import { remove } from '../remove.ts';
import { startServer, type ServerChannelOptions } from './channel.ts';
import { checkPinned } from './mounts.ts';
import {
  prepareServer,
  type InsideServer,
  type PreparedServer,
  type PrepareOptions,
} from './prepare.ts';
import { serverContainer } from './server-container.ts';
import type { ContainerWill } from './will.ts';

export type InsideOptions = PrepareOptions &
  Pick<ServerChannelOptions, 'maxFrameBytes' | 'graceMs'> & {
    readonly owner: Owner;
    readonly will: ContainerWill;
    /** The way out of one server, where its configuration has one. */
    readonly egress: (server: InsideServer) => LocalEgress;
    /** Writes to the audit; throws when it cannot. */
    readonly record: (event: 'sandbox-start' | 'sandbox-end', fields: Started | Ended) => void;
    readonly onStderr: (server: string, line: string) => void;
    /** Milliseconds since 1970. */
    readonly now: () => number;
    /** Random bytes as hexadecimal text. */
    readonly random: (bytes: number) => string;
  };

export type Started = {
  readonly server: string;
  readonly tier: 'gvisor';
  readonly sandbox: string;
  readonly image: string;
  readonly user: string;
  readonly mounts: {
    readonly source: string;
    readonly target: string;
    readonly readOnly: boolean;
  }[];
  readonly package?: { readonly version: string; readonly integrity: string };
};
export type Ended = { readonly server: string; readonly sandbox: string; readonly why: string };

/** Servers in containers of this process. */
export interface Inside {
  /** One container for each channel that is opened; what it writes on stderr goes through `mask`. */
  readonly open: (server: InsideServer, mask?: (text: string) => string) => OpenChannel;
  /** Looks at, resolves and installs all that the server needs. */
  readonly prepare: (server: InsideServer) => Promise<PreparedServer>;
  /** Resolves when every container is gone. */
  readonly close: () => Promise<void>;
}

const PREPARE_MS = 15 * 60_000;
/** A server has no time limit: it lives as long as its owner. */
const NEVER = Number.MAX_SAFE_INTEGER;

export function createInside(options: InsideOptions): Inside {
  const { log, owner, record, will } = options;
  const rest = new Set<Promise<unknown>>();
  const prepared = new Map<string, Promise<PreparedServer>>();
  /** What was looked at once is what is mounted, as long as this process lives. */
  const pins = new Map<string, PreparedServer['mounts']>();
  const ways = new Map<string, LocalEgress>();
  let reaped = false;

  function later(task: Promise<unknown>): void {
    const done = task
      .catch((error: unknown) => log(`Cannot clean up: ${String(error)}`))
      .finally(() => rest.delete(done));
    rest.add(done);
  }

  async function prepare(server: InsideServer): Promise<PreparedServer> {
    const { name } = server;
    const known =
      prepared.get(name) ?? prepareServer(server, { ...options, pinned: pins.get(name) });
    prepared.set(name, known);
    try {
      const ready = await known;
      pins.set(name, ready.mounts);
      return ready;
    } catch (error) {
      // Whoever mends Docker or a folder need not restart the gateway.
      if (prepared.get(name) === known) prepared.delete(name);
      throw error;
    }
  }

  /** One for each server, as long as this process lives. */
  function wayOf(server: InsideServer): LocalEgress {
    const way = ways.get(server.name) ?? options.egress(server);
    ways.set(server.name, way);
    return way;
  }

  function open(server: InsideServer, mask = (text: string): string => text): OpenChannel {
    const { name, sandbox, env } = server;
    return async function openChannel(events, signal) {
      const { engine, spec, mounts, installed } = await deadline(
        prepare(server),
        PREPARE_MS,
        signal,
      );
      const { docker } = engine;
      if (!reaped) later(reapOrphans(docker, { owner, now: options.now(), log }));
      reaped = true;
      await checkPinned(mounts);
      const lease =
        sandbox.egress.length > 0
          ? await openLease(options.random(8), { ...wayOf(server), log })
          : undefined;
      try {
        will.start();
        const opened = await openContainer(
          docker,
          serverContainer({
            ...spec,
            // Not what was prepared for whoever came first: it may have a secret of theirs.
            env,
            labels: { ...ownerLabels(owner, NEVER), 'dev.sallyport.server': name },
            ...(lease && { egress: lease.folder }),
          }),
          { startMs: spec.limits.startMs, signal, log, later },
        );
        const { id } = opened.container;
        lease?.serve({ sandbox: id });
        try {
          record('sandbox-start', startedOf(server, id, { spec, mounts, installed }));
        } catch (error) {
          unplug(opened.wires);
          later(remove(opened.container, log));
          throw error;
        }
        const channel = startServer(opened, events, {
          ...options,
          onStderr: (line) => options.onStderr(name, mask(line)),
          async onGone(why) {
            try {
              await lease?.close();
              record('sandbox-end', { server: name, sandbox: id, why });
            } catch (error) {
              log(`Cannot end the sandbox of ${name}: ${String(error)}`);
            }
          },
        });
        later(channel.gone);
        return channel;
      } catch (error) {
        if (lease) later(lease.close());
        // Ask again who is there before the next one.
        prepared.delete(name);
        throw error;
      }
    };
  }

  return {
    open,
    prepare,
    async close() {
      while (rest.size > 0) await Promise.all(rest);
      will.close();
      await Promise.all([...ways.values()].map(async (way) => await way.close()));
    },
  };
}

function startedOf(
  { name }: InsideServer,
  sandbox: string,
  { spec, mounts, installed }: Pick<PreparedServer, 'spec' | 'mounts' | 'installed'>,
): Started {
  return {
    server: name,
    tier: 'gvisor',
    sandbox,
    image: spec.image,
    user: spec.user,
    mounts: mounts.map(({ source, target, readOnly }) => ({ source, target, readOnly })),
    ...(installed && {
      package: { version: installed.version, integrity: installed.integrity },
    }),
  };
}
