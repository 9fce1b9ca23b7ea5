import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Denial } from '../../src/denial.ts';
import { dockerHost } from '../../src/sandbox/docker-host.ts';
import { connect } from '../../src/sandbox/engine.ts';
import { ROOTLESS, startPodman, startRootless } from '../support/own-engine.ts';
import { lacking } from '../support/own-process.ts';
import { noDocker, openSandbox, refusalOf, run } from './support.ts';

describe('Podman', { skip: noDocker || lacking('podman', 'runc', 'runsc') }, () => {
  test(
    'a program runs in gVisor, with its own input and within its limits',
    { timeout: 500_000 },
    async (t) => {
      const { host, docker } = await startPodman(t, 'runsc');
      const { facts } = await connect(dockerHost({ CONTAINER_HOST: host }), 'runsc');
      assert.deepEqual([facts.product, facts.rootless, facts.unenforced], ['Podman', false, []]);
      const sandbox = openSandbox({ env: { CONTAINER_HOST: host } });
      const probe = await sandbox.probe();
      assert.ok(probe.ok);
      assert.match(probe.driver, /^runsc through Podman/);
      assert.equal(probe.seccomp, true);
      const code = 'cat; ulimit -n; id -u; touch /file; exit 7';
      const result = await run(sandbox, { language: 'bash', code, stdin: 'mine alone\n' });
      assert.equal(result.stdout, 'mine alone\n256\n65534\n');
      assert.deepEqual([result.exitCode, result.ended], [7, 'exited']);
      const bomb = 'head -c 900000000 /dev/zero | tail | wc -c';
      const { ended, exitCode } = await run(sandbox, { language: 'bash', code: bomb });
      assert.match(ended, /^(?:killed|out-of-memory)$/);
      assert.equal(exitCode, 137);
      await sandbox.close();
      assert.deepEqual(await docker.listContainers({ all: true }), []);
    },
  );

  test(
    'without gVisor as the runtime of everybody no program runs',
    { timeout: 300_000 },
    async (t) => {
      const { host } = await startPodman(t, 'runc');
      const sandbox = openSandbox({ env: { CONTAINER_HOST: host } });
      await assert.rejects(
        run(sandbox, { language: 'bash', code: 'echo ran' }),
        (error: unknown) => {
          assert.ok(error instanceof Denial);
          assert.match(error.message, /the runtime runsc does not run gVisor/);
          assert.match(error.hint ?? '', /\[engine\] runtime in containers\.conf/);
          return true;
        },
      );
      await sandbox.close();
    },
  );
});

test(
  'a rootless engine that keeps no limits is refused, whoever asks',
  {
    skip:
      noDocker ||
      lacking(
        'dockerd',
        'runsc',
        'rootlesskit',
        'newuidmap',
        'slirp4netns',
        'setpriv',
        'unshare',
      ) ||
      (ROOTLESS ? false : 'dockerd-rootless.sh not found'),
    timeout: 300_000,
  },
  async (t) => {
    const { host } = await startRootless(t);
    assert.match(
      await refusalOf({ DOCKER_HOST: host }),
      /does not keep limits of memory and processes, rootless with cgroup v[12] by none$/,
    );
  },
);
