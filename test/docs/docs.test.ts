import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { test } from 'node:test';
import { COMMANDS } from '../../src/commands/index.ts';
import { readConfigText } from '../../src/config/load.ts';
import { packageRoot } from '../../src/lib/package-root.ts';
import { blocks, README, ROOT } from './blocks.ts';

const PAGES = [
  'README.md',
  'SECURITY.md',
  'CHANGELOG.md',
  ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
];

for (const page of PAGES)
  test(`every link in ${page} leads to a file`, () => {
    const path = join(packageRoot(), page);
    for (const [, target = ''] of readFileSync(path, 'utf8').matchAll(
      /\]\(([^)#]+)(?:#[^)]*)?\)/gu,
    ))
      if (!/^https?:/u.test(target))
        assert.ok(existsSync(resolve(dirname(path), target)), `${page} links to ${target}`);
  });

test('every link inside the README leads to a heading', () => {
  const headings = new Set(
    [...README.matchAll(/^#+ (.+)$/gmu)].map(([, title = '']) =>
      title
        .toLowerCase()
        .replaceAll(/[^\w -]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
  for (const [, anchor = ''] of README.matchAll(/\]\(#([^)]+)\)/gu))
    assert.ok(headings.has(anchor), anchor);
});

test('every row of the threat table names tests and sources that exist', () => {
  const text = readFileSync(join(ROOT, 'SECURITY.md'), 'utf8');
  const table = /## Attack, guard, test\n([\s\S]*?)\n## /u.exec(text)?.[1] ?? '';
  const rows = table.split('\n').filter((line) => /^\| [^-]/u.test(line));
  assert.ok(rows.length > 15);
  for (const row of rows.slice(1)) {
    const [, , guards = '', tests = ''] = row.split('|');
    assert.ok(named(tests).length > 0, row);
    for (const name of named(tests)) assert.ok(existsSync(join(ROOT, name)), name);
    for (const name of named(guards))
      assert.ok(existsSync(join(ROOT, name.startsWith('policies/') ? '' : 'src', name)), name);
  }
});

test('the README lists every command, in the order of --help', () => {
  const table = /## Commands\n([\s\S]*?)\n## /u.exec(README)?.[1] ?? '';
  const listed = [...table.matchAll(/^\| `sallyport (\w+)/gmu)].map(([, name]) => name);
  assert.deepEqual(listed, Object.keys(COMMANDS));
});

test('every option of a command that the README uses is in its --help', async () => {
  for (const [, name = '', option = ''] of README.matchAll(
    /`?(?:sallyport )?\b(\w+) (--[a-z-]+)/gu,
  )) {
    const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
    if (load) assert.ok((await load()).usage.includes(option), `${name} ${option}`);
  }
});

test('the configuration in the README is a configuration', () => {
  const [yaml = '', ...more] = blocks('yaml');
  for (const part of more)
    assert.ok(readConfigText(part, '/etc/gate/sallyport.yaml', { API_TOKEN: 'k3y-of-an-example' }));
  const config = readConfigText(yaml, '/etc/gate/sallyport.yaml', {});
  assert.deepEqual(Object.keys(config.mcpServers), ['files', 'tickets']);
  assert.equal(config.identity.http?.issuer, 'https://idp.example');
});

test('the example names every type of server that the schema takes', () => {
  const example = readFileSync(join(ROOT, 'sallyport.example.yaml'), 'utf8');
  const [, line = ''] = /^ +type: (stdio # .*)$/mu.exec(example) ?? [];
  const words = new Set([...line.matchAll(/\b[a-z-]+\b/gu)].map(([word]) => word));
  for (const type of ['stdio', 'http', 'streamable-http', 'sse']) {
    assert.ok(words.has(type), type);
    const way = type === 'stdio' ? { command: 'x' } : { url: 'https://x.example/' };
    const text = JSON.stringify({ mcpServers: { x: { type, ...way } } });
    assert.ok(readConfigText(text, '/etc/gate/sallyport.json', {}));
  }
});

test('the list of decisions has each under its title, and no two titles are alike', () => {
  const page = readFileSync(join(ROOT, 'docs/README.md'), 'utf8');
  const rows = [
    ...page.matchAll(/^\| \[(\d{3})\]\(([^)]+)\) \| (.+?)(?: \(undone by [^)]+\))? \|$/gmu),
  ];
  assert.equal(rows.length, readdirSync(join(ROOT, 'docs/decisions')).length);
  for (const [, number = '', path = '', title = ''] of rows)
    assert.equal(
      readFileSync(join(ROOT, 'docs', path), 'utf8').split('\n')[0],
      `# ${number} ${title}`,
    );
  const starts = rows.map(([, , , title = '']) => title.split(/[:,]/u)[0]);
  assert.equal(new Set(starts).size, starts.length);
});

test('the changelog says each thing once', () => {
  const lines = readFileSync(join(ROOT, 'CHANGELOG.md'), 'utf8').split('\n');
  const changes = lines.filter((line) => line.startsWith('- '));
  assert.equal(new Set(changes).size, changes.length);
  for (const line of lines) assert.match(line, /^(?:#.*|- .+|)$/u);
});

/** What stands in backticks. */
function named(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/gu)].map(([, name = '']) => name);
}
