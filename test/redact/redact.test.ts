import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isJsonObject, type JsonObject, type JsonValue } from '../../src/lib/json.ts';
import { toBase64 } from '../../src/redact/encoded.ts';
import { createRedactResult } from '../../src/redact/redact.ts';
import { processorMs } from '../support/processor-time.ts';
import { stringOf } from '../support/string-of.ts';

const OWN = 'correct horse battery';
const redact = createRedactResult([OWN]);
const GITHUB = `ghp_${'a1B2'.repeat(9)}`;

function texts(...parts: readonly string[]): JsonObject {
  return { content: parts.map((text) => ({ type: 'text', text })) };
}

function shownOf(result: JsonObject): string[] {
  const { content } = result;
  assert.ok(Array.isArray(content));
  return content.map((item: JsonValue) => (isJsonObject(item) ? stringOf(item['text']) : ''));
}

const PII: readonly (readonly [string, string])[] = [
  ['write to alice@example.com today', 'write to [redacted:email] today'],
  ['<a href="mailto:a.b+c@mail.example.co.uk">', '<a href="mailto:[redacted:email]">'],
  ['alice%40example.com alice&#64;example.com', '[redacted:email] [redacted:email]'],
  ['müller@bücher.example', '[redacted:email]'],
  ['card 4111 1111 1111 1111 12/27', 'card [redacted:card] 12/27'],
  ['5555555555554444,378282246310005', '[redacted:card],[redacted:card]'],
  ['4111-1111-1111-1111', '[redacted:card]'],
  ['4111 1111 1111 1111 123', '[redacted:card] 123'],
  ['４１１１ １１１１ １１１１ １１１１', '[redacted:card]'],
  ['4111\u200b1111\u200b1111\u200b1111', '[redacted:card]'],
  ['4111\u00a01111\u20111111\u20111111', '[redacted:card]'],
  ['pay DE89 3704 0044 0532 0130 00 BIC COBADEFF', 'pay [redacted:iban] BIC COBADEFF'],
  ['GB82WEST12345698765432', '[redacted:iban]'],
  ['his ssn is 219-09-9999.', 'his ssn is [redacted:ssn].'],
  [
    '+49 30 901820, (415) 555-2671, 415-555-2671',
    '[redacted:phone], [redacted:phone], [redacted:phone]',
  ],
  ['SSN: 219099999', 'SSN: [redacted:pii]'],
  ['{"date_of_birth":"1980-01-02","n":1}', '{"date_of_birth":"[redacted:pii]","n":1}'],
  ['first_name=Alice&last-name=Liddell', 'first_name=[redacted:pii]&last-name=[redacted:pii]'],
  [
    `x ${Buffer.from('to alice@example.com').toString('base64')}`,
    `x ${Buffer.from('to alice@example.com').toString('base64')}`,
  ],
  [Buffer.from('to alice@example.com').toString('base64'), '[redacted:encoded]'],
];

const SECRETS: readonly (readonly [string, string])[] = [
  [`token ${GITHUB} end`, 'token [redacted:github] end'],
  ['AKIAIOSFODNN7EXAMPLE', '[redacted:aws]'],
  ['Authorization: Bearer abcdefgh12345678', 'Authorization: [redacted:bearer]'],
  ['{"password": "hunter2", "user": "a"}', '{"password":"[redacted:secrets]","user":"a"}'],
  [
    'config = { "password": "hunter2 and more", }',
    'config = { "password": "[redacted:secrets]", }',
  ],
  ["api_key: 'a b'", "api_key: '[redacted:secrets]'"],
  ['-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabc', '[redacted:pem]'],
  [`it is ${OWN}.`, 'it is [redacted:secret].'],
  [Buffer.from(`x${OWN}`).toString('base64'), '[redacted:encoded]'],
  [`q=${Buffer.from(`x${OWN}`).toString('base64')}`, 'q=eG[redacted:secret]Q=='],
  [`gh\u200bp_${'a1B2'.repeat(9)}`, '[redacted:github]'],
];

const KEPT: readonly string[] = [
  'version 1.2.3, package@1.2.3, @scope/name, 10:30, 2026-11-22 11:26:30',
  'order 1234567890123456, 4111 1111 1111 1112, 3.14159265358979',
  'a 1764000000000 timestamp, sha256 9f86d081884c7d659a2feaa0c55ad015',
  'GB82WEST12345698765433, AB12 3456',
  'the passwords are kept elsewhere; tokens cost money',
  'nextPageToken: abcdef, {"page_token": "x"}',
  'iPhone, 192.168.0.1, 000-12-3456',
];

for (const [kind, rows] of [
  ['pii', PII],
  ['secrets', SECRETS],
] as const)
  for (const [text, want] of rows)
    test(`@redact("${kind}") of ${JSON.stringify(text).slice(0, 60)}`, () => {
      assert.deepEqual(shownOf(redact(texts(text), [kind])), [want]);
    });

