import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Subject } from '../../src/call.ts';
import { callerOf, callOf, policyFrom, sessionOf, subjectOf, verdict } from '../policy/support.ts';
import { blocks } from './blocks.ts';

const tool = (classes: Subject['classes'], over: Partial<Subject> = {}): Subject =>
  subjectOf({ classes, ...over });

test('the policy in the README does what the README says', async (context) => {
  const [text = '', ...more] = blocks('cedar');
  assert.equal(more.length, 0);
  const policy = await policyFrom(context, text);
  const support = sessionOf({ caller: callerOf({ subject: 'bob', groups: ['support'] }) });
  for (const [session, subject, want] of [
    [sessionOf(), tool(['read']), 'allow'],
    [sessionOf(), tool(['write']), 'allow'],
    [sessionOf(), tool(['write', 'destructive']), 'ask user'],
    [sessionOf(), tool(['read'], { server: 'tickets' }), 'deny'],
    [support, tool(['read'], { name: 'list_directory' }), 'allow'],
    [support, tool(['read']), 'deny'],
  ] as const)
    assert.equal(verdict(policy, callOf({ session, subject })), want);
});
