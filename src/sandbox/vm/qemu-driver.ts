import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { Denial } from '../../denial.ts';
import { linuxCanary } from '../canary.ts';
import { deadline } from '../deadline.ts';
import type { Cell, Driver, OpenOptions, Wish } from '../driver.ts';
import { execute } from '../execute.ts';
import { greeting } from '../greeting.ts';
import type { Language } from '../languages.ts';
import { readCellFiles } from '../cell-files.ts';
import { findLauncher } from './find-launcher.ts';
import { openDisk, openKernel, type GuestOptions, type Kernel } from './guest.ts';
import { launchScript } from './launch.ts';
import { startMachine, type Machine } from './machine.ts';
import { qemuCommand, type Accel } from './qemu-command.ts';

export type QemuDriverOptions = GuestOptions & {
  readonly accel: Accel;
  readonly env: NodeJS.ProcessEnv;
  /** The owner's own images, by language: only Docker has them. */
  readonly images: Readonly<Partial<Record<Language, string>>>;
  /** Random bytes as hexadecimal text. */
  readonly random: (bytes: number) => string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
};

/**
 * A /dev/kvm that is there may still hang whoever starts a machine. One that works says its first word in one or two
 * seconds; an emulated processor takes as long as it takes.
 */
const BOOT_MS = { kvm: 10_000, tcg: 120_000 } as const;
const CANARY_MS = { kvm: 10_000, tcg: 60_000 } as const;
const MEND = {
  kvm: 'see that hardware virtualisation works on this machine, and that bubblewrap may make namespaces; or use the tier gvisor',
  tcg: 'see that bubblewrap may make namespaces; or use the tier gvisor',
} as const;
/** After the first machine did not start, nobody waits for another one so long. */
const BROKEN_MS = 10 * 60_000;
const ENDED_MS = 10_000;

/** Cells are virtual machines of QEMU: a kernel of their own, one program each. */
export function createQemuDriver(options: QemuDriverOptions): Driver {
  const { accel, env, images, random, now } = options;
  const disks = new Map<Language, Promise<number>>();
  let kernel: Promise<Kernel> | undefined;
  let release = '';
  let hasStarted = false;
  let broken: { readonly denial: Denial; readonly until: number } | undefined;

  async function open(wish: Wish, { signal, later }: OpenOptions): Promise<Cell> {
    if (broken && now() < broken.until) throw broken.denial;
    checkWish(wish, images);
    const launcher = findLauncher(accel, env, random);
    const [guest, disk] = await deadline(files(wish.language), BUILD_MS, signal);
    ({ release } = guest);
    const cpus = accel === 'tcg' ? 1 : cpusOf(wish);
    // What has worked once may be slow on a busy machine.
    const bootMs = hasStarted ? Math.max(BOOT_MS[accel], wish.limits.startMs) : BOOT_MS[accel];
    const seconds = Math.ceil((bootMs + wish.lifeMs) / 1000);
    const command = qemuCommand(accel, { limits: wish.limits, cpus, seconds }, launcher);
    const machine = startMachine(command, [guest.kernel, guest.initrd, disk]);
    try {
      const { supervise, hooks } = await readCellFiles();
      const script = launchScript({ ...wish, supervise, hook: hooks[wish.language] });
      const said = boot(machine, script, wish.token);
      const version = await deadline(said, bootMs, signal);
      if (!isOurs(version))
        throw unavailable(`the virtual machine runs another kernel: ${version}`);
    } catch (error) {
      later(machine.kill());
      if (signal.aborted) throw error;
      const denial = error instanceof Denial ? error : notStarted(accel, error);
      if (!hasStarted) broken = { denial, until: now() + BROKEN_MS };
      throw denial;
    }
    hasStarted = true;
    return cellOf(machine, random(8), wish.token);
  }

  async function files(language: Language): Promise<[Kernel, number]> {
    // What is open stays in use: each time anew, a machine without a disk would use up the descriptors.
    kernel ??= openKernel(options).catch((error: unknown) => {
      kernel = undefined;
      throw error;
    });
    const disk =
      disks.get(language) ??
      openDisk(language, options).catch((error: unknown) => {
        disks.delete(language);
        throw error;
      });
    disks.set(language, disk);
    try {
      return await Promise.all([kernel, disk]);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
      throw unavailable(`there is no virtual machine to start (${why})`, cause);
    }
  }

  function isOurs(version: string): boolean {
    return release !== '' && version.startsWith(`Linux version ${release} `);
  }

  return {
    tier: 'microvm',
    name: accel === 'kvm' ? 'QEMU' : 'QEMU, emulated',
    canary: { ...linuxCanary(isOurs), timeoutMs: CANARY_MS[accel] },
    open,
    refusal,
    // The kernel of the host ends a machine with the gateway that started it, and nothing of it is on any disk.
    reap: async () => 0,
  };
}

const BUILD_MS = 15 * 60_000;

/** The first line of the program's supervisor: the kernel's version. */
async function boot(machine: Machine, script: string, token: string): Promise<string> {
  const bootId = await machine.line();
  // A container shares the number of the host's boot, a machine never has it.
  if (!/^[0-9a-f-]{36}$/.test(bootId) || bootId === hostBootId())
    throw unavailable('what was started is no machine of its own');
  machine.tell(script);
  machine.attachment.write(Buffer.from(`${token}\n`));
  return await greeting(
    machine.attachment,
    (why) => new Error(`the virtual machine ended before it began ${why}`.trimEnd()),
  );
}

function refusal(error: unknown): Denial {
  if (error instanceof Denial) return error;
  const why = error instanceof Error ? error.message : String(error);
  return new Denial('sandbox-failed', `Cannot run the program: the sandbox failed: ${why}`, {
    cause: error,
  });
}

function notStarted(accel: Accel, cause: unknown): Denial {
  const why = cause instanceof Error ? cause.message : String(cause);
  return unavailable(`no virtual machine starts with ${accel}: ${why}`, cause, MEND[accel]);
}

function hostBootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}

function cellOf(machine: Machine, id: string, token: string): Cell {
  const running = {
    attachment: machine.attachment,
    token,
    // The kernel of the machine ends what takes too much; it is asked at the end.
    memory: { exceeded: new AbortController().signal, close() {} },
    ending: async () => await deadline(machine.ended(), ENDED_MS),
  };
  return {
    id,
    gone: machine.gone,
    execute: async (program, wanted) => await execute(running, program, wanted),
    destroy: async () => await machine.kill(),
  };
}

function checkWish({ egress, language }: Wish, images: QemuDriverOptions['images']): void {
  if (egress !== undefined)
    throw unavailable(
      'a virtual machine has no way out to hosts',
      undefined,
      'run it in the tier gvisor, or take egress out of the configuration',
    );
  if (images[language] !== undefined)
    throw unavailable(`the image ${images[language]} needs Docker`);
}

function cpusOf({ limits }: Wish): number {
  return Math.max(1, Math.min(Math.ceil(limits.cpus), availableParallelism()));
}

function unavailable(why: string, cause?: unknown, hint?: string): Denial {
  return new Denial('sandbox-unavailable', `Cannot run the program: ${why}`, {
    ...(hint === undefined ? {} : { hint }),
    cause,
  });
}
