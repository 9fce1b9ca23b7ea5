import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isJsonObject, type JsonObject } from '../../src/lib/json.ts';
import { statesOf } from '../plans/bank.ts';
import { planOf, ref, stepOf } from '../plans/support.ts';
import { DIALECTS, showsAll, type AnyClient, type Connect } from '../support/clients.ts';
import { serve } from '../support/frames-client.ts';
import { HELD } from '../support/held.ts';
import { openHouse, type House } from '../support/house.ts';
import { stringOf } from '../support/string-of.ts';

const [OLD = '', , NEW = ''] = Object.keys(DIALECTS);
const EITHER = [OLD, NEW].flatMap((name): [string, Connect][] => {
  const connect = DIALECTS[name];
  return connect ? [[name, connect]] : [];
});

const kept = ref('recall', '/content/0/text');
const recall = stepOf('recall', 'house__recall', {});
const pay = stepOf('pay', 'out__pay', { to: kept, amount: 900 });
const send = stepOf('send', 'out__send', { body: kept });

async function plan(client: AnyClient, verb: string, args: JsonObject): Promise<JsonObject> {
  const { structuredContent } = await client.call(`sallyport__plan_${verb}`, args);
  assert.ok(isJsonObject(structuredContent), verb);
  return structuredContent;
}

async function open(
  context: Parameters<Connect>[0],
  house: House,
  connect: Connect,
): Promise<AnyClient> {
  const client = await connect(context, { place: serve(house) });
  await showsAll(client, ['house', 'out']);
  return client;
}

describe('a plan', () => {
  for (const [dialect, connect] of EITHER) {
    test(`is not bent by what the model has written somewhere since: ${dialect}`, async (t) => {
      const house = await openHouse(t, ['private', 'untrusted'], { plans: {} });
      const client = await open(t, house, connect);
      const { plan: id } = await plan(client, 'submit', planOf(recall, pay, send));
      await client.call('house__read_held', { form: 'text' });
      // It obeys what it has read.
      await client.call('house__keep', { text: 'mallory' });
      const run = await plan(client, 'run', { plan: stringOf(id) });
      assert.deepEqual(statesOf(run), [
        'recall: done',
        'pay: open approval-required',
        'send: open approval-required',
      ]);
      assert.deepEqual(house.left(), []);
    });

    test(`is not bent by what another plan writes, from after the attack was read: ${dialect}`, async (t) => {
      const house = await openHouse(t, ['private', 'untrusted'], { plans: {} });
      const client = await open(t, house, connect);
      const { plan: id } = await plan(client, 'submit', planOf(recall, pay, send));
      // So that the plan of the attack does nothing new.
      await plan(client, 'submit', planOf(stepOf('keep', 'house__keep', { text: 'landlord' })));
      await client.call('house__read_held', { form: 'text' });
      const bad = planOf(stepOf('keep', 'house__keep', { text: 'mallory' }));
      const { plan: other } = await plan(client, 'submit', bad);
      const kept = await plan(client, 'run', { plan: stringOf(other) });
      assert.deepEqual(statesOf(kept), ['keep: done']);
      const run = await plan(client, 'run', { plan: stringOf(id) });
      assert.deepEqual(statesOf(run).slice(0, 2), ['recall: done', 'pay: open approval-required']);
      assert.deepEqual(house.left(), []);
    });

    test(`is not bent by what is written while it reads: ${dialect}`, async (t) => {
      const house = await openHouse(t, ['private', 'untrusted'], { plans: {} });
      const client = await open(t, house, connect);
      const late = stepOf('recall', 'house__recall', { once: 'kept' });
      const { plan: id } = await plan(client, 'submit', planOf(late, pay, send));
      await client.call('house__read_held', { form: 'text' });
      const [run] = await Promise.all([
        plan(client, 'run', { plan: stringOf(id) }),
        client.call('house__keep', { text: 'mallory' }),
      ]);
      assert.deepEqual(statesOf(run).slice(0, 2), ['recall: done', 'pay: open approval-required']);
      assert.deepEqual(house.left(), []);
    });

    test(`that is followed is not bent by what one of its steps hands on: ${dialect}`, async (t) => {
      const house = await openHouse(t, ['private', 'untrusted'], { plans: {} });
      const client = await open(t, house, connect);
      const read = stepOf('read', 'house__read_held', { form: 'text' });
      const keep = stepOf('keep', 'house__keep', { text: ref('read', '/content/0/text') });
      const then = { ...recall, dependsOn: ['keep'] };
      const { plan: id } = await plan(client, 'submit', planOf(read, keep, then, pay));
      await client.call('house__read_held', { form: 'text' });
      await client.call('house__keep', { text: HELD });
      await client.call('house__recall', {});
      await client.call('out__pay', { to: HELD, amount: 900 });
      assert.deepEqual(statesOf(await plan(client, 'status', { plan: stringOf(id) })), [
        'read: done',
        'keep: done',
        'recall: done',
        'pay: open approval-required',
      ]);
      assert.deepEqual(house.left(), []);
    });

    test(`takes what was written before as it is: ${dialect}`, async (t) => {
      const house = await openHouse(t, ['private', 'untrusted'], { plans: {} });
      const client = await open(t, house, connect);
      await client.call('house__keep', { text: 'landlord' });
      const { plan: id } = await plan(client, 'submit', planOf(recall, pay, send));
      await client.call('house__read_held', { form: 'text' });
      const run = await plan(client, 'run', { plan: stringOf(id) });
      assert.deepEqual(statesOf(run), ['recall: done', 'pay: done', 'send: done']);
    });

    test(`is nobody else’s over HTTP, whatever they have of it: ${dialect}`, async (t) => {
      const house = await openHouse(t, [], { plans: {} });
      const web = await house.overHttp();
      const as = async (claims: Record<string, unknown>): Promise<AnyClient> => {
        const client = await connect(t, {
          place: { url: web.url, token: await web.token(claims) },
        });
        await showsAll(client, ['house', 'out']);
        return client;
      };
      const alice = await as({});
      const submitted = await plan(alice, 'submit', planOf(recall, send));
      const strangers = [await as({ sub: 'bob' }), await as({ client_id: 'other' })];
      for (const stranger of strangers)
        for (const verb of ['run', 'status', 'cancel'])
          for (const key of ['plan', 'digest', 'statement']) {
            const args = { plan: stringOf(submitted[key]) };
            const { denial } = await stranger.call(`sallyport__plan_${verb}`, args);
            assert.equal(denial, 'arguments-invalid', `${verb} by its ${key}`);
          }
      assert.deepEqual(house.left(), []);
      // On another connection it is still theirs, once.
      const again = await as({ jti: 'fresh' });
      const id = { plan: stringOf(submitted['plan']) };
      assert.equal((await plan(again, 'run', id))['state'], 'done');
      assert.equal((await alice.call('sallyport__plan_run', id)).denial, 'plan-violated');
      assert.equal(house.left().length, 1);
    });
  }
});
