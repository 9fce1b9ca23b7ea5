import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { Denial } from '../../../src/denial.ts';
import { isJsonObject } from '../../../src/lib/json.ts';
import { preparePackage, type Prepared } from '../../../src/sandbox/inside/packages.ts';
import { which } from '../../support/own-process.ts';
import { scratch } from '../../support/scratch.ts';
import { openLocalRegistry, type LocalRegistry, type Published } from './local-registry.ts';

type Place = {
  readonly folder: string;
  readonly registry: LocalRegistry;
  readonly prepare: (name?: string, more?: NodeJS.ProcessEnv) => Promise<Prepared>;
  /** What npm found in its environment, at its last run. */
  readonly seen: () => string;
};

async function place(
  context: TestContext,
  packages: (address: string, folder: string) => Readonly<Record<string, Published>>,
): Promise<Place> {
  const folder = await scratch(context);
  const registry = await openLocalRegistry(context, (address) => packages(address, folder));
  const [bin, environment] = [join(folder, 'bin'), join(folder, 'environment')];
  mkdirSync(bin);
  writeFileSync(join(bin, 'npm'), `#!/bin/sh\nenv > ${environment}\nexec ${which('npm')} "$@"\n`, {
    mode: 0o755,
  });
  const env = {
    PATH: `${bin}${delimiter}${process.env['PATH']}`,
    HOME: folder,
    npm_config_registry: `${registry.address}/`,
    NPM_CONFIG_CACHE: join(folder, 'npm'),
  };
  return {
    folder,
    registry,
    seen: () => readFileSync(environment, 'utf8'),
    prepare: async (name = 'server', more = {}) =>
      await preparePackage(
        { name, args: [] },
        {
          pins: join(folder, 'pins'),
          cache: join(folder, 'cache'),
          env: { ...env, ...more },
          log: () => {},
        },
      ),
  };
}

/** What is left in the folder of the packages. */
function left({ folder }: Place): string[] {
  return readdirSync(join(folder, 'cache', 'packages'));
}

function refusal(place: Place, error: unknown): string {
  assert.ok(error instanceof Denial, String(error));
  assert.equal(error.code, 'sandbox-unavailable');
  assert.ok(error.hint);
  assert.match(error.message, /^Cannot prepare server for the sandbox: /u);
  assert.deepEqual([left(place), existsSync(join(place.folder, 'pins'))], [[], false]);
  return error.message;
}

/** What a hostile package asks for, and where it says so. */
const FOREIGN: readonly (readonly [string, (address: string, folder: string) => string])[] = [
  ['a folder of this machine', (_, folder) => `file:${folder}/private`],
  ['a folder by its path alone', (_, folder) => `${folder}/private`],
  ['a folder as a link', (_, folder) => `link:${folder}/private`],
  ['an archive of this machine', (_, folder) => `file:${folder}/private.tgz`],
  ['an address', (address) => `${address}/metadata/secret.tgz`],
  ['a repository', () => 'git+https://127.0.0.1:1/a/b.git'],
  ['a repository over ssh', () => 'git+ssh://git@127.0.0.1:1/a/b.git'],
  ['a repository by its short name', () => 'nobody/nothing'],
  ['a gist', () => 'gist:11081aaa281'],
];

