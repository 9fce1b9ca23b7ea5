/** Servers over stdio with each person's own secret: whose process has it, and who else may come to see it. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import type { Caller } from '../../src/call.ts';
import { createOwnProcess } from '../../src/identity/own-process.ts';
import { createOwnSecret, writeSecret } from '../../src/identity/own-secret.ts';
import { createVault, type VaultOwner } from '../../src/identity/vault.ts';
import { packageRoot } from '../../src/lib/package-root.ts';
import { DIALECTS, showsAll, type AnyClient } from '../support/clients.ts';
import { startedBy } from '../support/environments.ts';
import { BIN, createGate, realServer, type Gate } from '../support/gate.ts';
import { startHttpGate, type HttpGate } from '../support/http-gate.ts';
import { which } from '../support/own-process.ts';
import { scratch } from '../support/scratch.ts';
import { until } from '../support/until.ts';

const KEY = randomBytes(32).toString('base64');
const ENV = { SALLYPORT_VAULT_KEY: KEY };
const ISSUER = 'https://idp.example';
const PLACE = 'SERVICE_TOKEN of a process';
const SECRETS = { alice: 'secret-of-alice-4711', bob: 'secret/of+bob "4712"' } as const;
const POLICY = '@id("test.all") permit(principal, action, resource);';
const onLinux = process.platform === 'linux' ? false : 'there is no /proc';

function server(more: object = {}): object {
  return {
    command: process.execPath,
    args: [join(packageRoot(), 'dist', 'test', 'support', 'secret-server.js')],
    auth: { secret: { env: 'SERVICE_TOKEN' } },
    ...more,
  };
}

const fingerprint = (secret: string): string => createHash('sha256').update(secret).digest('hex');

async function put(folder: string, owner: VaultOwner, secret: string | undefined): Promise<void> {
  const vault = createVault(join(folder, 'state', 'vault.json'), Buffer.from(KEY, 'base64'));
  const entry = secret === undefined ? undefined : writeSecret(secret, PLACE);
  await vault.change(owner, async () => await Promise.resolve(entry));
}

async function textOf(client: AnyClient, name: string): Promise<string> {
  return JSON.stringify(await client.call(name, {}));
}

async function whose(
  client: AnyClient,
): Promise<{ readonly pid: number; readonly digest: string }> {
  const [, pid, digest = ''] =
    /(\d+) ([0-9a-f]{64})/u.exec(await textOf(client, 'svc__read_whose')) ?? [];
  return { pid: Number(pid), digest };
}

/** Runs `login` with what a person pipes into it. */
async function login(gate: Gate, secret: string): Promise<{ code: unknown; out: string }> {
  const child = spawn(process.execPath, [BIN, 'login', 'svc', '--config', gate.config], {
    cwd: gate.folder,
    env: { ...process.env, ...ENV },
  });
  let out = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (out += chunk.toString()));
  const exited = once(child, 'exit');
  child.stdin.end(`${secret}\n`);
  const [code]: unknown[] = await exited;
  return { code, out };
}

type World = { readonly gate: HttpGate; readonly connect: (user: string) => Promise<AnyClient> };

/** A gateway for several people; alice and bob have given `svc` a secret, mallory has given one to `other`. */
async function startWorld(context: TestContext, more: object = {}): Promise<World> {
  const gate = await startHttpGate(context, {
    servers: {
      svc: server(more),
      everything: realServer('everything'),
      other: server({ auth: { secret: { env: 'OTHER_TOKEN' } } }),
    },
    policy: POLICY,
    env: ENV,
    logLevel: 'debug',
  });
  for (const user of ['alice', 'bob'] as const)
    await put(gate.folder, { issuer: ISSUER, subject: user, server: 'svc' }, SECRETS[user]);
  return {
    gate,
    async connect(user) {
      const connect = DIALECTS['SDK 1.x'];
      assert.ok(connect);
      const token = await gate.token({ sub: user });
      return await connect(context, { place: { url: gate.url, token } });
    },
  };
}

