/** Whatever is run, and whatever servers and issuers repeat: no secret stands in anything that was written. */
import assert from 'node:assert/strict';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import {
  getDefaultEnvironment,
  StdioClientTransport,
} from '@modelcontextprotocol/sdk/client/stdio.js';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { stringify } from 'yaml';
import { writeSecret } from '../../src/identity/own-secret.ts';
import { createVault } from '../../src/identity/vault.ts';
import { writeLogin } from '../../src/identity/vaulted.ts';
import { packageRoot } from '../../src/lib/package-root.ts';
import { DIALECTS } from '../support/clients.ts';
import { startedBy, type RunningProcess } from '../support/environments.ts';
import { findSecrets, formsOf, written } from '../support/find-secrets.ts';
import { freePort } from '../support/free-port.ts';
import { BIN, realServer } from '../support/gate.ts';
import { INITIALIZE, post } from '../support/http-agent.ts';
import { startHttpGate, type HttpGate } from '../support/http-gate.ts';
import { AUDIENCE } from '../support/keys.ts';
import { LEAKS, leakyWorld, type LeakyWorld } from '../support/leaky-world.ts';
import { scratch } from '../support/scratch.ts';
import { until } from '../support/until.ts';

const KEY = randomBytes(32);
/** Awkward on purpose: each encoding changes some of it. */
const secret = (name: string): string => `${name}/${randomUUID()}+"~ &"`;
const OWN = {
  'the key of the vault': KEY.toString('base64'),
  'the gateway’s own': secret('client'),
  'shared header': secret('shared'),
  'shared variable': secret('variable'),
  'alice’s variable': secret('alice'),
  'bob’s variable': secret('bob'),
  'alice’s header': secret('header'),
  'stale access token': `stale/${randomUUID()}`,
  'first refresh token': `refresh/${randomUUID()}`,
};
const POLICY = '@id("test.all") permit(principal, action, resource);';
const HTTP = ['exchange', 'login', 'header', 'shared'] as const;
const onLinux = process.platform === 'linux' ? false : 'there is no /proc';

function stdio(auth: object): object {
  const path = join(packageRoot(), 'dist', 'test', 'support', 'secret-server.js');
  return { command: process.execPath, args: [path], auth };
}

function serversOf({ url, issuer }: LeakyWorld): Record<string, object> {
  const exchange = { audience: url('exchange'), scopes: ['read'] };
  return {
    exchange: { url: url('exchange'), auth: { exchange } },
    login: { url: url('login'), auth: { login: { client: { issuer, id: 'gateway' } } } },
    header: { url: url('header'), auth: { secret: { header: 'X-Api-Key' } } },
    shared: {
      url: url('shared'),
      auth: { shared: { headers: { Authorization: `Bearer ${OWN['shared header']}` } } },
    },
    variable: stdio({ shared: { env: { SERVICE_TOKEN: OWN['shared variable'] } } }),
    own: stdio({ secret: { env: 'SERVICE_TOKEN' } }),
    everything: realServer('everything'),
  };
}

/** What people have given the gateway beforehand. */
async function fillVault(folder: string, { issuer, url }: LeakyWorld): Promise<void> {
  await mkdir(join(folder, 'state'), { recursive: true, mode: 0o700 });
  const vault = createVault(join(folder, 'state', 'vault.json'), KEY);
  const put = async (subject: string, server: string, entry: ReturnType<typeof writeSecret>) =>
    await vault.change({ issuer, subject, server }, async () => await Promise.resolve(entry));
  const place = 'SERVICE_TOKEN of a process';
  await put('alice', 'own', writeSecret(OWN['alice’s variable'], place));
  await put('bob', 'own', writeSecret(OWN['bob’s variable'], place));
  await put('alice', 'header', writeSecret(OWN['alice’s header'], url('header')));
  const login = {
    issuer, tokenEndpoint: `${issuer}/token`, resource: url('login'), scopes: [],
    client: { id: 'gateway', secret: OWN['the gateway’s own'] }, expires: Date.now() + 600_000,
    accessToken: OWN['stale access token'], refreshToken: OWN['first refresh token'],
  }; // prettier-ignore
  await put('alice', 'login', writeLogin(login));
}

type Asked = {
  readonly listTools: (params: object) => Promise<{ readonly tools: readonly unknown[] }>;
  readonly call: (name: string, args: Record<string, unknown>) => Promise<unknown>;
};

/** Calls everything there is, once as many `tools` are listed, whatever comes of it. Returns what the client was told. */
async function exercise(client: Asked, tools: number): Promise<string> {
  const said: string[] = [];
  const say = async (work: Promise<unknown>): Promise<void> =>
    void said.push(await work.then(JSON.stringify, String));
  await until(async () => (await client.listTools({})).tools.length >= tools, 8000).catch(
    () => undefined,
  );
  for (const server of HTTP)
    for (const tool of LEAKS) await say(client.call(`${server}__${tool}`, {}));
  for (const server of ['own', 'variable'])
    for (const tool of ['read_whose', 'read_repeat', 'read_fail', 'read_die'])
      await say(client.call(`${server}__${tool}`, {}));
  await say(client.call('everything__echo', { message: 'hello' }));
  await say(client.listTools({}));
  return said.join('\n');
}

