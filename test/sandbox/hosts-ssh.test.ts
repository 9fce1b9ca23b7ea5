import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { connect as dial } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { dockerHost } from '../../src/sandbox/docker-host.ts';
import { connect } from '../../src/sandbox/engine.ts';
import { freePort } from '../support/free-port.ts';
import { lacking, startOwn, which, type Own } from '../support/own-process.ts';
import { scratch } from '../support/scratch.ts';
import { until } from '../support/until.ts';
import { noDocker, openSandbox, refusalOf, run } from './support.ts';

const ends: (() => unknown)[] = [];
const context = { after: (end: () => unknown) => void ends.push(end) };
const SOCKET = (process.env['DOCKER_HOST'] ?? '').slice('unix://'.length);
const elsewhere =
  process.env['DOCKER_HOST']?.startsWith('unix://') === false && 'the engine has no socket here';

describe('over SSH', { skip: noDocker || lacking('sshd', 'ssh', 'docker') || elsewhere }, () => {
  let folder = '';
  let port = 0;
  let sshd: Own;

  before(async () => {
    folder = await scratch(context);
    port = await freePort();
    for (const name of ['host', 'other-host', 'user', 'intruder', 'clientless'])
      execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, name)]);
    const key = async (name: string) =>
      (await readFile(join(folder, `${name}.pub`), 'utf8')).trim();
    await writeFile(join(folder, 'authorized'), `${await key('user')}\ncommand="docker-of-nobody system dial-stdio" ${await key('clientless')}\n`); // prettier-ignore
    await writeFile(
      join(folder, 'sshd'),
      `Port ${port}
ListenAddress 127.0.0.1
HostKey ${folder}/host
PidFile ${folder}/pid
AuthorizedKeysFile ${folder}/authorized
PermitRootLogin yes
PasswordAuthentication no
KbdInteractiveAuthentication no
StrictModes no
UsePAM no
SetEnv DOCKER_HOST=unix://${SOCKET}
`,
    );
    // What Debian's start-up makes.
    mkdirSync('/run/sshd', { recursive: true });
    sshd = startOwn(context, which('sshd') ?? '', ['-D', '-e', '-f', join(folder, 'sshd')]);
    await until(async () => {
      assert.equal(sshd.child.exitCode, null, sshd.said());
      return await new Promise<boolean>((resolve) => {
        const socket = dial(port, '127.0.0.1', () => resolve(socket.destroy().destroyed));
        socket.on('error', () => resolve(false));
      });
    });
  });
  after(async () => {
    for (const end of ends.toReversed()) await end();
  });

  /** A user with a configuration, known hosts and a key of their own, who calls the system's ssh. */
  async function environment(
    name: string,
    { key = 'user', knows = 'host', more = '' } = {},
  ): Promise<NodeJS.ProcessEnv> {
    const home = join(folder, name);
    await mkdir(join(home, 'bin'), { recursive: true });
    const known = knows && (await readFile(join(folder, `${knows}.pub`), 'utf8'));
    await writeFile(join(home, 'known'), known && `[127.0.0.1]:${port} ${known}`);
    await writeFile(
      join(home, 'config'),
      `${more}
IdentityFile ${folder}/${key}
IdentitiesOnly yes
UserKnownHostsFile ${home}/known
GlobalKnownHostsFile /dev/null
Host engine.test
  HostName 127.0.0.1
  HostKeyAlias [127.0.0.1]:${port}
  Port ${port}
  User root
`,
    );
    const wrapper = join(home, 'bin/ssh');
    await writeFile(wrapper, `#!/bin/sh\nexec ${which('ssh')} -F ${home}/config "$@"\n`);
    await chmod(wrapper, 0o755);
    return {
      HOME: home,
      PATH: `${home}/bin:/usr/bin:/bin`,
      DOCKER_HOST: `ssh://root@127.0.0.1:${port}`,
    };
  }

  function running(): number {
    return readdirSync('/proc').filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`-F\0${folder}/`);
      } catch {
        return false;
      }
    }).length;
  }

  test('a program runs, and no ssh is left', { timeout: 300_000 }, async () => {
    const sandbox = openSandbox({ env: await environment('runs') });
    const { stdout, exitCode } = await run(sandbox, { language: 'bash', code: 'read -r w; echo "<$w>"; exit 5', stdin: 'over SSH\n' }); // prettier-ignore
    assert.deepEqual([stdout, exitCode], ['<over SSH>\n', 5]);
    await sandbox.close();
    await until(() => running() === 0);
  });

  test('the user’s configuration says who the host is', async () => {
    const env = await environment('configured');
    const { facts } = await connect(dockerHost({ ...env, DOCKER_HOST: 'ssh://engine.test' }), 'runsc'); // prettier-ignore
    assert.equal(facts.product, 'Docker');
  });

  test('the address may name the socket at the other end', async () => {
    const env = await environment('socket');
    const { facts } = await connect(dockerHost({ ...env, DOCKER_HOST: `ssh://root@127.0.0.1:${port}${SOCKET}` }), 'runsc'); // prettier-ignore
    assert.ok(facts.runtimes.includes('runsc'));
  });

  for (const [name, wish] of [
    ['that nobody knows', { knows: '' }],
    ['that has changed', { knows: 'other-host' }],
    [
      'that nobody knows, though the configuration lets in whoever answers',
      { knows: '', more: 'StrictHostKeyChecking no' },
    ],
  ] as const)
    // prettier-ignore
    test(`a host key ${name} is refused, and nothing is sent`, async () => {
      const before = sshd.said().split('Accepted publickey').length;
      const env = await environment('strange', wish);
      assert.match(await refusalOf(env), /ssh does not know the host key of Docker at ssh:/);
      assert.equal(sshd.said().split('Accepted publickey').length, before);
    });

  test('a key that is not let in is told', async () => {
    const env = await environment('intruding', { key: 'intruder' });
    assert.match(await refusalOf(env), /ssh is not let in to Docker at ssh:/);
  });

  test('a machine without Docker’s client is told', async () => {
    const env = await environment('clientless-user', { key: 'clientless' });
    assert.match(await refusalOf(env), /the client docker is not found over ssh/);
  });

  test('an engine that does not run at the other end is told', async () => {
    const env = await environment('down');
    const message = await refusalOf({ ...env, DOCKER_HOST: `ssh://root@127.0.0.1:${port}/nonexistent/docker.sock` }); // prettier-ignore
    assert.match(message, /no engine runs, or not for this user, over ssh/);
  });

  test('a machine without sshd, and one without ssh, are told', async () => {
    const env = await environment('nobody');
    const message = await refusalOf({ ...env, DOCKER_HOST: `ssh://root@127.0.0.1:${await freePort()}` }); // prettier-ignore
    assert.match(message, /nobody answers for Docker at ssh:/);
    assert.match(await refusalOf({ ...env, PATH: '/nonexistent' }), /there is no ssh to reach Docker/); // prettier-ignore
  });
});
