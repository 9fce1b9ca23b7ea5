import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { isJsonObject, type JsonObject } from '../../src/lib/json.ts';
import { denialOf, textOf } from '../support/replies.ts';
import { stringOf } from '../support/string-of.ts';
import { until } from '../support/until.ts';
import { openBank, shownBy, statesOf, type Bank } from './bank.ts';
import { planOf, ref, stepOf } from './support.ts';

const ASK = `@id("all") permit(principal, action, resource);
  @id("ask") @requires_approval("user") forbid(principal, action in Action::"financial", resource)
  unless { context.pep.approvals.contains("user") };`;
const rent = planOf(stepOf('rent', 'bank__pay', { to: 'landlord', amount: 800 }));
const other = planOf(stepOf('rent', 'bank__pay', { to: 'mallory', amount: 900 }));
const changed = planOf(stepOf('rent', 'bank__pay', { to: 'mallory', amount: 901 }));

/** What became of plans, in order. */
function toldOf(bank: Bank): string[] {
  return bank
    .audit()
    .filter(({ event }) => event === 'plan')
    .map(({ step, state }) => `${stringOf(step)} ${stringOf(state)}`.trim());
}

function paid(bank: Bank): unknown[] {
  return bank.calls().flatMap(({ tool, args }) => (tool === 'pay' ? [args['to']] : []));
}

