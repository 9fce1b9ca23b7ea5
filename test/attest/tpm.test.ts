import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { decodeJwt } from 'jose';
import { boundBy, readClaims, type Claims } from '../../src/attest/claims.ts';
import { openAttestKey } from '../../src/attest/key.ts';
import { canonicalJson, isJsonObject } from '../../src/lib/json.ts';
import { packageRoot } from '../../src/lib/package-root.ts';
import { signCompact } from '../../src/signing/compact.ts';
import { scratch } from '../support/scratch.ts';
import { stringOf } from '../support/string-of.ts';
import { noTpm, softwareTpm, type SoftwareTpm } from './swtpm.ts';

const run = promisify(execFile);
const skip = noTpm;
const NONCE = ['--nonce', 'nonce-of-mine'];

type Machine = SoftwareTpm & {
  readonly folder: string;
  /** The real program in a process of its own; resolves to what it prints, also where the answer is no. */
  readonly sallyport: (
    ...argv: string[]
  ) => Promise<{ exit: number; stdout: string; stderr: string }>;
  /** Makes `a.jwt`. */
  readonly attest: (...argv: string[]) => Promise<void>;
  /** The level of `a.jwt`, or the problem with it. */
  readonly verify: (...argv: string[]) => Promise<string>;
};

/** A machine with a TPM, its keys in files, and `good.json`: what is on it now. */
async function machine(context: TestContext): Promise<Machine> {
  const tpm = await softwareTpm(context);
  const folder = await scratch(context);
  const { PATH } = process.env;
  const env = { PATH, HOME: folder, DOCKER_HOST: `unix://${folder}/none.sock` };
  const bin = join(packageRoot(), 'bin/sallyport.js');
  const sallyport: Machine['sallyport'] = async (...argv) =>
    await run(process.execPath, [bin, ...argv], { cwd: folder, env }).then(
      ({ stdout, stderr }) => ({ exit: 0, stdout, stderr }),
      (thrown: unknown) => {
        assert.ok(thrown instanceof Error);
        const { code, stdout, stderr } = Object.assign({ code: 0, stdout: '', stderr: '' }, thrown);
        return { exit: code, stdout, stderr };
      },
    );
  const kept = async (file: string, ...argv: string[]): Promise<void> => {
    const { exit, stdout, stderr } = await sallyport('attest', ...argv);
    assert.equal(exit, 0, stderr);
    await writeFile(join(folder, file), stdout);
  };
  await kept('ak.pem', 'ak', '--tpm', tpm.tcti);
  await kept('good.json', 'reference', '--tpm', tpm.tcti);
  return {
    ...tpm,
    folder,
    sallyport,
    attest: async (...argv) => await kept('a.jwt', ...argv),
    async verify(...argv) {
      const { stdout, stderr } = await sallyport('attest', 'verify', 'a.jwt', ...argv, '--json');
      const said: unknown = JSON.parse(stdout || 'null');
      assert.ok(isJsonObject(said), stderr);
      return stringOf(said['level'] ?? said['problem']);
    },
  };
}

const ALL = [...NONCE, '--expect', 'good.json', '--ak', 'ak.pem'];

test('a quote of a TPM is hardware-rooted, and less where less is proven', { skip }, async (context) => {
  const { attest, verify, tcti } = await machine(context);
  await attest(...NONCE, '--tpm', tcti);
  assert.equal(await verify(...ALL, '--level', 'hardware-rooted'), 'hardware-rooted');
  assert.equal(await verify('--expect', 'good.json', '--ak', 'ak.pem'), 'measured');
  assert.equal(await verify(...NONCE, '--expect', 'good.json'), 'measured');
  assert.equal(await verify(...NONCE, '--ak', 'ak.pem'), 'self-asserted');
}); // prettier-ignore

