import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { COMMANDS } from '../../src/commands/index.ts';
import { packageRoot } from '../../src/lib/package-root.ts';
import { LEGACY_VERSIONS } from '../../src/wire/methods.ts';
import { MODERN_VERSIONS } from '../../src/wire/modern/meta.ts';
import { scratch } from '../support/scratch.ts';

const BIN = join(packageRoot(), 'bin', 'sallyport.js');

type Answer = { readonly exit: number; readonly stdout: string; readonly stderr: string };

async function sallyport(...argv: string[]): Promise<Answer> {
  return new Promise((resolve) => {
    execFile(process.execPath, [BIN, ...argv], { timeout: 120_000 }, (error, stdout, stderr) => {
      resolve({ exit: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

test('--help lists the commands with a summary each', async () => {
  const { exit, stdout } = await sallyport('--help');
  assert.equal(exit, 0);
  for (const name of ['init', 'check', 'version'])
    assert.match(stdout, new RegExp(`^  ${name} +\\S`, 'mu'));
});

test('without a command the list comes too, as wrong use', async () => {
  const { exit, stdout } = await sallyport();
  assert.equal(exit, 2);
  assert.match(stdout, /^  init /mu);
});

for (const [argv, exit, stderr] of [
  [
    ['chek'],
    2,
    'sallyport: Cannot run chek: there is no such command\nhint: did you mean sallyport check?\n',
  ],
  [
    ['xyzzy'],
    2,
    'sallyport: Cannot run xyzzy: there is no such command\nhint: sallyport --help lists the commands\n',
  ],
  [
    ['toString'],
    2,
    'sallyport: Cannot run toString: there is no such command\nhint: sallyport --help lists the commands\n',
  ],
  [
    ['version', '--jsn'],
    2,
    "sallyport: Cannot run version: Unknown option '--jsn'\nhint: sallyport version --help lists what it takes\n",
  ],
  [['check', '--config', '/nowhere'], 2, ''],
  [
    ['demo', '--fast'],
    2,
    "sallyport: Cannot run demo: Unknown option '--fast'\nhint: sallyport demo --help lists what it takes\n",
  ],
  [['scan', '/nowhere'], 2, 'sallyport: Cannot scan /nowhere: there is no such file\n'],
] as const)
  test(`${argv.join(' ')} ends with ${exit}`, async () => {
    const answer = await sallyport(...argv);
    assert.equal(answer.exit, exit);
    assert.equal(answer.stderr, stderr);
  });

for (const name of Object.keys(COMMANDS))
  test(`${name} --help tells how it is used`, async () => {
    const { exit, stdout } = await sallyport(name, '--help');
    assert.equal(exit, 0);
    assert.ok(stdout.startsWith(`Usage: sallyport ${name}`));
  });

test('version --json is one document', async () => {
  const { stdout } = await sallyport('version', '--json');
  const said: unknown = JSON.parse(stdout);
  assert.ok(typeof said === 'object' && said !== null);
  assert.deepEqual(Object.keys(said), ['version', 'node', 'protocolVersions']);
  assert.ok('protocolVersions' in said);
  assert.deepEqual(said.protocolVersions, [...MODERN_VERSIONS, ...LEGACY_VERSIONS]);
  assert.equal((await sallyport('--version')).exit, 0);
});

test('a reader that goes away is no error', async () => {
  const child = spawn(process.execPath, [BIN, '--help'], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const [exit] = await once(child, 'close');
  assert.deepEqual([exit, stderr], [0, '']);
});

/** `wrap` of a client that goes at once. */
async function wrap(context: TestContext, ...argv: string[]): Promise<Answer & { home: string }> {
  const home = await scratch(context);
  const env = { HOME: home, PATH: process.env['PATH'] };
  const child = spawn(process.execPath, [BIN, 'wrap', ...argv], { cwd: home, env });
  const said = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (said.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (said.stderr += chunk.toString()));
  child.stdin.end();
  await once(child, 'close');
  return { exit: child.exitCode ?? -1, ...said, home };
}

test('a level that does not exist is no reason to log at another', async (context) => {
  const { exit, stderr } = await wrap(context, '--log-level', 'loud', '--', 'node');
  assert.deepEqual(
    [exit, stderr],
    [
      2,
      'sallyport: Cannot log at "loud": there is no such level\nhint: one of trace, debug, info, warn, error, fatal\n',
    ],
  );
});

test('a server that cannot be started is named in the log', async (context) => {
  const { stdout, stderr } = await wrap(context, '--', 'no-such-program');
  const said = stderr.split('\n').find((line) => line.includes('"level":"warn"')) ?? '';
  assert.match(said, /"server":"no-such-program"/u);
  assert.match(said, /Cannot start no-such-program: no such command/u);
  assert.equal(stdout, '');
});
