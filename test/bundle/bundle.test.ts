import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { BundleFault } from '../../src/bundle/bundle-fault.ts';
import { openBundleSource } from '../../src/bundle/bundle-source.ts';
import { createBundleMemory } from '../../src/bundle/memory.ts';
import type { Manifest } from '../../src/bundle/manifest.ts';
import { openBundleFolder, type BundleFolder } from '../../src/bundle/read-folder.ts';
import { verifyBundle, type Bundle } from '../../src/bundle/verify-bundle.ts';
import { Fault } from '../../src/lib/fault.ts';
import { withResolvers } from '../../src/lib/resolvers.ts';
import { scratch } from '../support/scratch.ts';
import { KEYS, makeBundle, META, sceneIn, trustOf, write, type Scene } from './support.ts';

const EVIL = 'permit(principal, action, resource);';

async function bundleIn(context: TestContext): Promise<Scene> {
  const scene = sceneIn(await scratch(context));
  mkdirSync(scene.folder);
  await makeBundle(scene.folder);
  return scene;
}

async function verify({ now }: Scene, folder: BundleFolder): Promise<Bundle> {
  return await verifyBundle({
    folder,
    trust: trustOf(['ci']),
    now: () => now,
    follows: () => undefined,
  });
}

function problemOf(thrown: unknown): string {
  if (thrown instanceof BundleFault) return thrown.problem;
  throw thrown;
}

test('what is changed after it was checked is not what is loaded', async (context) => {
  const scene = await bundleIn(context);
  const real = await openBundleFolder(scene.folder);
  const { files } = await verify(scene, {
    ...real,
    async read(path, maxBytes) {
      const bytes = await real.read(path, maxBytes);
      write(scene.folder, path, EVIL);
      return bytes;
    },
  });
  assert.match(String(files.get('a.cedar')), /Server::"web"/u);
  assert.match(String(files.get('team/b.cedar')), /forbid/u);
});

test('what is changed between the listing and the reading is refused', async (context) => {
  const scene = await bundleIn(context);
  const real = await openBundleFolder(scene.folder);
  const changed = verify(scene, {
    ...real,
    async list() {
      const found = await real.list();
      write(scene.folder, 'a.cedar', EVIL);
      return found;
    },
  });
  assert.equal(await changed.catch(problemOf), 'file-changed');
});

test('a link to the folder may be switched at any time: one bundle is read, never parts of two', async (context) => {
  const scene = await bundleIn(context);
  const link = join(scene.folder, '..', 'current');
  const newer = join(scene.folder, '..', 'newer');
  await makeBundle(newer, {
    files: { 'a.cedar': EVIL },
    meta: { ...META, version: 8 },
  });
  symlinkSync(scene.folder, link);
  const real = await openBundleFolder(link);
  rmSync(link);
  symlinkSync(newer, link);
  assert.equal((await verify(scene, real)).manifest.version, 7);
  assert.equal((await verify(scene, await openBundleFolder(link))).manifest.version, 8);
});

test('a file in the place of a folder between, which leads elsewhere, is not followed to other bytes', async (context) => {
  const scene = await bundleIn(context);
  const real = await openBundleFolder(scene.folder);
  const elsewhere = join(scene.folder, '..', 'elsewhere');
  write(elsewhere, 'b.cedar', EVIL);
  const changed = verify(scene, {
    ...real,
    async list() {
      const found = await real.list();
      renameSync(join(scene.folder, 'team'), join(scene.folder, '..', 'gone'));
      symlinkSync(elsewhere, join(scene.folder, 'team'));
      return found;
    },
  });
  assert.equal(await changed.catch(problemOf), 'file-changed');
});

const manifest = (version: number, name = 'team'): Manifest => ({
  format: 'sallyport-bundle/1',
  ...META,
  name,
  version,
  files: {},
});

