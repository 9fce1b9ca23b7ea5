import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, readFileSync, statSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { decodeProtectedHeader, importSPKI, jwtVerify } from 'jose';
import { command } from '../../src/commands/attest.ts';
import { readReference } from '../../src/attest/reference.ts';
import { command as policyCommand } from '../../src/commands/policy.ts';
import { isJsonObject, type JsonObject } from '../../src/lib/json.ts';
import { Fault } from '../../src/lib/fault.ts';
import { packageRoot } from '../../src/lib/package-root.ts';
import { runCommand, type Ran } from '../support/run-command.ts';
import { scratch } from '../support/scratch.ts';
import { stringOf } from '../support/string-of.ts';

type Site = {
  readonly folder: string;
  readonly attest: (...argv: string[]) => Promise<Ran>;
};

/** A machine of its own, without Docker. */
async function site(context: TestContext): Promise<Site> {
  const folder = await scratch(context);
  const env = { HOME: folder, DOCKER_HOST: `unix://${folder}/none.sock` };
  return {
    folder,
    attest: async (...argv) => await runCommand(command, argv, { env, cwd: folder }),
  };
}

/** Makes an attestation and keeps it in the file `a.jwt`. */
async function kept({ folder, attest }: Site, ...argv: string[]): Promise<string> {
  const { exit, stdout, stderr } = await attest(...argv);
  assert.equal(exit, 0, stderr);
  await writeFile(join(folder, 'a.jwt'), stdout);
  return stdout.trim();
}

test('what is made here is verified here, and says no more than it proves', async (context) => {
  const here = await site(context);
  await kept(here, '--nonce', 'nonce-of-mine');
  const { exit, stdout } = await here.attest('verify', 'a.jwt', '--nonce', 'nonce-of-mine');
  assert.equal(exit, 0, stdout);
  assert.match(stdout, /^verified: self-asserted\n/u);
  const other = await here.attest('verify', 'a.jwt', '--nonce', 'nonce-of-yours');
  assert.equal(other.exit, 1);
  assert.match(other.stdout, /^not verified \(nonce\): /u);
});

test('a library that knows nothing of this program verifies the token', async (context) => {
  const here = await site(context);
  const token = await kept(here, '--nonce', 'nonce-of-mine', '--audience', 'https://you.example');
  const pem = (await here.attest('key')).stdout;
  const { payload } = await jwtVerify(token, await importSPKI(pem, 'EdDSA'), {
    audience: 'https://you.example',
    typ: 'eat+jwt',
  });
  assert.equal(payload['eat_nonce'], 'nonce-of-mine');
  assert.equal(payload['swname'], 'sallyport');
  assert.equal(
    payload.iss,
    `urn:ietf:params:oauth:jwk-thumbprint:sha-256:${decodeProtectedHeader(token).kid}`,
  );
});

test('another machine believes the key that it was given, and no other', async (context) => {
  const here = await site(context);
  const there = await site(context);
  const token = await kept(here);
  await writeFile(join(there.folder, 'a.jwt'), token);
  const never = await there.attest('verify', 'a.jwt');
  assert.equal(never.exit, 2);
  assert.match(never.stderr, /has never made one/u);
  await writeFile(join(there.folder, 'own.pub'), (await there.attest('key')).stdout);
  const stranger = await there.attest('verify', 'a.jwt');
  assert.match(stranger.stdout, /^not verified \(unknown-key\)/u);
  await writeFile(join(there.folder, 'here.pub'), (await here.attest('key')).stdout);
  const known = await there.attest('verify', 'a.jwt', '--key', 'own.pub', '--key', 'here.pub');
  assert.equal(known.exit, 0, known.stdout);
});

test('the key is made once and is for its owner alone', async (context) => {
  const here = await site(context);
  const first = (await here.attest('key')).stdout;
  const path = join(here.folder, '.local/state/sallyport/attest-key.pem');
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.equal((await here.attest('key')).stdout, first);
  chmodSync(path, 0o640);
  const open = await here.attest();
  assert.equal(open.exit, 2);
  assert.equal(open.stdout, '');
  assert.match(open.stderr, /other users of this machine may read it/u);
});

