import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PlanStep, Session } from '../src/call.ts';
import { derivedSession } from '../src/derived-session.ts';
import { carrying } from '../src/handles/carrying.ts';
import { sessionAlong, sessionOfStep } from '../src/plans/step-session.ts';
import { createSessions } from '../src/session.ts';
import { callerOf } from './policy/support.ts';

const step: PlanStep = {
  plan: 'a'.repeat(64),
  number: 0,
  isRun: false,
  labels: new Set(['eng']),
  argLabels: new Set(['private']),
  fromUntrusted: new Set(),
};
const about = { server: 'files', name: 'read' };
const carried = new Set(['untrusted']);

for (const [what, derive] of [
  ['that differs in nothing', (one) => derivedSession(one, {})],
  ['of a call that was given values', (one) => carrying(one, carried)],
  ['of a step that the model makes', (one) => sessionAlong(one, step)],
  ['of a step that the gateway runs', (one) => sessionOfStep(one, step, new Set())],
  ['of such a step with values', (one) => carrying(sessionOfStep(one, step, new Set()), carried)],
] as const satisfies [string, (one: Session) => Session][])
  test(`a session ${what} is quarantined, counted and named as the person’s own`, () => {
    const session = open();
    const derived = derive(session);
    session.escalate('block', about);
    derived.countCall();
    assert.ok(session.escalation > 0);
    assert.deepEqual(
      [derived.id, derived.caller, derived.calls, derived.escalation, derived.told],
      [session.id, session.caller, 1, session.escalation, session.told],
    );
    assert.throws(() => Object.assign(derived, { labels: new Set() }), TypeError);
  });

test('what the session reads meanwhile is in every one but that of a step that the gateway runs', () => {
  const session = open();
  const value = new Set<string>();
  const along = carrying(sessionAlong(session, step), carried);
  const run = sessionOfStep(session, step, value);
  session.addLabels(['secret']);
  along.addLabels(['medical']);
  run.addLabels(['untrusted']);
  assert.deepEqual([...along.labels].toSorted(), ['medical', 'secret', 'untrusted']);
  assert.deepEqual([...run.labels].toSorted(), ['eng', 'private', 'untrusted']);
  assert.deepEqual([...session.labels].toSorted(), ['medical', 'secret']);
  assert.deepEqual([...value], ['untrusted']);
});

test('a handle in a step is text that others may have written, however the two came together', () => {
  for (const both of [
    carrying(sessionAlong(open(), step), carried),
    sessionAlong(carrying(open(), carried), step),
  ]) {
    assert.deepEqual([...(both.step?.argLabels ?? [])], ['private', 'untrusted']);
    assert.deepEqual([...(both.step?.fromUntrusted ?? [])], ['text']);
    assert.deepEqual([...(both.carried ?? [])], ['untrusted']);
  }
});

function open(): Session {
  return createSessions().open(callerOf());
}
