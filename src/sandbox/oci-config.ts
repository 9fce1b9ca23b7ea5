import { environment, NOBODY, programRoom, supervised, type ContainerSpec } from './container.ts';
import { EGRESS_TARGET } from './egress/target.ts';
import { PROGRAM_FOLDER } from './languages.ts';

export type OciSpec = Pick<
  ContainerSpec,
  'language' | 'limits' | 'lifeMs' | 'supervise' | 'hook' | 'seccomp' | 'egress'
> & {
  /** Folder of the unpacked root file system. */
  readonly rootfs: string;
};

const NO_CAPABILITIES = {
  bounding: [],
  effective: [],
  inheritable: [],
  permitted: [],
  ambient: [],
};

function scratch(destination: string, size: number): object {
  return {
    destination,
    type: 'tmpfs',
    source: 'tmpfs',
    options: ['rw', 'nosuid', 'nodev', 'noexec', 'mode=1777', `size=${size}`],
  };
}

function rlimit(name: string, value: number): object {
  return { type: `RLIMIT_${name}`, soft: value, hard: value };
}

/** The same container as `containerOptions`, in the words of the OCI runtime specification, 1.0.2. */
export function ociConfig(spec: OciSpec): object {
  const { limits, rootfs, egress } = spec;
  const life = Math.ceil(spec.lifeMs / 1000);
  return {
    ociVersion: '1.0.2',
    hostname: 'sandbox',
    root: { path: rootfs, readonly: true },
    process: {
      terminal: false,
      user: { uid: NOBODY, gid: NOBODY },
      // It ends by itself even when no gateway is left to end it.
      args: ['timeout', '-s', 'KILL', String(life), 'sh', '-c', ...supervised(spec)],
      env: environment(spec),
      cwd: '/work',
      capabilities: NO_CAPABILITIES,
      noNewPrivileges: true,
      rlimits: [
        rlimit('NPROC', limits.processes),
        rlimit('NOFILE', limits.openFiles),
        rlimit('CORE', 0),
      ],
    },
    mounts: [
      { destination: '/proc', type: 'proc', source: 'proc' },
      {
        destination: '/sys',
        type: 'sysfs',
        source: 'sysfs',
        options: ['nosuid', 'noexec', 'nodev', 'ro'],
      },
      scratch('/work', limits.work),
      scratch('/tmp', limits.tmp),
      scratch(PROGRAM_FOLDER, programRoom(limits)),
      scratch('/dev/shm', 1024 * 1024),
      ...(egress === undefined
        ? []
        : [
            {
              destination: EGRESS_TARGET,
              type: 'bind',
              source: egress,
              options: ['rbind', 'ro', 'nosuid', 'nodev'],
            },
          ]),
    ],
    linux: {
      namespaces: ['pid', 'network', 'ipc', 'uts', 'mount'].map((type) => ({ type })),
      seccomp: JSON.parse(spec.seccomp),
    },
  };
}