describe('a server over stdio with the secret of each person', { skip: onLinux }, () => {
  test('each person has a process of their own, and no other one has their secret', async (context) => {
    const { gate, connect } = await startWorld(context);
    const [alice, bob] = [await connect('alice'), await connect('bob')];
    await Promise.all([
      showsAll(alice, ['svc', 'everything']),
      showsAll(bob, ['svc', 'everything']),
    ]);
    const [hers, his] = [await whose(alice), await whose(bob)];
    assert.equal(hers.digest, fingerprint(SECRETS.alice));
    assert.equal(his.digest, fingerprint(SECRETS.bob));
    assert.notEqual(hers.pid, his.pid);

    const started = startedBy(gate.pid);
    assert.ok(started.length >= 4, 'svc and everything, for each');
    for (const { pid, environment, commandLine } of started) {
      assert.equal(environment.includes(SECRETS.alice), pid === hers.pid, commandLine);
      assert.equal(environment.includes(SECRETS.bob), pid === his.pid, commandLine);
      assert.ok(!environment.includes(KEY), commandLine);
      for (const secret of [...Object.values(SECRETS), KEY])
        assert.ok(!commandLine.includes(secret));
    }
  });

  test('who has given none sees nothing of it, and is not told where the vault is', async (context) => {
    const { gate, connect } = await startWorld(context);
    const mallory = { issuer: ISSUER, subject: 'mallory' };
    await put(gate.folder, { ...mallory, server: 'other' }, 'secret-of-mallory');
    await put(
      gate.folder,
      { issuer: 'local', subject: 'mallory', server: 'svc' },
      'of-another-issuer',
    );
    const client = await connect('mallory');
    await showsAll(client, ['everything']);
    const { tools } = await client.listTools({});
    assert.ok(tools.every(({ name }) => !name.startsWith('svc__')));
    await assert.rejects(client.call('svc__read_whose', {}), /Unknown tool/u);
    assert.match(gate.stderr(), /you have given it no secret of yours/u);
  });

  test('what a server says of its secret reaches neither the model nor the log', async (context) => {
    const { gate, connect } = await startWorld(context);
    const bob = await connect('bob');
    await showsAll(bob, ['svc']);
    const said = [
      await textOf(bob, 'svc__read_repeat'),
      await textOf(bob, 'svc__read_fail'),
      await textOf(bob, 'svc__read_die').catch(String),
    ].join('\n');
    await until(() => gate.stderr().includes('fatal: [redacted:secret]'));
    assert.match(gate.stderr(), /starting with \[redacted:secret\]/u);
    assert.match(said, /token=\[redacted:secret\]/u);
    for (const form of [
      SECRETS.bob,
      JSON.stringify(SECRETS.bob).slice(1, -1),
      encodeURIComponent(SECRETS.bob),
      Buffer.from(`user:${SECRETS.bob}`).toString('base64').slice(8, 30),
    ])
      for (const written of [said, gate.stderr()]) assert.ok(!written.includes(form), form);
  });

  test('an idle process ends, and the next call starts another', async (context) => {
    const { gate, connect } = await startWorld(context, { idleMs: 1500 });
    const alice = await connect('alice');
    await showsAll(alice, ['svc']);
    const first = await whose(alice);
    const isThere = (pid: number): boolean => startedBy(gate.pid).some((one) => one.pid === pid);
    assert.ok(isThere(first.pid));
    await until(() => !isThere(first.pid));
    assert.ok(!startedBy(gate.pid).some(({ environment }) => environment.includes(SECRETS.alice)));
    const [second, again] = await Promise.all([whose(alice), whose(alice)]);
    assert.deepEqual(second, again);
    assert.equal(second.digest, first.digest);
    assert.notEqual(second.pid, first.pid);
    assert.match(gate.stderr(), /nobody uses it/u);
  });
});

test('another secret is another process, and one that is taken back ends it', async (context) => {
  const gate = await createGate(context, { servers: { svc: server() }, env: ENV, firstUse: true });
  assert.deepEqual(await login(gate, 'short'), {
    code: 2,
    out: 'sallyport: Cannot keep the secret: it is not 8 to 16384 characters of ASCII on one line\n',
  });
  assert.deepEqual(await login(gate, SECRETS.alice), { code: 0, out: 'Kept: svc\n' });
  const connect = DIALECTS['SDK 1.x'];
  assert.ok(connect);
  const client = await connect(context, {
    place: { command: process.execPath, args: [BIN, 'serve', '--config', gate.config], env: ENV },
  });
  await showsAll(client, ['svc']);
  const first = await whose(client);
  assert.equal(first.digest, fingerprint(SECRETS.alice));

  assert.equal((await login(gate, SECRETS.bob)).code, 0);
  const second = fingerprint(SECRETS.bob);
  await until(async () => (await whose(client).catch(() => first)).digest === second);

  assert.equal((await gate.run('login', 'svc', '--forget')).code, 0);
  await until(
    async () => !(await client.listTools({})).tools.some(({ name }) => name.startsWith('svc')),
  );
  const file = readFileSync(join(gate.folder, 'state', 'vault.json'), 'utf8');
  assert.deepEqual(JSON.parse(file), {});
});