for (const [what, spec] of FOREIGN)
  test(`a package that asks for ${what} is refused before it is unpacked`, async (context) => {
    const own = await place(context, (address, folder) => ({
      server: { manifest: { dependencies: { middle: '^1.0.0' } } },
      middle: { manifest: { dependencies: { stolen: spec(address, folder) } } },
    }));
    const secret = join(own.folder, 'private');
    mkdirSync(secret);
    writeFileSync(join(secret, 'package.json'), '{"name":"stolen","version":"1.0.0"}');
    execFileSync('tar', ['-czf', `${secret}.tgz`, '-C', own.folder, 'private']);
    // A copy in place of a link would be mounted.
    const installing = own.prepare('server', { npm_config_install_links: 'true' });
    await installing.then(
      () => assert.fail('it was installed'),
      (error: unknown) => refusal(own, error),
    );
    // npm asks the address what it has to say of itself.
    const tarballs = own.registry.asked.filter((path) => /^\/(?:server|middle)\/-\//u.test(path));
    assert.deepEqual(tarballs, [], 'nothing was downloaded');
  });

for (const kind of ['optionalDependencies', 'peerDependencies'])
  test(`a folder of this machine is refused among ${kind} too`, async (context) => {
    const own = await place(context, (_, folder) => ({
      server: { manifest: { [kind]: { stolen: `file:${folder}` } } },
    }));
    await own.prepare().then(
      () => assert.fail('it was installed'),
      (error: unknown) => refusal(own, error),
    );
  });

/** The lock file of a package, which sends for a part of it elsewhere. */
const shrinkwrap = (address: string): object => ({
  name: 'locked',
  version: '1.0.0',
  lockfileVersion: 3,
  packages: {
    '': { name: 'locked', version: '1.0.0', dependencies: { plain: '1.0.0' } },
    'node_modules/plain': {
      version: '1.0.0',
      resolved: `${address}/metadata/secret.tgz`,
      integrity: 'sha512-eA==',
    },
  },
});

const SCRIPTS = ['preinstall', 'install', 'postinstall', 'prepare', 'prepublish', 'preprepare'];

test('a package is installed with all that is of the registry, and nothing of it runs', async (context) => {
  const own = await place(context, (_, folder) => {
    const scripts = Object.fromEntries(SCRIPTS.map((each) => [each, `touch ${folder}/ran`]));
    return {
      server: {
        manifest: {
          scripts,
          dependencies: {
            plain: '>=1.0.0 <2.0.0-0 || ^3',
            other: 'npm:real@^1.0.0',
            brought: '*',
          },
          bundleDependencies: ['brought'],
        },
        files: {
          'binding.gyp': '{}',
          'node_modules/brought/package.json': '{"name":"brought","version":"1.0.0"}',
        },
      },
      plain: { manifest: { scripts, gypfile: true } },
      real: { manifest: { scripts, dependencies: { plain: 'latest' } } },
    };
  });
  const hook = join(own.folder, 'hook.cjs');
  writeFileSync(hook, `require('fs').writeFileSync('${own.folder}/hooked', '')`);
  writeFileSync(join(own.folder, '.npmrc'), '//other.example/:_authToken=${OF_NPMRC}\n');
  const prepared = await own.prepare('server', {
    NODE_OPTIONS: `--require=${hook}`,
    npm_config_ignore_scripts: 'false',
    npm_config_node_options: `--require=${hook}`,
    npm_config_script_shell: '/bin/sh',
    npm_config_git: '/bin/true',
    AWS_SECRET_ACCESS_KEY: 'secret-of-another',
    OF_NPMRC: 'meant-for-npm',
    no_proxy: '127.0.0.1',
  });
  assert.equal(prepared.version, '1.0.0');
  assert.match(prepared.integrity, /^sha512-/u);
  const said = execFileSync(process.execPath, [join(prepared.folder, prepared.entry)]);
  assert.equal(String(said), 'it runs\n');
  assert.deepEqual(readdirSync(join(prepared.folder, 'node_modules', 'server', 'node_modules')), [
    'brought',
  ]);
  assert.ok(existsSync(join(prepared.folder, 'node_modules', 'other')));
  const written = ['ran', 'hooked'].filter((name) => existsSync(join(own.folder, name)));
  assert.deepEqual(written, []);
  const names = own
    .seen()
    .split('\n')
    .map((line) => line.split('=')[0] ?? '')
    .filter((name) => !['', '_', 'OLDPWD', 'PWD', 'SHLVL'].includes(name));
  assert.deepEqual(
    names.toSorted(),
    ['HOME', 'NPM_CONFIG_CACHE', 'OF_NPMRC', 'PATH', 'no_proxy', 'npm_config_registry'].toSorted(),
  );
});

const [major = 0, minor = 0] = execFileSync('npm', ['--version'], { encoding: 'utf8' })
  .split('.')
  .map(Number);
const skip = (major < 11 || (major === 11 && minor < 15)) && 'npm follows it before 11.15';

test(
  'what the lock file of a package itself says of addresses is not followed',
  { skip },
  async (context) => {
    const elsewhere = await openLocalRegistry(context, () => ({}));
    const own = await place(context, () => ({
      server: { manifest: { dependencies: { locked: '' } } },
      locked: {
        manifest: { dependencies: { plain: '1.0.0' }, _hasShrinkwrap: true },
        files: { 'npm-shrinkwrap.json': JSON.stringify(shrinkwrap(elsewhere.address)) },
      },
      plain: {},
    }));
    await own.prepare().then(
      () => assert.fail('it was installed'),
      (error: unknown) => refusal(own, error),
    );
    assert.deepEqual(elsewhere.asked, []);
  },
);

test('a pin that names something else is refused, also where an earlier one was taken', async (context) => {
  const own = await place(context, () => ({ server: {} }));
  await own.prepare();
  const [name = ''] = readdirSync(join(own.folder, 'pins'));
  const file = join(own.folder, 'pins', name);
  const lock: unknown = JSON.parse(readFileSync(file, 'utf8'));
  assert.ok(isJsonObject(lock) && isJsonObject(lock['packages']));
  for (const more of [
    { resolved: 'file:../../private.tgz' },
    { resolved: `${own.registry.address}/metadata/secret.tgz` },
    { resolved: '../private', link: true },
    { resolved: 'git+ssh://git@127.0.0.1:1/a/b.git' },
    { integrity: '' },
    { dependencies: { stolen: 'file:..' } },
  ]) {
    const entry = lock['packages']['node_modules/server'];
    assert.ok(isJsonObject(entry));
    const packages = { ...lock['packages'], 'node_modules/server': { ...entry, ...more } };
    writeFileSync(file, JSON.stringify({ ...lock, packages }), { mode: 0o600 });
    await assert.rejects(own.prepare(), Denial, JSON.stringify(more));
  }
  for (const at of ['node_modules/../../out', '../out', 'packages/inner']) {
    const packages = { ...lock['packages'], [at]: { version: '1.0.0', integrity: 'sha512-x' } };
    writeFileSync(file, JSON.stringify({ ...lock, packages }), { mode: 0o600 });
    await assert.rejects(own.prepare(), Denial, at);
  }
});
