import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Subject } from '../../src/call.ts';
import { freezeJson } from '../../src/lib/json.ts';
import { callerOf, callOf, policyFrom, sessionOf, subjectOf, verdict } from '../policy/support.ts';
import { blocks, blocksOf } from './blocks.ts';

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

test('the policies in docs/policy.md about arguments and facts do what it says', async (context) => {
  const definition = freezeJson({
    inputSchema: {
      type: 'object',
      properties: { currency: { type: 'string' }, amount: { type: 'number' } },
      required: ['currency', 'amount'],
    },
  });
  const knownTools = async (): Promise<ReadonlyMap<string, typeof definition>> =>
    await Promise.resolve(new Map([['tools/call:bank/pay', definition]]));
  const mail = `@id("mail") permit(principal, action in Action::"external_communication", resource);`;
  const policy = await policyFrom(
    context,
    [...blocksOf('docs/policy.md', 'cedar'), mail].join('\n'),
    {
      knownTools,
      facts: { zones: { work: ['/data/work'] } },
    },
  );
  const pay = tool(['financial'], { server: 'bank', name: 'pay', definition });
  const send = tool(['external_communication'], { server: 'mail', name: 'send' });
  const token = `ghp_${'a1B2'.repeat(9)}`;
  for (const [subject, args, want] of [
    [pay, { currency: 'EUR', amount: 99.99 }, 'allow'],
    [pay, { currency: 'EUR', amount: 100 }, 'deny'],
    [pay, { currency: 'USD', amount: 1 }, 'deny'],
    [pay, { currency: 'EUR', amount: 1e-9 }, 'deny eng.small-payments'],
    [tool(['read']), { path: '/data/work/a' }, 'allow'],
    [tool(['read']), { path: '/data/work/../b' }, 'deny eng.work-only'],
    [tool(['read']), { path: '/data/work/%2e%2e/b' }, 'deny eng.work-only'],
    [send, { to: 'a@example.com', text: 'hello' }, 'allow'],
    [send, { to: 'a@example.com', cc: 'b@evil.test' }, 'deny mail.inside'],
    [send, { to: 'a@example.com', text: token }, 'deny mail.inside'],
  ] as const)
    assert.equal(verdict(policy, callOf({ subject, args })), want, JSON.stringify(args));
});
