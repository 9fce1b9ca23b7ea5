import type Docker from 'dockerode';
import { Denial } from '../denial.ts';
import type { Progress } from './build-image.ts';
import { linuxCanary } from './canary.ts';
import { readCellFiles, SECCOMP_FILE, type CellFiles } from './cell-files.ts';
import { openCell } from './cell.ts';
import { containerOptions, withoutVariables } from './container.ts';
import { deadline } from './deadline.ts';
import type { DockerHost } from './docker-host.ts';
import type { Cell, Driver, OpenOptions, Wish } from './driver.ts';
import { connect, unreachable, type Engine } from './engine.ts';
import { createEnsureImage } from './images.ts';
import { judgeKernel, type KernelProof } from './kernel-proof.ts';
import type { Language } from './languages.ts';
import { inspect } from './own-image.ts';
import { ownerLabels, type Owner } from './owner.ts';
import { reapOrphans } from './reap.ts';
import { isUnreachable } from './remove.ts';
import { startFault, type Place } from './start-faults.ts';

export type DockerDriverOptions = {
  readonly docker: DockerHost;
  /** What its containers have to show. */
  readonly proof: KernelProof;
  /** Name of the runtime in Docker's configuration; what it runs is looked at, every time. */
  readonly runtime: string;
  /** The owner's own images, by language; the others are built on first use. */
  readonly images: Readonly<Partial<Record<Language, string>>>;
  readonly owner: Owner;
  /** Version of this program: the tag of its images. */
  readonly version: string;
  /** Folder for root file systems that take long to make. */
  readonly cache: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly log: (message: string) => void;
  /** Is told how far the building of an image is. */
  readonly progress?: Progress;
};

const IMAGE_MS = 15 * 60_000;
/** runsc leaves three processes behind on a start that fails; so the same start is not tried again for so long. */
const BROKEN_MS = 5 * 60_000;
const LONG = 1000;

/** Cells are containers of a Docker engine, in gVisor or in virtual machines. */
export function createDockerDriver(options: DockerDriverOptions): Driver {
  const { docker: host, proof, runtime, owner, now, log } = options;
  const ensureImage = createEnsureImage({ ...options, own: options.images });
  const known = new Map<string, readonly string[]>();
  let ready: Promise<Engine & CellFiles> | undefined;
  const broken = new Map<string, { readonly denial: Denial; readonly until: number }>();
  let place: Place = { runtime, kernel: '', folder: '' };
  let called = 'Docker';

  async function prepare(): Promise<Engine & CellFiles> {
    const engine = await connect(host, runtime, proof.install);
    const { seccomp, ...files } = await readCellFiles();
    called = `${engine.facts.product} ${engine.version}`;
    place = { runtime, kernel: engine.facts.kernel, folder: engine.facts.folder };
    // Docker takes the text, Podman the name of a file on its machine.
    const isFile = engine.facts.product === 'Podman';
    return { ...engine, ...files, seccomp: isFile ? SECCOMP_FILE : seccomp };
  }

  async function prepared(): Promise<Engine & CellFiles> {
    ready ??= prepare();
    try {
      return await ready;
    } catch (error) {
      // Whoever mends Docker need not restart the gateway.
      ready = undefined;
      throw error;
    }
  }

  /** An image is what it is: it is asked once. */
  async function withoutOf(
    docker: Docker,
    image: string,
    product: Engine['facts']['product'],
  ): Promise<readonly string[]> {
    const without =
      known.get(image) ??
      withoutVariables((await inspect(docker, image))?.variables ?? [], product);
    known.set(image, without);
    return without;
  }

  async function open(wish: Wish, { signal, later }: OpenOptions): Promise<Cell> {
    if (wish.egress !== undefined && !proof.hasWayOut) throw noWayOut(runtime);
    const { docker, cpus, facts, hooks, ...files } = await prepared();
    // Whoever gives up while an image is built does not wait for it; the next caller finds it.
    const image = await deadline(ensureImage(docker, wish.language), IMAGE_MS, signal);
    const without = await withoutOf(docker, image, facts.product);
    const { denial, until } = broken.get(image) ?? {};
    if (denial && now() < (until ?? 0)) throw denial;
    const { limits, lifeMs, token } = wish;
    const spec = containerOptions({
      ...files,
      ...wish,
      hook: hooks[wish.language],
      image,
      without,
      runtime,
      limits: { ...limits, cpus: Math.min(limits.cpus, cpus) },
      labels: ownerLabels(owner, now() + limits.startMs + lifeMs),
    });
    try {
      return await openCell(docker, spec, {
        judge,
        token,
        startMs: limits.startMs,
        signal,
        log,
        later,
      });
    } catch (error) {
      if (error instanceof Denial) throw error;
      const fault = startFault(error, place);
      if (fault) broken.set(image, { denial: fault, until: now() + BROKEN_MS });
      throw fault ?? error;
    }
  }

  function judge(said: string): Denial | undefined {
    return judgeKernel(proof, runtime, said, place.kernel);
  }

  function refusal(error: unknown): Denial {
    if (error instanceof Denial) return error;
    // Ask again who is there before the next program.
    if (isUnreachable(error)) {
      ready = undefined;
      return unreachable(error, host);
    }
    // Podman repeats what it was sent.
    const why = (error instanceof Error ? error.message : String(error)).slice(0, LONG);
    return new Denial('sandbox-failed', `Cannot run the program: the sandbox failed: ${why}`, {
      hint: `sallyport check shows what is wrong with Docker and ${runtime}`,
      cause: error,
    });
  }

  async function reap(): Promise<number> {
    const { docker } = await prepared();
    return await reapOrphans(docker, { owner, now: now(), log });
  }

  return {
    tier: proof.tier,
    get name() {
      return `${runtime} through ${called}`;
    },
    canary: linuxCanary((said) => proof.isRight(said, place.kernel)),
    open,
    refusal,
    reap,
  };
}

/** A socket of the host is not one inside a virtual machine. */
function noWayOut(runtime: string): Denial {
  return new Denial(
    'sandbox-unavailable',
    `Cannot run the program: from the virtual machines of ${runtime} there is no way out to hosts`,
    { hint: 'run it in the tier gvisor, or take egress out of the configuration' },
  );
}