/** A caller whose token is bound to a key, through the handshake and one call. */
async function exerciseBound(
  gate: HttpGate,
  world: LeakyWorld,
  secrets: Record<string, string>,
): Promise<string> {
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  const jwk = await exportJWK(publicKey);
  const token = await world.token({ sub: 'bob', cnf: { jkt: await calculateJwkThumbprint(jwk) } });
  secrets['bound token'] = token;
  const ath = createHash('sha256').update(token).digest('base64url');
  const answers: string[] = [];
  let session: string | null = null;
  for (const body of [
    INITIALIZE,
    { jsonrpc: '2.0', method: 'notifications/initialized' },
    ...LEAKS.map((tool, at) => ({
      jsonrpc: '2.0', id: at, method: 'tools/call', params: { name: `exchange__${tool}`, arguments: {} },
    })), // prettier-ignore
    { jsonrpc: '2.0', id: 'again', method: 'ping', params: {} },
  ]) {
    const claims = { jti: randomUUID(), htm: 'POST', htu: AUDIENCE, ath };
    const dpop = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk })
      .setIssuedAt()
      .sign(privateKey);
    secrets[`proof ${answers.length}`] = dpop;
    const headers = {
      authorization: `DPoP ${token}`, dpop, ...(session === null ? {} : { 'mcp-session-id': session }),
    }; // prettier-ignore
    const answer = await post(gate, undefined, body, headers);
    session ??= answer.headers.get('mcp-session-id');
    answers.push(`${answer.status} ${answer.headers.get('www-authenticate') ?? ''} ${answer.text}`);
    // Once used it is refused, and what it is refused with is written down.
    if ('id' in body && body.id === 'again')
      answers.push(
        (await post(gate, undefined, body, headers)).headers.get('www-authenticate') ?? '',
      );
  }
  return answers.join('\n');
}

/** What a process was meant to be given, by its command line and its secret's name. */
function checkProcesses(
  processes: readonly RunningProcess[],
  secrets: Record<string, string>,
): void {
  const meant = ['alice’s variable', 'bob’s variable', 'shared variable'];
  for (const { environment, commandLine } of processes) {
    assert.deepEqual(findSecrets(commandLine, secrets), [], commandLine);
    const has = new Set(
      findSecrets(environment, secrets).map((found) => found.split(', ')[0] ?? ''),
    );
    const own = commandLine.includes('secret-server')
      ? meant.filter((name) => has.delete(name))
      : [];
    assert.ok(own.length <= 1, `${commandLine} has ${own.join()}`);
    assert.deepEqual([...has], [], commandLine);
  }
}

