import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import Docker from 'dockerode';
import { dockerHost } from '../../src/sandbox/docker-host.ts';
import { createEnsureImage } from '../../src/sandbox/images.ts';
import { buildRootfs, type RootfsOptions } from '../../src/sandbox/rootfs.ts';
import { CACHE, noDocker } from './support.ts';

function folder(t: TestContext): string {
  const made = mkdtempSync(join(tmpdir(), 'sallyport-images-'));
  t.after(() => rmSync(made, { recursive: true }));
  return made;
}

/** A script that notes that it ran. */
function noting(cache: string): RootfsOptions & { readonly runs: () => number } {
  const script = join(cache, 'script.sh');
  const notes = join(cache, 'runs');
  writeFileSync(notes, '');
  writeFileSync(script, `echo run >> '${notes}'; echo content > "$1"`);
  const runs = (): number => readFileSync(notes, 'utf8').split('\n').length - 1;
  return { name: 'some', packages: ['one'], script, cache, log: () => {}, runs };
}

test('a tar is made once', async (t) => {
  const { runs, ...options } = noting(folder(t));
  const first = await buildRootfs(options);
  assert.deepEqual(await buildRootfs(options), first);
  assert.equal(runs(), 1);
});

test('a tar that somebody changed is made again', async (t) => {
  const { runs, ...options } = noting(folder(t));
  const { file, digest } = await buildRootfs(options);
  writeFileSync(file, 'a door');
  assert.deepEqual(await buildRootfs(options), { file, digest });
  assert.equal(runs(), 2);
});

test('a script that fails says its last words, and leaves nothing', async (t) => {
  const cache = folder(t);
  const script = join(cache, 'bad.sh');
  writeFileSync(script, 'echo half > "$1"; echo no such package >&2; exit 7');
  const options = { name: 'bad', packages: [], script, cache, log: () => {} };
  await assert.rejects(buildRootfs(options), /ended with 7: no such package/);
  await assert.rejects(buildRootfs(options), /ended with 7/);
});

test(
  'a built image is known by its recipe and found again at once',
  { skip: noDocker },
  async () => {
    const docker = new Docker(dockerHost(process.env).options);
    const said: string[] = [];
    const options = {
      own: {},
      version: 'test',
      cache: CACHE,
      log: (line: string) => void said.push(line),
    };
    const ids = await Promise.all(
      [1, 2].map(async () => await createEnsureImage(options)(docker, 'bash')),
    );
    assert.equal(new Set(ids).size, 1);
    const { Config: config } = await docker.getImage('sallyport/bash:test').inspect();
    assert.match(config.Labels['dev.sallyport.recipe'] ?? '', /^[0-9a-f]{64}$/);
    assert.equal(config.User, '65534:65534');
    said.length = 0;
    assert.equal(await createEnsureImage(options)(docker, 'bash'), ids[0]);
    assert.deepEqual(said, []);
  },
);
