import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from '../support/property.ts';
import { createRedact } from '../../src/audit/redact.ts';
import { canonicalJson, isJsonObject, parseJson } from '../../src/lib/json.ts';
import { joinMembers } from '../../src/lib/members.ts';
import { visible } from '../../src/lib/visible.ts';
import { processorMs } from '../support/processor-time.ts';

// Built at run time, so that no scanner of repositories takes this file for a leak.
const fill = (length: number, from = 'aB3dE5gH7jK9mN1p'): string =>
  from.repeat(Math.ceil(length / from.length)).slice(0, length);
const JWT = ['eyJhbGciOiJFZERTQSJ9', 'eyJzdWIiOiJhbGljZSJ9', fill(86)].join('.');

const none = createRedact({ secrets: [] });

for (const [kind, text] of [
  ['apikey', `sk-${fill(40)}`],
  ['apikey', `sk-ant-api03-${fill(40)}-${fill(20)}`],
  ['apikey', `sk_live_${fill(24)}`],
  ['apikey', `npm_${fill(36)}`],
  ['apikey', `glpat-${fill(20)}`],
  ['github', `ghp_${fill(36)}`],
  ['github', `github_pat_${fill(22)}_${fill(59)}`],
  ['slack', `xoxb-123456789012-${fill(24)}`],
  ['aws', `AKIA${fill(16, 'ABCDEFGH23456789')}`],
  ['google', `AIza${fill(35)}`],
  ['jwt', JWT],
  ['jwt', `${JWT.split('.').slice(0, 2).join('.')}.`],
  ['bearer', `Bearer ${fill(20)}`],
  ['bearer', `DPoP ${fill(20)}`],
  ['basic', `Basic ${Buffer.from('alice:correct horse').toString('base64')}`],
  ['pem', `-----BEGIN PRIVATE KEY-----\n${fill(64)}\n${fill(64)}\n-----END PRIVATE KEY-----`],
  ['pem', `-----BEGIN OPENSSH PRIVATE KEY-----\n${fill(64)}`],
  ['url', 'alice:correct-horse'],
  ['assignment', 'password=correct-horse'],
  ['assignment', 'api_key: correct-horse'],
] as const)
  test(`a credential of kind ${kind} (${text.slice(0, 12)}…) is replaced wherever it stands`, () => {
    const [before, after] = kind === 'url' ? ['see https://', '@host/x'] : ['see ', ' there'];
    assert.equal(
      none.text(before + text + after),
      `${before}[redacted:${kind}]${after}`.replace(
        // A key without an end goes on to the end.
        /(-----BEGIN|(?<=:pem\])).*$/,
        text.includes('END') || kind !== 'pem' ? '$&' : '',
      ),
    );
    const record = JSON.stringify(none.value({ deep: [{ note: before + text + after }] }));
    assert.ok(!record.includes(text.slice(-12)), record);
    const line = JSON.stringify({ text: before + text + after, next: 1 });
    const cleaned = parseJson(none.text(line), { maxBytes: 9_999, maxDepth: 9 });
    assert.equal(
      isJsonObject(cleaned) && cleaned['next'],
      1,
      'what is left of a line of JSON is JSON',
    );
  });

for (const text of [
  'a plain sentence about basic functionality and bearers of news',
  'files/read_file',
  'a'.repeat(64),
  '4bf92f3577b34da6a3ce929d0e0e4736',
  'risk-assessment-for-everything-else',
  'https://example.org/path?x=1',
  '2026-11-22T01:36:31.928Z',
  'policy personal.read allowed it',
])
  test(`ordinary text stays: ${text.slice(0, 30)}`, () => {
    assert.equal(none.text(text), text);
  });

const SECRET = 'p@ss w/ürd+"quoted"\n42';

for (const [name, hide] of [
  ['as it is', (s) => s],
  ['in JSON', (s) => JSON.stringify({ s })],
  ['in JSON in JSON', (s) => JSON.stringify(JSON.stringify({ s }))],
  ['percent-encoded', (s) => `x=${encodeURIComponent(s)}&y`],
  [
    'percent-encoded in small letters',
    (s) => encodeURIComponent(s).replaceAll(/%../g, (c) => c.toLowerCase()),
  ],
  ['as a form field', (s) => encodeURIComponent(s).replaceAll('%20', '+')],
  ['in hex', (s) => Buffer.from(s).toString('hex')],
  ['in base64', (s) => Buffer.from(s).toString('base64')],
  ['in base64url', (s) => Buffer.from(s).toString('base64url')],
  ['in base64 behind a name', (s) => Buffer.from(`al:${s}`).toString('base64')],
  ['in base64 between others', (s) => Buffer.from(`bob:${s}:more`).toString('base64')],
] as const satisfies readonly (readonly [string, (secret: string) => string])[])
  test(`a configured secret is found ${name}`, () => {
    const redact = createRedact({ secrets: ['', 'abc', SECRET] });
    const hidden = hide(SECRET);
    const cleaned = redact.text(`before ${hidden} after`);
    assert.match(cleaned, /^before .*\[redacted:secret\].* after$/s);
    // What may be left of an encoding are the characters at its edges, which others share.
    const left = cleaned.replaceAll('[redacted:secret]', '').slice(7, -6);
    assert.ok(!hidden.includes(left) || left.length <= hidden.length / 2, cleaned);
    assert.ok(!JSON.stringify(redact.value({ [hidden]: [hidden] })).includes(hidden));
  });

