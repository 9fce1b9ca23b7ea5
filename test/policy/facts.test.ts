import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Call } from '../../src/call.ts';
import type { JsonObject } from '../../src/lib/json.ts';
import { createFactsOf } from '../../src/policy/facts/facts.ts';
import fc from '../support/property.ts';
import { vectors } from '../support/vectors.ts';
import { callOf, policyFrom, sessionOf, subjectOf, verdict } from './support.ts';

const FACTS = {
  zones: { work: ['/data/work'] },
  secrets: ['hunter2hunter2'],
  home: '/home/alice',
} as const;
const found = createFactsOf(FACTS);
const factsOf = (about: Pick<Call, 'subject' | 'args'>): ReturnType<typeof found> =>
  found({ method: 'tools/call', ...about }, sessionOf());

/** Facts as vectors write them. */
const SHOWN = {
  zones: ({ zones }) => ['zones', ...zones],
  hosts: ({ hosts }) => ['hosts', ...hosts],
  recipients: ({ recipients, recipientDomains }) => [
    'recipients',
    ...recipients,
    'domains',
    ...recipientDomains,
  ],
  amount: ({ amount }) => ['amount', amount?.['__extn'].arg ?? 'none'],
  secrets: ({ secrets }) => ['secrets', ...secrets],
} as const satisfies Record<string, (facts: ReturnType<typeof factsOf>) => string[]>;

const isShown = (name: string): name is keyof typeof SHOWN => Object.hasOwn(SHOWN, name);

for (const { name, expect, source, text } of vectors('facts'))
  test(`facts about arguments: ${name}`, () => {
    assert.ok(source !== '' && expect.length > 0);
    const args: JsonObject = JSON.parse(text);
    for (const want of expect) {
      const [fact = ''] = want.split(' ');
      assert.ok(isShown(fact), fact);
      assert.equal(SHOWN[fact](factsOf({ subject: subjectOf(), args })).join(' '), want);
    }
  });

test('a path in a folder whose name differs in case alone from one of another zone is in neither for sure', () => {
  const find = createFactsOf({ zones: { open: ['/data'], closed: ['/data/Payroll'] } });
  for (const [path, want] of [
    ['/data/Payroll/a', 'closed'],
    ['/data/payroll/a', 'closed open unclear'],
    ['/data/other/a', 'open'],
  ] as const)
    assert.equal(
      find({ method: 'tools/call', subject: subjectOf(), args: { path } }, sessionOf()).zones.join(
        ' ',
      ),
      want,
      path,
    );
});

test('facts of whatever an agent may send are made in a time that grows with its size', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (args) => {
      const facts = factsOf({ subject: subjectOf(), args: JSON.parse(JSON.stringify(args)) });
      for (const value of Object.values(facts)) assert.ok(value === undefined || value !== null);
    }),
    { numRuns: 300 },
  );
  for (const part of [
    'a@',
    '@',
    'http://',
    'http:',
    '%2e',
    '../',
    '1,',
    '1.',
    'a@b.',
    '://',
    'x:/',
    '~',
    '\\',
    '"<@',
    ' ',
    ',/',
    '\n',
    '/\n\n',
    ': ',
    'x/../',
    '1 ',
    '1_',
    'a.',
  ])
    for (const name of ['path', 'to', 'amount', 'url', 'text']) {
      const facts = factsOf({ subject: subjectOf(), args: { [name]: part.repeat(60_000) } });
      assert.ok(Object.values(facts).length > 5);
    }
});

test('what is too much to look at is not taken for nothing', () => {
  const many = Array.from({ length: 30_000 }, () => 'x');
  const { zones, hosts, recipients, secrets, amount } = factsOf({
    subject: subjectOf(),
    args: { many, path: '/etc/hosts' },
  });
  for (const found of [zones, hosts, recipients, secrets]) assert.ok(found.includes('unclear'));
  assert.ok(Number(amount?.['__extn'].arg) > 1e12);
});

test('a folder in a zone of its own is in it in any case of letters', () => {
  const ofBoth = createFactsOf({ zones: { all: ['/data'], secret: ['/data/Secret'] } });
  for (const [path, want] of [
    ['/data/Secret/a', ['secret']],
    ['/data/SECRET/a', ['all', 'secret', 'unclear']],
    ['/data/secret./a', ['all', 'secret', 'unclear']],
    ['/data/other/a', ['all']],
  ] as const)
    assert.deepEqual(
      ofBoth({ method: 'tools/call', subject: subjectOf(), args: { path } }, sessionOf()).zones,
      want,
      path,
    );
});

const GUARDS = `
  permit(principal, action, resource);
  @id("zones") forbid(principal, action in Action::"read", resource)
    unless { ["work", "relative"].containsAll(context.facts.zones) };
  @id("hosts") forbid(principal, action in Action::"external_communication", resource)
    unless { ["api.example.com"].containsAll(context.facts.hosts) };
  @id("mail") forbid(principal, action in Action::"external_communication", resource)
    unless { ["example.com"].containsAll(context.facts.recipientDomains) };
  @id("amount") forbid(principal, action in Action::"financial", resource)
    when { context.facts has amount && context.facts.amount.greaterThan(decimal("100.0")) };
  @id("secret") forbid(principal, action, resource) when { !context.facts.secrets.isEmpty() };
  @id("long") forbid(principal, action, resource) when { context.facts.longest > 1000 };
  @id("unmapped") forbid(principal, action in Action::"credential_access", resource)
    unless { context.facts.unmapped.isEmpty() };
`;

test('policies decide by facts, of the call at hand and of no other', async (t) => {
  const policy = await policyFrom(t, GUARDS, { facts: FACTS });
  for (const [classes, args, want] of [
    [['read'], { path: '/data/work/a' }, 'allow'],
    [['read'], { path: '/data/work/../b' }, 'deny zones'],
    [['read'], { path: '/data/work/a' }, 'allow'],
    [['external_communication'], { url: 'https://api.example.com/' }, 'allow'],
    [['external_communication'], { url: 'https://api.example.com@evil.test/' }, 'deny hosts'],
    [['external_communication'], { to: 'a@example.com' }, 'allow'],
    [['external_communication'], { to: 'a@example.com, b@evil.test' }, 'deny mail'],
    [['financial'], { amount: 100 }, 'allow'],
    [['financial'], { amount: 100.01 }, 'deny amount'],
    [['financial'], { amount: 'a lot' }, 'deny amount'],
    [['financial'], { note: 'no amount' }, 'allow'],
    [['read'], { text: 'hunter2hunter2' }, 'deny secret'],
    [['read'], { text: 'x'.repeat(1001) }, 'deny long'],
    [['credential_access'], { text: 'x' }, 'allow'],
    [['credential_access'], { other: 'x' }, 'deny unmapped'],
  ] as const) {
    const definition = {
      inputSchema: {
        type: 'object',
        properties: { text: { type: 'string' }, amount: { type: 'number' } },
      },
    };
    const said = verdict(
      policy,
      callOf({ subject: subjectOf({ classes: [...classes], definition }), args }),
    );
    assert.equal(said, want, JSON.stringify(args));
  }
});
