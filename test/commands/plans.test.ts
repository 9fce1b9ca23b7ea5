import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isJsonObject, parseJson, type JsonObject, type JsonValue } from '../../src/lib/json.ts';
import { openBank, type Bank } from '../plans/bank.ts';
import { planOf, ref, stepOf } from '../plans/support.ts';
import { listedIn } from '../support/replies.ts';
import { stringOf } from '../support/string-of.ts';

const POLICY = `@id("all") permit(principal, action, resource);
  @id("ask") @requires_approval("user") forbid(principal, action in Action::"financial", resource)
  unless { context.pep.approvals.contains("user") };
  @id("few") @reason("too long") forbid(principal, action == Action::"plan/submit", resource)
  when { context has plan && context.plan.steps > 2 };
  @id("bob.none") forbid(principal == User::"bob", action, resource in Server::"sallyport");
  @id("no.mail") forbid(principal, action, resource == Tool::"bank/send_mail");`;
const PLAN = 'sallyport/plan_submit';
const bill = stepOf('bill', 'bank__read_bill', {});
const pay = stepOf('pay', 'bank__pay', { to: 'x', amount: 1 });

async function json(bank: Bank, ...args: readonly string[]): Promise<{ code: number; told: JsonObject }> {
  const { code, stdout } = await bank.run(...args, '--json');
  const told = parseJson(stdout, { maxBytes: 1 << 24, maxDepth: 32 });
  assert.ok(isJsonObject(told));
  return { code, told };
} // prettier-ignore

/** `exposed server name pin visible` of each of the gateway's own tools. */
function ownIn({ tools }: JsonObject): string[] {
  const all: readonly JsonValue[] = Array.isArray(tools) ? tools : [];
  return all
    .filter((tool) => isJsonObject(tool))
    .filter(({ server }) => server === 'sallyport')
    .map(({ exposed, server, name, pin, visible }) =>
      [exposed, server, name, pin, JSON.stringify(visible)].map(stringOf).join(' '),
    );
}

describe('the command line and plans', () => {
  test('tools lists the tools for plans as a client would see them', async (t) => {
    const bank = await openBank(t, { policy: POLICY });
    const { told } = await json(bank, 'tools', '--as', 'alice');
    const verbs = ['submit', 'run', 'status', 'cancel'];
    const rows = (isSeen: boolean): string[] =>
      verbs.map((verb) => `sallyport__plan_${verb} sallyport plan_${verb} match ${String(isSeen)}`);
    assert.deepEqual(ownIn(told), rows(true));
    assert.deepEqual(ownIn((await json(bank, 'tools', '--as', 'bob')).told), rows(false));
    const client = await bank.open();
    const listed = listedIn(await client.request('tools/list'));
    assert.deepEqual(
      listed.filter((name) => name.startsWith('sallyport')),
      verbs.map((verb) => `sallyport__plan_${verb}`),
    );
  });

  test('neither knows them where the configuration offers no plans', async (t) => {
    const bank = await openBank(t, { config: { plans: undefined } });
    assert.deepEqual(ownIn((await json(bank, 'tools')).told), []);
    const { code, stderr } = await bank.run('explain', '--as', 'alice', PLAN);
    assert.equal(code, 2);
    assert.match(stderr, /the configuration offers no plans/u);
  });

  test('explain says what would become of a plan, with no gateway', async (t) => {
    const bank = await openBank(t, { policy: POLICY });
    const mail = stepOf('mail', 'bank__send_mail', { to: 'x', body: 'y' });
    const bent = stepOf('bent', 'bank__pay', { to: ref('bill', '/structuredContent/amount'), amount: 1 });
    for (const [who, args, code, decision, ids, missing] of [
      ['alice', [], 0, 'allow', ['all'], /^$/u],
      ['bob', [], 1, 'deny', ['bob.none'], /policy forbids it/u],
      ['alice', [bill, { ...bill, id: 'b' }], 0, 'allow', ['all'], /^$/u],
      ['alice', [bill, pay], 0, 'allow', ['all'], /^for step pay: approval by user$/u],
      ['alice', [bill, pay, { ...bill, id: 'b' }], 1, 'deny', ['few'], /too long/u],
      ['alice', [mail], 1, 'deny', [], /\/steps\/0\/tool: Unknown tool: bank__send_mail/u],
      ['alice', [bill, bent], 1, 'deny', [], /\/steps\/1\/arguments\/to: it is number there, and string here/u],
      ['alice', [stepOf('x', 'bank__rob', {})], 1, 'deny', [], /Unknown tool: bank__rob/u],
    ] as const) {
      const plan = args.length === 0 ? [] : ['--args', JSON.stringify(planOf(...args))];
      const { code: exit, told } = await json(bank, 'explain', '--as', who, PLAN, ...plan);
      const policies: readonly JsonValue[] = Array.isArray(told['policies']) ? told['policies'] : [];
      assert.deepEqual(
        [exit, told['decision'], policies.map((one) => isJsonObject(one) && one['id'])],
        [code, decision, ids],
      );
      assert.match(stringOf(told['missing']), missing);
    }
    const told = await bank.run('explain', '--as', 'alice', PLAN, '--args', JSON.stringify(planOf(mail, pay)));
    assert.match(told.stdout, /^sallyport\/plan_submit \[read\] for alice \(eng\): denied\nmissing: Cannot accept the plan: \/steps\/0\/tool: Unknown tool/u);
    assert.deepEqual(bank.calls(), []);
  }); // prettier-ignore
});
