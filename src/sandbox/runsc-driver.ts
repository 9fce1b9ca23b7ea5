import { closeSync, fstatSync, openSync, readdirSync, readlinkSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Denial } from '../denial.ts';
import { linuxCanary } from './canary.ts';
import { readCellFiles } from './cell-files.ts';
import { reapCells } from './cell-folder.ts';
import type { Cell, Driver, OpenOptions, Wish } from './driver.ts';
import { findProgram } from './find-program.ts';
import { isGvisor } from './gvisor.ts';
import { localRefusal, openLocalCell, type Launch } from './local-cell.ts';
import { ociConfig } from './oci-config.ts';
import type { Owner } from './owner.ts';
import { statusField, tree } from './processes.ts';
import type { Meter } from './watch-usage.ts';
import { createEnsureUnpacked, type UnpackedOptions } from './unpacked.ts';

export type LocalDriverOptions = UnpackedOptions & {
  readonly env: NodeJS.ProcessEnv;
  /** Of the cells, for the gateway alone. */
  readonly folder: string;
  readonly owner: Owner;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Random bytes as hexadecimal text. */
  readonly random: (bytes: number) => string;
};

const HINT =
  'install gVisor: apt-get install runsc on Debian and Ubuntu, else https://gvisor.dev/docs/user_guide/install; sallyport check tries it';

/** `runsc` makes a socket of this name in its folder, and one with a longer path elsewhere (unix(7)). */
const MAX_SOCKET = 107;

/** Cells are gVisor's, started by `runsc` alone: no Docker, and no root where the user has none. */
export function createRunscDriver(options: LocalDriverOptions): Driver {
  const { env, folder, owner, now, random, log } = options;
  const ensureUnpacked = createEnsureUnpacked(options);
  const rootless = process.getuid?.() !== 0;

  async function open(wish: Wish, { signal, later }: OpenOptions): Promise<Cell> {
    const runsc = findProgram('runsc', env, HINT);
    const rootfs = await ensureUnpacked(wish.language);
    const id = random(8);
    checkSocket(join(folder, id), id);
    const launch: Launch = {
      async prepare(path) {
        const { supervise, seccomp, hooks } = await readCellFiles();
        const hook = hooks[wish.language];
        const config = ociConfig({ ...wish, rootfs, supervise, hook, seccomp });
        await writeFile(join(path, 'config.json'), JSON.stringify(config));
        await mkdir(join(path, 's'), { mode: 0o700 });
        const flags =
          '--network=none --host-uds=open --oci-seccomp --ignore-cgroups --overlay2=none';
        // Who starts it is gone: so is it, and with it what it started.
        const command = ['setpriv', '--pdeathsig', 'KILL', runsc, ...flags.split(' ')];
        if (rootless) command.push('--rootless');
        command.push(`--root=${join(path, 's')}`, 'run', `--bundle=${path}`, id);
        return command;
      },
      inspect(root, kernel) {
        if (!isGvisor(kernel))
          throw new Denial(
            'sandbox-unavailable',
            `Cannot run the program: ${runsc} is not gVisor`,
            {
              hint: HINT,
            },
          );
        return memoryOf(root);
      },
      hint: HINT,
    };
    return await openLocalCell(launch, { wish, folder, owner, id, now, env, signal, later });
  }

  return {
    tier: 'gvisor',
    name: rootless ? 'runsc without root' : 'runsc',
    canary: linuxCanary(isGvisor),
    open,
    refusal: (error) => localRefusal(error, 'runsc'),
    reap: async () => await reapCells(folder, { owner, now: now(), log }),
  };
}

/** What gVisor's kernel takes for itself, with as many processes as there may be. */
const OWN_KIB = 64 * 1024;

/**
 * One file in memory holds what the program has, its processes and its files; its blocks are what is in use. What lies in
 * pipes and sockets, and what there is to know of files and processes, gVisor's kernel holds in memory of its own.
 */
function memoryOf(root: number): Meter {
  for (const { pid } of tree(root)) {
    const folder = `/proc/${pid}/fd`;
    for (const name of names(folder)) {
      if (!link(`${folder}/${name}`).startsWith('/memfd:runsc-memory')) continue;
      const fd = openSync(`${folder}/${name}`, 'r');
      const own = (): number => Number.parseInt(statusField(pid, 'RssAnon'), 10) || 0;
      return {
        used: () => fstatSync(fd).blocks * 512 + Math.max(0, own() - OWN_KIB) * 1024,
        close: () => closeSync(fd),
      };
    }
  }
  // Memory that cannot be watched has no limit.
  throw new Denial(
    'sandbox-unavailable',
    'Cannot run the program: the memory of runsc cannot be watched',
  );
}

/** None of a process that has ended since it was listed. */
function names(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function link(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

function checkSocket(folder: string, id: string): void {
  if (Buffer.byteLength(join(folder, 's', `runsc-${id}.sock`)) > MAX_SOCKET)
    throw new Denial('sandbox-unavailable', `Cannot run the program: ${folder} is too long`, {
      hint: 'give XDG_CACHE_HOME a shorter name',
    });
}
