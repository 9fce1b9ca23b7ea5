import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import Docker from 'dockerode';
import { Fault } from '../../src/lib/fault.ts';
import { packageRoot } from '../../src/lib/package-root.ts';
import { dockerHost } from '../../src/sandbox/docker-host.ts';
import { scratch, type Context } from '../support/scratch.ts';

/** Files of a home folder; a socket where the text is `socket`. */
async function home(context: Context, files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await scratch(context);
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    if (text === 'socket') {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(path, resolve));
      context.after(() => server.close());
    } else await writeFile(path, text);
  }
  return folder;
}

const id = (name: string): string => createHash('sha256').update(name).digest('hex');
const meta = (name: string): string => `.docker/contexts/meta/${id(name)}/meta.json`;
const endpoint = (docker: object): string => JSON.stringify({ Name: 'x', Endpoints: { docker } });
const CURRENT = { '.docker/config.json': '{"currentContext":"far","auths":{}}' };
const FAR = { ...CURRENT, [meta('far')]: endpoint({ Host: 'tcp://192.0.2.7:2375' }) };

/** `@` stands for the home folder. */
const found: readonly (readonly [
  name: string,
  files: Readonly<Record<string, string>>,
  env: NodeJS.ProcessEnv,
  setting: string | undefined,
  want: readonly [name: string, via: string],
])[] = [
  ['the setting before all', FAR, { DOCKER_HOST: 'tcp://b:1', DOCKER_CONTEXT: 'far' }, 'tcp://a:1', ['tcp://a:1', 'sandbox.docker.host']],
  ['DOCKER_HOST before the context', FAR, { DOCKER_HOST: 'tcp://b:1', DOCKER_CONTEXT: 'far' }, undefined, ['tcp://b:1', 'DOCKER_HOST']],
  ['the current context', FAR, { CONTAINER_HOST: 'unix:///c' }, undefined, ['tcp://192.0.2.7:2375', 'the context "far"']],
  ['DOCKER_CONTEXT before the current one', { ...FAR, [meta('near')]: endpoint({ Host: 'unix:///near' }) }, { DOCKER_CONTEXT: 'near' }, undefined, ['unix:///near', 'the context "near"']],
  ['a configuration elsewhere', { 'other/config.json': '{"currentContext":"n"}', [`other/contexts/meta/${id('n')}/meta.json`]: endpoint({ Host: 'unix:///n' }) }, { DOCKER_CONFIG: '@/other' }, undefined, ['unix:///n', 'the context "n"']],
  ['CONTAINER_HOST where the context is the default one', CURRENT, { DOCKER_CONTEXT: 'default', CONTAINER_HOST: 'unix:///c' }, undefined, ['unix:///c', 'CONTAINER_HOST']],
]; // prettier-ignore

for (const [name, files, env, setting, want] of found)
  test(`the engine is that of ${name}`, async (context) => {
    const folder = await home(context, files);
    const own = Object.entries({ HOME: '@', ...env }).map(([key, value]) => [
      key,
      value?.replace('@', folder),
    ]);
    const host = dockerHost(Object.fromEntries(own), setting);
    assert.deepEqual([host.name, host.via], want);
    const { HOME, DOCKER_CONFIG }: NodeJS.ProcessEnv = Object.fromEntries(own);
    const again = dockerHost({ HOME, DOCKER_CONFIG, ...host.again });
    assert.equal(again.name, host.name, 'its last will finds the same one');
    if (host.via.startsWith('the context')) assert.deepEqual(again.options, host.options);
  });

const SOCKETS = [
  ['run/docker.sock', 'rootless Docker'],
  ['.docker/run/docker.sock', 'Docker Desktop'],
  ['.docker/desktop/docker.sock', 'Docker Desktop'],
  ['.colima/default/docker.sock', 'Colima'],
  ['.orbstack/run/docker.sock', 'OrbStack'],
  ['.rd/docker.sock', 'Rancher Desktop'],
  ['run/podman/podman.sock', 'rootless Podman'],
] as const;

for (const [path, kind] of SOCKETS)
  test(`the socket of ${kind} is found (${path})`, async (context) => {
    const folder = await home(context, { [path]: 'socket' });
    const host = dockerHost({ HOME: folder, XDG_RUNTIME_DIR: join(folder, 'run') });
    const own = ['unix:///var/run/docker.sock', 'the usual socket of Docker'];
    const want = [`unix://${join(folder, path)}`, `the usual socket of ${kind}`];
    // The engine of the system comes first.
    assert.deepEqual([host.name, host.via], existsSync('/var/run/docker.sock') ? own : want);
  });

