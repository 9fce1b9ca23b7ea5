import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Denial } from '../../src/denial.ts';
import { isOtherLinux } from '../../src/sandbox/kernel-proof.ts';
import { noDocker, openSandbox, run } from './support.ts';

const HOST = '6.1.0-56-amd64';
const KERNELS = [
  ['Linux version 6.1.62 (root@build) (gcc 11.4.0) #1 SMP Tue Mar 12 2024', HOST, true],
  [`Linux version ${HOST} (debian-kernel@lists.debian.org) (gcc-12) #1 SMP`, HOST, false],
  ['Linux version 6.1.62 (root@build) (gcc 11.4.0) #1 SMP Tue Mar 12 2024', '', false],
  ['Linux version 4.4.0 #1 SMP Sun Jan 10 15:06:54 PST 2016', HOST, false],
  ['Linux version 4.19.0-gvisor #1 SMP Sun Jan 10 15:06:54 PST 2016', HOST, false],
  ['', HOST, false],
  ['missing python3', HOST, false],
] as const;
for (const [version, host, want] of KERNELS)
  test(`${version || 'nothing'} on ${host || 'a host that does not say'}: ${want}`, () => {
    assert.equal(isOtherLinux(version, host), want);
  });

describe('Kata', { skip: noDocker }, () => {
  for (const kata of ['runc', 'runsc'])
    test(`a runtime that is ${kata} never gets the program`, async () => {
      const sandbox = openSandbox({ kata, tiers: { microvm: ['kata'] }, tier: 'microvm' });
      const refused = run(sandbox, { language: 'bash', code: 'echo ran', tier: 'microvm' });
      await assert.rejects(
        refused,
        (error) =>
          error instanceof Denial &&
          error.code === 'sandbox-unavailable' &&
          /kernel of its own/u.test(error.message) &&
          /install Kata Containers/u.test(error.hint ?? ''),
      );
      await sandbox.close();
    });

  test('an engine without it says how to add it', async () => {
    const sandbox = openSandbox({ kata: 'kata-of-nobody', only: 'microvm', host: env() });
    const probe = await sandbox.probe();
    await sandbox.close();
    assert.ok(!probe.ok);
    assert.match(probe.denial.message, /has no runtime kata-of-nobody/);
    assert.match(
      probe.denial.hint ?? '',
      /"kata-of-nobody": \{"runtimeType": "io.containerd.kata.v2"/,
    );
  });
});

function env(): string {
  return process.env['DOCKER_HOST'] ?? '';
}