test('tpm2_checkquote says the same of the quote', { skip }, async (context) => {
  const { attest, folder, tool, tcti } = await machine(context);
  await attest(...NONCE, '--tpm', tcti);
  const claims = await claimsIn(folder);
  const { tpm } = claims.submods;
  assert.ok('quote' in tpm);
  await writeFile(join(folder, 'quote'), Buffer.from(tpm.quote, 'base64url'));
  await writeFile(join(folder, 'signature'), Buffer.from(tpm.signature, 'base64url'));
  const files = ['-u', `${folder}/ak.pem`, '-m', `${folder}/quote`, '-s', `${folder}/signature`];
  const check = async (bound: Buffer): Promise<string> =>
    await tool('tpm2_checkquote', ...files, '-g', 'sha256', '-q', bound.toString('hex'));
  await check(boundBy(claims));
  await assert.rejects(check(Buffer.alloc(32)));
});

test('the key of the TPM is the same after a start, and restricted', { skip }, async (context) => {
  const { sallyport, folder, tcti, tool } = await machine(context);
  const again = await sallyport('attest', 'ak', '--tpm', tcti);
  assert.equal(again.stdout, await readFile(join(folder, 'ak.pem'), 'utf8'));
  // What a process leaves in a TPM without a resource manager is room that the next one has not.
  assert.equal((await tool('tpm2_getcap', 'handles-transient')).trim(), '');
});

test('another boot is not the one that is expected', { skip }, async (context) => {
  const { attest, verify, tcti, tool } = await machine(context);
  await tool('tpm2_pcrextend', `7:sha256=${'ab'.repeat(32)}`);
  await attest(...NONCE, '--tpm', tcti);
  assert.equal(await verify(...ALL), 'mismatch');
});

test('another TPM is not the one that is trusted', { skip }, async (context) => {
  const { attest, verify } = await machine(context);
  const other = await softwareTpm(context);
  await attest(...NONCE, '--tpm', other.tcti);
  assert.equal(await verify(...ALL), 'quote');
});

test('whoever has the key of the program cannot move a quote', { skip }, async (context) => {
  const { attest, verify, folder, tcti } = await machine(context);
  await attest(...NONCE, '--tpm', tcti);
  const claims = await claimsIn(folder);
  const key = await openAttestKey(join(folder, '.local/state/sallyport/attest-key.pem'));
  const forge = async (changed: Claims): Promise<string> => {
    const payload = Buffer.from(canonicalJson({ ...changed }));
    await writeFile(join(folder, 'a.jwt'), await signCompact(payload, key, 'eat+jwt'));
    return await verify(...ALL);
  };
  assert.equal(await forge(claims), 'hardware-rooted');
  assert.equal(await forge({ ...claims, exp: claims.exp - 1 }), 'quote');
  assert.equal(await forge({ ...claims, aud: 'somebody' }), 'audience');
  const { aud: _, ...rest } = claims;
  assert.equal(await forge({ ...rest, swversion: ['9.9.9'] }), 'quote');
});

test('without a TPM the token says so; one that is asked for has to be there', async (context) => {
  const folder = await scratch(context);
  const { PATH } = process.env;
  const env = { PATH, HOME: folder, DOCKER_HOST: `unix://${folder}/none.sock` };
  const bin = join(packageRoot(), 'bin/sallyport.js');
  const nowhere = `swtpm:path=${folder}/none`;
  const variable = { ...env, TPM2TOOLS_TCTI: nowhere };
  const { stdout } = await run(process.execPath, [bin, 'attest', '--json'], { env: variable, cwd: folder });
  assert.match(stdout, /"submods":\{"tpm":\{"unknown":"Cannot use a TPM: /u);
  await assert.rejects(
    run(process.execPath, [bin, 'attest', '--tpm', nowhere], { env, cwd: folder }),
    { code: 3, stdout: '' },
  );
}); // prettier-ignore

async function claimsIn(folder: string): Promise<Claims> {
  const token = await readFile(join(folder, 'a.jwt'), 'utf8');
  return readClaims(Buffer.from(JSON.stringify(decodeJwt(token.trim()))));
}
