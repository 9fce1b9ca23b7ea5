import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { JsonObject } from '../../src/lib/json.ts';
import { isJsonObject } from '../../src/lib/json.ts';
import { denialOf, textOf } from '../support/replies.ts';
import { until } from '../support/until.ts';
import { openBank, statesOf } from './bank.ts';
import { planOf, ref, stepOf } from './support.ts';

const bill = stepOf('bill', 'bank__read_bill', {});
const amount = ref('bill', '/structuredContent/amount');
const pay = stepOf('pay', 'bank__pay', { to: 'landlord', amount });
const PAYMENT = { to: 'landlord', amount: 12.5 };

describe('calls that a model makes by itself', () => {
  test('are steps of its plan where they are exactly those, once', async (t) => {
    const bank = await openBank(t);
    const client = await bank.open();
    const plan = await client.plan('submit', planOf(bill, pay));
    // Before what it needs is there, it is an ordinary call; nothing untrusted has been read by then.
    await client.call('bank__read_bill');
    for (const other of [{ to: 'mallory', amount: 12.5 }, { to: 'landlord', amount: 1250 }, { ...PAYMENT, note: 'x' }])
      assert.equal(denialOf(await client.call('bank__pay', other)), 'approval-required');
    assert.deepEqual(statesOf(await client.plan('status', { plan: plan['plan'] })), ['bill: done', 'pay: open']);
    assert.equal(denialOf(await client.call('bank__pay', PAYMENT)), undefined);
    assert.equal(denialOf(await client.call('bank__pay', PAYMENT)), 'approval-required');
    assert.equal((await client.plan('status', { plan: plan['plan'] }))['state'], 'done');
    assert.deepEqual(bank.calls().map(({ tool }) => tool), ['read_bill', 'pay']);
    const made = bank.audit().filter(({ event, plan: of }) => event === 'outcome' && isJsonObject(of));
    assert.deepEqual(made.map(({ name, plan: of }) => [name, isJsonObject(of) && of['isRun']]), [['read_bill', false], ['pay', false]]);
  }); // prettier-ignore

  test('are steps also of a plan that other policies let stand, and that is signed anew', async (t) => {
    const bank = await openBank(t);
    const client = await bank.open();
    await client.plan('submit', planOf(bill, pay));
    await client.call('bank__read_bill');
    const loaded = (): number => bank.audit().filter(({ event }) => event === 'policy-loaded').length;
    const before = loaded();
    writeFileSync(join(bank.folder, 'policy.cedar'), '@id("other") permit(principal, action, resource);');
    process.kill(client.pid, 'SIGHUP');
    await until(() => loaded() > before);
    assert.equal(denialOf(await client.call('bank__pay', PAYMENT)), undefined);
    const steps = bank.audit().filter(({ event }) => event === 'plan').map(({ step }) => step);
    assert.deepEqual(steps, ['validated', 'validated again', 'ended']);
    await client.end();
    assert.equal((await bank.run('audit', 'verify')).code, 0);
  }); // prettier-ignore

  test('side by side are one step, and one ordinary call', async (t) => {
    const bank = await openBank(t);
    const client = await bank.open();
    await client.plan('submit', planOf(bill, pay));
    await client.call('bank__read_bill');
    const both = await Promise.all([PAYMENT, PAYMENT].map(async (args) => await client.call('bank__pay', args)));
    assert.equal(both.filter((one) => denialOf(one) === undefined).length, 1);
    assert.equal(bank.calls().filter(({ tool }) => tool === 'pay').length, 1);
  }); // prettier-ignore

  test('are refused as plan-violated where policy wants a plan', async (t) => {
    const bank = await openBank(t, {
      policy: `@id("all") permit(principal, action, resource);
        @id("planned") forbid(principal, action in Action::"financial", resource)
        unless { context.session.stepInPlan };`,
    });
    const client = await bank.open();
    const refused = await client.call('bank__pay', PAYMENT);
    assert.equal(denialOf(refused), 'plan-violated');
    assert.match(textOf(refused), /a step of a plan \(planned\)/u);
    await client.plan('submit', planOf(stepOf('pay', 'bank__pay', PAYMENT)));
    assert.equal(denialOf(await client.call('bank__pay', PAYMENT)), undefined);
    assert.equal(denialOf(await client.call('bank__pay', PAYMENT)), 'plan-violated');
    await client.end();
    // What was a step then is one where past calls are decided again.
    writeFileSync(
      join(bank.folder, 'all.cedar'),
      '@id("all") permit(principal, action, resource);',
    );
    const { stdout } = await bank.run(
      'policy',
      'diff',
      'policy.cedar',
      'all.cedar',
      '--log',
      'audit',
      '--json',
    );
    assert.match(stdout, /"calls":2\}\]\}/u);
  });

  test('can be made again as often as the plan says where they fail', async (t) => {
    const bank = await openBank(t);
    const client = await bank.open();
    const submitted = await client.plan('submit', planOf(stepOf('f', 'bank__flaky', {}, { maxRetries: 1 }), { ...bill, id: 'b' }));
    const state = async (): Promise<string[]> => statesOf(await client.plan('status', { plan: submitted['plan'] }));
    await client.call('bank__flaky');
    assert.deepEqual(await state(), ['f: open upstream-failed', 'b: open']);
    await client.call('bank__flaky');
    assert.deepEqual(await state(), ['f: failed upstream-failed', 'b: open']);
  }); // prettier-ignore
});

describe('a plan after reading what others have written', () => {
  const first = planOf(stepOf('rent', 'bank__pay', { to: 'landlord', amount: 800 }));
  const other = planOf(
    stepOf('rent', 'bank__pay', { to: 'mallory', amount: 900 }),
    stepOf('mail', 'bank__send_mail', { to: 'mallory@evil.example', body: 'done' }),
  );

  test('is compared with the one before: a person is asked, and sees the difference', async (t) => {
    const bank = await openBank(t);
    const client = await bank.open({ elicitation: {} });
    const questions: JsonObject[] = [];
    client.answer = ({ params }) => {
      if (isJsonObject(params)) questions.push(params);
      return { result: { action: 'decline' } };
    };
    await client.plan('submit', first);
    await client.call('bank__read_bill');
    // The same again asks nobody.
    assert.equal((await client.plan('submit', first))['state'], 'ready');
    assert.equal(questions.length, 0);
    assert.equal(denialOf(await client.call('sallyport__plan_submit', other)), 'approval-denied');
    const [asked] = questions;
    const said = JSON.stringify(asked?.['message']);
    for (const part of ['sallyport/plan_submit', 'mallory@evil.example', 'external (bank/send_mail)', '900.0000 (bank/pay)', 'it had landlord'])
      assert.ok(said.includes(part), `${part} is not in ${said}`);
    assert.match((await bank.run('session', 'show')).stdout, /band 1/u);
    assert.deepEqual(bank.calls().map(({ tool }) => tool), ['read_bill']);
  }); // prettier-ignore

  test('trusts none of its steps more than a call by itself', async (t) => {
    const bank = await openBank(t);
    const client = await bank.open();
    await client.call('bank__read_bill');
    const plan = await client.plan('submit', first);
    assert.deepEqual(plan['steps'], [{ id: 'rent', asks: ['user'] }]);
    const run = await client.plan('run', { plan: plan['plan'] });
    assert.deepEqual(statesOf(run), ['rent: open approval-required']);
  });

  test('before anything was read is compared with nothing', async (t) => {
    const bank = await openBank(t);
    const client = await bank.open();
    await client.plan('submit', first);
    assert.equal((await client.plan('submit', other))['state'], 'ready');
  });
});
