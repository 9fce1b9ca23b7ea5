import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, symlink } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { test, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { packageRoot, packageVersion } from '../../src/lib/package-root.ts';
import { DIALECTS } from '../support/clients.ts';
import { realServer } from '../support/gate.ts';
import { scratch } from '../support/scratch.ts';

const run = promisify(execFile);

/** What a user gets; everything else in the tarball is a mistake. */
const SHIPPED = [
  /^(?:package\.json|README\.md|LICENSE|CHANGELOG\.md|SECURITY\.md|sallyport\.example\.yaml)$/,
  /^bin\/sallyport\.js$/,
  /^dist\/program\/(?:(?:sallyport|scan-worker|canary-worker|code-server|reap-instance|part-[A-Z0-9]{8}|inside-javascript)\.js|wasm-child\.mjs|quickjs\.wasm|LICENSES|DIGEST)$/,
  /^model\/(?:weights\.bin|card\.json)$/,
  /^policies\/[a-z/-]+\.(?:cedar|cedarschema|json)$/,
  /^sandbox-images\/(?:(?:bash|node|python)\/Dockerfile|egress\/(?:shim\.py|shim\.sh|preload\.cjs)|hooks\/(?:hook\.cjs|hook\.sh|sitecustomize\.py)|vm\/(?:disk|init|kernel)\.sh|[a-z-]+\.(?:sh|json))$/,
];
const NEEDED = [
  'package.json',
  'README.md',
  'LICENSE',
  'bin/sallyport.js',
  'dist/program/sallyport.js',
  'dist/program/scan-worker.js',
  'dist/program/canary-worker.js',
  'dist/program/code-server.js',
  'dist/program/reap-instance.js',
  'dist/program/wasm-child.mjs',
  'dist/program/inside-javascript.js',
  'dist/program/quickjs.wasm',
  'dist/program/LICENSES',
  'dist/program/DIGEST',
  'model/card.json',
  'model/weights.bin',
  'policies/base.cedarschema',
  'policies/default/flow.cedar',
  'policies/personal/personal.cedar',
  'sandbox-images/python/Dockerfile',
  'sandbox-images/seccomp.json',
  'sandbox-images/egress/preload.cjs',
];

async function pack(folder: string): Promise<string> {
  await run('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: packageRoot() });
  const [tarball = ''] = (await readdir(folder)).filter((name) => name.endsWith('.tgz'));
  assert.equal(tarball, `sallyport-${packageVersion()}.tgz`);
  return join(folder, tarball);
}

/** An environment whose npx installs into `folder`, with the packages that npm has fetched already. */
async function ownNpx(folder: string): Promise<Record<string, string>> {
  const { stdout } = await run('npm', ['config', 'get', 'cache']);
  const fetched = join(stdout.trim(), '_cacache');
  const cache = join(folder, 'cache');
  await mkdir(fetched, { recursive: true });
  await mkdir(cache);
  await symlink(fetched, join(cache, '_cacache'));
  const env = Object.entries(process.env).filter(
    (pair): pair is [string, string] =>
      // What `npm test` has set is about this package, not about the user's.
      pair[1] !== undefined && !pair[0].toLowerCase().startsWith('npm_'),
  );
  return {
    ...Object.fromEntries(env),
    npm_config_cache: cache,
    npm_config_prefer_offline: 'true',
    npm_config_update_notifier: 'false',
    HOME: folder,
    XDG_STATE_HOME: join(folder, 'state'),
    XDG_CONFIG_HOME: join(folder, 'config'),
  };
}

test('the tarball holds what is needed and nothing else', async (context) => {
  const tarball = await pack(await scratch(context));
  const { stdout } = await run('tar', ['-tzf', tarball], { maxBuffer: 1 << 24 });
  const files = stdout
    .split('\n')
    .filter((name) => name !== '')
    .map((name) => name.replace(/^package\//u, ''));
  for (const name of NEEDED) assert.ok(files.includes(name), `${name} is missing`);
  assert.deepEqual(
    files.filter((name) => !SHIPPED.some((pattern) => pattern.test(name))),
    [],
  );
});

async function inEmptyFolder(
  context: TestContext,
): Promise<{ folder: string; tarball: string; env: Record<string, string> }> {
  const home = await scratch(context);
  const folder = join(home, 'empty');
  const packed = join(home, 'packed');
  await Promise.all([mkdir(folder), mkdir(packed)]);
  return { folder, tarball: await pack(packed), env: await ownNpx(home) };
}

test('npx runs it in an empty folder', async (context) => {
  const { folder, tarball, env } = await inEmptyFolder(context);
  // Relative: an absolute path is a command to npx.
  const npx = ['--yes', relative(folder, tarball)];
  const { stdout } = await run('npx', [...npx, 'version'], { cwd: folder, env });
  assert.match(stdout, new RegExp(`^sallyport ${packageVersion()}\n`));
  assert.deepEqual(await readdir(folder), []);

  const connect = DIALECTS['SDK 1.x'];
  assert.ok(connect);
  const { command, args } = realServer('everything');
  const client = await connect(context, {
    place: { command: 'npx', args: [...npx, 'wrap', '--', command, ...args], cwd: folder, env },
  });
  const { content } = await client.call('echo', { message: 'from the tarball' });
  assert.deepEqual(content, [{ type: 'text', text: 'Echo: from the tarball' }]);
  assert.equal((await client.call('toggle-simulated-logging', {})).denial, 'approval-required');
  await client.close();

  // What needs a clone says so.
  await assert.rejects(run('npx', [...npx, 'redteam', 'scenarios'], { cwd: folder, env }), {
    code: 3,
    stderr: /no part of the package/u,
  });

  const manifest = await readFile(join(packageRoot(), 'package.json'), 'utf8');
  assert.doesNotMatch(manifest, /"(?:prepare|prepack|postinstall|install)"/);
});