test('what is none stays as it was, and the other kind does', () => {
  assert.deepEqual(shownOf(redact(texts(...KEPT), ['pii', 'secrets'])), KEPT);
  assert.deepEqual(shownOf(redact(texts('alice@example.com', GITHUB), ['secrets'])), [
    'alice@example.com',
    '[redacted:github]',
  ]);
  assert.deepEqual(shownOf(redact(texts('alice@example.com', GITHUB), ['pii'])), [
    '[redacted:email]',
    GITHUB,
  ]);
});

test('structured content is redacted field by field, and the text beside it alike', () => {
  const person = {
    firstName: 'Alice',
    email: ['alice@example.com'],
    billing_address: { street: 'Elm 1', zip: 12_345 },
    card: 4_111_111_111_111_111,
    paid: true,
    note: 'as ever',
  };
  const result = redact(
    { ...texts(JSON.stringify(person), 'Dear Alice of Elm 1'), structuredContent: person },
    ['pii'],
  );
  const want = {
    firstName: '[redacted:pii]',
    email: ['[redacted:pii]'],
    billing_address: { street: '[redacted:pii]', zip: '[redacted:pii]' },
    card: '[redacted:card]',
    paid: true,
    note: 'as ever',
  };
  assert.deepEqual(result['structuredContent'], want);
  const [first = '', second] = shownOf(result);
  assert.deepEqual(JSON.parse(first), want);
  assert.equal(second, 'Dear [redacted:pii] of [redacted:pii]');
});

test('nothing of a secret is left at the borders of texts, fields and items', () => {
  const secrets = [GITHUB, '4111111111111111', 'alice@example.com', OWN, 'GB82WEST12345698765432'];
  for (const secret of secrets)
    for (let cut = 1; cut < secret.length; cut++) {
      const parts = [`so ${secret.slice(0, cut)}`, `${secret.slice(cut)} it is`];
      const [left = '', right = ''] = parts;
      for (const result of [
        texts(...parts),
        { structuredContent: { rows: parts } },
        { structuredContent: { a: left, b: { c: right } } },
        { contents: parts.map((text) => ({ uri: 'file:///a', mimeType: 'text/plain', text })) },
        { messages: parts.map((text) => ({ role: 'user', content: { type: 'text', text } })) },
      ]) {
        const shown = JSON.stringify(redact(result, ['pii', 'secrets']));
        const isWhole = shown.includes(left.slice(3)) && left.length > 5;
        assert.ok(!isWhole || secret.startsWith('alice'), `${secret} ${cut}: ${shown}`);
        assert.ok(
          !shown.includes(right.slice(0, -6)) || cut > secret.length - 4,
          `${secret} ${cut}: ${shown}`,
        );
      }
    }
});

test('keys are texts too, and stay apart', () => {
  const structuredContent = { 'a@example.com': 1, 'b@example.com': 2, note: 3 };
  assert.deepEqual(redact({ structuredContent }, ['pii'])['structuredContent'], {
    '[redacted:email]': 1,
    '[redacted:email] 2': 2,
    note: 3,
  });
  const taken = { '[redacted:email] 2': 1, 'a@example.com': 2, 'b@example.com': 3 };
  assert.deepEqual(redact({ structuredContent: taken }, ['pii'])['structuredContent'], {
    '[redacted:email] 2': 1,
    '[redacted:email]': 2,
    '[redacted:email] 3': 3,
  });
});

test('a named value is taken out of other texts where it is the whole, the longest first', () => {
  const structuredContent = { first_name: ['Anna', 'Anna-Lena', 'An (x', 'Eve'], note: '' };
  for (const [note, want] of [
    ['Anna-Lena and Anna', '[redacted:pii] and [redacted:pii]'],
    ['Anna-Lenax, Annabel', '[redacted:pii]-Lenax, Annabel'],
    ['An (x Eve', '[redacted:pii] Eve'],
  ] as const)
    assert.deepEqual(redact({ structuredContent: { ...structuredContent, note } }, ['pii']), {
      structuredContent: {
        first_name: Array.from({ length: 4 }, () => '[redacted:pii]'),
        note: want,
      },
    });
});

test('addresses that touch are taken out whole', () => {
  for (const text of ['a@b.example%40c.example', 'a%40b.example%40c.example@d.example'])
    assert.deepEqual(shownOf(redact(texts(text), ['pii'])), ['[redacted:email]']);
  assert.deepEqual(shownOf(redact(texts('a%40b x@c.example @d.example'), ['pii'])), [
    'a%40b [redacted:email] @d.example',
  ]);
});

function blob(text: string | Uint8Array): JsonObject {
  return { contents: [{ uri: 'file:///a', blob: Buffer.from(text).toString('base64') }] };
}

function file(base64: string): JsonObject {
  return { structuredContent: { outputs: { f: { base64 } } } };
}