const of = (subject: string): Caller => ({
  issuer: ISSUER, subject, client: 'c', groups: [], scopes: [], assurance: 1,
}); // prettier-ignore

describe('a process that belongs to one person', () => {
  test('is deaf to another one, whoever the session says is asking', async () => {
    let caller = of('alice');
    const sent: unknown[] = [];
    const open = createOwnProcess({
      own: async ({ subject }) => await Promise.resolve(`secret-of-${subject}`),
      version: () => '',
      lookMs: 60_000,
      open: (secret) => async () =>
        await Promise.resolve({
          send: async (frame) => await Promise.resolve(void sent.push([secret, frame])),
          close: async () => await Promise.resolve(),
        }),
    })(() => caller);
    const events = { onFrame: () => undefined, onClose: () => undefined };
    const channel = await open(events, new AbortController().signal);
    await channel.send({ id: 1 });
    await assert.rejects(channel.send({ id: 2 }, of('bob')), /belongs to another person/u);
    caller = of('bob');
    await assert.rejects(channel.send({ id: 3 }), /belongs to another person/u);
    assert.deepEqual(sent, [['secret-of-alice', { id: 1 }]]);
    await channel.close();
  });

  test('a secret that was given for another place is none, and trouble is the owner’s to read', async (context) => {
    const vault = createVault(join(await scratch(context), 'vault.json'), randomBytes(32));
    const owner = { issuer: ISSUER, subject: 'alice', server: 'svc' };
    const trouble: unknown[] = [];
    const options = { server: 'svc', vault: () => vault, version: () => String(trouble.length) };
    const own = createOwnSecret({
      ...options,
      place: PLACE,
      onTrouble: (one) => trouble.push(one),
    });
    await vault.change(owner, async () => await Promise.resolve(writeSecret('a', 'https://evil')));
    await assert.rejects(own(owner), /you have given it no secret/u);
    const junk = join(await scratch(context), 'vault.json');
    await writeFile(junk, 'junk', { mode: 0o600 });
    const broken = createOwnSecret({
      ...options,
      place: PLACE,
      vault: () => createVault(junk, randomBytes(32)),
      onTrouble: (one) => trouble.push(one),
    });
    await assert.rejects(broken(owner), (thrown) => !String(thrown).includes(junk));
    assert.ok(String(trouble[0]).includes(junk));
  });
});

const SCRIPT = which('script') ?? '';
const noScript = SCRIPT === '' && 'there is no program script to make a terminal';

test('at a terminal the secret is not shown', { skip: onLinux || noScript }, async (context) => {
  const gate = await createGate(context, { servers: { svc: server() }, env: ENV, pinned: false });
  const words = [process.execPath, BIN, 'login', 'svc', '--config', gate.config];
  const child = spawn(SCRIPT, ['-qec', words.map((word) => `'${word}'`).join(' '), '/dev/null'], {
    env: { ...process.env, ...ENV },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let shown = '';
  child.stdout.on('data', (chunk: Buffer) => {
    shown += chunk.toString();
    if (chunk.includes('Your secret')) setTimeout(() => child.stdin.write(`${SECRETS.bob}\r`), 200);
  });
  const [code]: unknown[] = await once(child, 'exit');
  assert.equal(code, 0, shown);
  assert.match(shown, /Kept: svc/u);
  for (const part of ['of+bob', '4712']) assert.ok(!shown.includes(part), shown);
  const owner = { issuer: 'local', subject: 'alice', server: 'svc' };
  const vault = createVault(join(gate.folder, 'state', 'vault.json'), Buffer.from(KEY, 'base64'));
  assert.deepEqual(await vault.read(owner), writeSecret(SECRETS.bob, PLACE));
});
