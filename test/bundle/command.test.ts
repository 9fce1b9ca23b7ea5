import assert from 'node:assert/strict';
import { readFileSync, rmSync, statSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { command } from '../../src/commands/policy.ts';
import { isJsonObject, type JsonObject } from '../../src/lib/json.ts';
import { runCommand, type Ran } from '../support/run-command.ts';
import { scratch } from '../support/scratch.ts';

type Workshop = {
  readonly folder: string;
  readonly policy: (...argv: string[]) => Promise<Ran>;
};

const META = ['--name', 'team', '--version', '1', '--expires', '30d'];

/** Two keys and a folder with one policy. */
async function workshop(context: TestContext): Promise<Workshop> {
  const folder = await scratch(context);
  const options = { env: { HOME: folder }, cwd: folder };
  const policy = async (...argv: string[]): Promise<Ran> =>
    await runCommand(command, argv, options);
  for (const name of ['ci', 'ops']) assert.equal((await policy('keygen', name)).exit, 0);
  await mkdir(join(folder, 'b'));
  await writeFile(join(folder, 'b/a.cedar'), 'permit(principal, action, resource);');
  return { folder, policy };
}

test('a key is made once, and only its owner can read the half that signs', async (context) => {
  const { folder, policy } = await workshop(context);
  assert.equal(statSync(join(folder, 'ci.key')).mode & 0o777, 0o600);
  const before = readFileSync(join(folder, 'ci.key'), 'utf8');
  assert.equal((await policy('keygen', 'ci')).exit, 2);
  rmSync(join(folder, 'ci.pub'));
  assert.equal((await policy('keygen', 'ci')).exit, 2);
  assert.equal(readFileSync(join(folder, 'ci.key'), 'utf8'), before);
});

test('two sign one after the other, and both are needed', async (context) => {
  const { policy } = await workshop(context);
  const both = ['verify', 'b', '--key', 'ci.pub', '--key', 'ops.pub', '--threshold', '2'];
  const signed = await policy('sign', 'b', '--key', 'ci.key', ...META);
  assert.equal(signed.exit, 0, signed.stderr);
  const one = await policy(...both);
  assert.equal(one.exit, 1);
  assert.match(one.stdout, /not verified \(unsigned\).* 1 of the 2 signatures/u);
  assert.equal((await policy('sign', 'b', '--key', 'ci.key')).exit, 0);
  assert.equal((await policy(...both)).exit, 1);
  assert.equal((await policy('sign', 'b', '--key', 'ops.key')).exit, 0);
  const two = await policy(...both, '--json');
  assert.equal(two.exit, 0, two.stdout);
  const { name, version, signers } = parsed(two.stdout);
  assert.deepEqual([name, version], ['team', 1]);
  assert.ok(Array.isArray(signers) && signers.length === 2);
});

test('nobody adds a signature to files that are not those of the manifest', async (context) => {
  const { folder, policy } = await workshop(context);
  await policy('sign', 'b', '--key', 'ci.key', ...META);
  await writeFile(join(folder, 'b/a.cedar'), 'forbid(principal, action, resource);');
  const changed = await policy('sign', 'b', '--key', 'ops.key');
  assert.equal(changed.exit, 1);
  assert.match(changed.stderr, /its files are not those/u);
});

test('policies that do not load are not signed', async (context) => {
  const { folder, policy } = await workshop(context);
  await writeFile(join(folder, 'b/a.cedar'), 'permit(principal, action, resource) when { x };');
  const refused = await policy('sign', 'b', '--key', 'ci.key', ...META);
  assert.equal(refused.exit, 1);
  assert.match(refused.stderr, /b\/a\.cedar|a\.cedar:1/u);
  assert.equal((await policy('verify', 'b', '--key', 'ci.pub')).exit, 1);
});

const wrong: readonly (readonly [name: string, argv: string[], says: RegExp])[] = [
  ['no action', [], /there is no such action/u],
  ['an action with a typo', ['verfy'], /did you mean sallyport policy verify/u],
  ['keygen without a name', ['keygen'], /one NAME/u],
  ['a public key to sign with', ['sign', 'b', '--key', 'ci.pub', ...META], /other users of this machine|no Ed25519 private key/u],
  ['a private key to verify with', ['verify', 'b', '--key', 'ci.key'], /belongs on the machine that signs/u],
  ['the same key twice', ['verify', 'b', '--key', 'ci.pub', '--key', 'ci.pub', '--threshold', '2'], /the same key/u],
  ['a threshold that cannot be met', ['verify', 'b', '--key', 'ci.pub', '--threshold', '2'], /2 signatures of 1 key/u],
  ['a threshold of nothing', ['verify', 'b', '--key', 'ci.pub', '--threshold', '0'], /at least 1/u],
  ['a threshold that is no number', ['verify', 'b', '--key', 'ci.pub', '--threshold', 'two'], /at least 1/u],
  ['half of what a bundle needs', ['sign', 'b', '--key', 'ci.key', '--version', '2'], /needs --name/u],
  ['version 0', ['sign', 'b', '--key', 'ci.key', '--name', 'team', '--version', '0', '--expires', '1d'], /0 is no version/u],
  ['a time that is no time', ['sign', 'b', '--key', 'ci.key', '--name', 'team', '--version', '1', '--expires', 'soon'], /soon is no time/u],
  ['a local time', ['sign', 'b', '--key', 'ci.key', '--name', 'team', '--version', '1', '--expires', '2027-01-01T00:00:00'], /is no time/u],
]; // prettier-ignore

for (const [name, argv, says] of wrong)
  test(`wrong use: ${name}`, async (context) => {
    const { policy } = await workshop(context);
    const ran = await policy(...argv);
    assert.equal(ran.exit, 2, ran.stdout);
    assert.match(ran.stderr, says);
  });

test('the configuration says which keys, how many and which bundle', async (context) => {
  const { folder, policy } = await workshop(context);
  await policy('sign', 'b', '--key', 'ci.key', '--key', 'ops.key', ...META);
  const config = async (text: string): Promise<Ran> => {
    await writeFile(
      join(folder, 'sallyport.yaml'),
      `policy: { bundle: ./b, keys: [./ci.pub, ./ops.pub], ${text} }\nstate: { path: ./state }\n`,
    );
    return await policy('verify', '--json');
  };
  assert.equal((await config('threshold: 2, name: team')).exit, 0);
  const other = await config('name: ops');
  assert.equal(other.exit, 1);
  assert.equal(parsed(other.stdout)['problem'], 'other-name');
  const manifest = join(folder, 'b/manifest.json');
  await writeFile(
    manifest,
    (await readFile(manifest, 'utf8')).replace('"version":1', '"version":2'),
  );
  assert.equal((await config('threshold: 1')).exit, 1);
});

function parsed(text: string): JsonObject {
  const value: unknown = JSON.parse(text);
  assert.ok(isJsonObject(value), text);
  return value;
}