test('a socket that this user may not use does not hide one that they may', async (context) => {
  const folder = await home(context, { 'run/docker.sock': 'socket', '.rd/docker.sock': 'socket' });
  await chmod(folder, 0o755);
  for (const name of ['run', '.rd']) await chmod(join(folder, name), 0o755);
  await chmod(join(folder, 'run/docker.sock'), 0);
  await chmod(join(folder, '.rd/docker.sock'), 0o666);
  const file = join(folder, 'usual-sockets.mjs');
  await copyFile(join(packageRoot(), 'dist/src/sandbox/usual-sockets.js'), file);
  // Root may use every socket, so somebody else looks.
  const script = `import(${JSON.stringify(file)}).then(({ findSocket }) => console.log(findSocket(process.env).kind))`;
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', script], {
    env: { HOME: folder, XDG_RUNTIME_DIR: join(folder, 'run') },
    cwd: folder,
    ...(process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {}),
  });
  assert.equal(stdout, 'Rancher Desktop\n');
});

const refused: readonly (readonly [
  name: string,
  files: Readonly<Record<string, string>>,
  env: NodeJS.ProcessEnv,
  message: RegExp,
])[] = [
  ['a context that is not there', CURRENT, {}, /there is no context "far" in/],
  ['a context that is no path', {}, { DOCKER_CONTEXT: '../../etc' }, /there is no context "..\/..\/etc"/],
  ['a context that looks at no certificate', { ...CURRENT, [meta('far')]: endpoint({ Host: 'tcp://x:2376', SkipTLSVerify: true }) }, {}, /does not look at who answers/],
  ['a context without an engine', { ...CURRENT, [meta('far')]: '{"Endpoints":{}}' }, {}, /Cannot read \S+meta.json: it is not what Docker writes/],
  ['a configuration that is no JSON', { '.docker/config.json': '{' }, {}, /Cannot read \S+config.json: /],
  ['a name without an address', {}, { DOCKER_HOST: 'docker.sock' }, /is not the address of an engine/],
  ['a socket without a path', {}, { DOCKER_HOST: 'unix://docker.sock' }, /is not the address of an engine/],
  ['a user in front of a TCP address', {}, { DOCKER_HOST: 'tcp://me:secret@h:1' }, /is not the address of an engine/],
  ['a password for ssh', {}, { DOCKER_HOST: 'ssh://me:secret@h' }, /ssh:\/\/h has a password in it/],
  ['an option of ssh as a host', {}, { DOCKER_HOST: 'ssh://-oProxyCommand=touch%20x/' }, /names no host and user/],
  ['an option of ssh as a user', {}, { DOCKER_HOST: 'ssh://-oProxyCommand=x@h' }, /names no host and user/],
  ['a user who is a command', {}, { DOCKER_HOST: 'ssh://a%60id%60@h' }, /names no host and user/],
  ['a socket that is a command', {}, { DOCKER_HOST: 'ssh://h/run/x.sock;id' }, /names no socket/],
  ['a socket that is an option', {}, { CONTAINER_HOST: 'ssh://h/run/%20--help' }, /names no socket/],
]; // prettier-ignore

for (const [name, files, env, message] of refused)
  test(`refused as an engine: ${name}`, async (context) => {
    const folder = await home(context, files);
    assert.throws(
      () => dockerHost({ HOME: folder, ...env }),
      (error: unknown) => {
        assert.ok(error instanceof Fault);
        assert.match(error.message, message);
        assert.ok(!error.message.includes('secret') || env['DOCKER_HOST']?.startsWith('tcp'));
        return true;
      },
    );
  });

test('the configured engine is asked, whatever DOCKER_HOST says to the client library', async (context) => {
  const folder = await home(context, {});
  const path = join(folder, 'docker.sock');
  const asked: string[] = [];
  const server = createServer((socket) => {
    socket.once('data', (head) => {
      asked.push(head.toString().split('\r\n')[0] ?? '');
      socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK');
    });
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  context.after(() => server.close());
  const { DOCKER_HOST: before } = process.env;
  process.env['DOCKER_HOST'] = 'tcp://127.0.0.1:9';
  try {
    const docker = new Docker(dockerHost({ HOME: folder }, `unix://${path}`).options);
    await docker.ping();
  } finally {
    if (before === undefined) delete process.env['DOCKER_HOST'];
    else process.env['DOCKER_HOST'] = before;
  }
  assert.deepEqual(asked, ['GET /_ping HTTP/1.1']);
});
