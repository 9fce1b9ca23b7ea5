import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import Docker from 'dockerode';
import { createConfig } from '../../src/config/load.ts';
import { measure } from '../../src/attest/measure.ts';
import { packageVersion } from '../../src/lib/package-root.ts';
import { dockerHost } from '../../src/sandbox/docker-host.ts';
import { noDocker, openSandbox, run } from '../sandbox/support.ts';
import { scratch } from '../support/scratch.ts';

test('runsc and images are those that programs run in', { skip: noDocker }, async (context) => {
  const { env } = process;
  const sandbox = openSandbox();
  context.after(async () => await sandbox.close());
  await run(sandbox, { language: 'bash', code: 'true' });
  const folder = await scratch(context);
  const config = createConfig(
    { sandbox: { images: { python: 'nobody/has-this:1' } }, builtin: { code: { languages: ['bash', 'python'] } } },
    { folder, env: { HOME: folder } },
  ); // prettier-ignore
  const started = { node: process.execPath, version: process.version, options: [] };
  const measured = await measure({ config, env, started });

  const docker = new Docker(dockerHost(env).options);
  const name = `sallyport/bash:${packageVersion()}`;
  const { Id: digest } = await docker.getImage(name).inspect();
  assert.deepEqual(measured['image:bash'], { name, digest });
  assert.deepEqual(measured['image:python'], {
    unknown: 'Cannot look at the sandbox: there is no image nobody/has-this:1',
  });
  assert.match(JSON.stringify(measured['image:javascript']), /does not list it/u);

  const info: { Runtimes: Record<string, { path: string }> } = await docker.info();
  const path = info.Runtimes['runsc']?.path ?? '';
  const sum = createHash('sha256').update(readFileSync(path)).digest('hex');
  assert.ok('digest' in measured.runsc);
  assert.equal(measured.runsc.digest, `sha256:${sum}`);
  assert.match(measured.runsc.version, /^runsc version /u);
});
