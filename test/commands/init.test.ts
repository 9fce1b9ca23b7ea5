import assert from 'node:assert/strict';
import { chmod, lstat, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';

import fc from '../support/property.ts';
import { parse } from 'jsonc-parser';

import { command } from '../../src/commands/init.ts';
import { clientFiles, type ClientName } from '../../src/config/clients/clients.ts';
import { isGateway } from '../../src/config/clients/entry.ts';
import { loadConfig } from '../../src/config/load.ts';
import { runCommand, type Ran } from '../support/run-command.ts';
import { scratch } from '../support/scratch.ts';

const DESKTOP = userFile('claude-desktop');

/** Where a client keeps its servers on this platform, seen from the home folder. */
function userFile(client: ClientName): string {
  const [file] = clientFiles(client, { env: {}, platform: process.platform, home: '/' }, '/');
  return (file?.path ?? '').slice(1);
}

type Home = {
  readonly path: string;
  init(...argv: string[]): Promise<Ran>;
  typed(answer: string, ...argv: string[]): Promise<Ran>;
  put(file: string, text: string | Uint8Array, mode?: number): Promise<string>;
  read(file: string): Promise<string>;
};

/** A home folder with a project `work` in it. */
async function openHome(context: TestContext): Promise<Home> {
  const path = await scratch(context);
  const cwd = join(path, 'work');
  await mkdir(cwd);
  const env = { HOME: path, USERPROFILE: path };
  return {
    path,
    init: (...argv) => runCommand(command, argv, { env, cwd }),
    typed: (answer, ...argv) => runCommand(command, argv, { env, cwd, typed: answer }),
    read: (file) => readFile(join(path, file), 'utf8'),
    async put(file, text, mode = 0o644) {
      const full = join(path, file);
      await mkdir(dirname(full), { recursive: true });
      await writeFile(full, text);
      await chmod(full, mode);
      return full;
    },
  };
}

/** Every file below a folder with its bytes and mode. */
async function snapshot(folder: string): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const { mode } = await lstat(path);
    const content = entry.isFile() ? (await readFile(path)).toString('base64') : '';
    found.set(path, `${mode.toString(8)} ${content}`);
  }
  return found;
}

/** The object at a path of a client's file. */
function serversIn(text: string, ...path: readonly string[]): Record<string, unknown> {
  let value: unknown = parse(text);
  for (const step of path.length > 0 ? path : ['mcpServers']) {
    assert.ok(typeof value === 'object' && value !== null, step);
    value = Reflect.get(value, step);
  }
  assert.ok(typeof value === 'object' && value !== null);
  return Object.fromEntries(Object.entries(value));
}

function configPath(entry: unknown): string {
  assert.ok(typeof entry === 'object' && entry !== null && 'args' in entry);
  assert.ok(Array.isArray(entry.args));
  return String(entry.args.at(-1));
}

const FILES = { command: 'npx', args: ['-y', '@modelcontextprotocol/server-filesystem', '/tmp'] };
const TWO = JSON.stringify(
  { mcpServers: { files: FILES, web: { url: 'https://x/mcp' } } },
  null,
  2,
);

for (const [file, key] of [
  [DESKTOP, 'mcpServers'],
  ['.claude.json', 'mcpServers'],
  ['work/.mcp.json', 'mcpServers'],
  [userFile('vscode'), 'servers'],
  ['work/.vscode/mcp.json', 'servers'],
  ['.cursor/mcp.json', 'mcpServers'],
  ['work/.cursor/mcp.json', 'mcpServers'],
  ['.codeium/windsurf/mcp_config.json', 'mcpServers'],
] as const) {
  test(`${file}: its servers go behind one entry, which starts this program with them`, async (context) => {
    const home = await openHome(context);
    await home.put(
      file,
      JSON.stringify({ other: [1], [key]: { files: FILES }, last: true }, null, 2),
    );
    const { exit, stderr } = await home.init();
    assert.deepEqual([exit, stderr], [0, '']);
    const text = await home.read(file);
    assert.match(text, /^\{\s*"other"[^]*"last": true\s*\}$/u);
    const servers = serversIn(text, key);
    assert.deepEqual(Object.keys(servers), ['sallyport']);
    assert.ok(isGateway(servers['sallyport']));
    const path = configPath(servers['sallyport']);
    const config = await loadConfig({ path, env: {}, cwd: '/' });
    const server = config.mcpServers['files'];
    assert.ok(server?.kind === 'stdio');
    assert.deepEqual([server.command, server.args], [FILES.command, FILES.args]);
    assert.deepEqual([config.catalogue.onNew, config.catalogue.onChange], ['pin', 'quarantine']);
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    assert.equal((await stat(dirname(path))).mode & 0o777, 0o700);
  });

  test(`${file}: what init did is undone byte for byte, and nothing is left`, async (context) => {
    const home = await openHome(context);
    await home.put(file, JSON.stringify({ [key]: { files: FILES } }), 0o640);
    const before = await snapshot(home.path);
    assert.equal((await home.init()).exit, 0);
    assert.equal((await stat(join(home.path, file))).mode & 0o777, 0o640);
    assert.equal((await home.init('--undo')).exit, 0);
    assert.deepEqual(await snapshot(home.path), before);
    assert.equal((await home.init('--undo')).exit, 1, 'there is nothing more to undo');
  });
}

