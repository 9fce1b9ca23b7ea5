import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmodSync, lchownSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import Docker from 'dockerode';
import { Denial } from '../../src/denial.ts';
import { makeCellFolder } from '../../src/sandbox/cell-folder.ts';
import { dockerHost } from '../../src/sandbox/docker-host.ts';
import { createEnsureImage } from '../../src/sandbox/images.ts';
import { preparePackage } from '../../src/sandbox/inside/packages.ts';
import { processBegan } from '../../src/lib/process-began.ts';
import { ownerLabels } from '../../src/sandbox/owner.ts';
import { createEnsureUnpacked } from '../../src/sandbox/unpacked.ts';
import { openKernel } from '../../src/sandbox/vm/guest.ts';
import { scratch } from '../support/scratch.ts';
import { noDocker } from './support.ts';
import { openWay, WAYS } from './ways.ts';

const STRANGER = 61_234;
const isRoot = process.getuid?.() === 0;
const log = (): void => {};

/** How a folder comes to be one that somebody else has a hand in. */
const WAYS_IN: Readonly<Record<string, { skip?: boolean; lay: (folder: string) => void }>> = {
  'of another user': {
    skip: !isRoot,
    lay(folder) {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      lchownSync(folder, STRANGER, STRANGER);
    },
  },
  'that its group may write': {
    lay(folder) {
      mkdirSync(folder, { recursive: true });
      chmodSync(folder, 0o770);
    },
  },
  'that everybody may write': {
    lay(folder) {
      mkdirSync(folder, { recursive: true });
      chmodSync(folder, 0o1777);
    },
  },
  'that is a link': {
    lay(folder) {
      mkdirSync(`${folder}.else`, { recursive: true, mode: 0o700 });
      symlinkSync(`${folder}.else`, folder);
    },
  },
};

/** Everything that takes from the cache what will run, and the folder that it takes it from. */
const USES: Readonly<
  Record<string, { skip?: string | false; part: string; use: (cache: string) => Promise<unknown> }>
> = {
  'an image': {
    skip: noDocker,
    part: 'images',
    async use(cache) {
      const ensure = createEnsureImage({ own: {}, version: 'of-nobody', cache, log });
      await ensure(new Docker(dockerHost(process.env).options), 'bash');
    },
  },
  'a root file system': {
    part: 'rootfs',
    use: async (cache) => await createEnsureUnpacked({ images: {}, cache, log })('bash'),
  },
  'a kernel': { part: 'images', use: async (cache) => await openKernel({ cache, log }) },
  'a package': {
    part: 'packages',
    async use(cache) {
      const wanted = { name: 'left-pad', args: [] };
      await preparePackage(wanted, { pins: join(cache, 'pins'), cache, env: {}, log });
    },
  },
};

for (const [what, { skip = false, part, use }] of Object.entries(USES))
  for (const [how, way] of Object.entries(WAYS_IN))
    for (const at of ['', part])
      test(
        `${what} is not taken from ${at === '' ? 'a cache' : 'a folder of the cache'} ${how}`,
        { skip: skip || (way.skip && 'only root gives folders away') },
        async (context) => {
          const cache = join(await scratch(context), 'sallyport');
          mkdirSync(join(cache, '..'), { recursive: true });
          if (at !== '') mkdirSync(cache, { mode: 0o700 });
          way.lay(join(cache, at));
          await assert.rejects(
            async () => await use(cache),
            (thrown) =>
              thrown instanceof Denial &&
              thrown.code === 'sandbox-unavailable' &&
              thrown.message.startsWith(`Cannot use the folder ${join(cache, at)}: `) &&
              /XDG_CACHE_HOME/u.test(thrown.hint ?? ''),
          );
        },
      );

describe('cells of processes', { skip: WAYS.bubblewrap.missing }, () => {
  test('are neither made nor ended where others write', async (context) => {
    const cache = join(await scratch(context), 'sallyport');
    const victim = spawn('sleep', ['600'], { stdio: 'ignore', detached: true });
    context.after(() => victim.kill('SIGKILL'));
    const { pid = 0 } = victim;
    const cell = join(cache, 'process', '0123456789abcdef');
    mkdirSync(cell, { recursive: true });
    const nobody = { instance: 'x', host: 'x', pid: 1, began: '1' };
    writeFileSync(join(cell, 'owner.json'), JSON.stringify(ownerLabels(nobody, 1)));
    writeFileSync(join(cell, 'process.json'), JSON.stringify({ pid, began: processBegan(pid) }));
    chmodSync(join(cache, 'process'), 0o777);
    const sandbox = openWay('bubblewrap', { cache });
    await assert.rejects(
      async () => await sandbox.reap(),
      /other users of this machine may write/u,
    );
    await assert.rejects(
      async () => await makeCellFolder(join(cache, 'process'), 'x', { owner: nobody, expires: 1 }),
      /Cannot use the folder .*process: other users/u,
    );
    await sandbox.close();
    assert.equal(victim.exitCode ?? victim.signalCode, null, 'it lives');
    chmodSync(join(cache, 'process'), 0o700);
    const next = openWay('bubblewrap', { cache });
    assert.equal(await next.reap(), 1, 'what is its own is ended');
    await next.close();
  });
});
