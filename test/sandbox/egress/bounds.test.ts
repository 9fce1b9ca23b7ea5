import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findRule } from '../../../src/sandbox/egress/allowlist.ts';
import { isWithin, readBound, readBounds } from '../../../src/sandbox/egress/bounds.ts';
import { readDestination } from '../../../src/sandbox/egress/destination.ts';
import fc from '../../support/property.ts';
import { entries } from './outside.ts';

/** The configuration, the lists of policies, where to, and whether it may. */
const TABLE: readonly (readonly [string, readonly string[], string, boolean])[] = [
  ['api.example.com', [], 'api.example.com:443', true],
  ['api.example.com', ['api.example.com'], 'api.example.com:443', true],
  ['api.example.com', ['api.example.com:443 b.example.com'], 'api.example.com:443', true],
  ['api.example.com', ['*.example.com'], 'api.example.com:443', true],
  ['*.example.com', ['api.example.com'], 'api.example.com:443', true],
  ['*.example.com', ['api.example.com'], 'other.example.com:443', false],
  ['*.example.com', ['*.example.com', 'api.example.com'], 'other.example.com:443', false],
  ['*.example.com', ['*.example.com', '*.example.com'], 'other.example.com:443', true],
  ['api.example.com', ['none'], 'api.example.com:443', false],
  ['api.example.com', ['api.example.com', 'none'], 'api.example.com:443', false],
  ['api.example.com', ['api.example.com', 'b.example.com'], 'api.example.com:443', false],
  ['api.example.com', ['api.example.com:8443'], 'api.example.com:443', false],
  ['api.example.com:8443', ['api.example.com'], 'api.example.com:8443', false],
  // A policy allows nothing by itself.
  ['api.example.com', ['api.example.com b.example.com'], 'b.example.com:443', false],
  ['api.example.com', ['*.example.com'], 'b.example.com:443', false],
  // TLS is not HTTP, be the port the same.
  ['http://api.example.com:443', ['api.example.com'], 'api.example.com:443', false],
  ['api.example.com', ['http://api.example.com:443'], 'api.example.com:443', false],
  ['http://api.example.com', ['http://api.example.com'], 'api.example.com:80', true],
  ['api.example.com', ['http://api.example.com:443 api.example.com'], 'api.example.com:443', true],
];

function may(configured: readonly string[], lists: readonly string[], to: string): boolean {
  const destination = readDestination(to);
  assert.ok(destination);
  const entry = findRule(entries(configured), destination);
  return entry !== undefined && isWithin(readBounds(lists), entry.plain, destination);
}

for (const [configured, lists, to, want] of TABLE)
  test(`${configured} within ${lists.join(' and ') || 'nothing'}: ${to} ${want ? 'may' : 'may not'}`, () => {
    assert.equal(may([configured], lists, to), want);
  });

test('more lists never allow more', () => {
  const host = fc.constantFrom(
    'a.example.com',
    'b.example.com',
    '*.example.com',
    'http://a.example.com:443',
  );
  const list = fc.array(host, { minLength: 1, maxLength: 3 });
  const to = fc.constantFrom(
    'a.example.com:443',
    'b.example.com:443',
    'c.example.com:443',
    'a.example.com:80',
  );
  fc.assert(
    fc.property(
      fc.uniqueArray(host),
      fc.array(list, { maxLength: 3 }),
      list,
      to,
      (own, lists, more, where) => {
        const texts = lists.map((each) => each.join(' '));
        const fewer = may(own, texts, where);
        const all = may(own, [...texts, more.join(' ')], where);
        assert.ok(fewer || !all);
        assert.ok(may(own, [], where) || !fewer);
      },
    ),
  );
});

for (const text of [
  '',
  ' ',
  'a.example.com  b.example.com',
  'a.example.com,b.example.com',
  '*',
  '10.0.0.1',
  'localhost',
  'a.example.com:0',
  'a.example.com:65536',
  'none a.example.com',
  'NONE',
  'https://a.example.com',
  'a.example.com\tb.example.com',
  Array(65).fill('a.example.com').join(' '),
])
  test(`${JSON.stringify(text.slice(0, 40))} is no list`, () => {
    assert.equal(readBound(text), undefined);
    assert.throws(() => readBounds(['a.example.com', text]), TypeError);
  });
