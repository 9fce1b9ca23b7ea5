import type { ContainerCreateOptions } from 'dockerode';
import { LANGUAGES, type Language } from './languages.ts';
import { GRACE_MS, type Limits } from './limits.ts';

const NOBODY = '65534:65534';

export type ContainerSpec = {
  readonly language: Language;
  /** The image's digest: a tag could be moved between two calls. */
  readonly image: string;
  readonly runtime: string;
  readonly limits: Limits;
  readonly timeoutMs: number;
  readonly labels: Readonly<Record<string, string>>;
  /** Text of `sandbox-images/supervise.sh` and `seccomp.json`. */
  readonly supervise: string;
  readonly seccomp: string;
};

function scratch(size: number): string {
  return `rw,nosuid,nodev,noexec,mode=1777,size=${size}`;
}

function ulimit(Name: string, value: number): { Name: string; Soft: number; Hard: number } {
  return { Name, Soft: value, Hard: value };
}

/** What Docker is asked for: one program, nobody's rights, no network, nothing written that lasts. */
export function containerOptions(spec: ContainerSpec): ContainerCreateOptions {
  const { limits } = spec;
  const { file, prelude, command } = LANGUAGES[spec.language];
  const life = Math.ceil((limits.startMs + spec.timeoutMs + GRACE_MS) / 1000);
  return {
    Image: spec.image,
    // The container ends by itself even when no gateway is left to end it.
    Entrypoint: ['timeout', '-s', 'KILL', String(life)],
    Cmd: ['sh', '-c', spec.supervise, 'supervise', file, ...prelude, ...command],
    User: NOBODY,
    WorkingDir: '/work',
    Hostname: 'sandbox',
    Env: [
      'PATH=/usr/local/bin:/usr/bin:/bin',
      'HOME=/work',
      'TMPDIR=/tmp',
      'LANG=C.UTF-8',
      'PYTHONPATH=/tmp/program:/work',
    ],
    Labels: { ...spec.labels },
    OpenStdin: true,
    // The end of the gateway's connection is the end of stdin.
    StdinOnce: true,
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    Tty: false,
    NetworkDisabled: true,
    HostConfig: {
      Runtime: spec.runtime,
      NetworkMode: 'none',
      ReadonlyRootfs: true,
      // Without a /tmp of its own 200 MiB went there in spite of the read-only root.
      Tmpfs: { '/work': scratch(limits.work), '/tmp': scratch(limits.tmp) },
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
      SecurityOpt: ['no-new-privileges:true', `seccomp=${spec.seccomp}`],
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