test('no configured secret is left, wherever it stands and however it is encoded', () => {
  fc.assert(
    fc.property(
      fc.string({ minLength: 8, maxLength: 40, unit: 'grapheme' }),
      fc.string({ maxLength: 20 }),
      fc.string({ maxLength: 20 }),
      fc.constantFrom('utf8', 'base64', 'base64url', 'hex'),
      (secret, before, after, encoding) => {
        const redact = createRedact({ secrets: [secret] });
        const text =
          encoding === 'utf8'
            ? before + secret + after
            : Buffer.from(before + secret + after).toString(encoding);
        const left = redact.text(text);
        const bytes = encoding === 'utf8' ? left : Buffer.from(left, encoding).toString('utf8');
        assert.ok(!bytes.includes(secret));
      },
    ),
  );
});

for (const name of [
  'password',
  'Authorization',
  'set-cookie',
  'apiKey',
  'access_token',
  'client-secret',
  'githubToken',
])
  test(`the value of ${name} is never written`, () => {
    assert.deepEqual(none.value({ [name]: 'short', other: 1 }), {
      [name]: '[redacted:name]',
      other: 1,
    });
  });

for (const name of ['tokens', 'tokenCount', 'keys', 'key', 'author', 'passed'])
  test(`${name} is an ordinary name`, () => {
    assert.deepEqual(none.value({ [name]: 'short' }), { [name]: 'short' });
  });

test('text is bounded, and a secret across the edge of what is searched is not left', () => {
  const redact = createRedact({ secrets: ['correct-horse-battery'] });
  const long = redact.value('x'.repeat(1_000_000));
  assert.ok(typeof long === 'string' && long.length <= 2_048 && long.endsWith('…'));
  // Everything before the edge shrinks, so that the edge itself comes into what is kept.
  const text = `${'correct-horse-battery'.repeat(779)}corre${'correct-horse-battery'.repeat(9)}`;
  assert.ok(!JSON.stringify(redact.value(text.slice(0, 30_000))).includes('orse'));
});

test('a value is bounded in size, depth and number, and has no cycle to follow', () => {
  const cycle: Record<string, unknown> = { wide: Array.from({ length: 10_000 }, (_, at) => at) };
  cycle['self'] = cycle;
  cycle['many'] = Object.fromEntries(Array.from({ length: 10_000 }, (_, at) => [`k${at}`, at]));
  cycle['long'] = Array.from({ length: 60 }, () => 'y'.repeat(2_000));
  assert.ok(JSON.stringify(none.value(cycle)).length < 65_536);
});

test('an error is written with its message and cause, cleaned', () => {
  const error = new Error('Cannot fetch https://a:pass-word@host', {
    cause: new TypeError('inner'),
  });
  const text = JSON.stringify(none.value({ error }));
  assert.match(text, /Cannot fetch https:\/\/\[redacted:url\]@host/);
  assert.match(text, /"name":"TypeError"/);
});

test('a member called __proto__ stays a member', () => {
  const value = none.value(JSON.parse('{"__proto__":{"polluted":true}}'));
  assert.equal(Object.getPrototypeOf(value), Object.prototype);
  assert.equal(JSON.stringify(value), '{"__proto__":{"polluted":true}}');
});

test('members are the canonical form of the copy, whatever the object', () => {
  const redact = createRedact({ secrets: ['correct-horse'] });
  const key = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 6 }),
    fc.constantFrom(
      '__proto__',
      'password',
      'correct-horse',
      'x correct-horse',
      'a\n',
      'a\\n',
      '…',
    ),
  );
  fc.assert(
    fc.property(fc.object({ key, maxDepth: 3, withBigInt: true, withDate: true }), (object) => {
      const copy = redact.value(object);
      const members = redact.members(object);
      assert.equal(joinMembers(members), canonicalJson(copy));
      assert.ok(isJsonObject(copy));
      assert.deepEqual([...members.keys()].toSorted(), Object.keys(copy).toSorted());
    }),
    { numRuns: 2000 },
  );
});

/** Milliseconds, the best of several. */
function best(text: string): number {
  const times = Array.from({ length: 7 }, () => processorMs(() => none.text(text)));
  return Math.min(...times);
}

test('searching hostile text takes linear time', () => {
  const CHARACTERS = 2_000;
  const TIMES = 8;

  for (const piece of [
    '-----BEGIN ',
    '-----BEGIN A-----',
    `-----BEGIN A-----${'\\'.repeat(1983)}`,
    'eyJaaaaaaaaaaa.',
    'Bearer ',
    '://a:',
    'password ',
    ' ',
    'sk-',
  ]) {
    const short = piece.repeat(CHARACTERS / piece.length);
    const long = short.repeat(TIMES);
    // Quadratic time would be the square of it; below a few milliseconds nobody can tell.
    const most = Math.max(5, best(short) * TIMES * 4);
    const took = best(long);
    assert.ok(took < most, `${piece}: ${took} ms for ${TIMES} times as much, at most ${most}`);
  }
});

for (const [name, text, want] of [
  ['a terminal escape', '\u001b[2J', '\\u001b[2J'],
  ['a line feed', 'a\nb', 'a\\nb'],
  ['a bidirectional override', 'a\u202eb', 'a\\u202eb'],
  ['a zero-width space', 'a\u200bb', 'a\\u200bb'],
  ['a tag character', 'a\u{e0041}b', 'a\\udb40\\udc41b'],
  ['a C1 control', 'a\u009bb', 'a\\u009bb'],
  ['a lone surrogate', 'a\ud800b', 'a\\ud800b'],
  ['a line separator', 'a\u2028b', 'a\\u2028b'],
] as const)
  test(`${name} is made visible`, () => {
    assert.equal(visible(text), want);
    assert.equal(none.value(text), want);
  });
