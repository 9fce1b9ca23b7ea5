import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { findRule, readRule } from '../../../src/sandbox/egress/allowlist.ts';
import { readDestination } from '../../../src/sandbox/egress/destination.ts';

describe('an entry of the list', () => {
  for (const [entry, host, port, wildcard, plain] of [
    ['api.example.com', 'api.example.com', 443, false, false],
    ['API.Example.com:8443', 'api.example.com', 8443, false, false],
    ['*.example.com', 'example.com', 443, true, false],
    ['http://mirror.example.com', 'mirror.example.com', 80, false, true],
    ['http://*.example.com:8080', 'example.com', 8080, true, true],
    ['bücher.example', 'xn--bcher-kva.example', 443, false, false],
    ['ＡＰＩ.example.com', 'api.example.com', 443, false, false],
  ] as const)
    test(entry, () => assert.deepEqual(readRule(entry), { host, port, wildcard, plain }));

  for (const entry of [
    '',
    '*',
    '*.',
    '*.com',
    'com',
    'localhost',
    'api.*.com',
    '*.*.example.com',
    'a*.example.com',
    '*example.com',
    '127.0.0.1',
    '127.1',
    '2130706433',
    '0x7f.0.0.1',
    '0177.0.0.1',
    '１２７.0.0.1',
    '[::1]',
    '::1',
    '[::ffff:1.2.3.4]:443',
    'https://api.example.com',
    'ftp://api.example.com',
    'api.example.com/',
    'api.example.com/x',
    'http://api.example.com/x',
    'u@api.example.com',
    'u:p@api.example.com',
    'api.example.com:',
    'api.example.com:0',
    'api.example.com:65536',
    'api.example.com:080',
    'api.example.com:443:443',
    'api.example.com.',
    '.example.com',
    'a..example.com',
    '-a.example.com',
    'a_b.example.com',
    'api.example.com#x',
    'api.example.com?x',
    'api%2eexample.com',
    ' api.example.com',
    'api.example.com\n',
    `${'a'.repeat(64)}.example.com`,
    `${'a.'.repeat(130)}com`,
    'example.c0m.1',
  ])
    // prettier-ignore
    test(`${JSON.stringify(entry)} is none`, () => assert.equal(typeof readRule(entry), 'string'));
});

describe('where a program wants to', () => {
  for (const [text, host, port] of [
    ['api.example.com:443', 'api.example.com', 443],
    ['API.EXAMPLE.COM:65535', 'api.example.com', 65_535],
    ['xn--bcher-kva.example:443', 'xn--bcher-kva.example', 443],
  ] as const)
    test(text, () => assert.deepEqual(readDestination(text), { host, port }));

  for (const text of [
    'api.example.com',
    'api.example.com:',
    'api.example.com:+443',
    'api.example.com: 443',
    'api.example.com:0443',
    'api.example.com:99999',
    'api.example.com.:443',
    'api.example.com\0.evil.example:443',
    'bücher.example:443',
    '127.0.0.1:443',
    '127.1:443',
    '2130706433:443',
    '0x7f000001:443',
    '0x7f.0.0.0x1:443',
    '0177.0.0.1:443',
    '[::1]:443',
    '::1:443',
    'localhost:443',
    'u@api.example.com:443',
    'api.example.com:443@evil.example:443',
    'api.example.com/x:443',
    'http://api.example.com:443',
    'api.example.com:443 ',
    '*.example.com:443',
    'api。example。com:443',
    'api.example.com:443\r\n',
  ])
    // prettier-ignore
    test(`${JSON.stringify(text)} is nowhere`, () => assert.equal(readDestination(text), undefined));
});

describe('which entry allows what', () => {
  const rules = ['api.example.com', '*.example.com', '*.example.com:8443', 'example.org'].map(
    (entry) => {
      const rule = readRule(entry);
      assert.ok(typeof rule !== 'string');
      return { ...rule, entry };
    },
  );
  for (const [host, port, want] of [
    ['api.example.com', 443, 'api.example.com'],
    ['other.example.com', 443, '*.example.com'],
    ['api.example.com', 8443, '*.example.com:8443'],
    ['api.example.com', 80, undefined],
    ['example.com', 443, undefined],
    ['a.b.example.com', 443, undefined],
    ['evilexample.com', 443, undefined],
    ['www.example.org', 443, undefined],
    ['example.org.evil.example', 443, undefined],
    ['com', 443, undefined],
  ] as const)
    test(`${host}:${port} by ${want ?? 'none'}`, () =>
      assert.equal(findRule(rules, { host, port })?.entry, want));
});
