import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { chmod, readFile, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { Fault } from '../../src/lib/fault.ts';
import { isJsonObject, parseJson, type JsonObject } from '../../src/lib/json.ts';
import { createVault, vaultKey } from '../../src/identity/vault.ts';
import { createVaulted } from '../../src/identity/vaulted.ts';
import type { Login } from '../../src/identity/sign-in.ts';
import { scratch } from '../support/scratch.ts';

const KEY = randomBytes(32);
const ALICE = { issuer: 'local', subject: 'alice', server: 'notes' };
const BOB = { ...ALICE, subject: 'bob' };
const CALLER = { ...ALICE, client: 'local', groups: [], scopes: [], assurance: 0 };
const LOGIN: JsonObject = {
  issuer: 'https://idp.example',
  tokenEndpoint: 'https://idp.example/token',
  resource: 'https://notes.example',
  client: { id: 'c' },
  scopes: [],
  accessToken: 't0',
  expires: Date.now() + 600_000,
  refreshToken: 'r0',
};
const put = (entry: JsonObject | undefined) => async (): Promise<JsonObject | undefined> =>
  await Promise.resolve(entry);

async function entriesOf(path: string): Promise<Record<string, string>> {
  const file = parseJson(await readFile(path), { maxBytes: 1 << 20, maxDepth: 4 });
  assert.ok(isJsonObject(file));
  return Object.fromEntries(
    Object.entries(file).map(([name, value]) => [name, typeof value === 'string' ? value : '']),
  );
}

test('an entry is its owner’s alone, and the file says nothing of whose', async (context) => {
  const path = join(await scratch(context), 'vault.json');
  const vault = createVault(path, KEY);
  await vault.change(ALICE, put({ token: 'secret-of-alice' }));
  await vault.change(BOB, put({ token: 'secret-of-bob' }));
  assert.deepEqual(await vault.read(ALICE), { token: 'secret-of-alice' });
  assert.equal(await vault.read({ ...ALICE, server: 'other' }), undefined);
  assert.equal(await vault.read({ ...ALICE, issuer: 'https://idp.example' }), undefined);
  assert.ok(!/alice|bob|notes|secret/u.test(await readFile(path, 'utf8')));
  await vault.change(ALICE, put(undefined));
  assert.equal(await vault.read(ALICE), undefined);
  assert.deepEqual(await vault.read(BOB), { token: 'secret-of-bob' });
});

test('who writes the file cannot give one user another’s entry, or change one', async (context) => {
  const path = join(await scratch(context), 'vault.json');
  const vault = createVault(path, KEY);
  await vault.change(ALICE, put({ token: 'a' }));
  const [alice, sealed] = Object.entries(await entriesOf(path))[0] ?? ['', ''];
  await vault.change(BOB, put({ token: 'b' }));
  const bob = Object.keys(await entriesOf(path)).find((name) => name !== alice) ?? '';
  await writeFile(path, JSON.stringify({ [alice]: sealed, [bob]: sealed }));
  assert.deepEqual(await vault.read(ALICE), { token: 'a' });
  await assert.rejects(vault.read(BOB), Fault);
  const bytes = Buffer.from(sealed, 'base64');
  for (let at = 0; at < bytes.length; at += 5) {
    const changed = Buffer.from(bytes);
    changed[at] = (changed[at] ?? 0) ^ 1;
    await writeFile(path, JSON.stringify({ [alice]: changed.toString('base64') }));
    await assert.rejects(vault.read(ALICE), Fault);
  }
  for (const short of ['', 'AAAA', sealed.slice(0, 24)]) {
    await writeFile(path, JSON.stringify({ [alice]: short }));
    await assert.rejects(vault.read(ALICE), Fault);
  }
});

test('another key opens nothing, and destroys nothing', async (context) => {
  const path = join(await scratch(context), 'vault.json');
  await createVault(path, KEY).change(ALICE, put({ token: 'a' }));
  const other = createVault(path, randomBytes(32));
  assert.equal(await other.read(ALICE), undefined);
  await other.change(ALICE, put({ token: 'b' }));
  assert.deepEqual(await createVault(path, KEY).read(ALICE), { token: 'a' });
  await writeFile(path, 'not json');
  await assert.rejects(other.change(ALICE, put({ token: 'c' })), Fault);
  assert.equal(await readFile(path, 'utf8'), 'not json');
});

test('two that write at once lose nothing', async (context) => {
  const path = join(await scratch(context), 'vault.json');
  const vaults = [createVault(path, KEY), createVault(path, KEY)];
  await Promise.all(
    Array.from({ length: 20 }, async (_, at) => {
      const owner = { ...ALICE, server: `s${at}` };
      await vaults[at % 2]?.change(owner, put({ at }));
    }),
  );
  for (let at = 0; at < 20; at++)
    assert.deepEqual(await vaults[0]?.read({ ...ALICE, server: `s${at}` }), { at });
});

for (const [name, spoil, why] of [
  ['others may read', async (path: string) => await chmod(path, 0o640), /may read it/u],
  ['others may write', async (path: string) => await chmod(path, 0o620), /may write it/u],
  ['is a link', linkInstead, /is a symbolic link/u],
] as const)
  test(`a file that ${name} is no vault`, async (context) => {
    const path = join(await scratch(context), 'vault.json');
    const vault = createVault(path, KEY);
    await vault.change(ALICE, put({ token: 'a' }));
    const before = await readFile(path, 'utf8');
    await spoil(path);
    await assert.rejects(vault.read(ALICE), why);
    await assert.rejects(vault.change(BOB, put({ token: 'b' })), why);
    assert.equal(await readFile(path, 'utf8'), before);
  });

/** Puts a link to the same content in its place. */
async function linkInstead(path: string): Promise<void> {
  await rename(path, `${path}.elsewhere`);
  await symlink(`${path}.elsewhere`, path);
}

test('an entry that takes its time holds up no other', async (context) => {
  const path = join(await scratch(context), 'vault.json');
  const vault = createVault(path, KEY);
  await vault.change(ALICE, async () => {
    await vault.change(BOB, put({ token: 'b' }));
    assert.deepEqual(await vault.read(BOB), { token: 'b' });
    return { token: 'slow' };
  });
  assert.deepEqual(await vault.read(ALICE), { token: 'slow' });
  assert.deepEqual(await vault.read(BOB), { token: 'b' });
});

test('no server’s credential is so large that others cannot be read', async (context) => {
  const path = join(await scratch(context), 'vault.json');
  const vault = createVault(path, KEY);
  await vault.change(ALICE, put({ token: 'a' }));
  await assert.rejects(vault.change(BOB, put({ token: 'x'.repeat(70_000) })), Fault);
  const large = { token: 'x'.repeat(65_000) };
  let kept = 0;
  await assert.rejects(async () => {
    for (; kept < 100; kept++) await vault.change({ ...BOB, server: `s${kept}` }, put(large));
  }, /Cannot write .*larger than/u);
  assert.ok(kept > 10);
  assert.deepEqual(await vault.read(ALICE), { token: 'a' });
  await vault.change({ ...BOB, server: 's0' }, put(undefined));
  await vault.change(BOB, put(large));
  assert.deepEqual(await vault.read(BOB), large);
});

for (const text of [undefined, '', 'short', 'x'.repeat(43), `${'A'.repeat(43)}= `, 'A'.repeat(64)])
  test(`the key ${JSON.stringify(text)} ${text === 'x'.repeat(43) ? 'is one' : 'is none'}`, () => {
    const env = text === undefined ? {} : { SALLYPORT_VAULT_KEY: text };
    if (text === 'x'.repeat(43)) assert.equal(vaultKey(env).length, 32);
    else assert.throws(() => vaultKey(env), Fault);
  });

test('of many who were refused one refreshes, also across processes', async (context) => {
  const path = join(await scratch(context), 'vault.json');
  await createVault(path, KEY).change(ALICE, put(LOGIN));
  let refreshed = 0;
  const processes = Array.from({ length: 3 }, () =>
    createVaulted({
      server: 'notes',
      resource: new URL('https://notes.example'),
      vault: () => createVault(path, KEY),
      now: Date.now,
      async refresh(before: Login) {
        refreshed++;
        return await Promise.resolve({ ...before, accessToken: `t${refreshed}` });
      },
    })(() => CALLER),
  );
  const tokens = await Promise.all(processes.map(async ({ token }) => await token()));
  assert.deepEqual(tokens, ['t0', 't0', 't0']);
  const renewed = await Promise.all(
    Array.from({ length: 12 }, async (_, at) => await processes[at % 3]?.renew('t0')),
  );
  assert.ok(renewed.every((one) => one === true));
  assert.equal(refreshed, 1);
  for (const { token } of processes) assert.equal(await token(), 't1');
});

for (const [url, want] of [
  ['https://notes.example', true],
  ['https://notes.example/mcp', false],
  ['https://notes.example.evil.example/mcp', false],
  ['https://other.example/mcp', false],
  ['http://notes.example/mcp', false],
] as const)
  test(`a credential for https://notes.example is ${want ? '' : 'not '}shown where ${url} is wanted`, async (context) => {
    const vault = createVault(join(await scratch(context), 'vault.json'), KEY);
    await vault.change(ALICE, put(LOGIN));
    const { token } = createVaulted({
      server: 'notes',
      resource: new URL(url),
      vault: () => vault,
      now: Date.now,
      refresh: async (login) => await Promise.resolve(login),
    })(() => CALLER);
    if (want) assert.equal(await token(), 't0');
    else await assert.rejects(token(), /have not signed in/u);
  });
