import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from '../support/property.ts';
import { createNames } from '../../src/catalogue/names.ts';
import { readUriTemplate } from '../../src/catalogue/uri-template.ts';
import { freezeJson } from '../../src/lib/json.ts';
import type { JsonObject } from '../../src/lib/json.ts';
import { packageRoot } from '../../src/lib/package-root.ts';

const PATTERN = /^[A-Za-z0-9_.-]{1,128}$/u;
const many = createNames({
  servers: ['files', 'a', 'a__b', 'evil'],
  separator: '__',
  single: false,
});
const one = createNames({ servers: ['files'], separator: '__', single: true });

function vector(name: string): string[] {
  const path = join(packageRoot(), 'test', 'vectors', 'catalogue', name);
  const text = readFileSync(path, 'utf8');
  return text
    .slice(text.indexOf('\n\n') + 2)
    .split('\n')
    .filter(Boolean);
}

for (const [server, name, want] of [
  ['files', 'read_file', 'files__read_file'],
  ['files', 'read.file-2', 'files__read.file-2'],
  ['a__b', 'c', 'a__b__c'],
  ['a__b', 'c__d', 'a__b__c__d'],
  ['a', 'c', 'a__c'],
] as const)
  test(`${server}/${name} is ${want}`, () => assert.equal(many.expose(server, name), want));

test('one wrapped server keeps its names', () => {
  for (const name of ['read_file', 'a__b', 'files__x', '-x', '.'])
    assert.equal(one.expose('files', name), name);
});

test('one wrapped server cannot pass for the gate', () => {
  assert.notEqual(one.expose('files', 'sallyport__plan_submit'), 'sallyport__plan_submit');
});

test('no listed name lands on another', () => {
  const rows = vector('shadowing.txt').map((line) => {
    const space = line.indexOf(' ');
    return [line.slice(0, space), String(JSON.parse(line.slice(space + 1)))] as const;
  });
  const exposed = rows.map(([server, name]) => many.expose(server, name));
  assert.equal(new Set(exposed).size, rows.length);
  for (const [at, [server]] of rows.entries()) {
    assert.match(exposed[at] ?? '', PATTERN);
    if (server !== 'files') assert.ok(!exposed[at]?.startsWith('files__'), exposed[at]);
  }
  assert.equal(many.expose('files', 'read_file'), 'files__read_file');
});

test('a server inside another name does not take it over, in any order of the configuration', () => {
  for (const servers of [
    ['a', 'a__b'],
    ['a__b', 'a'],
  ]) {
    const names = createNames({ servers, separator: '__', single: false });
    assert.equal(names.expose('a__b', 'c'), 'a__b__c');
    assert.match(names.expose('a', 'b__c'), /^a_b_c-h[0-9a-f]{20}$/u);
  }
});

test('a name that looks shortened is shortened itself', () => {
  const long = many.expose('files', 'x'.repeat(300));
  assert.match(long, PATTERN);
  assert.notEqual(many.expose('files', long.slice('files__'.length)), long);
  assert.notEqual(one.expose('files', long), long);
});

const serverNames = fc.uniqueArray(fc.stringMatching(/^[ab_.-]{1,4}$/u), {
  minLength: 1,
  maxLength: 5,
});
const toolName = fc.oneof(
  fc.stringMatching(/^[ab_.-]{0,8}$/u),
  fc.string({ unit: 'binary', maxLength: 200 }),
);

test('different (server, name) pairs never share a name, whatever the separator', () => {
  const separators = fc.constantFrom('__', '_', '.', '-', 'a', 'ab', '___');
  fc.assert(
    fc.property(
      serverNames,
      separators,
      fc.array(toolName, { maxLength: 8 }),
      (servers, separator, tools) => {
        const names = createNames({ servers, separator, single: false });
        const seen = new Map<string, string>();
        for (const server of servers)
          for (const tool of new Set(tools)) {
            const exposed = names.expose(server, tool);
            assert.match(exposed, PATTERN);
            assert.equal(names.expose(server, tool), exposed);
            assert.equal(seen.get(exposed), undefined);
            seen.set(exposed, JSON.stringify([server, tool]));
          }
      },
    ),
    { numRuns: 1000 },
  );
});

test('a name depends on the configuration alone, not on its order', () => {
  fc.assert(
    fc.property(serverNames, toolName, (servers, tool) => {
      const there = createNames({ servers, separator: '_', single: false });
      const back = createNames({ servers: servers.toReversed(), separator: '_', single: false });
      for (const server of servers)
        assert.equal(there.expose(server, tool), back.expose(server, tool));
    }),
  );
});