test('files are redacted where they are text, and refused where they are not', () => {
  assert.deepEqual(redact(blob('to alice@example.com'), ['pii']), blob('to [redacted:email]'));
  assert.deepEqual(redact(blob('nothing'), ['pii']), blob('nothing'));
  const picture = { type: 'image', mimeType: 'image/png', data: 'iVBORw0KGgo=' };
  const encoded = (who: string): JsonObject => file(toBase64(`${who}\u001b[m`));
  assert.deepEqual(redact(encoded('a@example.com'), ['pii']), encoded('[redacted:email]'));
  const files = [blob(Uint8Array.of(0x89, 0x50, 0xff)), file('iVD/')];
  const copy = { content: [{ type: 'text', text: JSON.stringify(files[1]) }] };
  for (const result of [...files, copy, { content: [picture] }])
    assert.throws(() => redact(result, ['pii']), RangeError);
});

test('a file under the name of a field goes with the field', () => {
  const data = Buffer.from('Alice Liddell').toString('base64');
  for (const mimeType of ['text/plain', 'image/png'])
    assert.deepEqual(redact({ passport: { mimeType, data }, note: data }, ['pii']), {
      passport: { mimeType: '[redacted:pii]', data: '[redacted:pii]' },
      note: '[redacted:pii]',
    });
});

test('base64 that decoders read differently is withheld', () => {
  const text = 'to alice@example.com';
  const plain = Buffer.from(text).toString('base64');
  for (const encoded of [
    `${plain.slice(0, 8)}!${plain.slice(8)}`,
    `${Buffer.from('nothing').toString('base64')}${plain}`,
    `${plain}x`,
    plain.replace('Y', 'Y '),
    'bm90aGluZ3==',
  ])
    for (const result of [
      { contents: [{ uri: 'file:///a', blob: encoded }] },
      { content: [{ type: 'audio', mimeType: 'text/plain', data: encoded }] },
    ])
      assert.throws(() => redact(result, ['pii']), RangeError, encoded);
  const want = Buffer.from('to [redacted:email]').toString('base64');
  for (const encoded of [
    plain,
    plain.replace(/=+$/u, ''),
    Buffer.from(text).toString('base64url'),
    `${plain.slice(0, 8)}\r\n${plain.slice(8)}`,
  ])
    assert.deepEqual(redact({ contents: [{ uri: 'file:///a', blob: encoded }] }, ['pii']), {
      contents: [{ uri: 'file:///a', blob: want }],
    });
});

test('protocol members survive, and what is far too much is refused', () => {
  const result = {
    content: [{ type: 'text', text: 'text' }],
    structuredContent: { first_name: 'text' },
    isError: false,
  };
  assert.deepEqual(redact(result, ['pii']), {
    content: [{ type: 'text', text: '[redacted:pii]' }],
    structuredContent: { first_name: '[redacted:pii]' },
    isError: false,
  });
  for (const much of [
    texts('x'.repeat(1_048_577)),
    { structuredContent: { ['x'.repeat(1_048_577)]: 1 } },
    texts(JSON.stringify(Array.from({ length: 100_001 }, () => 1))),
    texts(`${'['.repeat(129)}${']'.repeat(129)}`),
  ])
    assert.throws(() => redact(much, ['pii']), RangeError);
});

/** Milliseconds. Time that is the square of the text comes to minutes; the worst of these takes two seconds. */
const MOST_MS = 20_000;

function times(count: number, text: string): string[] {
  return Array.from({ length: count }, () => text);
}

const names = (start: string): string[] =>
  Array.from({ length: 256 }, (_, at) => `${start.repeat(200 / start.length)}${at}`);

const HOSTILE: readonly (readonly [string, () => JsonObject])[] = [
  ...[
    'email:"',
    "password:'",
    'a@',
    '1 ',
    '4111 ',
    'GB82',
    '\\"ssn":',
    '@@.',
    '+1-',
    '\u200b1',
    '%40',
    '%40a.bc',
  ].map((unit) => [unit, () => texts(unit.repeat(Math.floor(500_000 / unit.length)))] as const),
  ['a key that does not end', () => texts(`-----BEGIN A-----${'\\'.repeat(1_000_000)}`)],
  [
    'keys that become the same',
    () => ({
      structuredContent: Object.fromEntries(times(40_000, '').map((_, at) => [`a${at}@x.co`, 1])),
    }),
  ],
  [
    'addresses across borders',
    () => texts('x '.repeat(250_000), ...Array.from({ length: 20_000 }, () => '%40a.bc')),
  ],
  [
    'long values of named fields',
    () => ({
      first_name: times(100, 'x ').map((x, at) => x.repeat(2000) + at),
      note: 'x '.repeat(200_000),
    }),
  ],
  ['values that begin alike', () => ({ first_name: names('- '), note: '- '.repeat(450_000) })],
  [
    'values in values',
    () => ({
      first_name: times(63, 'a-').map((_, at) => 'a-'.repeat(at + 2)),
      note: 'a-'.repeat(450_000),
    }),
  ],
];

for (const [name, result] of HOSTILE)
  test(`no text takes long to search: ${name}`, () => {
    const took = processorMs(() => redact(result(), ['pii', 'secrets']));
    assert.ok(took < MOST_MS, `${took} ms`);
  });