test('versions go up, in every process that shares the state, wherever the bundle is', async (context) => {
  const path = join(await scratch(context), 'bundles');
  const one = createBundleMemory({ path, place: '/one', name: undefined });
  const two = createBundleMemory({ path, place: '/two', name: undefined });
  one.remember(manifest(3), 'c');
  two.remember(manifest(3), 'c');
  for (const [version, digest, want] of [
    [2, 'b', 'rolled-back'],
    [3, 'x', 'other-digest'],
  ] as const)
    for (const act of ['check', 'remember'] as const)
      assert.throws(
        () => two[act](manifest(version), digest),
        (thrown) => problemOf(thrown) === want,
      );
  two.remember(manifest(5), 'e');
  assert.throws(
    () => one.remember(manifest(4), 'd'),
    (thrown) => problemOf(thrown) === 'rolled-back',
  );
  one.check(manifest(5), 'e');
  assert.deepEqual(readdirSync(join(path, 'names', 'team')), ['5']);
});

test('whoever empties the state while a gateway serves leads it no way back', async (context) => {
  const path = join(await scratch(context), 'bundles');
  const memory = createBundleMemory({ path, place: '/one', name: undefined });
  memory.remember(manifest(3), 'c');
  rmSync(path, { recursive: true });
  for (const [version, digest, name, want] of [
    [2, 'b', 'team', 'rolled-back'],
    [3, 'x', 'team', 'other-digest'],
    [9, 'o', 'ops', 'other-name'],
  ] as const)
    for (const act of ['check', 'remember'] as const)
      assert.throws(
        () => memory[act](manifest(version, name), digest),
        (thrown) => problemOf(thrown) === want,
      );
  memory.remember(manifest(4), 'd');
  assert.deepEqual(readdirSync(join(path, 'names', 'team')), ['4']);
});

test('a link in the place of what was remembered is refused, also one that leads nowhere', async (context) => {
  const folder = await scratch(context);
  const path = join(folder, 'bundles');
  createBundleMemory({ path, place: '/one', name: undefined }).remember(manifest(3), 'c');
  symlinkSync(join(folder, 'nowhere'), join(path, 'names', 'team', '9'));
  const memory = createBundleMemory({ path, place: '/one', name: undefined });
  assert.throws(() => memory.check(manifest(10), 'j'), /symbolic link/u);
});

test('a bundle that is put in place before its time is looked at when that has come', async (context) => {
  const scene = await bundleIn(context);
  const keys = [join(scene.folder, '..', 'ci.pub')];
  write(join(scene.folder, '..'), 'ci.pub', KEYS['ci']?.pem ?? '');
  const begins = Date.parse(META.notBefore);
  let clock = new Date(begins - 1);
  const source = await openBundleSource(
    { path: scene.folder, keys, threshold: 1 },
    scene.state,
    () => clock,
  );
  const { promise: told, resolve } = withResolvers<undefined>();
  context.after(source.watch(() => resolve(undefined)));
  assert.equal(await source.read().catch(problemOf), 'not-yet-valid');
  clock = new Date(begins);
  // Its own timers do not keep a process alive.
  const alive = setInterval(() => undefined, 1000);
  await told;
  clearInterval(alive);
  assert.equal((await source.read()).manifest.version, 7);
});

test('the bundle that was first in a place keeps it, unless the configuration names another', async (context) => {
  const path = join(await scratch(context), 'bundles');
  const unnamed = createBundleMemory({ path, place: '/one', name: undefined });
  unnamed.remember(manifest(1), 'a');
  assert.throws(
    () => unnamed.check(manifest(9, 'ops'), 'o'),
    (thrown) => problemOf(thrown) === 'other-name',
  );
  createBundleMemory({ path, place: '/one', name: 'ops' }).remember(manifest(2, 'ops'), 'o');
  createBundleMemory({ path, place: '/two', name: undefined }).remember(manifest(1), 'a');
});

test('a memory that others can write decides nothing', async (context) => {
  const path = join(await scratch(context), 'bundles');
  const memory = createBundleMemory({ path, place: '/one', name: undefined });
  memory.remember(manifest(3), 'c');
  chmodSync(join(path, 'names', 'team', '3'), 0o666);
  assert.throws(() => memory.check(manifest(4), 'd'), Fault);
});
