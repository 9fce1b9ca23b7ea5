import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, chown, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import Docker from 'dockerode';
import { endAllOf, startOwn, which, type Own } from './own-process.ts';
import type { Context } from './scratch.ts';
import { until } from './until.ts';

/** gVisor as an engine of the tests starts it. */
export const RUNSC = {
  path: which('runsc') ?? '/usr/bin/runsc',
  runtimeArgs: ['--network=none', '--host-uds=open', '--oci-seccomp'],
} as const;

/** Docker's own script, where Debian and Docker put it. */
export const ROOTLESS =
  ['/usr/share/docker.io/contrib/dockerd-rootless.sh', which('dockerd-rootless.sh') ?? ''].find(
    (path) => existsSync(path),
  ) ?? '';

export type EngineWish = {
  /** What stands in its daemon.json. */
  readonly settings?: Record<string, unknown>;
  readonly flags?: readonly string[];
  /** Made ready before it starts: what is a mount below it is unmounted after it has ended. */
  readonly before?: (folder: string) => Promise<void>;
};

/** A folder for an engine; what is in `ends` is ended, and the folder is gone with all mounts, when the test ends. */
async function engineFolder(
  context: Context,
): Promise<{ readonly folder: string; readonly ends: Context }> {
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-engine-'));
  // Hooks run in the order in which they are given, and the folder is the last to go.
  const ends: (() => unknown)[] = [];
  context.after(async () => {
    for (const end of ends) await end();
    await clear(folder);
  });
  return { folder, ends: { after: (end) => void ends.push(end) } };
}

/** A Docker engine with a socket and a folder of its own, that ends with the test. */
export async function startDockerd(
  context: Context,
  { settings = { runtimes: { runsc: RUNSC } }, flags = [], before }: EngineWish = {},
): Promise<{ readonly folder: string; readonly host: string; readonly docker: Docker }> {
  const { folder, ends } = await engineFolder(context);
  await before?.(folder);
  const socketPath = join(folder, 'docker.sock');
  await writeFile(join(folder, 'daemon.json'), JSON.stringify(settings));
  const own = startOwn(
    ends,
    'dockerd',
    [
      `--data-root=${folder}/data`,
      `--exec-root=${folder}/exec`,
      `--host=unix://${socketPath}`,
      `--pidfile=${folder}/pid`,
      `--config-file=${folder}/daemon.json`,
      '--bridge=none',
      '--iptables=false',
      '--ip6tables=false',
      '--ip-forward=false',
      `--containerd-namespace=${basename(folder)}`,
      `--containerd-plugins-namespace=${basename(folder)}-plugins`,
      ...flags,
    ],
    { env: { ...process.env, TMPDIR: folder } },
  );
  return { folder, ...(await ready(socketPath, own)) };
}

/** Podman's service, as root, with a storage of its own; `runtime` is what it starts for everybody. */
export async function startPodman(
  context: Context,
  runtime: string,
): Promise<{ readonly host: string; readonly docker: Docker }> {
  const { folder, ends } = await engineFolder(context);
  const wrapper = join(folder, 'runsc');
  await writeFile(wrapper, `#!/bin/sh\nexec ${RUNSC.path} ${RUNSC.runtimeArgs.join(' ')} "$@"\n`);
  await chmod(wrapper, 0o755);
  const [conf, storage] = [join(folder, 'containers.conf'), join(folder, 'storage.conf')];
  await writeFile(conf, `[engine]\ncgroup_manager = "cgroupfs"\nevents_logger = "file"\nruntime = "${runtime}"\n[engine.runtimes]\nrunsc = ["${wrapper}"]\n`); // prettier-ignore
  await writeFile(storage, `[storage]\ndriver = "overlay"\ngraphroot = "${folder}/root"\nrunroot = "${folder}/run"\n`); // prettier-ignore
  const socketPath = join(folder, 'podman.sock');
  const env = { ...process.env, CONTAINERS_CONF: conf, CONTAINERS_STORAGE_CONF: storage };
  const args = ['system', 'service', '--time=0', `unix://${socketPath}`];
  return await ready(socketPath, startOwn(ends, 'podman', args, { env }));
}

const NOBODY = 65_534;

/** A rootless Docker of the user nobody, to whom user ids are lent in a mount namespace of its own. */
export async function startRootless(
  context: Context,
): Promise<{ readonly host: string; readonly docker: Docker }> {
  const { folder, ends } = await engineFolder(context);
  const runtime = join(folder, 'run');
  await mkdir(runtime, { mode: 0o700 });
  for (const path of [folder, runtime]) await chown(path, NOBODY, NOBODY);
  await writeFile(join(folder, 'sub'), 'nobody:100000:65536\n');
  await writeFile(
    join(folder, 'daemon.json'),
    JSON.stringify({ runtimes: { runsc: { ...RUNSC, runtimeArgs: [...RUNSC.runtimeArgs] } } }),
  );
  const socketPath = join(runtime, 'docker.sock');
  const dockerd = [
    `--data-root=${folder}/data`,
    `--exec-root=${runtime}/exec`,
    `--host=unix://${socketPath}`,
    `--pidfile=${runtime}/pid`,
    `--config-file=${folder}/daemon.json`,
    '--bridge=none',
    '--iptables=false',
    '--ip6tables=false',
  ];
  const script = `mount --bind "$0/sub" /etc/subuid && mount --bind "$0/sub" /etc/subgid && cd "$0" && exec setpriv --reuid=${NOBODY} --regid=${NOBODY} --clear-groups sh ${ROOTLESS} "$@"`;
  const own = startOwn(ends, 'unshare', ['-m', 'sh', '-c', script, folder, ...dockerd], {
    env: {
      PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
      HOME: folder,
      XDG_RUNTIME_DIR: runtime,
      DOCKERD_ROOTLESS_ROOTLESSKIT_NET: 'slirp4netns',
    },
  });
  return await ready(socketPath, own);
}

async function ready(
  socketPath: string,
  { child, said }: Own,
): Promise<{ readonly host: string; readonly docker: Docker }> {
  const docker = new Docker({ socketPath });
  await until(async () => {
    if (child.exitCode !== null)
      throw new Error(`the engine does not start: ${said().slice(-1000)}`);
    return await answers(docker);
  }, 60_000);
  return { host: `unix://${socketPath}`, docker };
}

async function answers(docker: Docker): Promise<boolean> {
  try {
    await docker.ping();
    return true;
  } catch {
    return false;
  }
}

async function clear(folder: string): Promise<void> {
  endAllOf(folder);
  const mounts = (await readFile('/proc/self/mountinfo', 'utf8'))
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
    .filter((path) => path.startsWith(`${folder}/`));
  for (const path of mounts.toReversed()) execFileSync('umount', ['-l', path]);
  await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}