describe('no secret is written down', { skip: onLinux }, () => {
  test('over HTTP: bearer and bound tokens, exchange, sign-in, own and shared secrets', async (context) => {
    const world = await leakyWorld(context);
    const { issuer } = world;
    const metrics = await freePort();
    const gate = await startHttpGate(context, {
      servers: serversOf(world),
      policy: POLICY,
      env: { SALLYPORT_VAULT_KEY: OWN['the key of the vault'] },
      logLevel: 'trace',
      config: {
        identity: {
          http: {
            issuer,
            audience: AUDIENCE,
            client: { id: 'g', secret: OWN['the gateway’s own'] },
          },
        },
        audit: { path: './audit', arguments: 'redacted' },
        http: { metrics: `127.0.0.1:${metrics}` },
      },
    });
    await fillVault(gate.folder, world);
    const secrets: Record<string, string> = { ...OWN };
    const open = DIALECTS['SDK 1.x'];
    assert.ok(open);
    const told: string[] = [];
    const processes: RunningProcess[] = [];
    for (const [sub, tools] of [
      ['alice', 35],
      ['bob', 25],
    ] as const) {
      const token = await world.token({ sub, groups: ['board'] });
      secrets[`token of ${sub}`] = token;
      const client = await open(context, { place: { url: gate.url, token } });
      await until(async () => (await client.listTools({})).tools.length > 0);
      processes.push(...startedBy(gate.pid));
      told.push(await exercise(client, tools));
    }
    told.push(await exerciseBound(gate, world, secrets));
    const bad = await world.token({ sub: 'eve', aud: 'https://x.example' });
    secrets['refused token'] = bad;
    told.push((await post(gate, bad, INITIALIZE)).text);
    const measured = await (await fetch(`http://127.0.0.1:${metrics}/metrics`)).text();
    await gate.stop();
    for (const [place, shown] of Object.entries(world.shown))
      if (shown !== '')
        secrets[`what was shown ${place.split(':')[0] ?? ''} ${shown.length}`] = shown;

    const upstream = Object.keys(world.shown).map((place) => place.split(':')[0]);
    for (const name of HTTP) assert.ok(upstream.includes(`at ${name}`), `${name} was never asked`);
    assert.match(gate.stderr(), /\[redacted:secret\]/u);
    assert.match(measured, /sallyport_calls_total/u);
    assert.deepEqual(findSecrets(written(gate.folder), secrets), [], 'in files');
    assert.deepEqual(findSecrets(gate.stderr(), secrets), [], 'in the log');
    assert.deepEqual(findSecrets(measured, secrets), [], 'in the metrics');
    assert.deepEqual(findSecrets(told.join('\n'), secrets), [], 'in what clients are told');
    checkProcesses(processes, secrets);
    const environments = processes.map(({ environment }) => environment).join('\n');
    for (const name of ['alice’s variable', 'shared variable'] as const)
      assert.ok(environments.includes(OWN[name]), `${name} was never given`);
  });

  for (const way of ['token', 'tokenFile'] as const)
    test(`over stdio, with a ${way}`, async (context) => {
      const world = await leakyWorld(context);
      const { issuer } = world;
      const folder = await scratch(context);
      const token = await world.token({ sub: 'alice' });
      const secrets: Record<string, string> = { ...OWN, token };
      const config = join(folder, 'sallyport.yaml');
      await writeFile(join(folder, 'token'), token, { mode: 0o600 });
      await writeFile(join(folder, 'policy.cedar'), POLICY);
      const client = { id: 'g', secret: OWN['the gateway’s own'] };
      const named = way === 'token' ? { token: '${ALICES_TOKEN}' } : { tokenFile: './token' };
      const stdioIdentity = {
        ...named,
        issuer,
        audience: AUDIENCE,
        jwks: `${issuer}/jwks`,
        client,
      };
      await writeFile(
        config,
        stringify({
          mcpServers: serversOf(world),
          identity: { stdio: { ...stdioIdentity, algorithms: ['ES256'] } },
          policy: { path: './policy.cedar' },
          catalogue: { onNew: 'pin' },
          state: { path: './state' },
          audit: { path: './audit', arguments: 'redacted' },
        }),
      );
      await fillVault(folder, world);
      const transport = new StdioClientTransport({
        command: process.execPath,
        args: [BIN, 'serve', '--config', config, '--log-level', 'trace'],
        stderr: 'pipe',
        env: {
          ...getDefaultEnvironment(),
          ALICES_TOKEN: token,
          SALLYPORT_VAULT_KEY: OWN['the key of the vault'],
        },
        cwd: folder,
      });
      let log = '';
      transport.stderr?.on('data', (chunk: Buffer) => (log += chunk.toString()));
      const agent = new Client({ name: 'test', version: '1' });
      await agent.connect(transport);
      context.after(async () => await agent.close());
      await until(async () => (await agent.listTools()).tools.length > 10);
      const processes = startedBy(transport.pid ?? 0);
      const told = await exercise(
        {
          listTools: async () => await agent.listTools(),
          call: async (name) => await agent.callTool({ name, arguments: {} }),
        },
        35,
      );
      await agent.close();
      for (const [place, shown] of Object.entries(world.shown))
        if (shown !== '') secrets[`what was shown ${place.split(':')[0] ?? ''}`] = shown;
      assert.ok(processes.length > 2);
      assert.deepEqual(findSecrets(written(folder), secrets), [], 'in files');
      assert.deepEqual(findSecrets(log, secrets), [], 'in the log');
      assert.deepEqual(findSecrets(told, secrets), [], 'in what the client is told');
      checkProcesses(processes, secrets);
    });
});

describe('what looks for secrets finds them', () => {
  for (const [form, texts] of Object.entries(formsOf(OWN['shared header'])))
    test(`one that was planted, ${form}`, async (context) => {
      const folder = await scratch(context);
      for (const text of texts) {
        await writeFile(join(folder, 'planted'), `{"a":"x${text}y"}`);
        const found = findSecrets(written(folder), OWN);
        assert.ok(found.includes(`shared header, ${form}`), text);
      }
    });

  test('one inside of a longer text that was encoded, wherever it begins', () => {
    for (const before of ['', 'a', 'ab', 'abc', 'user:'])
      for (const encoding of ['base64', 'base64url', 'hex'] as const) {
        const text = Buffer.from(`${before}${OWN['shared header']} and more`).toString(encoding);
        assert.deepEqual(
          findSecrets(text, OWN).filter((found) => found.endsWith(`, ${encoding}`)),
          [`shared header, ${encoding}`],
        );
      }
  });

  test('a process that was given what another one is meant to have', () => {
    const [pid, commandLine] = [1, 'node everything'];
    const environment = `A=${OWN['alice’s variable']}`;
    assert.throws(() => checkProcesses([{ pid, commandLine, environment }], OWN));
    const two = `${environment}\0B=${OWN['bob’s variable']}`;
    assert.throws(() =>
      checkProcesses([{ pid, commandLine: 'node secret-server.js', environment: two }], OWN),
    );
    checkProcesses([{ pid, commandLine: 'node secret-server.js', environment }], OWN);
  });
});
