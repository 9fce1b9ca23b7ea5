import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Call } from '../../src/call.ts';
import type { Obligation, Policy } from '../../src/policy/policy.ts';
import { callOf, callerOf, policyFrom, sessionOf, subjectOf, verdict } from './support.ts';

const PERMIT = '@id("permit") permit(principal in Group::"eng", action, resource);';
const ASK_USER =
  '@id("ask-user") @requires_approval("user") @reason("it writes") forbid(principal, action in Action::"write", resource) unless { context.pep.approvals.contains("user") };';
const ASK_ADMIN =
  '@id("ask-admin") @requires_approval("admin") @advice("page the admin") forbid(principal, action in Action::"financial", resource) unless { context.pep.approvals.contains("admin") };';
const REDACT =
  '@id("redact") @redact("pii") forbid(principal, action, resource is Tool) when { resource.dataClass >= 2 } unless { context.pep.enforce.contains("pii") };';
const HARD =
  '@id("hard") @reason("never") forbid(principal, action, resource == Tool::"files/never");';
/** Lifted by two approvals, one of which another policy asks for. */
const AFTER =
  '@id("after") @requires_approval("admin") forbid(principal, action, resource == Tool::"files/twice") unless { context.pep.approvals.containsAll(["user", "admin"]) };';

const write = subjectOf({ classes: ['write'] });
const pay = subjectOf({ classes: ['financial'] });
const code = subjectOf({ classes: ['code_execution'], server: 'code', name: 'execute_python' });

test('approval is asked for only where it would make the call allowed', async (t) => {
  const policy = await policyFrom(t, PERMIT + ASK_USER + ASK_ADMIN + REDACT + HARD + AFTER);
  const stranger = sessionOf({ caller: callerOf({ groups: [] }) });
  for (const [call, approvals, want] of [
    [callOf(), [], 'allow'],
    [callOf({ subject: write }), [], 'ask user'],
    [callOf({ subject: write }), ['user'], 'allow'],
    [callOf({ subject: write }), ['somebody'], 'ask user'],
    [callOf({ subject: pay }), [], 'ask admin user'],
    [callOf({ subject: pay }), ['user'], 'ask admin'],
    [callOf({ subject: pay }), ['user', 'admin'], 'allow'],
    // An approval would change nothing: nobody is asked.
    [callOf({ subject: write, session: stranger }), [], 'deny'],
    [callOf({ subject: { ...write, name: 'never' } }), [], 'deny hard'],
    [callOf({ subject: { ...write, name: 'never' } }), ['user', 'admin'], 'deny hard'],
    [callOf({ subject: { ...write, pin: 'drift' } }), ['user'], 'deny guard.pin-drift'],
    [callOf({ subject: { ...write, dataClass: 3 } }), [], 'deny ask-user redact'],
    [callOf({ subject: { ...write, name: 'twice' } }), [], 'ask admin user'],
    [callOf({ subject: { ...write, name: 'twice' } }), ['user'], 'ask admin'],
  ] as const)
    assert.equal(verdict(policy, call, approvals), want, JSON.stringify(call.subject.name));
});

test('obligations say what the forbids asked for, and why', async (t) => {
  const policy = await policyFrom(t, PERMIT + ASK_USER + ASK_ADMIN, {});
  const permit = policy.decide(callOf({ subject: pay }));
  assert.deepEqual(permit.policies, ['permit']);
  assert.deepEqual(permit.obligations.approvals.toSorted(), ['admin', 'user']);
  assert.deepEqual(permit.obligations.advice.toSorted(), ['it writes', 'page the admin']);
});

test('what the gateway cannot enforce is refused; what it can is promised in the permit', async (t) => {
  const asked: Obligation[] = [];
  const canEnforce = (call: Call, obligation: Obligation): boolean => {
    asked.push(obligation);
    return call.subject.server === 'code' && obligation.kind === 'isolation';
  };
  const policy = await policyFrom(
    t,
    `${PERMIT}${REDACT}
     @isolation("microvm") forbid(principal, action, resource == Tool::"code/execute_bash") unless { context.pep.enforce.contains("isolation:microvm") };`,
    { canEnforce },
  );
  assert.equal(policy.decide(callOf({ subject: code })).obligations.isolation, 'gvisor');
  assert.deepEqual(asked, [{ kind: 'isolation', value: 'gvisor' }]);
  assert.equal(
    policy.decide(callOf({ subject: { ...code, name: 'execute_bash' } })).obligations.isolation,
    'microvm',
    'the stronger of two tiers',
  );
  const elsewhere = { ...code, server: 'shell' };
  assert.equal(verdict(policy, callOf({ subject: elsewhere })), 'deny guard.isolate-code');
  assert.equal(verdict(policy, callOf({ subject: subjectOf({ dataClass: 2 }) })), 'deny redact');
  const promisesNothing = await policyFrom(t, PERMIT);
  assert.equal(verdict(promisesNothing, callOf({ subject: code })), 'deny guard.isolate-code');
});

test('explain tells the same as decide, and what is missing', async (t) => {
  const policy = await policyFrom(t, { 'team.cedar': PERMIT + ASK_USER + HARD });
  const rows: readonly (readonly [Call, string, readonly string[], string])[] = [
    [callOf(), 'allow', ['permit'], ''],
    [callOf({ subject: write }), 'needs-approval', ['permit', 'ask-user'], 'approval by user'],
    [
      callOf({ subject: subjectOf({ name: 'never' }) }),
      'deny',
      ['hard'],
      'policy forbids it: never (hard)',
    ],
    [
      callOf({ session: sessionOf({ caller: callerOf({ groups: [] }) }) }),
      'deny',
      [],
      'a permit for alice and action in Action::"read", or for action == Action::"tools/call:files/read_file"',
    ],
    [
      callOf({ subject: code }),
      'deny',
      ['ask-user', 'guard.isolate-code'],
      'it has to have gvisor isolation',
    ],
  ];
  for (const [call, decision, ids, missing] of rows) {
    const told = policy.explain(call);
    assert.equal(told.decision, decision);
    assert.deepEqual(told.policies.map(({ id }) => id).toSorted(), ids.toSorted());
    assert.ok(told.missing.startsWith(missing), told.missing);
    assert.deepEqual(told.errors, []);
    assert.equal(agrees(policy, call), told.decision);
  }
  const [permit] = policy.explain(callOf()).policies;
  assert.deepEqual([permit?.effect, permit?.line], ['permit', 1]);
  assert.match(permit?.file ?? '', /team\.cedar$/u);
});

function agrees(policy: Policy, call: Call): string {
  const said = verdict(policy, call);
  return said.startsWith('ask') ? 'needs-approval' : (said.split(' ')[0] ?? '');
}
