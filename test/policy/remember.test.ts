import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Caller, Session, Subject } from '../../src/call.ts';
import { loadPolicy } from '../../src/policy/policy.ts';
import { createRemember } from '../../src/policy/remember.ts';
import { createSessions } from '../../src/session.ts';
import { scratch } from '../support/scratch.ts';
import { NOON, callOf, sessionOf, subjectOf, verdict } from './support.ts';

const ALICE: Caller = {
  issuer: 'local',
  subject: 'alice',
  client: 'local',
  groups: ['eng'],
  scopes: [],
  assurance: 0,
};

const POLICY = `@id("t.eng") permit(principal in Group::"eng", action in Action::"read", resource)
  when { context.req.now < datetime("2030-01-01") };
@id("t.label") forbid(principal, action, resource) when { context.session.labels.contains("secret") };
@id("t.calls") forbid(principal, action, resource) when { context.session.calls > 2 };
@id("t.class") forbid(principal, action, resource is Tool) when { resource.dataClass > 2 };`;

test('an answer is not used again once any part of its input has changed', async (context) => {
  const file = join(await scratch(context), 'p.cedar');
  await writeFile(file, POLICY);
  let now = NOON;
  const policy = await loadPolicy({ paths: [file], now: () => now });
  const sessions = createSessions();
  const session = sessions.open(ALICE);
  const allowed = (over = {}): boolean => {
    try {
      policy.decide({ ...callOf({ subject: subjectOf({}) }), session, ...over });
      return true;
    } catch {
      return false;
    }
  };
  assert.equal(allowed(), true);
  assert.equal(allowed(), true, 'the remembered answer is the same');
  assert.equal(allowed({ session: sessions.open({ ...ALICE, groups: [] }) }), false, 'groups');
  assert.equal(allowed({ subject: subjectOf({ dataClass: 3 }) }), false, 'attributes');
  assert.equal(allowed({ subject: subjectOf({ pin: 'drift' }) }), false, 'pin');
  now = new Date('2031-01-01T00:00:00Z');
  assert.equal(allowed(), false, 'time');
  now = NOON;
  assert.equal(allowed(), true);
  for (let call = 0; call < 3; call++) session.countCall();
  assert.equal(allowed(), false, 'calls so far');
  const other = sessions.open({ ...ALICE, client: 'another' });
  assert.equal(allowed({ session: other }), true);
  other.addLabels(['secret']);
  assert.equal(allowed({ session: other }), false, 'labels');
});

for (const [name, change] of [
  ['groups', ({ caller }: Held) => void (caller.groups = [])],
  ['one group of the same list', ({ caller }: Held) => void caller.groups.splice(0, 1, 'sales')],
  ['scopes', ({ caller }: Held) => void caller.scopes.pop()],
  ['labels', ({ labels }: Held) => void labels.add('secret')],
  ['escalation', (held: Held) => void (held.escalation = 2)],
  ['calls', (held: Held) => void (held.calls = 9)],
  ['classes', ({ subject }: Held) => void (subject.classes = ['write'])],
  ['a class of the same list', ({ subject }: Held) => void subject.classes.splice(0, 1, 'write')],
  ['the class of its data', ({ subject }: Held) => void (subject.dataClass = 3)],
  ['where it sends', ({ subject }: Held) => void subject.sink.push('web')],
  ['its pin', ({ subject }: Held) => void (subject.pin = 'drift')],
] as const)
  test(`an object that changed in place is decided anew: ${name}`, async (context) => {
    const file = join(await scratch(context), 'p.cedar');
    await writeFile(file, IN_PLACE);
    const policy = await loadPolicy({ paths: [file], now: () => NOON });
    const held: Held = {
      ...sessionOf(),
      caller: { ...ALICE, groups: ['eng'], scopes: ['read'] },
      labels: new Set(),
      escalation: 0,
      calls: 0,
      subject: { ...subjectOf(), classes: ['read'], source: [], sink: [] },
    };
    const decided = (): string => verdict(policy, callOf({ session: held, subject: held.subject }));
    assert.equal(decided(), 'allow');
    assert.equal(decided(), 'allow');
    change(held);
    assert.match(decided(), /^deny/u);
  });

type Writable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer I)[] ? I[] : T[K] };
type Held = Writable<Omit<Session, 'caller' | 'labels'>> & {
  caller: Writable<Caller>;
  labels: Set<string>;
  subject: Writable<Subject>;
};

const IN_PLACE = `@id("t.eng") permit(principal in Group::"eng", action in Action::"read", resource)
  when { context.req.scopes.contains("read") && context.session.calls < 5 && context.session.escalation < 2 };
@id("t.label") forbid(principal, action, resource) when { context.session.labels.contains("secret") };
@id("t.class") forbid(principal, action, resource is Tool)
  when { resource.dataClass > 2 || resource.sink.contains("web") };`;

test('what throws is asked again, and the memory is bounded', () => {
  const remember = createRemember<number>(2);
  let asked = 0;
  const ask = (key: string): number => remember(key, () => ++asked);
  assert.throws(() => remember('a', () => assert.fail('no answer')));
  assert.deepEqual([ask('a'), ask('a'), ask('b'), ask('c'), ask('a')], [1, 1, 2, 3, 4]);
});

const inputOf = (at: number): string => `${'x'.repeat(1_000_000)}${at}`;

test('long inputs are told apart, and not kept', () => {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  assert.ok(typeof collect === 'function');
  const remember = createRemember<string>(1000);
  collect();
  const before = process.memoryUsage().heapUsed;
  for (let at = 0; at < 100; at++) remember(inputOf(at), () => `answer ${at}`);
  collect();
  const kept = process.memoryUsage().heapUsed - before;
  assert.ok(kept < 10_000_000, `${kept} bytes are kept`);
  for (const at of [0, 42, 99])
    assert.equal(
      remember(inputOf(at), () => assert.fail('asked again')),
      `answer ${at}`,
    );
  const halves = ['\ud800', '\ud801'].map((half) => remember('x'.repeat(5000) + half, () => half));
  assert.deepEqual(halves, ['\ud800', '\ud801']);
});