test('without Docker and without a lock file it says what is unknown, and why', async (context) => {
  const here = await site(context);
  const { stdout } = await here.attest('--json');
  const measured = memberOf(parsed(stdout), 'measurements');
  for (const name of ['runsc', 'image:python', 'image:javascript', 'image:bash'])
    assert.match(
      stringOf(memberOf(measured, name)['unknown']),
      /there is no Docker at unix:/u,
      name,
    );
  assert.match(stringOf(memberOf(measured, 'lock')['unknown']), /is not there/u);
  for (const name of ['program', 'dependencies', 'node', 'configuration', 'policy'])
    assert.match(stringOf(memberOf(measured, name)['digest']), /^sha256:[0-9a-f]{64}$/u, name);
});

test('version and signers of a signed bundle are in it', async (context) => {
  const here = await site(context);
  const options = { env: { HOME: here.folder }, cwd: here.folder };
  const policy = async (...argv: string[]): Promise<Ran> => {
    const ran = await runCommand(policyCommand, argv, options);
    assert.equal(ran.exit, 0, ran.stderr);
    return ran;
  };
  const kid = parsed((await policy('keygen', 'ci', '--json')).stdout)['kid'];
  await mkdir(join(here.folder, 'b'));
  await writeFile(join(here.folder, 'b/a.cedar'), 'permit(principal, action, resource);');
  const lock = '{ "version": 1, "servers": {} }\n';
  await writeFile(join(here.folder, 'b/sallyport.lock.json'), lock);
  const meta = ['--name', 'team', '--version', '7', '--expires', '30d'];
  const signed = parsed((await policy('sign', 'b', '--key', 'ci.key', ...meta, '--json')).stdout);
  await writeFile(
    join(here.folder, 'sallyport.yaml'),
    'policy: { bundle: ./b, keys: [./ci.pub] }\n',
  );
  const measured = memberOf(parsed((await here.attest('--json')).stdout), 'measurements');
  const bundle = memberOf(memberOf(measured, 'policy'), 'bundle');
  assert.deepEqual(bundle, {
    name: 'team',
    version: 7,
    expires: signed['expires'],
    signers: [kid],
    digest: sha256(readFileSync(join(here.folder, 'b/manifest.json'))),
  });
  assert.deepEqual(memberOf(measured, 'lock'), {
    digest: sha256(Buffer.from(lock)),
    count: 0,
    origin: 'bundle',
  });

  // A gateway would not start with it: that nothing is in force is what there is to say.
  await writeFile(join(here.folder, 'b/a.cedar'), 'permit(principal, action, resource); ');
  const altered = memberOf(parsed((await here.attest('--json')).stdout), 'measurements');
  assert.match(stringOf(memberOf(altered, 'policy')['unknown']), /not what was signed/u);
  assert.match(stringOf(memberOf(altered, 'lock')['unknown']), /not what was signed/u);
});

test('the program digest is what sha256sum makes of the files', async (context) => {
  const here = await site(context);
  const measured = memberOf(parsed((await here.attest('--json')).stdout), 'measurements');
  const script =
    "find package.json bin dist/program model policies sandbox-images -type f ! -name '*.map' | LC_ALL=C sort | xargs -d '\\n' sha256sum | sha256sum";
  const said = execFileSync('bash', ['-c', script], { cwd: packageRoot(), encoding: 'utf8' });
  assert.equal(memberOf(measured, 'program')['digest'], `sha256:${said.slice(0, 64)}`);
});

test('the configuration digest changes with a setting and not with a secret', async (context) => {
  const here = await site(context);
  const digests: unknown[] = [];
  for (const text of [
    'mcpServers: { a: { command: x, env: { API_KEY: first-secret } } }',
    'mcpServers: { a: { command: x, env: { API_KEY: second-secret } } }',
    'mcpServers: { a: { command: x, env: { API_KEY: second-secret } } }\nscan: { mark: 0.4 }',
  ]) {
    await writeFile(join(here.folder, 'sallyport.yaml'), `${text}\n`);
    const { stdout, stderr } = await here.attest('--json');
    assert.doesNotMatch(stdout, /secret/u, stderr);
    const measured = memberOf(parsed(stdout), 'measurements');
    digests.push(memberOf(measured, 'configuration')['digest']);
  }
  assert.equal(digests[0], digests[1]);
  assert.notEqual(digests[1], digests[2]);
});

