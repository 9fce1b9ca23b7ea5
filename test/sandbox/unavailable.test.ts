import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Denial } from '../../src/denial.ts';
import { dockerHost } from '../../src/sandbox/docker-host.ts';
import { unreachable } from '../../src/sandbox/engine.ts';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import { noDocker, openSandbox, run } from './support.ts';

const DOCKER = { gvisor: ['docker'] } as const;

async function refusal(sandbox: Sandbox): Promise<Denial> {
  try {
    await run(sandbox, { language: 'bash', code: 'echo ran on the host' });
  } catch (error) {
    assert.ok(error instanceof Denial, String(error));
    assert.equal(error.code, 'sandbox-unavailable');
    const probe = await sandbox.probe();
    assert.ok(!probe.ok);
    assert.equal(probe.denial.message, error.message);
    return error;
  } finally {
    await sandbox.close();
  }
  throw new Error('it ran');
}

test('without Docker nothing runs, and the hint says what to install', async () => {
  const { message, hint } = await refusal(openSandbox({ host: 'unix:///nonexistent/docker.sock' }));
  assert.match(message, /no Docker at unix:\/\/\/nonexistent/);
  assert.match(hint ?? '', /install Docker and gVisor/);
});

test('with an engine that does not run nothing runs', async () => {
  const { message } = await refusal(openSandbox({ host: 'tcp://127.0.0.1:9' }));
  assert.match(message, /nobody answers for Docker at tcp:\/\/127.0.0.1:9/);
});

test('an engine that never answers is given up', { timeout: 120_000 }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-mute-'));
  const path = join(folder, 'docker.sock');
  const server = createServer(() => {}).listen(path);
  t.after(() => {
    server.close();
    rmSync(folder, { recursive: true });
  });
  const sandbox = openSandbox({ host: `unix://${path}` });
  const probe = await sandbox.probe();
  assert.ok(!probe.ok);
  assert.match(probe.denial.message, /no sensible answer/);
  await sandbox.close();
});

test('a user who may not use the socket is told so', () => {
  const error = Object.assign(new Error('connect EACCES'), { code: 'EACCES' });
  const denial = unreachable(error, dockerHost({}, 'unix:///var/run/docker.sock'));
  assert.match(denial.message, /this user may not use Docker/);
  assert.match(denial.hint ?? '', /group docker/);
});

test('an engine without the runtime runs nothing', { skip: noDocker }, async () => {
  const { message, hint } = await refusal(
    openSandbox({ runtime: 'runsc-of-nobody', tiers: DOCKER }),
  );
  assert.match(message, /has no runtime runsc-of-nobody/);
  assert.match(hint ?? '', /"runsc-of-nobody": \{"path": "\/usr\/bin\/runsc"/);
});

test(
  'a runtime that shares the kernel of this machine never gets the program',
  { skip: noDocker },
  async () => {
    const { message } = await refusal(openSandbox({ runtime: 'runc', tiers: DOCKER }));
    assert.match(message, /does not run gVisor/);
  },
);

test('an image of the owner’s that is missing is named', { skip: noDocker }, async () => {
  const { message, hint } = await refusal(openSandbox({ images: { bash: 'nobody/nothing:1' } }));
  assert.match(message, /there is no image nobody\/nothing:1/);
  assert.match(hint ?? '', /pull or build nobody\/nothing:1/);
});

for (const host of ['docker.sock', 'ftp://x', 'file:///var/run/docker.sock', 'not an address'])
  test(`${host} is no address of an engine`, () => {
    assert.throws(() => dockerHost({ DOCKER_HOST: host }), /is not the address of an engine/);
  });