test('a URI comes back as it was', () => {
  fc.assert(
    fc.property(serverNames, fc.string({ unit: 'binary' }), (servers, uri) => {
      const names = createNames({ servers, separator: '__', single: false });
      for (const server of servers)
        assert.deepEqual(names.resolveUri(names.exposeUri(server, uri)), { server, uri });
    }),
  );
  assert.deepEqual(one.resolveUri('file:///a'), { server: 'files', uri: 'file:///a' });
  assert.equal(one.exposeUri('files', 'file:///a'), 'file:///a');
  assert.equal(many.exposeUri('files', 'file:///{+path}'), 'sallyport://files/file:///{+path}');
});

for (const uri of [
  'file:///a',
  'sallyport://',
  'sallyport://files',
  'sallyport://nobody/x',
  'SALLYPORT://files/x',
  ' sallyport://files/x',
  'sallyport://constructor/x',
  'sallyport://FILES/x',
])
  test(`${uri} names nothing`, () => assert.equal(many.resolveUri(uri), undefined));

test('a server that hands out another server’s URI hands out its own', () => {
  const stolen = many.exposeUri('evil', 'sallyport://files/file:///etc/passwd');
  assert.equal(many.resolveUri(stolen)?.server, 'evil');
});

for (const [what, options] of [
  ['two servers of one name', { servers: ['a', 'a'], separator: '__', single: false }],
  ['the name of the gate', { servers: ['sallyport'], separator: '__', single: false }],
  ['single with two servers', { servers: ['a', 'b'], separator: '__', single: true }],
  ['an empty separator', { servers: ['a'], separator: '', single: false }],
  ['a separator outside the alphabet', { servers: ['a'], separator: '/', single: false }],
] as const)
  test(`refused: ${what}`, () => assert.throws(() => createNames(options), TypeError));

const before: JsonObject = freezeJson({
  content: [
    { type: 'text', text: 'file:///a', uri: 'file:///a' },
    { type: 'resource_link', uri: 'file:///a', name: 'a' },
    { type: 'resource', resource: { uri: 'file:///a', text: 'uri: file:///a' } },
    { type: 'tool_result', content: [{ type: 'resource_link', uri: 'file:///a' }] },
    { type: 'resource_link', uri: 7 },
    null,
  ],
  contents: [{ uri: 'file:///a', text: 'x' }],
  messages: [
    { role: 'user', content: { type: 'resource', resource: { uri: 'file:///a' } } },
    { role: 'user', content: [{ type: 'resource_link', uri: 'file:///a' }] },
  ],
  structuredContent: { uri: 'file:///a', content: [{ type: 'resource_link', uri: 'file:///a' }] },
  uri: 'file:///a',
});

test('only the URIs that MCP gives a meaning are mapped', () => {
  const to = 'sallyport://files/file:///a';
  assert.deepEqual(many.rewriteUris(before, 'files'), {
    content: [
      { type: 'text', text: 'file:///a', uri: 'file:///a' },
      { type: 'resource_link', uri: to, name: 'a' },
      { type: 'resource', resource: { uri: to, text: 'uri: file:///a' } },
      { type: 'tool_result', content: [{ type: 'resource_link', uri: to }] },
      { type: 'resource_link', uri: 7 },
      null,
    ],
    contents: [{ uri: to, text: 'x' }],
    messages: [
      { role: 'user', content: { type: 'resource', resource: { uri: to } } },
      { role: 'user', content: [{ type: 'resource_link', uri: to }] },
    ],
    structuredContent: { uri: 'file:///a', content: [{ type: 'resource_link', uri: 'file:///a' }] },
    uri: 'file:///a',
  });
});

test('what does not change is the same object', () => {
  const after = many.rewriteUris(before, 'files');
  assert.equal(after['structuredContent'], before['structuredContent']);
  const plain = freezeJson({ content: [{ type: 'text', text: 'file:///a' }] });
  assert.equal(many.rewriteUris(plain, 'files'), plain);
  assert.equal(one.rewriteUris(before, 'files'), before);
});

test('an update notification is mapped', () => {
  assert.deepEqual(many.rewriteUris({ uri: 'a://b', _meta: {} }, 'a'), {
    uri: 'sallyport://a/a://b',
    _meta: {},
  });
});

for (const line of vector('uri-templates.txt')) {
  const [want, template = '', uri = ''] = line.split(' ');
  test(`${template} ${want === 'yes' ? 'covers' : 'does not cover'} ${uri}`, () => {
    assert.equal(readUriTemplate(template)?.matches(uri) ?? false, want === 'yes');
  });
}

test('a hostile template and URI cost little', () => {
  const start = performance.now();
  readUriTemplate('{+a}'.repeat(16))?.matches(`${'a'.repeat(4000)}\u0001`);
  readUriTemplate('{a}a'.repeat(16))?.matches(`${'a'.repeat(4000)}/`);
  assert.equal(readUriTemplate('{a}'.repeat(17)), undefined);
  assert.equal(readUriTemplate(`{${'a'.repeat(3000)}}`), undefined);
  assert.ok(performance.now() - start < 300);
});