test('options of Node that could load other code are in it', async (context) => {
  const here = await site(context);
  for (const [options, want] of [
    [{ NODE_OPTIONS: '--no-warnings --import data:text/javascript,0' }, '--import'],
    [{ NODE_OPTIONS: '--no-warnings "--import" data:text/javascript,0' }, '--import'],
    [{ NODE_OPTIONS: '--no-warnings -"-import=data:text/javascript,0"' }, '--import'],
    [{ NODE_OPTIONS: '--no-warnings', OPENSSL_CONF: '/tmp/openssl.cnf' }, 'OPENSSL_CONF'],
  ] as const) {
    const { stdout } = await runCommand(command, ['--json'], {
      env: { HOME: here.folder, DOCKER_HOST: 'unix:///none.sock', ...options },
      cwd: here.folder,
    });
    const node = memberOf(memberOf(parsed(stdout), 'measurements'), 'node');
    assert.ok(Array.isArray(node['options']));
    assert.deepEqual(node['options'].slice(-2), ['--no-warnings', want], JSON.stringify(options));
  }
});

test('policies that the tools of the gateway do not fit are in force nowhere', async (context) => {
  const here = await site(context);
  for (const [argument, want] of [
    ['code', 'digest'],
    ['cod', 'unknown'],
  ] as const) {
    await writeFile(
      join(here.folder, 'own.cedar'),
      `@id("own") forbid(principal, action == Action::"tools/call:code/execute_python", resource)
       when { context.args has ${argument} && context.args.${argument} like "*secret*" };`,
    );
    await writeFile(
      join(here.folder, 'sallyport.yaml'),
      'policy: { path: ./own.cedar }\nbuiltin: { code: { languages: [python] } }\n',
    );
    const { stdout } = await here.attest('--json');
    const measured = memberOf(memberOf(parsed(stdout), 'measurements'), 'policy');
    assert.notEqual(measured[want], undefined, JSON.stringify(measured));
  }
});

