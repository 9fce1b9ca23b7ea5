import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  claimedVersion,
  decodeHeader,
  encodeHeader,
  nameOf,
  readRequestMeta,
  supportedVersions,
} from '../../src/wire/modern/meta.ts';

// The examples of the specification, and what could smuggle something into a header.
for (const [value, header] of [
  ['us-west1', 'us-west1'],
  ['Hello, 世界', '=?base64?SGVsbG8sIOS4lueVjA==?='],
  [' padded ', '=?base64?IHBhZGRlZCA=?='],
  ['line1\nline2', '=?base64?bGluZTEKbGluZTI=?='],
  ['=?base64?literal?=', '=?base64?PT9iYXNlNjQ/bGl0ZXJhbD89?='],
  ['two words', 'two words'],
  ['', '=?base64??='],
  ['a\r\nx-admin: 1', '=?base64?YQ0KeC1hZG1pbjogMQ==?='],
  ['=?base64?', '=?base64?'],
] as const)
  test(`the header of ${JSON.stringify(value)} is ${header} and reads back`, () => {
    assert.equal(encodeHeader(value), header);
    assert.equal(decodeHeader(header), value);
  });

for (const header of [
  '=?base64?SGVsbG8?=',
  '=?base64?SGV sbG8=?=',
  '=?base64?SGVsbG9?=',
  '=?base64?/w==?=',
  '=?base64?_w==?=',
])
  test(`the header ${header} is not readable`, () => {
    assert.equal(decodeHeader(header), undefined);
  });

test('only three methods have a name, and only a string is one', () => {
  assert.equal(nameOf('tools/call', { name: 'a', uri: 'b' }), 'a');
  assert.equal(nameOf('prompts/get', { name: 'a' }), 'a');
  assert.equal(nameOf('resources/read', { name: 'a', uri: 'b' }), 'b');
  assert.equal(nameOf('tools/list', { name: 'a' }), undefined);
  assert.equal(nameOf('constructor', { name: 'a' }), undefined);
  assert.equal(nameOf('tools/call', { name: 1 }), undefined);
});

const VERSION = 'io.modelcontextprotocol/protocolVersion';
const CAPABILITIES = 'io.modelcontextprotocol/clientCapabilities';
const INFO = 'io.modelcontextprotocol/clientInfo';

test('a modern request is told by the version in its _meta', () => {
  assert.equal(claimedVersion({ _meta: { [VERSION]: '2026-07-28' } }), '2026-07-28');
  assert.equal(claimedVersion({ _meta: { [VERSION]: 7 } }), undefined);
  assert.equal(claimedVersion({ _meta: [] }), undefined);
  assert.equal(claimedVersion({}), undefined);
});

test('the _meta of a request is read, or what is wrong with it named', () => {
  const meta = { [VERSION]: '2026-07-28', [CAPABILITIES]: { roots: {} } };
  assert.deepEqual(readRequestMeta({ _meta: meta }), {
    version: '2026-07-28',
    capabilities: { roots: {} },
    clientInfo: undefined,
    logLevel: undefined,
  });
  assert.deepEqual(readRequestMeta({}), { malformed: VERSION });
  assert.deepEqual(readRequestMeta({ _meta: { [VERSION]: '1' } }), { malformed: CAPABILITIES });
  assert.deepEqual(readRequestMeta({ _meta: { ...meta, [INFO]: 'me' } }), { malformed: INFO });
});

test('the versions a server supports are read, and nothing else for them', () => {
  assert.deepEqual(supportedVersions({ supported: ['a', 'b'] }), ['a', 'b']);
  for (const data of [undefined, null, [], {}, { supported: 'a' }, { supported: ['a', 1] }])
    assert.equal(supportedVersions(data), undefined);
});
