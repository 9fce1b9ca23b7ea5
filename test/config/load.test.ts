import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { createConfig, loadConfig, readConfigText } from '../../src/config/load.ts';
import { Fault } from '../../src/lib/fault.ts';
import { packageRoot } from '../../src/lib/package-root.ts';
import { scratch } from '../support/scratch.ts';

const FILE = '/etc/gate/sallyport.yaml';

test('the file is looked for in the order of the contract', async (context) => {
  const folder = await scratch(context);
  const home = join(folder, 'home');
  const cwd = join(folder, 'work');
  const xdg = join(folder, 'xdg', 'sallyport');
  await Promise.all([home, cwd, xdg].map((path) => mkdir(path, { recursive: true })));
  const env: NodeJS.ProcessEnv = { HOME: home, XDG_CONFIG_HOME: join(folder, 'xdg') };
  const found = async (path?: string): Promise<string | undefined> =>
    (await loadConfig({ ...(path === undefined ? {} : { path }), env, cwd })).file;

  await assert.rejects(found(), { message: /^Cannot find a configuration/u, exit: 2 });
  await writeFile(join(xdg, 'sallyport.json'), '{}');
  assert.equal(await found(), join(xdg, 'sallyport.json'));
  await writeFile(join(xdg, 'sallyport.yaml'), '');
  assert.equal(await found(), join(xdg, 'sallyport.yaml'));
  await writeFile(join(cwd, 'sallyport.yaml'), '');
  assert.equal(await found(), join(cwd, 'sallyport.yaml'));
  await writeFile(join(folder, 'other.yaml'), '');
  env['SALLYPORT_CONFIG'] = '../other.yaml';
  assert.equal(await found(), join(folder, 'other.yaml'));
  assert.equal(await found('sallyport.yaml'), join(cwd, 'sallyport.yaml'));
  env['SALLYPORT_CONFIG'] = '/nowhere.yaml';
  await assert.rejects(found(), { message: 'Cannot read /nowhere.yaml: there is no such file' });
  await assert.rejects(found(folder), Fault, 'a folder is no file');
});

test('where there is none, the files that init made are named', async (context) => {
  const home = await scratch(context);
  const clients = join(home, '.config', 'sallyport', 'clients');
  for (const client of ['vscode', 'cursor', 'empty'])
    await mkdir(join(clients, client), { recursive: true });
  for (const client of ['vscode', 'cursor'])
    await writeFile(join(clients, client, 'sallyport.yaml'), '');
  await assert.rejects(loadConfig({ env: { HOME: home }, cwd: home }), {
    hint: 'sallyport init made --config ~/.config/sallyport/clients/cursor/sallyport.yaml and --config ~/.config/sallyport/clients/vscode/sallyport.yaml',
  });
});

test('every key of the shipped example is accepted, and every section is in it', async () => {
  const path = join(packageRoot(), 'sallyport.example.yaml');
  const config = await loadConfig({ path, env: { HOME: '/home/alice' }, cwd: '/' });
  const byDefault = readConfigText('', FILE, { HOME: '/home/alice' });
  for (const section of [
    'scan',
    'sandbox',
    'state',
    'audit',
    'telemetry',
    'http',
    'limits',
  ] as const)
    assert.deepEqual(config[section], byDefault[section], `${section} shows its defaults`);
  const { lock: _lock, ...catalogue } = config.catalogue;
  const { lock: _other, ...defaults } = byDefault.catalogue;
  assert.deepEqual(catalogue, defaults);
  assert.deepEqual(Object.keys(config.mcpServers), ['files', 'tickets']);
  assert.equal(config.builtin.code?.memoryMiB, 512);
});

test('without a word the owner of the process calls, with the personal policies', () => {
  const config = readConfigText('', FILE, { HOME: '/home/alice' });
  assert.deepEqual(config.identity.stdio, {
    kind: 'user',
    user: userInfo().username,
    groups: [],
  });
  assert.deepEqual(config.policy, {
    path: [],
    shadow: [],
    mode: 'enforce',
    zones: {},
    trustedHosts: [],
  });
  assert.equal(config.catalogue.onNew, 'quarantine');
});

