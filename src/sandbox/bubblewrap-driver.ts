import { writeFile } from 'node:fs/promises';
import { Denial } from '../denial.ts';
import { bubblewrapCommand, filterFile } from './bubblewrap.ts';
import { processCanary } from './canary.ts';
import { readCellFiles } from './cell-files.ts';
import { reapCells } from './cell-folder.ts';
import { coreLimit } from './core-limit.ts';
import type { Cell, Driver, OpenOptions, Wish } from './driver.ts';
import { findProgram } from './find-program.ts';
import { localRefusal, openLocalCell, type Launch } from './local-cell.ts';
import { confined, memoryOf } from './look-inside.ts';
import type { LocalDriverOptions } from './runsc-driver.ts';
import { seccompFilter } from './seccomp-filter.ts';
import type { Machine } from './syscalls.ts';
import { createEnsureUnpacked } from './unpacked.ts';

const HINT =
  'install bubblewrap (Debian, Ubuntu: apt-get install bubblewrap) and let users make namespaces (Ubuntu: sysctl kernel.apparmor_restrict_unprivileged_userns=0)';

/** Cells are processes of this machine's kernel, with namespaces and a filter of their own. */
export function createBubblewrapDriver(options: LocalDriverOptions): Driver {
  const { env, folder, owner, now, random, log } = options;
  const ensureUnpacked = createEnsureUnpacked(options);

  async function open(wish: Wish, { signal, later }: OpenOptions): Promise<Cell> {
    const bwrap = findProgram('bwrap', env, HINT);
    const machine = machineOf(process.arch);
    const isRoot = process.getuid?.() === 0;
    const core = coreLimit(isRoot);
    const rootfs = await ensureUnpacked(wish.language);
    const launch: Launch = {
      async prepare(path) {
        const { supervise, seccomp, hooks } = await readCellFiles();
        const hook = hooks[wish.language];
        const filter = filterFile(path);
        await writeFile(filter, seccompFilter(seccomp, machine));
        const own = { rootfs, bwrap, filter, supervise, hook, core, isRoot };
        return bubblewrapCommand({ ...wish, ...own });
      },
      inspect(root) {
        const inside = confined(root, { rootfs, core });
        if (inside === undefined)
          throw new Denial(
            'sandbox-unavailable',
            `Cannot run the program: ${bwrap} does not confine it as it was told to`,
            { hint: HINT },
          );
        return memoryOf(root, inside, wish.limits.memory);
      },
      hint: HINT,
    };
    const id = random(8);
    return await openLocalCell(launch, { wish, folder, owner, id, now, env, signal, later });
  }

  return {
    tier: 'process',
    name: 'bubblewrap',
    canary: processCanary(),
    open,
    refusal: (error) => localRefusal(error, 'bubblewrap'),
    reap: async () => await reapCells(folder, { owner, now: now(), log }),
  };
}

function machineOf(arch: string): Machine {
  if (arch === 'x64' || arch === 'arm64') return arch;
  throw new Denial(
    'sandbox-unavailable',
    `Cannot run the program: there is no system call filter for ${arch}`,
  );
}
