/** What an engine says of itself. Nothing of it is a reason to trust it: the canary is. */
export type EngineFacts = {
  readonly product: 'Docker' | 'Podman';
  readonly version: string;
  /** Of the Docker API, such as 1.41. */
  readonly api: string;
  readonly system: string;
  readonly kernel: string;
  readonly runtimes: readonly string[];
  /** Arguments that the engine gives to the runtime; undefined where it does not say. */
  readonly runtimeArgs: readonly string[] | undefined;
  /** The program that it starts for the runtime; empty where it does not say. */
  readonly runtimePath: string;
  readonly cgroup: string;
  readonly rootless: boolean;
  readonly storage: string;
  readonly folder: string;
  readonly cpus: number;
  /** Limits that the engine takes and does not keep. */
  readonly unenforced: readonly Limit[];
};

/** What the engine calls each limit that a container of ours has. */
const LIMITS = {
  memory: 'MemoryLimit',
  swap: 'SwapLimit',
  processes: 'PidsLimit',
  CPUs: 'CpuCfsQuota',
} as const;

export type Limit = keyof typeof LIMITS;

const NAMES = Object.keys(LIMITS).filter((name): name is Limit => Object.hasOwn(LIMITS, name));

/** Reads the answers of `/info` and `/version`; what is missing in them is empty. */
export function readFacts(info: unknown, version: unknown, runtime: string): EngineFacts {
  const runtimes = field(info, 'Runtimes');
  const entry = isRecord(runtimes) && Object.hasOwn(runtimes, runtime) ? runtimes[runtime] : {};
  const args = field(entry, 'runtimeArgs');
  const known = Array.isArray(args) ? args.map(String) : undefined;
  const driver = text(info, 'CgroupDriver');
  return {
    product: text(info, 'BuildahVersion') ? 'Podman' : 'Docker',
    version: text(info, 'ServerVersion'),
    api: text(version, 'ApiVersion'),
    system: [text(info, 'OSType'), text(info, 'Architecture')].filter(Boolean).join(' '),
    kernel: text(info, 'KernelVersion'),
    runtimes: isRecord(runtimes) ? Object.keys(runtimes) : [],
    runtimeArgs: known,
    runtimePath: text(entry, 'path'),
    cgroup: `v${text(info, 'CgroupVersion') || '1'} by ${driver || 'an unnamed driver'}`,
    rootless: isRootless(info),
    storage: text(info, 'Driver'),
    folder: text(info, 'DockerRootDir'),
    cpus: Number(field(info, 'NCPU')) || 1,
    // A runtime that is told to leave cgroups alone keeps no limit, whatever the engine can do.
    unenforced: known?.some((arg) => /^--?ignore-cgroups(?:=true)?$/u.test(arg))
      ? NAMES
      : NAMES.filter((name) => field(info, LIMITS[name]) !== true),
  };
}

function isRootless(info: unknown): boolean {
  const options = field(info, 'SecurityOptions');
  return (
    field(info, 'Rootless') === true ||
    (Array.isArray(options) && options.some((option) => /\bname=rootless\b/u.test(String(option))))
  );
}

function text(value: unknown, name: string): string {
  const found = field(value, name);
  return typeof found === 'string' ? found : '';
}

function field(value: unknown, name: string): unknown {
  return isRecord(value) ? value[name] : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
