import assert from 'node:assert/strict';
import { createHash, createPublicKey } from 'node:crypto';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { readAuditKey } from '../../src/audit/key.ts';
import type { JsonObject } from '../../src/lib/json.ts';
import { isJsonObject } from '../../src/lib/json.ts';
import { PLAN_TYPE } from '../../src/plans/statement.ts';
import { stateLayout } from '../../src/state/layout.ts';
import { openCompact } from '../../src/signing/compact.ts';
import { denialOf, listedIn, rpcCodeOf, textOf } from '../support/replies.ts';
import { stringOf } from '../support/string-of.ts';
import { openBank, payloadOf, shownBy, statesOf } from './bank.ts';
import { planOf, ref, stepOf } from './support.ts';

const bill = stepOf('bill', 'bank__read_bill', {});
const pay = stepOf('pay', 'bank__pay', {
  to: 'landlord',
  amount: ref('bill', '/structuredContent/amount'),
});
const OWN = ['submit', 'run', 'status', 'cancel'].map((verb) => `sallyport__plan_${verb}`);

const slow = (id: string): JsonObject =>
  stepOf(id, 'bank__echo', { text: id, ms: 700 }, { reveal: true });

describe('the tools for plans', () => {
  test('are offered where the configuration says so, and as policy permits', async (t) => {
    const bank = await openBank(t, {
      policy: `@id("all") permit(principal, action, resource);
        @id("no.plans") forbid(principal == User::"bob", action, resource in Server::"sallyport");`,
    });
    const client = await bank.open();
    const listed = listedIn(await client.request('tools/list'));
    assert.deepEqual(
      listed.filter((name) => name.startsWith('sallyport')),
      OWN,
    );
    await bank.signIn({ user: 'bob' });
    const bob = await bank.open();
    assert.ok(!listedIn(await bob.request('tools/list')).some((name) => OWN.includes(name)));
    const refused = await bob.call('sallyport__plan_submit', planOf(bill));
    assert.equal(rpcCodeOf(refused), -32602);
    assert.equal(textOf(refused), 'Unknown tool: sallyport__plan_submit');
  });

  test('are not there without', async (t) => {
    const bank = await openBank(t, {
      config: { plans: undefined },
      policy: `@id("all") permit(principal, action, resource);
        @id("planned") forbid(principal, action in Action::"financial", resource)
        unless { context.session.stepInPlan };`,
    });
    const client = await bank.open();
    assert.ok(!listedIn(await client.request('tools/list')).some((name) => OWN.includes(name)));
    assert.equal(rpcCodeOf(await client.call('sallyport__plan_status')), -32602);
    const refused = await client.call('bank__pay', { to: 'landlord', amount: 1 });
    assert.equal(denialOf(refused), 'policy-denied');
    assert.equal(
      textOf(refused),
      'Cannot call bank/pay: policy forbids it (planned)\nHint: do not retry; tell the user, or do it another way',
    );
  });
});

