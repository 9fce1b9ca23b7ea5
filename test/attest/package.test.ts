import assert from 'node:assert/strict';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { measureDependencies, measureProgram } from '../../src/attest/package.ts';
import { Fault } from '../../src/lib/fault.ts';
import { scratch } from '../support/scratch.ts';

type Files = Readonly<Record<string, string>>;

function manifest(name: string, dependencies: readonly string[] = []): string {
  const wanted = Object.fromEntries(dependencies.map((each) => [each, '*']));
  return JSON.stringify({ name, version: '1.0.0', dependencies: wanted });
}

async function lay(folder: string, files: Files): Promise<string> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  return folder;
}

const PROGRAM: Files = {
  'package.json': manifest('own'),
  'bin/own.js': '#!/usr/bin/env node',
  'dist/program/own.js': 'run();',
  'model/weights.bin': 'learned',
  'policies/a.cedar': 'permit(principal, action, resource);',
  'sandbox-images/Dockerfile': 'FROM scratch',
};

test('every file that runs is in the digest of the program, and nothing else', async (context) => {
  const folder = await lay(await scratch(context), PROGRAM);
  const digest = (): string => measureProgram(folder).digest;
  const first = digest();
  await lay(folder, { 'dist/program/own.js.map': '{}', 'README.md': 'x', 'src/own.ts': 'run();' });
  assert.equal(digest(), first);
  for (const path of Object.keys(PROGRAM)) {
    await lay(folder, { [path]: `${PROGRAM[path]} ` });
    assert.notEqual(digest(), first, path);
    await lay(folder, { [path]: PROGRAM[path] ?? '' });
    assert.equal(digest(), first, path);
  }
  await lay(folder, { 'dist/program/more.js': '' });
  assert.notEqual(digest(), first);
});

test('a link in place of a file is not measured', async (context) => {
  const folder = await lay(await scratch(context), PROGRAM);
  await rm(join(folder, 'dist/program/own.js'));
  await symlink('/etc/hostname', join(folder, 'dist/program/own.js'));
  assert.throws(
    () => measureProgram(folder),
    (thrown: unknown) => {
      assert.ok(thrown instanceof Fault);
      assert.match(thrown.message, /own\.js is a link/u);
      return true;
    },
  );
});

/** `own` imports a and b, a imports c. */
const HOISTED: Files = {
  'package.json': manifest('own', ['a', '@x/b']),
  'node_modules/a/package.json': manifest('a', ['c']),
  'node_modules/a/index.js': 'a',
  'node_modules/@x/b/package.json': manifest('@x/b'),
  'node_modules/c/package.json': manifest('c'),
  'node_modules/c/lib/index.js': 'c',
  'node_modules/nobody/package.json': manifest('nobody'),
};

test('dependencies have one digest wherever npm puts them', async (context) => {
  const folder = await scratch(context);
  const flat = measureDependencies(await lay(join(folder, 'flat'), HOISTED));
  assert.equal(flat.count, 3);
  const { 'package.json': own = '', ...rest } = HOISTED;
  const installed = { ...rest, 'node_modules/own/package.json': own };
  await lay(join(folder, 'installed'), installed);
  assert.deepEqual(measureDependencies(join(folder, 'installed/node_modules/own')), flat);
  const nested = Object.fromEntries(
    Object.entries(HOISTED).map(([path, text]) => [
      path.replace('node_modules/c/', 'node_modules/a/node_modules/c/'),
      text,
    ]),
  );
  assert.deepEqual(measureDependencies(await lay(join(folder, 'nested'), nested)), flat);
});

const CHANGES: readonly (readonly [name: string, files: Files])[] = [
  ['a file of a dependency', { 'node_modules/a/index.js': 'A' }],
  ['a file of a dependency of a dependency', { 'node_modules/c/lib/index.js': 'C' }],
  ['a file more', { 'node_modules/@x/b/more.js': '' }],
  ['another version', { 'node_modules/c/package.json': '{"name":"c","version":"2.0.0"}' }],
  ['one that is found first', {
    'node_modules/a/node_modules/c/package.json': manifest('c'),
    'node_modules/a/node_modules/c/lib/index.js': 'evil',
  }],
]; // prettier-ignore

for (const [name, files] of CHANGES)
  test(`the digest of the dependencies changes with ${name}`, async (context) => {
    const folder = await lay(await scratch(context), HOISTED);
    const { digest } = measureDependencies(folder);
    await lay(folder, files);
    assert.notEqual(measureDependencies(folder).digest, digest);
  });

test('what nobody imports is not in it', async (context) => {
  const folder = await lay(await scratch(context), HOISTED);
  const before = measureDependencies(folder);
  await lay(folder, { 'node_modules/nobody/index.js': '' });
  assert.deepEqual(measureDependencies(folder), before);
});

test('a dependency that is not installed is no smaller set', async (context) => {
  const folder = await lay(await scratch(context), HOISTED);
  await rm(join(folder, 'node_modules/c'), { recursive: true });
  assert.throws(() => measureDependencies(folder), /c is not installed/u);
});
