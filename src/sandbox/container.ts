import type { ContainerCreateOptions, MountSettings } from 'dockerode';
import { EGRESS_TARGET } from './egress/target.ts';
import { LANGUAGES, PROGRAM_FOLDER, type Language } from './languages.ts';
import type { Limits } from './limits.ts';

/** Nobody's user and group. */
export const NOBODY = 65_534;
/** For the hook, and for whole pages. */
const ROOM = 1024 * 1024;

export type ContainerSpec = {
  readonly language: Language;
  /** The image's digest: a tag could be moved between two calls. */
  readonly image: string;
  readonly runtime: string;
  readonly limits: Limits;
  /** So long after its start the container ends by itself. */
  readonly lifeMs: number;
  readonly labels: Readonly<Record<string, string>>;
  /** Text of `sandbox-images/supervise.sh`, of the language's hook and of `seccomp.json`. */
  readonly supervise: string;
  readonly hook: string;
  readonly seccomp: string;
  /** More of Docker's `Env`: variables of the image that are taken from it. */
  readonly without: readonly string[];
  /** The folder of the host that holds the way out; absent: there is none. */
  readonly egress?: string;
};

function scratch(size: number): string {
  return `rw,nosuid,nodev,noexec,mode=1777,size=${size}`;
}

function ulimit(Name: string, value: number): { Name: string; Soft: number; Hard: number } {
  return { Name, Soft: value, Hard: value };
}

function egressEnv(language: Language): string[] {
  const { shim, env } = LANGUAGES[language].egress;
  const roots = ['SSL_CERT_FILE', 'CURL_CA_BUNDLE', 'REQUESTS_CA_BUNDLE', 'NODE_EXTRA_CA_CERTS'];
  return [
    `SALLYPORT_EGRESS=${shim}`,
    ...env,
    ...roots.map((name) => `${name}=${EGRESS_TARGET}/ca.pem`),
  ];
}

/** All that a program finds in its environment. */
export function environment({
  language,
  egress,
}: Pick<ContainerSpec, 'language' | 'egress'>): string[] {
  return [
    'PATH=/usr/local/bin:/usr/bin:/bin',
    'HOME=/work',
    'TMPDIR=/tmp',
    'LANG=C.UTF-8',
    `PYTHONPATH=${PROGRAM_FOLDER}:/work`,
    ...LANGUAGES[language].hook.env,
    ...(egress === undefined ? [] : egressEnv(language)),
  ];
}

/**
 * Takes the variables of an image away, with which it would steer ours: what the supervisor starts, what interpreters load
 * before a program. A name alone takes it away in Docker; Podman would look for it in its own environment.
 */
export function withoutVariables(names: readonly string[], product: 'Docker' | 'Podman'): string[] {
  return names.map((name) => (product === 'Podman' ? `${name}=` : name));
}

function nameOf(entry: string): string {
  return entry.split('=')[0] ?? '';
}

function variables(spec: ContainerSpec): string[] {
  const given = environment(spec);
  const names = new Set(given.map(nameOf));
  return [...given, ...spec.without.filter((entry) => !names.has(nameOf(entry)))];
}

/** The supervisor and its arguments, for `sh -c`. */
export function supervised({
  supervise,
  language,
  hook,
}: Pick<ContainerSpec, 'supervise' | 'language' | 'hook'>): string[] {
  const { file, hook: own, command } = LANGUAGES[language];
  return [supervise, 'supervise', own.file, hook, file, ...command];
}

/** Bytes that the program folder needs. */
export function programRoom({ code, stdin }: Limits): number {
  return code + stdin + ROOM;
}

export function readOnly(Source: string, Target: string): MountSettings {
  return { Type: 'bind', Source, Target, ReadOnly: true };
}

/** What Docker is asked for: one program, nobody's rights, no network, nothing written that lasts. */
export function containerOptions(spec: ContainerSpec): ContainerCreateOptions {
  const { limits } = spec;
  const life = Math.ceil(spec.lifeMs / 1000);
  return {
    Image: spec.image,
    // The container ends by itself even when no gateway is left to end it.
    Entrypoint: ['timeout', '-s', 'KILL', String(life)],
    Cmd: ['sh', '-c', ...supervised(spec)],
    User: `${NOBODY}:${NOBODY}`,
    WorkingDir: '/work',
    Hostname: 'sandbox',
    Env: variables(spec),
    Labels: { ...spec.labels },
    ...hardened({
      ...spec,
      mounts: spec.egress === undefined ? [] : [readOnly(spec.egress, EGRESS_TARGET)],
      // A mount is there sooner than the supervisor's mkdir.
      folders: { [PROGRAM_FOLDER]: scratch(programRoom(limits)) },
    }),
  };
}

export type HardenedSpec = Pick<ContainerSpec, 'runtime' | 'limits' | 'seccomp'> & {
  readonly mounts: MountSettings[];
  /** More that it may write, in memory; with options of tmpfs(5). */
  readonly folders?: Readonly<Record<string, string>>;
};

/** What every container of ours has, whatever runs in it. */
export function hardened({
  runtime,
  limits,
  seccomp,
  mounts,
  folders,
}: HardenedSpec): ContainerCreateOptions {
  return {
    OpenStdin: true,
    // The end of the gateway's connection is the end of stdin.
    StdinOnce: true,
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    Tty: false,
    NetworkDisabled: true,
    // An image's own would run in every cell.
    Healthcheck: { Test: ['NONE'] },
    HostConfig: {
      Runtime: runtime,
      NetworkMode: 'none',
      ReadonlyRootfs: true,
      Mounts: mounts,
      // Without a /tmp of its own 200 MiB went there in spite of the read-only root.
      Tmpfs: {
        '/work': scratch(limits.work),
        '/tmp': scratch(limits.tmp),
        ...folders,
      },
      Memory: limits.memory,
      MemorySwap: limits.memory,
      NanoCpus: Math.round(limits.cpus * 1e9),
      PidsLimit: limits.hostThreads,
      Ulimits: [
        ulimit('nproc', limits.processes),
        ulimit('nofile', limits.openFiles),
        ulimit('core', 0),
      ],
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges:true', `seccomp=${seccomp}`],
      Privileged: false,
      IpcMode: 'private',
      ShmSize: 1024 * 1024,
      // The json-file driver wrote 112 MiB of a flood to the host's disk.
      LogConfig: { Type: 'none', Config: {} },
      AutoRemove: false,
      RestartPolicy: { Name: 'no' },
    },
  };
}
