import assert from 'node:assert/strict';
import { execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, existsSync, readdirSync } from 'node:fs';
import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import type Docker from 'dockerode';
import { Denial } from '../../src/denial.ts';
import { packageRoot } from '../../src/lib/package-root.ts';
import { importTar } from '../../src/sandbox/build-image.ts';
import { createEnsureImage, findImage } from '../../src/sandbox/images.ts';
import { buildRootfs } from '../../src/sandbox/rootfs.ts';
import { freePort } from '../support/free-port.ts';
import { startDockerd } from '../support/own-engine.ts';
import { lacking, startOwn } from '../support/own-process.ts';
import { scratch } from '../support/scratch.ts';
import { until } from '../support/until.ts';
import { CACHE, noDocker, openSandbox, refusal, run } from './support.ts';

const ends: (() => unknown)[] = [];
const context = { after: (end: () => unknown) => void ends.push(end) };
const BUILDER = new URL('image-builder.js', import.meta.url);
const FOLDER = join(packageRoot(), 'sandbox-images');

type Ready = { readonly ready: string } | { readonly log: string };

describe('images', { skip: noDocker || lacking('dockerd', 'runsc') }, () => {
  let host = '';
  let docker: Docker;

  before(async () => {
    ({ host, docker } = await startDockerd(context));
  });
  after(async () => {
    for (const end of ends.toReversed()) await end();
  });

  /** A process of its own that builds the image of bash. */
  function builder(cache: string, see: (said: Ready) => void = () => {}) {
    const child = fork(BUILDER, [host, cache]);
    context.after(() => child.kill('SIGKILL'));
    child.on('message', (said: Ready) => see(said));
    return child;
  }

  test('the same packages make the same tar', { timeout: 300_000 }, async (t) => {
    const digests = await Promise.all(
      [1, 2].map(async () => {
        const made = await buildRootfs({
          name: 'twice',
          packages: ['bash', 'dash', 'coreutils'],
          script: join(FOLDER, 'rootfs.sh'),
          cache: await scratch(t),
          log: () => {},
        });
        return made.digest;
      }),
    );
    assert.match(digests[0] ?? '', /^[0-9a-f]{64}$/u);
    assert.equal(digests[0], digests[1]);
  });

  test(
    'of two processes one builds, and a killed one leaves nothing half',
    { timeout: 500_000 },
    async (t) => {
      const cache = await scratch(t);
      const killed = builder(cache, (said) => {
        if ('log' in said && said.log === 'packing') killed.kill('SIGKILL');
      });
      await once(killed, 'exit');
      assert.ok(!readdirSync(join(cache, 'images')).some((name) => name.endsWith('.tar')));
      assert.deepEqual(await docker.listImages(), []);

      const said: Ready[] = [];
      const both = [1, 2].map(() => builder(cache, (each) => said.push(each)));
      await Promise.all(both.map(async (child) => void (await once(child, 'exit'))));
      const ids = new Set(said.flatMap((each) => ('ready' in each ? [each.ready] : [])));
      assert.equal(ids.size, 1);
      const built = said.filter((each) => 'log' in each && each.log.startsWith('built '));
      assert.equal(built.length, 1);
      const left = readdirSync(join(cache, 'images')).map((name) =>
        name.replace(/-[0-9a-f]{16}/u, ''),
      );
      assert.deepEqual(left.toSorted(), ['bash.tar', 'bash.tar.sha256']);
    },
  );

  test(
    'a tar that is changed while Docker loads it makes no image',
    { timeout: 300_000 },
    async (t) => {
      const cache = await scratch(t);
      const file = join(cache, 'some.tar');
      await writeFile(file, Buffer.alloc(10_240));
      const digest = '5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef'; // of nothing that is here
      const before = (await docker.listImages({ all: true })).length;
      await assert.rejects(importTar(docker, { file, digest }, 'sallyport/some:1', () => {}), /was changed while it was loaded/); // prettier-ignore
      assert.equal((await docker.listImages({ all: true })).length, before);
    },
  );

  test(
    'packages that cannot be downloaded are told, and nothing is left',
    { timeout: 300_000 },
    async (t) => {
      const cache = await scratch(t);
      await mkdir(join(cache, 'parts'));
      await writeFile(join(cache, 'sources.list'), 'deb [trusted=yes] http://127.0.0.1:9/debian stable main\n'); // prettier-ignore
      await writeFile(join(cache, 'apt.conf'), `Dir::Etc::sourcelist "${cache}/sources.list";\nDir::Etc::sourceparts "${cache}/parts";\nDir::State::lists "${cache}/none";\n`); // prettier-ignore
      const { APT_CONFIG: configured } = process.env;
      process.env['APT_CONFIG'] = join(cache, 'apt.conf');
      try {
        const ensure = createEnsureImage({ own: {}, version: 'offline', cache, log: () => {} });
        await assert.rejects(ensure(docker, 'bash'), (error: unknown) => {
          assert.ok(error instanceof Denial);
          assert.match(error.message, /there is no image sallyport\/bash:offline \(rootfs\.sh ended with 1: .*Unable to locate package/); // prettier-ignore
          assert.match(error.hint ?? '', /apt-get can download .*sandbox\.images\.bash/);
          return true;
        });
      } finally {
        if (configured === undefined) delete process.env['APT_CONFIG'];
        else process.env['APT_CONFIG'] = configured;
      }
      assert.deepEqual(readdirSync(join(cache, 'images')), []);
    },
  );

  test('progress goes up to the end', { timeout: 300_000 }, async (t) => {
    const seen = new Map<string, number[]>();
    const ensure = createEnsureImage({
      own: {},
      version: 'progress',
      cache: await scratch(t),
      log: () => {},
      progress: (step, done = 1) => void seen.set(step, [...(seen.get(step) ?? []), done]),
    });
    await ensure(docker, 'bash');
    for (const step of ['downloading packages', 'unpacking', 'packing', 'loading', 'building']) {
      const parts = seen.get(step) ?? assert.fail(step);
      assert.ok(
        parts.every((part) => part >= 0 && part <= 1),
        step,
      );
      assert.equal(parts.at(-1), 1, step);
    }
  });

  test(
    'an image is built on a base of a registry, pinned by its digest there, and runs',
    { skip: lacking('docker-registry', 'docker'), timeout: 500_000 },
    async (t) => {
      const folder = await scratch(t);
      const registry = `127.0.0.1:${await freePort()}`;
      await writeFile(join(folder, 'registry.yml'), `version: 0.1\nstorage:\n  filesystem:\n    rootdirectory: ${folder}/store\nhttp:\n  addr: ${registry}\n`); // prettier-ignore
      startOwn(t, 'docker-registry', ['serve', join(folder, 'registry.yml')]);
      await until(async () => await fetch(`http://${registry}/v2/`).then((answer) => answer.ok, () => false)); // prettier-ignore
      const client = async (...args: readonly string[]): Promise<string> =>
      (await promisify(execFile)('docker', args, { env: { ...process.env, DOCKER_HOST: host, DOCKER_BUILDKIT: '0' } })).stdout; // prettier-ignore
      const forget = async (...names: readonly string[]): Promise<void> => {
        for (const name of names) await docker.getImage(name).remove({ force: true });
      };

      const rootfs = await buildRootfs({ name: 'registry-base', packages: ['bash', 'dash', 'coreutils'], script: join(FOLDER, 'rootfs.sh'), cache: CACHE, log: () => {} }); // prettier-ignore
      const base = `${registry}/base:1`;
      await text(await docker.importImage(createReadStream(rootfs.file), { repo: base }));
      await client('push', base);
      await forget(base);
      // As the Dockerfile says it.
      const own = `${registry}/own/bash:1`;
      await client('build', '--build-arg', `BASE=${base}`, '-t', own, join(FOLDER, 'bash'));
      await client('push', own);
      const { RepoDigests: digests } = await docker.getImage(own).inspect();
      const pinned = digests.find((each) => each.startsWith(`${registry}/own/bash@`)) ?? '';
      assert.match(pinned, /@sha256:[0-9a-f]{64}$/u);
      await forget(own);

      const missing = await refusal({ host, images: { bash: pinned } });
      assert.match(missing.message, /there is no image .*own\/bash@sha256/);
      await client('pull', pinned);
      const sandbox = openSandbox({ host, images: { bash: pinned } });
      assert.equal((await run(sandbox, { language: 'bash', code: 'echo pinned' })).stdout, 'pinned\n'); // prettier-ignore
      await sandbox.close();
    },
  );

  test(
    'a pinned image is that one or none, whatever its name points to',
    { timeout: 300_000 },
    async (t) => {
      const cache = await scratch(t);
      const load = async (content: string): Promise<string> => {
        const file = join(cache, 'own.tar');
        await writeFile(join(cache, 'file'), content);
        await promisify(execFile)('tar', ['-C', cache, '-cf', file, 'file']);
        await text(await docker.importImage(createReadStream(file), { repo: 'own/moved:1' }));
        return (await docker.getImage('own/moved:1').inspect()).Id;
      };
      const first = await load('first');
      const pinned = { own: { bash: `own/moved:1@${first}` }, version: 'pin' };
      assert.equal((await findImage(docker, 'bash', pinned)).id, first);
      assert.equal(
        (await findImage(docker, 'bash', { ...pinned, own: { bash: first } })).id,
        first,
      );
      const second = await load('second');
      assert.notEqual(second, first);
      const { message, hint } = await refusal({ host, images: { bash: `own/moved:1@${first}` } });
      assert.equal(message, `Cannot run the program: the image own/moved:1 is ${second}, and ${first} is pinned`); // prettier-ignore
      assert.match(hint ?? '', /docker pull own\/moved:1@sha256/);
      await assert.rejects(findImage(docker, 'bash', pinned), /is pinned/);
      // Not even an image that says so itself, or the unpinned one.
      assert.equal((await findImage(docker, 'bash', { ...pinned, own: { bash: 'own/moved:1' } })).id, second); // prettier-ignore
    },
  );

  test(
    'a cached tar that somebody changed is said and made again',
    { timeout: 300_000 },
    async (t) => {
      const said: string[] = [];
      const options = { name: 'cached', packages: ['bash'], script: join(FOLDER, 'rootfs.sh'), cache: await scratch(t), log: (line: string) => void said.push(line) }; // prettier-ignore
      const { file, digest } = await buildRootfs(options);
      await appendFile(file, 'a door');
      assert.equal((await buildRootfs(options)).digest, digest);
      assert.equal(said.filter((line) => /cached\.tar is not what was made here/u.test(line)).length, 1); // prettier-ignore
      assert.ok(existsSync(file));
    },
  );
});
