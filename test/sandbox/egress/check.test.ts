import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, describe, test, type TestContext } from 'node:test';
import Docker from 'dockerode';
import { createProbes } from '../../../src/commands/check/probes.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { dockerHost } from '../../../src/sandbox/docker-host.ts';
import { scratch } from '../../support/scratch.ts';
import { noDocker, openSandbox, run } from '../support.ts';

/** What `sallyport check` says of the sandbox, and whether any of it is an error. */
async function check(
  context: TestContext,
  runtime: string,
  egress: string,
): Promise<{ readonly said: string; readonly hasErrors: boolean }> {
  const cwd = await scratch(context);
  const path = join(cwd, 'sallyport.yaml');
  await writeFile(
    path,
    `builtin: { code: { egress: ${egress} } }
sandbox: { runtime: ${runtime} }
state: { path: ./state }`,
  );
  const env = { ...process.env, HOME: cwd };
  const found = await createProbes(env).sandbox(await loadConfig({ path, cwd, env }));
  if (egress !== '[]') assert.deepEqual(readdirSync(join(cwd, 'state', 'egress')), []);
  const all = typeof found === 'string' ? [] : found;
  return {
    said: all.map(({ message, hint }) => [message, hint].filter(Boolean).join(' | ')).join('\n'),
    hasErrors: all.some(({ level }) => level === 'error'),
  };
}

describe('check', { skip: noDocker }, () => {
  before(async () => {
    const sandbox = openSandbox();
    for (const language of ['python', 'javascript', 'bash'] as const)
      await run(sandbox, { language, code: '' });
    await sandbox.close();
  });

  test('says that programs reach their way out', async (t) => {
    const { said, hasErrors } = await check(t, 'runsc', '[api.example.com]');
    assert.match(said, /; programs reach their way out$/mu);
    assert.match(said, /^wasm by quickjs: no way out: /mu);
    assert.ok(!hasErrors, said);
  });

  test('says nothing of it where there is none', async (t) => {
    assert.doesNotMatch((await check(t, 'runsc', '[]')).said, /way out/u);
  });

  test('says how to open sockets of the host where runsc does not', async (t) => {
    const docker = new Docker(dockerHost(process.env).options);
    const { Runtimes: runtimes }: { Runtimes?: object } = await docker.info();
    if (!Object.hasOwn(runtimes ?? {}, 'runsc-closed'))
      return t.skip('this engine has no runtime runsc-closed');
    const { said, hasErrors } = await check(t, 'runsc-closed', '[api.example.com]');
    assert.ok(hasErrors, said);
    assert.match(
      said,
      /python in the sandbox does not reach the socket of its way out \| .*add "--host-uds=open" to the runtimeArgs of runsc-closed/u,
    );
    assert.doesNotMatch((await check(t, 'runsc-closed', '[]')).said, /way out/u);
  });
});
