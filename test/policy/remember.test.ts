import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Caller } from '../../src/call.ts';
import { loadPolicy } from '../../src/policy/policy.ts';
import { createRemember } from '../../src/policy/remember.ts';
import { createSessions } from '../../src/session.ts';
import { scratch } from '../support/scratch.ts';
import { NOON, callOf, subjectOf } from './support.ts';

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

test('what throws is asked again, and the memory is bounded', () => {
  const remember = createRemember<number>(2);
  let asked = 0;
  const ask = (key: string): number => remember(key, () => ++asked);
  assert.throws(() => remember('a', () => assert.fail('no answer')));
  assert.deepEqual([ask('a'), ask('a'), ask('b'), ask('c'), ask('a')], [1, 1, 2, 3, 4]);
});