/** The ids of what waits for a person. */
async function waiting(bank: Bank): Promise<string[]> {
  const { stdout } = await bank.run('approvals', '--json');
  return stdout.match(/(?<="id":")[0-9a-z]{16}/gu) ?? [];
}

describe('a plan that outlives its time', () => {
  test('while it waits for an approval is not run once somebody gives it', async (t) => {
    const bank = await openBank(t, { policy: ASK, config: { plans: { lifetimeMs: 4000 } } });
    const client = await bank.open();
    const { plan } = await client.plan('submit', rent);
    assert.equal((await client.plan('run', { plan }))['state'], 'waiting');
    const [id = ''] = await waiting(bank);
    assert.equal((await bank.run('approve', id)).code, 0);
    await sleep(4000);
    const refused = await client.call('sallyport__plan_run', { plan: plan ?? '' });
    assert.equal(denialOf(refused), 'plan-violated');
    assert.match(textOf(refused), /it is too old[^]*submit a plan again/u);
    await client.end();
    assert.deepEqual(toldOf(bank), ['validated', 'run', 'ended waiting', 'expired']);
    assert.deepEqual(paid(bank), []);
    assert.equal((await bank.run('audit', 'verify')).code, 0);
  });

  test('while somebody is asked about a step of it ends, whatever they say then', async (t) => {
    const bank = await openBank(t, { policy: ASK, config: { plans: { lifetimeMs: 1500 } } });
    const client = await bank.open({ elicitation: {} });
    client.answer = () => 'never';
    const { plan } = await client.plan('submit', rent);
    const run = await client.plan('run', { plan });
    assert.equal(run['state'], 'expired');
    const asked = await client.next(({ method }) => method === 'elicitation/create');
    client.send({ jsonrpc: '2.0', id: asked['id'] ?? 0, result: { action: 'accept', content: {} } });
    assert.equal((await client.plan('status', { plan }))['state'], 'expired');
    await client.end();
    assert.deepEqual(toldOf(bank), ['validated', 'run', 'expired']);
    assert.deepEqual(paid(bank), []);
    assert.equal((await bank.run('audit', 'verify')).code, 0);
  }); // prettier-ignore

  test('while somebody is asked about a call along it is not followed', async (t) => {
    const bank = await openBank(t, { policy: ASK, config: { plans: { lifetimeMs: 1000 } } });
    const client = await bank.open({ elicitation: {} });
    client.answer = () => 'never';
    await client.plan('submit', rent);
    const calling = client.call('bank__pay', { to: 'landlord', amount: 800 });
    const asked = await client.next(({ method }) => method === 'elicitation/create');
    await sleep(1100);
    client.send({ jsonrpc: '2.0', id: asked['id'] ?? 0, result: { action: 'accept', content: {} } });
    const refused = await calling;
    assert.equal(denialOf(refused), 'plan-violated');
    assert.match(textOf(refused), /its plan is over/u);
    assert.deepEqual(paid(bank), []);
    await client.end();
    assert.equal((await bank.run('audit', 'verify')).code, 0);
  }); // prettier-ignore
});

describe('a plan that departs from the one before', () => {
  test('is run once a person has approved it and its step', async (t) => {
    const bank = await openBank(t);
    const client = await bank.open({ elicitation: {} });
    const questions: string[] = [];
    client.answer = ({ params }: JsonObject) => {
      questions.push(isJsonObject(params) ? stringOf(params['message']) : '');
      return { result: { action: 'accept', content: {} } };
    };
    await client.plan('submit', rent);
    await client.call('bank__read_bill');
    const { plan } = await client.plan('submit', other);
    assert.match(questions.join('\n'), /sallyport\/plan_submit[^]*recipients that the plan before this one did not have: mallory/u);
    assert.equal((await client.plan('run', { plan }))['state'], 'done');
    assert.deepEqual(paid(bank), ['mallory']);
    assert.equal(questions.length, 2);
  }); // prettier-ignore

  test('needs an approval of its own: that of another one is no good for it', async (t) => {
    const bank = await openBank(t);
    const client = await bank.open();
    await client.plan('submit', rent);
    await client.call('bank__read_bill');
    assert.equal(denialOf(await client.call('sallyport__plan_submit', other)), 'approval-required');
    const [id = ''] = await waiting(bank);
    assert.equal((await bank.run('approve', id)).code, 0);
    const refused = await client.call('sallyport__plan_submit', changed);
    assert.equal(denialOf(refused), 'approval-required');
    const more = (await waiting(bank)).filter((each) => each !== id);
    assert.equal(more.length, 1);
    // The very plan that was approved is accepted, and the other one is still not.
    assert.equal((await client.plan('submit', other))['state'], 'ready');
    assert.equal(denialOf(await client.call('sallyport__plan_submit', changed)), 'approval-required');
    assert.equal((await bank.run('deny', more[0] ?? '')).code, 0);
    assert.equal(denialOf(await client.call('sallyport__plan_submit', changed)), 'approval-denied');
    assert.deepEqual(paid(bank), []);
    await client.end();
    assert.equal((await bank.run('audit', 'verify')).code, 0);
  }); // prettier-ignore
});

const big = (id: string, needs: readonly string[]): JsonObject =>
  stepOf(id, 'bank__big', { bytes: 3 << 20 }, { dependsOn: [...needs] });

test('a plan keeps 8 MiB of results, and says which step was too large', async (t) => {
  const bank = await openBank(t);
  const client = await bank.open();
  const after = stepOf('after', 'bank__echo', { text: ref('c', '/content/0/type') });
  const { plan } = await client.plan('submit', planOf(big('a', []), big('b', ['a']), big('c', ['b']), after));
  const run = await client.plan('run', { plan });
  assert.deepEqual(statesOf(run), ['a: done', 'b: done', 'c: failed too-large', 'after: not made']);
  assert.equal(run['state'], 'failed');
  // What was held is let go, and the next plan has its own room.
  const again = await client.plan('submit', planOf(big('a', [])));
  assert.equal((await client.plan('run', { plan: again['plan'] }))['state'], 'done');
  await until(() => toldOf(bank).length === 6);
}); // prettier-ignore

const shown = (id: string, bytes: number): JsonObject =>
  stepOf(id, 'bank__big', { bytes }, { reveal: true });

test('a plan shows what fits into an answer, and says of the rest that it is too large', async (t) => {
  const bank = await openBank(t, { config: { limits: { maxMessageBytes: 1 << 20 } } });
  const client = await bank.open();
  const steps = [shown('a', 200_000), shown('b', 200_000), shown('c', 1000)];
  const { plan } = await client.plan('submit', planOf(...steps));
  const run = await client.plan('run', { plan });
  assert.deepEqual(statesOf(run), ['a: done', 'b: done', 'c: done']);
  assert.deepEqual(['a', 'b', 'c'].map((id) => shownBy(run, id) !== undefined), [true, false, true]);
  assert.match(JSON.stringify(run), /"b","state":"done"[^{}]*"note":"what it gave is larger/u);
}); // prettier-ignore