for (const [written, want] of [
  ['./p', '/etc/gate/p'],
  ['../p', '/etc/p'],
  ['~/p', '/home/alice/p'],
  ['~', '/home/alice'],
  ['~bob/p', '/etc/gate/~bob/p'],
  ['/p', '/p'],
] as const)
  test(`the path ${written} becomes ${want}`, () => {
    const text = `policy: { path: '${written}' }\nmcpServers: { a: { command: x, cwd: '${written}' } }`;
    const config = readConfigText(text, FILE, { HOME: '/home/alice' });
    assert.deepEqual(config.policy.path, [want]);
    const server = config.mcpServers['a'];
    assert.equal(server?.kind === 'stdio' && server.cwd, want);
  });

for (const [written, want] of [
  ['npx', 'npx'],
  ['./run.sh', '/etc/gate/run.sh'],
  ['~/run.sh', '/home/alice/run.sh'],
] as const)
  test(`the command ${written} is ${want}`, () => {
    const config = createConfig(
      { mcpServers: { a: { command: written } } },
      { folder: '/etc/gate', env: { HOME: '/home/alice' } },
    );
    const server = config.mcpServers['a'];
    assert.equal(server?.kind === 'stdio' && server.command, want);
  });

test('nothing in the configuration can be changed, and no server appears out of nothing', () => {
  const config = readConfigText('mcpServers: { a: { command: x } }', FILE, {});
  assert.ok(Object.isFrozen(config.mcpServers['a']));
  assert.ok(Object.isFrozen(config.catalogue));
  assert.equal(config.mcpServers['constructor'], undefined);
  assert.equal(config.mcpServers['toString'], undefined);
});

test('a configuration made in memory expands nothing: what it says is meant', () => {
  const config = createConfig(
    { mcpServers: { a: { command: 'x', args: ['${HOME}', '$$'], env: { A: '${NOT_SET' } } } },
    { folder: '/', env: { HOME: '/home/alice' } },
  );
  const server = config.mcpServers['a'];
  assert.ok(server?.kind === 'stdio');
  assert.deepEqual(server.args, ['${HOME}', '$$']);
  assert.deepEqual(server.env, { A: '${NOT_SET' });
});

test('a value with the characters that stand for braces while YAML is read stays as it is', () => {
  const text = 'mcpServers: { a: { command: "\uE000\uE001x\uE002" } }';
  const server = readConfigText(text, FILE, {}).mcpServers['a'];
  assert.equal(server?.kind === 'stdio' && server.command, '\uE000\uE001x\uE002');
});

test('secrets are collected: from variables, by name, by look, inside a scheme or a URL', () => {
  const text = `
mcpServers:
  a:
    command: x
    args: [--token, from-option-1, --password=from-option-2, "\${IN_ARGS}", "postgres://u:from-url@h/db", plain-argument]
    env: { API_KEY: by-name-1, PLAIN: just-a-word, PATTERN: ghp_abcdefghijklmnop, HOME_COPY: "\${HOME}", MAX_TOKENS: "100000" }
  b:
    url: https://x
    headers: { Authorization: "Bearer \${BEARER}", X-Plain: just-a-word }
`;
  const { secrets } = readConfigText(text, FILE, {
    HOME: '/home/alice',
    IN_ARGS: 'variable-1',
    BEARER: 'variable-2',
  });
  const wanted =
    'from-option-1 from-option-2 variable-1 from-url by-name-1 ghp_abcdefghijklmnop variable-2';
  for (const secret of wanted.split(' ')) assert.ok(secrets.includes(secret), secret);
  for (const open of ['/home/alice', 'just-a-word', 'plain-argument', '100000'])
    assert.ok(!secrets.includes(open), open);
  const lengths = secrets.map((secret) => secret.length);
  assert.deepEqual(
    lengths,
    lengths.toSorted((a, b) => b - a),
    'the longest first',
  );
});

test('a secret never stands in a problem', () => {
  const env = { TOKEN: 'very-secret-value' };
  for (const text of [
    'mcpServers: { a: { url: "ftp://${TOKEN}" } }',
    'mcpServers: { a: { command: x, env: { A: "${TOKEN}" }, url: "${TOKEN}" } }',
    'identity: { stdio: { token: "${TOKEN}", issuer: "${TOKEN}" } }',
  ])
    assert.throws(
      () => readConfigText(text, FILE, env),
      (error) => error instanceof Fault && !error.message.includes('very-secret-value'),
    );
});