/** The real program in a process of its own, as it is started from a shell. */
function shell(folder: string, ...argv: string[]): string {
  const { PATH } = process.env;
  return execFileSync(process.execPath, [join(packageRoot(), 'bin/sallyport.js'), ...argv], {
    cwd: folder,
    env: { PATH, HOME: folder, DOCKER_HOST: `unix://${folder}/none.sock` },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}

test('a token is measured against the package that npm ships and this machine', async (context) => {
  const { folder, attest } = await site(context);
  execFileSync('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: packageRoot() });
  execFileSync('bash', ['-c', 'tar -xzf *.tgz'], { cwd: folder });
  // What npm has unpacked has no dependencies yet: the reference of the release is the program alone.
  const release = parsed(shell(folder, 'attest', 'reference', 'package'));
  assert.deepEqual(Object.keys(memberOf(release, 'digests')), ['program']);
  await writeFile(join(folder, 'release.json'), JSON.stringify(release));
  await writeFile(join(folder, 'here.json'), shell(folder, 'attest', 'reference'));
  await writeFile(join(folder, 'a.jwt'), shell(folder, 'attest', '--nonce', 'nonce-of-mine'));
  const both = ['--expect', 'release.json', '--expect', 'here.json'];
  const verdict = await attest('verify', 'a.jwt', ...both, '--level', 'measured');
  assert.equal(verdict.exit, 0, verdict.stdout);
  assert.match(verdict.stdout, /^verified: measured\n/u);
  assert.match(verdict.stdout, /^program .*, as expected$/mu);

  const less = await attest('verify', 'a.jwt', '--expect', 'release.json', '--level', 'measured');
  assert.equal(less.exit, 1);
  assert.match(less.stdout, /^not verified \(level\)[^]*which dependencies is right/u);

  await writeFile(join(folder, 'sallyport.yaml'), 'scan: { mark: 0.4 }\n');
  await writeFile(join(folder, 'b.jwt'), shell(folder, 'attest'));
  const changed = await attest('verify', 'b.jwt', ...both, '--json');
  assert.equal(changed.exit, 1);
  assert.match(stringOf(parsed(changed.stdout)['message']), /configuration is sha256:/u);
  assert.equal(parsed(changed.stdout)['problem'], 'mismatch');
});

const REFERENCES: readonly (readonly [name: string, text: string, says: RegExp])[] = [
  ['a misspelt part', '{"format":"sallyport-reference/1","digests":{"programme":"sha256:%"}}', /digests/u],
  ['no part', '{"format":"sallyport-reference/1","digests":{}}', /names no part/u],
  ['no digest', '{"format":"sallyport-reference/1","digests":{"program":[]}}', /program/u],
  ['a short digest', '{"format":"sallyport-reference/1","digests":{"program":"sha256:00"}}', /program/u],
  ['a part twice', '{"format":"sallyport-reference/1","digests":{"program":"sha256:%","program":"sha256:%"}}', /duplicate key/u],
  ['another format', '{"format":"sallyport-reference/2","digests":{"program":"sha256:%"}}', /format/u],
  ['a key more', '{"format":"sallyport-reference/1","digests":{"program":"sha256:%"},"pcr":{}}', /pcr/u],
  ['a byte order mark', '\ufeff{"format":"sallyport-reference/1","digests":{"program":"sha256:%"}}', /byte order mark/u],
]; // prettier-ignore

for (const [name, text, says] of REFERENCES)
  test(`no reference: ${name}`, () => {
    const bytes = Buffer.from(text.replaceAll('%', '0'.repeat(64)));
    assert.throws(
      () => readReference(bytes, 'expected.json'),
      (thrown: unknown) => {
        assert.ok(thrown instanceof Fault);
        assert.match(thrown.message, says);
        return true;
      },
    );
  });

const wrong: readonly (readonly [name: string, argv: string[], says: RegExp])[] = [
  ['a short nonce', ['--nonce', 'short'], /8 to 88 characters/u],
  ['a long nonce', ['--nonce', 'n'.repeat(89)], /8 to 88 characters/u],
  ['a nonce with a space', ['--nonce', 'nonce of mine'], /8 to 88 characters/u],
  ['an action with a typo', ['vreify', 'a.jwt'], /did you mean sallyport attest verify/u],
  ['verify without a file', ['verify'], /one FILE/u],
  ['verify a file that is not there', ['verify', 'b.jwt', '--key', 'own.pub'], /b\.jwt: ENOENT/u],
  ['a private key to verify with', ['verify', 'a.jwt', '--key', 'secret.key'], /belongs on the machine that signs/u],
  ['a key that is not there', ['verify', 'a.jwt', '--key', 'none.pub'], /none\.pub: ENOENT/u],
  ['an age that is no number', ['verify', 'a.jwt', '--key', 'own.pub', '--max-age', 'day'], /number of seconds/u],
  ['a level that there is not', ['verify', 'a.jwt', '--key', 'own.pub', '--level', 'hardware'], /one of self-asserted, measured, hardware-rooted/u],
  ['a folder without a package', ['reference', '.'], /package\.json: ENOENT/u],
  ['a folder and a configuration', ['reference', '.', '--config', 'x'], /one FOLDER, or options/u],
  ['a configuration that is not there', ['--config', 'none.yaml'], /there is no such file/u],
]; // prettier-ignore

for (const [name, argv, says] of wrong)
  test(`wrong use: ${name}`, async (context) => {
    const here = await site(context);
    await writeFile(join(here.folder, 'own.pub'), (await here.attest('key')).stdout);
    await writeFile(
      join(here.folder, 'secret.key'),
      readFileSync(join(here.folder, '.local/state/sallyport/attest-key.pem')),
    );
    await writeFile(join(here.folder, 'a.jwt'), '');
    const ran = await here.attest(...argv);
    assert.equal(ran.exit, 2, ran.stdout);
    assert.equal(ran.stdout, '');
    assert.match(ran.stderr, says);
  });

function sha256(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

function parsed(text: string): JsonObject {
  const value: unknown = JSON.parse(text);
  assert.ok(isJsonObject(value), text);
  return value;
}

function memberOf(object: JsonObject, name: string): JsonObject {
  const value = object[name];
  assert.ok(isJsonObject(value), `${name}: ${JSON.stringify(object)}`);
  return value;
}