test('a second run finds nothing to do and changes nothing', async (context) => {
  const home = await openHome(context);
  await home.put(DESKTOP, TWO);
  await home.init();
  const before = await snapshot(home.path);
  const { exit, stdout } = await home.init();
  assert.equal(exit, 0);
  assert.match(stdout, /Nothing to change/u);
  assert.deepEqual(await snapshot(home.path), before);
});

test('a server that is added later joins the others; each run is undone by itself', async (context) => {
  const home = await openHome(context);
  const original = TWO;
  await home.put(DESKTOP, original);
  await home.init();
  const wrapped = serversIn(await home.read(DESKTOP));
  const between = JSON.stringify({ mcpServers: { ...wrapped, late: { command: 'late' } } });
  await home.put(DESKTOP, between);
  const path = configPath(wrapped['sallyport']);
  await writeFile(path, `# mine\n${await readFile(path, 'utf8')}`);

  await home.init();
  assert.deepEqual(Object.keys(serversIn(await home.read(DESKTOP))), ['sallyport']);
  const config = await loadConfig({ path, env: {}, cwd: '/' });
  assert.deepEqual(Object.keys(config.mcpServers), ['files', 'web', 'late']);
  assert.match(await readFile(path, 'utf8'), /# mine/u);

  await home.init('--undo');
  assert.equal(await home.read(DESKTOP), between);
  const refused = await home.init('--undo');
  assert.equal(refused.exit, 1);
  assert.match(refused.stderr, /it was changed since\nhint: --force/u);
  assert.equal(await home.read(DESKTOP), between, 'a refusal changes nothing');
  const forced = await home.init('--undo', '--force');
  assert.equal(forced.exit, 0);
  assert.equal(await home.read(DESKTOP), original);
  assert.match(forced.stdout, /sallyport\.yaml: left alone, it was changed since/u);
});

test('a dry run shows everything and writes nothing', async (context) => {
  const home = await openHome(context);
  await home.put(DESKTOP, TWO);
  const before = await snapshot(home.path);
  const { exit, stdout } = await home.init('--dry-run');
  assert.equal(exit, 0);
  assert.match(stdout, /^-    "files": \{$/mu);
  assert.match(stdout, /^\+    "sallyport": \{$/mu);
  assert.match(stdout, /^\+  files:$/mu);
  assert.deepEqual(await snapshot(home.path), before);
});

for (const [answer, exit] of [
  ['y', 0],
  ['yes', 0],
  ['n', 1],
  ['', 1],
] as const)
  test(`on a terminal the answer ${JSON.stringify(answer)} decides`, async (context) => {
    const home = await openHome(context);
    await home.put(DESKTOP, TWO);
    const ran = await home.typed(answer);
    assert.equal(ran.exit, exit);
    assert.match(ran.stderr, /Write these changes\?/u);
    assert.ok(ran.stdout.includes('\u001B[31m-'));
    assert.equal((await home.read(DESKTOP)) === TWO, exit === 1);
  });

test('with --yes nobody is asked', async (context) => {
  const home = await openHome(context);
  await home.put(DESKTOP, TWO);
  const { exit, stderr } = await home.typed('n', '--yes');
  assert.deepEqual([exit, stderr], [0, '']);
});

test('no secret is shown, not even one of a server that stays', async (context) => {
  const home = await openHome(context);
  const servers = {
    a: { command: 'x', args: ['--token', 'secret-one-1'], env: { API_KEY: 'secret"two\\2' } },
    b: { url: 'https://x', headers: { Authorization: 'Bearer secret$three$3' } },
    c: { type: 'sse', url: 'https://x', headers: { 'X-Api-Key': 'secret-four-4' } },
  };
  await home.put(
    DESKTOP,
    JSON.stringify({ oauthToken: 'secret-five-5', mcpServers: servers }, null, 2),
  );
  const { stdout } = await home.init();
  assert.doesNotMatch(stdout, /secret(?!s)/u);
  assert.match(stdout, /"API_KEY": "\*{8}"/u);
  const path = configPath(serversIn(await home.read(DESKTOP))['sallyport']);
  const config = await loadConfig({ path, env: {}, cwd: '/' });
  const { a, b } = config.mcpServers;
  assert.ok(a?.kind === 'stdio' && b?.kind === 'http');
  assert.equal(a.env['API_KEY'], 'secret"two\\2');
  assert.equal(b.headers['Authorization'], 'Bearer secret$three$3');
});

test('escape sequences and direction marks in a file cannot disguise the diff', async (context) => {
  const home = await openHome(context);
  const evil = '\u202Eevil\u009B2J\u200B';
  await home.put(DESKTOP, `{"mcpServers":{"a":{"command":"x","args":["${evil}"]}}}`);
  const { stdout } = await home.init();
  assert.doesNotMatch(stdout, /[\u202E\u009B\u200B]/u);
  assert.match(stdout, /\\u202eevil\\u009b2J\\u200b/u);
});

for (const [name, text, message] of [
  ['no JSON', '{"mcpServers": {', /invalid JSON at 1:/u],
  ['a list', '[]', /no JSON object/u],
  ['another encoding', Buffer.from([0xff, 0xfe, 0x7b, 0x00]), /not UTF-8/u],
  ['two servers of one name', '{"mcpServers":{"a":{},"a":{}}}', /there twice/u],
] as const)
  test(`a file with ${name} is named, left alone, and does not stop the others`, async (context) => {
    const home = await openHome(context);
    const path = await home.put('.cursor/mcp.json', text);
    await home.put(DESKTOP, TWO);
    const { exit, stderr } = await home.init();
    assert.equal(exit, 2);
    assert.match(stderr, message);
    assert.ok(stderr.startsWith(`sallyport: Cannot read ${path}`));
    assert.deepEqual(await readFile(path), Buffer.from(text));
    assert.deepEqual(Object.keys(serversIn(await home.read(DESKTOP))), ['sallyport']);
  });

for (const text of [
  '',
  ' \n',
  '{}',
  '{"mcpServers":{}}',
  '{"mcpServers":[]}',
  '{"mcpServers":null}',
])
  test(`${JSON.stringify(text)} has nothing to import and stays as it is`, async (context) => {
    const home = await openHome(context);
    await home.put(DESKTOP, text);
    const { exit, stdout } = await home.init('--client', 'claude-desktop');
    assert.equal(exit, 0);
    assert.match(stdout, /nothing to import/u);
    assert.equal(await home.read(DESKTOP), text);
  });

test('a client that is not there is said so, with where it was looked for', async (context) => {
  const home = await openHome(context);
  const { exit, stderr } = await home.init('--client', 'cursor');
  assert.equal(exit, 3);
  assert.match(stderr, /Cannot import from Cursor: .*\nhint: looked for .*\.cursor\/mcp\.json/u);
  assert.equal((await home.init()).exit, 3);
  const wrong = await home.init('--client', 'curser');
  assert.equal(wrong.exit, 2);
  assert.match(wrong.stderr, /hint: did you mean cursor\?/u);
});

test('a link to the file stays a link', async (context) => {
  const home = await openHome(context);
  const real = await home.put('dotfiles/claude.json', TWO);
  const link = join(home.path, DESKTOP);
  await mkdir(dirname(link), { recursive: true });
  await symlink(real, link);
  await home.init();
  assert.ok((await lstat(link)).isSymbolicLink());
  assert.deepEqual(Object.keys(serversIn(await readFile(real, 'utf8'))), ['sallyport']);
  await home.init('--undo');
  assert.ok((await lstat(link)).isSymbolicLink());
  assert.equal(await readFile(real, 'utf8'), TWO);
});

test('what cannot be taken over stays where it is, and is said so', async (context) => {
  const home = await openHome(context);
  const kept = { command: 'x', envFile: '.env' };
  await home.put(DESKTOP, JSON.stringify({ mcpServers: { kept, files: FILES, mine: FILES } }));
  const { stdout } = await home.init('--keep', 'mine');
  assert.match(stdout, /kept: stays as it is, it uses envFile/u);
  assert.match(stdout, /mine: stays as it is, as you asked/u);
  const servers = serversIn(await home.read(DESKTOP));
  assert.deepEqual(Object.keys(servers), ['kept', 'sallyport', 'mine']);
  assert.deepEqual(servers['kept'], kept);
});

test("VS Code's inputs and workspace reach the server through the entry", async (context) => {
  const home = await openHome(context);
  await home.put(
    'work/.vscode/mcp.json',
    `{
  "inputs": [{ "id": "key", "type": "promptString", "password": true }], // asked once
  "servers": {
    // reads issues
    "gh": { "type": "http", "url": "https://x/mcp", "headers": { "Authorization": "Bearer \${input:key}" } },
    "local": { "command": "x", "args": ["\${workspaceFolder}/a", "$HOME"], "env": { "E": "\${env:USER_E}" }, },
  },
}
`,
  );
  const { exit, stdout } = await home.init('--client', 'vscode');
  assert.equal(exit, 0);
  assert.match(stdout, /note: \$\{input:key\} still comes from the client, which asks/u);
  const text = await home.read('work/.vscode/mcp.json');
  assert.match(text, /\/\/ asked once/u);
  assert.match(text, /\/\/ reads issues/u);
  assert.deepEqual(serversIn(text, 'servers', 'sallyport', 'env'), {
    SALLYPORT_INPUT_KEY: '${input:key}',
    SALLYPORT_WORKSPACEFOLDER: '${workspaceFolder}',
    SALLYPORT_ENV_USER_E: '${env:USER_E}',
  });
  const path = configPath(serversIn(text, 'servers')['sallyport']);
  // What VS Code puts in there when it starts the entry.
  const env = {
    SALLYPORT_INPUT_KEY: 'k',
    SALLYPORT_WORKSPACEFOLDER: '/w',
    SALLYPORT_ENV_USER_E: 'e',
  };
  const { gh, local } = (await loadConfig({ path, env, cwd: '/' })).mcpServers;
  assert.ok(gh?.kind === 'http' && local?.kind === 'stdio');
  assert.equal(gh.headers['Authorization'], 'Bearer k');
  assert.deepEqual([local.args, local.env], [['/w/a', '$HOME'], { E: 'e' }]);
});

test("Claude Code's projects get entries of their own, and none hides another", async (context) => {
  const home = await openHome(context);
  const project = join(home.path, 'work');
  await home.put(
    '.claude.json',
    JSON.stringify({
      mcpServers: { user: { command: 'u' } },
      projects: {
        [project]: {
          mcpServers: { here: { command: './h', env: { T: '${T}' } }, off: { command: 'o' } },
          disabledMcpServers: ['off'],
          disabledMcpjsonServers: ['shared-off'],
        },
        '/else': { mcpServers: { there: { command: 't' } } },
        '/none': { history: [] },
      },
    }),
  );
  await home.put(
    'work/.mcp.json',
    JSON.stringify({ mcpServers: { shared: { command: 's' }, 'shared-off': { command: 's' } } }),
  );
  assert.equal((await home.init('--client', 'claude-code')).exit, 0);
  const file = await home.read('.claude.json');
  const found = [
    serversIn(file),
    serversIn(file, 'projects', project, 'mcpServers'),
    serversIn(file, 'projects', '/else', 'mcpServers'),
    serversIn(await home.read('work/.mcp.json')),
  ];
  assert.deepEqual(found.map(Object.keys), [
    ['sallyport'],
    ['sallyport-local'],
    ['sallyport-local'],
    ['sallyport-project'],
  ]);
  const paths = found.map((servers) => configPath(Object.values(servers)[0]));
  assert.equal(new Set(paths).size, 4);
  const here = (await loadConfig({ path: paths[1] ?? '', env: {}, cwd: '/' })).mcpServers;
  assert.equal(here['here']?.kind === 'stdio' && here['here'].command, join(project, 'h'));
  assert.equal(here['here']?.disabled, false);
  assert.equal(here['off']?.disabled, true, 'what was off stays off');
  const ours = (await loadConfig({ path: paths[3] ?? '', env: {}, cwd: '/' })).mcpServers;
  assert.deepEqual([ours['shared']?.disabled, ours['shared-off']?.disabled], [false, true]);
});

test('an entry that names another program sallyport is no gateway', () => {
  assert.equal(isGateway({ command: 'npx', args: ['-y', 'fs', '/home/me/sallyport'] }), false);
  assert.equal(isGateway({ command: 'npx', args: ['-y', 'sallyport@1.2.3', 'serve'] }), true);
  assert.equal(isGateway({ command: 'C:\\bin\\sallyport.cmd', args: ['wrap', '--', 'x'] }), true);
});

test('a damaged backup is not put back', async (context) => {
  const home = await openHome(context);
  await home.put(DESKTOP, TWO);
  const { stdout } = await home.init();
  const backup = /backup (\S+)$/mu.exec(stdout)?.[1] ?? '';
  assert.equal(await readFile(backup, 'utf8'), TWO);
  await writeFile(backup, 'x');
  const after = await home.read(DESKTOP);
  const { exit, stderr } = await home.init('--undo');
  assert.equal(exit, 1);
  assert.match(stderr, /missing or damaged/u);
  assert.equal(await home.read(DESKTOP), after);
});

test('what the client wrote since is saved when an undo is forced', async (context) => {
  const home = await openHome(context);
  await home.put(DESKTOP, TWO);
  await home.init();
  await home.put(DESKTOP, '{"since":1}');
  assert.equal((await home.init('--undo', '--force')).exit, 0);
  assert.equal(await home.read(DESKTOP), TWO);
  const saved = join(home.path, '.config/sallyport/clients/claude-desktop/changed-1');
  assert.equal(await readFile(saved, 'utf8'), '{"since":1}');
});

test('a server whose variables use the name __proto__ stays, and the others are taken', async (context) => {
  const home = await openHome(context);
  const odd = '{"mcpServers":{"a":{"command":"x","env":{"__proto__":"1"}},"b":{"command":"y"}}}';
  await home.put(DESKTOP, odd);
  const { exit, stdout } = await home.init();
  assert.equal(exit, 0);
  assert.match(stdout, /a: stays as it is, it uses the name __proto__/u);
  assert.match((await home.read(DESKTOP)) ?? '', /"__proto__":"1"/u);
});

test('init then undo is the identity, whatever the file looks like', async (context) => {
  const home = await openHome(context);
  await fc.assert(
    fc.asyncProperty(clientFile(), async (text) => {
      await home.put(DESKTOP, text);
      const before = await snapshot(home.path);
      const { exit } = await home.init();
      assert.equal(exit, 0, text);
      const after = await home.read(DESKTOP);
      const again = await home.init();
      assert.match(again.stdout, /Nothing to change/u);
      if (after !== text) assert.equal((await home.init('--undo')).exit, 0);
      assert.deepEqual(await snapshot(home.path), before);
    }),
    { numRuns: 60 },
  );
});

/** Client files of many makes: indentation, line ends, comments, trailing commas, odd names and odd servers. */
function clientFile(): fc.Arbitrary<string> {
  const server = fc.oneof(
    fc.record({ command: fc.constantFrom('npx', '/bin/x', './y'), args: fc.array(fc.string()) }),
    fc.record({ url: fc.webUrl(), headers: fc.constant({ Authorization: 'Bearer abcdefgh' }) }),
    fc.record({ command: fc.string(), env: fc.dictionary(fc.string(), fc.string()) }),
    fc.jsonValue(),
  );
  const names = fc.oneof(fc.string(), fc.constantFrom('sallyport', 'a__b', '__proto__', 'code'));
  const style = fc.record({
    indent: fc.constantFrom('', '  ', '\t'),
    eol: fc.constantFrom('\n', '\r\n'),
    bom: fc.boolean(),
    comment: fc.boolean(),
    trailing: fc.boolean(),
  });
  const servers = fc.uniqueArray(fc.tuple(names, server), {
    selector: ([name]) => name,
    maxLength: 5,
  });
  return fc.tuple(servers, style).map(([entries, { indent, eol, bom, comment, trailing }]) => {
    const lines = entries.map(
      ([name, value], at) =>
        `${JSON.stringify(name)}: ${JSON.stringify(value, null, indent)}${at < entries.length - 1 || trailing ? ',' : ''}${comment && indent !== '' ? ' // note, with {' : ''}`,
    );
    const text = `{\n${indent}"mcpServers": {\n${lines.join('\n')}\n${indent}},\n"z": 1\n}\n`;
    return `${bom ? '\uFEFF' : ''}${text.replaceAll('\n', eol)}`;
  });
}
