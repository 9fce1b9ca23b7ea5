import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Call } from '../../src/call.ts';
import { Denial } from '../../src/denial.ts';
import type { Policy } from '../../src/policy/policy.ts';
import { callOf, policyFrom, sessionOf, subjectOf, verdict } from './support.ts';

const submit = subjectOf({ server: 'sallyport', name: 'plan_submit' });
const plan = { steps: 12, depth: 3, tools: ['bank/pay'], sinks: ['pay'], departs: [] };
const ALL = '@id("all") permit(principal, action, resource);';

function refusalOf(policy: Policy, call: Call): Denial {
  try {
    policy.decide(call);
  } catch (thrown) {
    if (thrown instanceof Denial) return thrown;
    throw thrown;
  }
  throw new Error('it is allowed');
}

describe('a plan that is submitted', () => {
  test('is an action of its own, limited by what it does', async (t) => {
    const policy = await policyFrom(
      t,
      `${ALL}
       @id("short") forbid(principal, action == Action::"plan/submit", resource)
       when { context has plan && context.plan.steps > 20 };
       @id("no-pay") forbid(principal, action == Action::"plan/submit", resource)
       when { context has plan && context.plan.sinks.contains("pay") && context.plan.depth > 3 };`,
    );
    const given = (over: Partial<typeof plan>): Call => ({
      ...callOf({ subject: submit }),
      plan: { ...plan, ...over },
    });
    assert.equal(verdict(policy, given({})), 'allow');
    assert.equal(verdict(policy, given({ steps: 21 })), 'deny short');
    assert.equal(verdict(policy, given({ depth: 4 })), 'deny no-pay');
    assert.equal(verdict(policy, given({ depth: 4, sinks: [] })), 'allow');
    // Nobody else's tool of that name is meant.
    assert.equal(verdict(policy, callOf({ subject: subjectOf({ name: 'plan_submit' }) })), 'allow');
    // What may not be submitted at all is not shown; limits show it.
    assert.deepEqual(policy.visible(sessionOf(), 'tools/call', [submit]), [submit]);
  });

  test('can be forbidden altogether, and is hidden then', async (t) => {
    const policy = await policyFrom(
      t,
      `${ALL} @id("none") forbid(principal, action == Action::"plan/submit", resource);`,
    );
    assert.deepEqual(policy.visible(sessionOf(), 'tools/call', [submit]), []);
  });

  test('has no second name in policies that would never be asked about', async (t) => {
    await assert.rejects(
      policyFrom(
        t,
        `${ALL} @id("x") forbid(principal, action == Action::"tools/call:sallyport/plan_submit", resource);`,
      ),
      /is not for policies/u,
    );
  });
});

describe('what only a step of a plan may do', () => {
  const POLICY = `${ALL}
    @id("planned") forbid(principal, action in Action::"financial", resource)
    unless { context.session.stepInPlan };`;
  const pay = subjectOf({ server: 'bank', name: 'pay', classes: ['financial'] });
  const step = {
    plan: '',
    number: 0,
    isRun: true,
    labels: new Set<string>(),
    argLabels: new Set(['private']),
    fromUntrusted: new Set<'text'>(),
  };

  test('is refused elsewhere as plan-violated, and shown', async (t) => {
    const policy = await policyFrom(t, POLICY, { plans: submit });
    assert.equal(refusalOf(policy, callOf({ subject: pay })).code, 'plan-violated');
    assert.deepEqual(policy.visible(sessionOf(), 'tools/call', [pay]), [pay]);
    const session = { ...sessionOf(), step };
    assert.equal(verdict(policy, callOf({ subject: pay, session })), 'allow');
  });

  test('is refused without a word of plans to whom none are offered', async (t) => {
    const hidden = `${POLICY} @id("none") forbid(principal, action == Action::"plan/submit", resource);`;
    for (const policy of [
      await policyFrom(t, POLICY),
      await policyFrom(t, hidden, { plans: submit }),
    ]) {
      const { code, message, hint, policies } = refusalOf(policy, callOf({ subject: pay }));
      assert.deepEqual([code, policies], ['policy-denied', ['planned']]);
      assert.doesNotMatch(`${message} ${hint}`, /\bplan\b/u);
    }
  });

  test('is refused as ever where a plan would not help', async (t) => {
    const policy = await policyFrom(
      t,
      `${POLICY} @id("never") forbid(principal, action, resource == Tool::"bank/pay");`,
      { plans: submit },
    );
    assert.equal(verdict(policy, callOf({ subject: pay })), 'deny never planned');
  });

  test('is decided by the exact labels of what a step is given', async (t) => {
    const policy = await policyFrom(
      t,
      `${ALL} @id("kept") forbid(principal, action, resource)
       when { context.facts.argLabels.contains("private") };`,
    );
    assert.equal(verdict(policy, callOf({ session: { ...sessionOf(), step } })), 'deny kept');
    assert.equal(verdict(policy, callOf()), 'allow');
  });
});
