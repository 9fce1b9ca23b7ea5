import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { chmod, copyFile, mkdir, mkdtemp, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import type Docker from 'dockerode';
import { Denial } from '../../src/denial.ts';
import { dockerHost } from '../../src/sandbox/docker-host.ts';
import { connect } from '../../src/sandbox/engine.ts';
import { RUNSC, startDockerd } from '../support/own-engine.ts';
import { lacking, which } from '../support/own-process.ts';
import { scratch } from '../support/scratch.ts';
import { noDocker, openSandbox, refusal, run } from './support.ts';

const ends: (() => unknown)[] = [];
const context = { after: (end: () => unknown) => void ends.push(end) };

const RUNTIMES = {
  runsc: RUNSC,
  'runsc-network': { path: RUNSC.path, runtimeArgs: ['--oci-seccomp'] },
  'runsc-gone': { path: '/nonexistent/runsc' },
  'runsc-unbound': { path: RUNSC.path, runtimeArgs: [...RUNSC.runtimeArgs, '--ignore-cgroups'] },
} as const;

/** A static program to make images of, which is all of these at once. */
const ALL = ['timeout', 'sh', 'mkdir'] as const;

describe('an engine of its own', { skip: noDocker || lacking('dockerd', 'runsc', 'tar') }, () => {
  let engine: { readonly folder: string; readonly host: string; readonly docker: Docker };

  before(async () => {
    engine = await startDockerd(context, { settings: { runtimes: RUNTIMES } });
  });
  after(async () => {
    for (const end of ends.toReversed()) await end();
  });

  /** An image of the programs of this machine with these names, and the libraries that they take. */
  async function image(
    name: string,
    programs: readonly string[],
    changes?: string,
  ): Promise<string> {
    const root = await mkdtemp(join(await scratch(context), 'root-'));
    for (const folder of ['usr/bin', 'tmp', 'work', 'proc', 'dev', 'etc'])
      await mkdir(join(root, folder), { recursive: true });
    await symlink('usr/bin', join(root, 'bin'));
    for (const program of programs) {
      const from = which(program) ?? '';
      await copyFile(from, join(root, 'usr/bin', program));
      const linked = execFileSync('ldd', [from], { encoding: 'utf8' });
      for (const [library = ''] of linked.matchAll(/\/[^ ]+(?= \()/gu)) {
        await mkdir(join(root, library, '..'), { recursive: true });
        await copyFile(library, join(root, library));
      }
    }
    await chmod(join(root, 'tmp'), 0o1777);
    execFileSync('tar', ['-C', root, '-cf', `${root}.tar`, '.']);
    const as = { repo: name, ...(changes && { changes }) };
    await text(await engine.docker.importImage(createReadStream(`${root}.tar`), as));
    return name;
  }

  test(
    'the trap of new kernels says the very argument that is missing, and is stepped into once',
    { timeout: 300_000 },
    async () => {
      const runtime = 'runsc-network';
      const sandbox = openSandbox({ host: engine.host, runtime });
      const program = { language: 'bash', code: 'echo ran' } as const;
      const { kernel } = (await connect(dockerHost({}, engine.host), runtime)).facts;
      const [major = 0, minor = 0] = kernel.split('.').map(Number);
      if (major < 6 || (major === 6 && minor < 11)) {
        assert.equal((await run(sandbox, program)).stdout, 'ran\n');
        return await sandbox.close();
      }
      const started = new Set<string>();
      const stream = await engine.docker.getEvents({
        filters: { event: ['create'], type: ['container'], label: ['dev.sallyport.instance'] },
      });
      stream.on('data', (line: Buffer) => started.add(line.toString()));
      for (let calls = 0; calls < 3; calls++)
        await assert.rejects(run(sandbox, program), (error: unknown) => {
          assert.ok(error instanceof Denial);
          assert.equal(error.code, 'sandbox-unavailable');
          assert.match(error.message, /does not set up a network on Linux \d/);
          assert.match(
            error.hint ?? '',
            /add "--network=none" to the runtimeArgs of runsc-network/,
          );
          return true;
        });
      await sandbox.close();
      if ('destroy' in stream && typeof stream.destroy === 'function') stream.destroy();
      assert.equal(started.size, 1);
    },
  );

  test('a runtime whose program is not there is told with its path', async () => {
    const { message, hint } = await refusal({ host: engine.host, runtime: 'runsc-gone' });
    assert.match(message, /runsc-gone cannot be started: \/nonexistent\/runsc: no such file/);
    assert.match(hint ?? '', /daemon\.json/);
  });

  test('a runtime that leaves cgroups alone is refused before anything starts', async () => {
    const { message, hint } = await refusal({ host: engine.host, runtime: 'runsc-unbound' });
    assert.match(message, /does not keep limits of memory and processes .*--ignore-cgroups/);
    assert.match(hint ?? '', /take --ignore-cgroups out/);
  });

  for (const [missing, programs] of [
    ['timeout', ['bash']],
    ['sh', ['timeout']],
    ['bash', ALL],
  ] as const)
    test(`an own image without ${missing} is told so`, async () => {
      const own = await image(`own/without-${missing}`, programs);
      const { code, message, hint } = await refusal({ host: engine.host, images: { bash: own } });
      assert.equal(code, 'sandbox-unavailable');
      assert.match(message, new RegExp(`the image has no ${missing}$`));
      assert.match(hint ?? '', /timeout, sh, mkdir/);
    });

  test('an own image that has what it takes serves', { timeout: 300_000 }, async () => {
    const own = await image('own/enough', [...ALL, 'bash']);
    const sandbox = openSandbox({ host: engine.host, images: { bash: own } });
    const { stdout } = await run(sandbox, { language: 'bash', code: 'echo "${BASH_VERSION:+bash}"' }); // prettier-ignore
    assert.equal(stdout, 'bash\n');
    await sandbox.close();
  });

  test('an own image with a volume is refused: it is a folder of the host without a limit', async () => {
    const own = await image('own/volume', [...ALL, 'bash'], 'VOLUME /data');
    const { code, message, hint } = await refusal({ host: engine.host, images: { bash: own } });
    assert.equal(code, 'sandbox-unavailable');
    assert.match(message, /the image own\/volume declares the volume \/data$/);
    assert.match(hint ?? '', /without VOLUME/);
  });

  test('a full disk is told, with the folder', { timeout: 300_000 }, async () => {
    const { host } = await startDockerd(context, {
      before: async (folder) => {
        await mkdir(join(folder, 'data'));
        execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=12m', 'none', join(folder, 'data')]);
        await writeFile(join(folder, 'data/.keep'), '');
      },
    });
    const { message, hint } = await refusal({ host });
    assert.match(message, /the disk is full/);
    assert.match(hint ?? '', /docker system prune/);
  });
});
