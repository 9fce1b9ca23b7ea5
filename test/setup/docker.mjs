// A Docker engine with gVisor for the tests and the demo: its own, in a temporary folder, or the one that is there.
import { spawn } from 'node:child_process';
import { openSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import { install, missingPackages, which } from './apt.mjs';
import { engine, findEngine } from './engine.mjs';
import { alive, run, sleep } from './process.mjs';

/** The programs and the packages that bring them. */
const NEEDED = [
  { program: 'dockerd', packages: ['docker.io', 'iptables'] },
  { program: 'containerd', packages: ['containerd'] },
  { program: 'runsc', packages: ['runsc'] },
  // The tests of egress make a network of their own.
  { program: 'ip', packages: ['iproute2'] },
];

const PREFIX = 'sallyport-docker-';

/** Without network=none Debian's runsc does not start on new kernels; without oci-seccomp it ignores our profile. */
const DAEMON = (runsc) => ({
  runtimes: {
    runsc: { path: runsc, runtimeArgs: ['--network=none', '--host-uds=open', '--oci-seccomp'] },
    // As most people set it up: programs find no way out.
    'runsc-closed': { path: runsc, runtimeArgs: ['--network=none', '--oci-seccomp'] },
  },
});

/**
 * Resolves to `{ host, stop }`, `host` being a value for DOCKER_HOST, or to `{ reason }` why there is none. Never
 * touches an engine that runs already. `SALLYPORT_DOCKER` names one to use as it is; `SALLYPORT_NO_INSTALL=1` forbids apt-get.
 */
export async function startDocker({ log, env = process.env, owner = process.pid }) {
  if (env.SALLYPORT_DOCKER) return { host: env.SALLYPORT_DOCKER, stop: async () => {} };
  const own = await ownEngine({ log, env, owner });
  if (own.host) return own;
  const found = await findEngine(env);
  if (!found.host) return { reason: [own.reason, found.reason].filter(Boolean).join('; ') };
  log(`using the Docker at ${found.host}`);
  return { host: found.host, stop: async () => {} };
}

async function ownEngine({ log, env, owner }) {
  const missing = await missingPackages(NEEDED);
  if (!missing) return {};
  try {
    if (missing.length > 0) {
      if (env.SALLYPORT_NO_INSTALL === '1')
        return { reason: `SALLYPORT_NO_INSTALL=1 forbids installing ${missing.join(' ')}` };
      log(`Docker and gVisor are missing here; installing ${missing.join(' ')} with apt-get`);
      await install(missing, log);
    }
    await sweep();
    return await startEngine({ log, owner });
  } catch (error) {
    return { reason: error.message };
  }
}

async function startEngine({ log, owner }) {
  const folder = await mkdtemp(join(tmpdir(), PREFIX));
  const host = `unix://${folder}/docker.sock`;
  await writeFile(join(folder, 'daemon.json'), JSON.stringify(DAEMON(which('runsc'))));
  const output = openSync(join(folder, 'dockerd.log'), 'w');
  const flags = {
    'data-root': `${folder}/data`,
    'exec-root': `${folder}/exec`,
    host,
    pidfile: `${folder}/pid`,
    'config-file': `${folder}/daemon.json`,
    bridge: 'none',
    iptables: 'false',
    ip6tables: 'false',
    'ip-forward': 'false',
    // A containerd of the machine's own Docker would otherwise show our containers to it.
    'containerd-namespace': basename(folder),
    'containerd-plugins-namespace': `${basename(folder)}-plugins`,
  };
  const daemon = spawn(
    which('dockerd'),
    Object.entries(flags).map(([name, value]) => `--${name}=${value}`),
    { detached: true, stdio: ['ignore', output, output], env: { ...process.env, TMPDIR: folder } },
  );
  daemon.unref();
  await writeFile(join(folder, 'owner'), JSON.stringify({ owner, daemon: daemon.pid }));
  for (let waited = 0; waited < 30_000 && daemon.exitCode === null; waited += 100) {
    if (await engine(host, 'GET', '/_ping').catch(() => null)) {
      log(`dockerd with gVisor runs in ${folder}`);
      return { host, stop: () => stopEngine(folder) };
    }
    await sleep(100);
  }
  const text = await readFile(join(folder, 'dockerd.log'), 'utf8').catch(() => '');
  await stopEngine(folder);
  return { reason: `dockerd does not start: ${text.trim().split('\n').slice(-3).join(' | ')}` };
}

/** Stops the engine in `folder` and whatever it started, and removes the folder. */
async function stopEngine(folder) {
  const host = `unix://${folder}/docker.sock`;
  const containers = await engine(host, 'GET', '/containers/json?all=1').catch(() => []);
  await Promise.all(
    containers.map(({ Id }) =>
      engine(host, 'DELETE', `/containers/${Id}?force=1&v=1`, 15_000).catch(() => {}),
    ),
  );
  const { daemon } = readOwner(folder);
  if (daemon && cmdline(daemon).includes(folder)) {
    process.kill(daemon, 'SIGTERM');
    for (let waited = 0; waited < 15_000 && alive(daemon); waited += 50) await sleep(50);
  }
  // A shim or a gVisor sandbox that outlived its engine names our folder on its command line.
  for (let tries = 0; tries < 20; tries++) {
    const left = processesOf(folder);
    if (left.length === 0) break;
    for (const pid of left) kill(pid);
    await sleep(50);
  }
  const mounts = (await readFile('/proc/self/mountinfo', 'utf8'))
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
    .filter((path) => path.startsWith(`${folder}/`));
  for (const path of mounts.toReversed()) await run('umount', ['-l', path]).catch(() => {});
  await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}

/** Stops engines whose owner died before it could; with `all`, also those that were started to stay. */
async function sweep({ all = false } = {}) {
  const names = readdirSync(tmpdir()).filter((name) => name.startsWith(PREFIX));
  for (const folder of names.map((name) => join(tmpdir(), name))) {
    const { owner } = readOwner(folder);
    if (owner === undefined) continue;
    if (owner === 0 ? all : !alive(owner)) await stopEngine(folder);
  }
}

function readOwner(folder) {
  try {
    return JSON.parse(readFileSync(join(folder, 'owner'), 'utf8'));
  } catch {
    return {};
  }
}

function cmdline(pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

function processesOf(folder) {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => cmdline(pid).includes(`${folder}/`))
    .map(Number);
}

function kill(pid) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
}

const say = (line) => process.stderr.write(`docker: ${line}\n`);

if (argv[1] === fileURLToPath(import.meta.url)) {
  if (argv[2] === 'start') {
    const { host, reason } = await startDocker({ log: say, owner: 0 });
    if (host) process.stdout.write(`export DOCKER_HOST=${host}\n`);
    else say(`Cannot start Docker: ${reason}`);
    process.exitCode = host ? 0 : 3;
  } else if (argv[2] === 'stop') await sweep({ all: true });
  else {
    say('use: node test/setup/docker.mjs start|stop');
    process.exitCode = 2;
  }
}