describe('a plan', () => {
  test('fixes nothing of what a handle in it stands for', async (t) => {
    const bank = await openBank(t, {}, ['read_bill']);
    const client = await bank.open();
    const [handle = '', structured = ''] = textOf(await client.call('bank__read_bill')).match(/ref:[\w-]{22}/gu) ?? [];
    assert.ok(handle.startsWith('ref:'));
    const told = stepOf('told', 'bank__pay', { to: handle, amount: 1 });
    const part = stepOf('part', 'bank__pay', { to: 'landlord', amount: `${structured}#/amount` });
    const { plan } = await client.plan('submit', planOf(told, part));
    const run = await client.plan('run', { plan });
    assert.deepEqual(statesOf(run), ['told: open approval-required', 'part: open approval-required']);
    assert.ok(!bank.calls().some(({ tool }) => tool === 'pay'));
  }); // prettier-ignore

  test('shows a handle of what the model must not read, and its value keeps its labels', async (t) => {
    const bank = await openBank(t, {}, ['read_bill']);
    const client = await bank.open();
    const shown = stepOf('bill', 'bank__read_bill', {}, { reveal: true });
    const told = stepOf('told', 'bank__pay', {
      to: ref('bill', '/content/0/text'),
      amount: ref('bill', '/structuredContent/amount'),
    });
    const { plan } = await client.plan('submit', planOf(shown, pay, told));
    const run = await client.plan('run', { plan });
    assert.deepEqual(statesOf(run), ['bill: done', 'pay: done', 'told: open approval-required']);
    assert.match(JSON.stringify(run), /"ref":"ref:[\w-]{22}"/u);
    assert.ok(!JSON.stringify(run).includes('mallory'));
    assert.match((await bank.run('session', 'show')).stdout, /^every session is calm\n/u);
  });

  test('is validated, signed and run; what nobody was shown labels nobody', async (t) => {
    const bank = await openBank(t);
    const client = await bank.open();
    const submitted = await client.plan('submit', planOf(bill, pay));
    assert.equal(submitted['state'], 'ready');
    const run = await client.plan('run', { plan: submitted['plan'] });
    assert.equal(run['state'], 'done');
    assert.deepEqual(statesOf(run), ['bill: done', 'pay: done']);
    assert.deepEqual(bank.calls().at(-1), { tool: 'pay', args: { to: 'landlord', amount: 12.5 } });
    // Nothing of the mail has reached the model, and its session is as it was.
    assert.ok(!JSON.stringify(run).includes('mallory'));
    assert.match((await bank.run('session', 'show')).stdout, /^every session is calm\n/u);

    // The statement is a JWS of the gateway's key, about these very steps.
    const key = readAuditKey(stateLayout(join(bank.folder, 'state')).auditKey);
    const x = Buffer.from(key.publicKey, 'hex').toString('base64url');
    const kid = createHash('sha256').update(`{"crv":"Ed25519","kty":"OKP","x":"${x}"}`).digest('base64url');
    const open = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
    const opened = await openCompact(stringOf(submitted['statement']), new Map([[kid, { kid, key: open }]]), PLAN_TYPE);
    assert.equal(createHash('sha256').update(opened.payload).digest('hex'), submitted['digest']);
    const { caller, labels, exp, iat } = payloadOf(submitted['statement']);
    assert.deepEqual([caller, labels], [{ issuer: 'local', subject: 'alice', client: 'local' }, []]);
    assert.equal(Number(exp) - Number(iat), 3600);

    // Every step's record names the plan, and the audit holds the statement.
    await client.end();
    const records = bank.audit();
    const steps = records.filter(({ event, plan }) => event === 'intent' && isJsonObject(plan));
    assert.deepEqual(
      steps.map(({ name, plan }) => [name, isJsonObject(plan) ? [plan['digest'], plan['step']] : 0]),
      [['read_bill', [submitted['digest'], 0]], ['pay', [submitted['digest'], 1]]],
    ); // prettier-ignore
    const told = records.filter(({ event }) => event === 'plan');
    assert.deepEqual(told.map(({ step }) => step), ['validated', 'run', 'ended']);
    assert.deepEqual(told[0]?.['statement'], payloadOf(submitted['statement']));
    const [, , signature = ''] = stringOf(submitted['statement']).split('.');
    assert.equal(told[0]?.['sig'], Buffer.from(signature, 'base64url').toString('hex'));
    assert.equal((await bank.run('audit', 'verify')).code, 0);
  }); // prettier-ignore

  test('tells every problem at once, policy of each step included', async (t) => {
    const bank = await openBank(t, {
      policy: `@id("all") permit(principal, action, resource);
        @id("small") forbid(principal, action == Action::"tools/call:bank/pay", resource)
        when { context.args.amount.greaterThan(decimal("100.0")) };
        @id("few") forbid(principal, action == Action::"plan/submit", resource)
        when { context has plan && context.plan.steps > 3 };`,
    });
    const client = await bank.open();
    const much = stepOf('much', 'bank__pay', { to: 'x', amount: 500 });
    const refused = await client.call(
      'sallyport__plan_submit',
      planOf(much, { ...much, id: 'more' }),
    );
    assert.equal(denialOf(refused), 'policy-denied');
    assert.match(textOf(refused), /\/steps\/0: Cannot call bank\/pay[^]*\/steps\/1: Cannot call/u);
    const both = await client.call(
      'sallyport__plan_submit',
      planOf(much, stepOf('x', 'bank__rob', {})),
    );
    assert.equal(denialOf(both), 'arguments-invalid');
    assert.match(
      textOf(both),
      /\/steps\/1\/tool: Unknown tool: bank__rob[^]*\/steps\/0: Cannot call/u,
    );
    const many = ['a', 'b', 'c', 'd'].map((id) => ({ ...bill, id }));
    const long = await client.call('sallyport__plan_submit', planOf(...many));
    assert.equal(denialOf(long), 'policy-denied');
    assert.match(textOf(long), /few/u);
    assert.deepEqual(bank.calls(), []);
  });

  test('shows what it was asked to reveal, and that counts before it is shown', async (t) => {
    const bank = await openBank(t);
    const client = await bank.open();
    const plan = await client.plan('submit', planOf({ ...bill, reveal: true }));
    const run = await client.plan('run', { plan: plan['plan'] });
    assert.match(JSON.stringify(shownBy(run, 'bill')), /mallory/u);
    assert.match((await bank.run('session', 'show')).stdout, /untrusted/u);
    // From here on paying asks a person, whom this client cannot ask.
    const refused = await client.call('bank__pay', { to: 'landlord', amount: 1 });
    assert.equal(denialOf(refused), 'approval-required');
  });

  test('runs independent steps side by side, up to its bound', async (t) => {
    const bank = await openBank(t, { config: { plans: { parallel: 3 } } });
    const client = await bank.open();
    const plan = await client.plan('submit', planOf(...['a', 'b', 'c', 'd'].map(slow)));
    const run = await client.plan('run', { plan: plan['plan'] });
    const atOnce = ['a', 'b', 'c', 'd'].map(
      (id) => /"atOnce":(\d)/u.exec(JSON.stringify(shownBy(run, id)))?.[1],
    );
    assert.deepEqual(atOnce.slice(0, 3), ['3', '3', '3']);
    assert.equal(run['state'], 'done');
  });

  test('tries again as often as it says, and tells of its progress', async (t) => {
    const bank = await openBank(t);
    const client = await bank.open();
    const flaky = stepOf('flaky', 'bank__flaky', {}, { maxRetries: 2 });
    const after = stepOf('after', 'bank__echo', { text: 'x' }, { dependsOn: ['flaky'] });
    const plan = await client.plan('submit', planOf(flaky, after));
    const done = client.next(({ method, params }) => method === 'notifications/progress' && isJsonObject(params) && params['progress'] === 2);
    const reply = await client.request('tools/call', {
      name: 'sallyport__plan_run',
      arguments: { plan: plan['plan'] },
      _meta: { progressToken: 'p' },
    });
    assert.deepEqual((await done)['params'], { progressToken: 'p', progress: 2, total: 2, message: 'after: done' });
    assert.match(textOf(reply), /"state":"done"/u);
  }); // prettier-ignore

  test('leaves out what needs a step that failed, and does the rest', async (t) => {
    const bank = await openBank(t);
    const client = await bank.open();
    const flaky = stepOf('flaky', 'bank__flaky', {});
    const after = stepOf('after', 'bank__echo', { text: ref('flaky', '/content/0/text') });
    const other = stepOf('other', 'bank__echo', { text: 'x' });
    const plan = await client.plan('submit', planOf(flaky, after, other));
    const run = await client.plan('run', { plan: plan['plan'] });
    assert.equal(run['state'], 'failed');
    assert.deepEqual(statesOf(run), ['flaky: failed upstream-failed', 'after: not made', 'other: done']);
    const again = await client.call('sallyport__plan_run', { plan: plan['plan'] ?? '' });
    assert.equal(denialOf(again), 'plan-violated');
  }); // prettier-ignore

  test('is cancelled with the call that runs it, and from elsewhere', async (t) => {
    const bank = await openBank(t);
    const client = await bank.open();
    const hanging = stepOf('slow', 'bank__echo', { text: 'x', ms: 20_000 });
    const next = stepOf('next', 'bank__echo', { text: ref('slow', '/structuredContent/text') });
    const first = await client.plan('submit', planOf(hanging, next));
    const running = client.call('sallyport__plan_run', { plan: first['plan'] ?? '' });
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.deepEqual(statesOf(await client.plan('status', { plan: first['plan'] })), ['slow: running', 'next: not made']);
    const cancelled = await client.plan('cancel', { plan: first['plan'] });
    assert.equal(cancelled['state'], 'cancelled');
    assert.match(textOf(await running), /"state":"cancelled"/u);
    assert.deepEqual(bank.calls(), []);
    const [one] = Object.values(await client.plan('status', {}));
    assert.deepEqual(one, [{ plan: first['plan'], state: 'cancelled', steps: 2 }]);
  }); // prettier-ignore

  test('waits for the approval of a step, and goes on where it was', async (t) => {
    const bank = await openBank(t, {
      policy: `@id("all") permit(principal, action, resource);
        @id("ask") @requires_approval("user") forbid(principal, action in Action::"financial", resource)
        unless { context.pep.approvals.contains("user") };`,
    });
    const client = await bank.open();
    const submitted = await client.plan('submit', planOf(bill, pay, stepOf('direct', 'bank__pay', { to: 'x', amount: 1 })));
    assert.deepEqual(submitted['steps'], [{ id: 'bill' }, { id: 'pay' }, { id: 'direct', asks: ['user'] }]);
    const run = await client.plan('run', { plan: submitted['plan'] });
    assert.equal(run['state'], 'waiting');
    assert.match(stringOf(run['hint']), /sallyport approvals[^]*run this plan again/u);
    const ids = (await bank.run('approvals', '--json')).stdout.match(/(?<="id":")[0-9a-z]{16}/gu) ?? [];
    assert.equal(ids.length, 2);
    for (const id of ids) assert.equal((await bank.run('approve', id)).code, 0);
    const again = await client.plan('run', { plan: submitted['plan'] });
    assert.equal(again['state'], 'done');
    assert.equal(again['hint'], undefined);
    assert.deepEqual(bank.calls().map(({ tool }) => tool).toSorted(), ['pay', 'pay', 'read_bill']);
  }); // prettier-ignore
});
