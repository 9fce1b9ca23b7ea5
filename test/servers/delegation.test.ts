/** The seed's story: Agent A works for Bob, Agent B for Alice, through one gateway and with no rights but theirs. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { decodeJwt } from 'jose';
import { DIALECTS, showsAll, type AnyClient } from '../support/clients.ts';
import { INITIALIZE, post } from '../support/http-agent.ts';
import { startHttpGate } from '../support/http-gate.ts';
import { GATE, GATEWAY, GRANTED, ticketsWorld } from '../support/tickets-world.ts';

const ALL = '@id("all") permit (principal, action, resource);';
const BOARD = { ticket_id: 2, title: 'Prepare the board meeting in July' };
const PRINTER = { ticket_id: 1, status: 'in_progress' };

async function textOf(client: AnyClient, tool: string, args: object): Promise<string> {
  const { content } = await client.call(`tickets__${tool}`, { ...args });
  return content.map(({ text }) => text ?? '').join('\n');
}

test('one gateway, the same calls: the tickets server decides for the person behind them', async (context) => {
  const world = await ticketsWorld(context);
  const { resource, issuer, token } = world;
  const gate = await startHttpGate(context, {
    servers: {
      tickets: {
        url: resource,
        auth: { exchange: { audience: resource, scopes: ['tickets:read', 'tickets:write'] } },
      },
    },
    policy: ALL,
    config: { identity: { http: { issuer, audience: GATE, client: GATEWAY } } },
  });
  const inbound = {
    alice: await token('alice', GATE, GRANTED),
    bob: await token('bob', GATE, GRANTED),
  };
  const connect = DIALECTS['SDK 1.x'];
  assert.ok(connect);
  const open = async (user: 'alice' | 'bob'): Promise<AnyClient> => {
    const client = await connect(context, { place: { url: gate.url, token: inbound[user] } });
    await showsAll(client, ['tickets']);
    return client;
  };
  const [alice, bob] = [await open('alice'), await open('bob')];

  assert.match(await textOf(bob, 'update_ticket', BOARD), /there is no such ticket/u);
  assert.match(await textOf(alice, 'update_ticket', BOARD), /in July/u);
  assert.match(await textOf(bob, 'update_ticket', PRINTER), /in_progress/u);
  assert.match(await textOf(bob, 'close_ticket', { ticket_id: 3 }), /it is not yours/u);
  // Both at once, many times: nobody gets the other one's answer.
  const lists = await Promise.all(
    Array.from({ length: 10 }, async () => [
      await textOf(alice, 'get_ticket', { ticket_id: 2 }),
      await textOf(bob, 'get_ticket', { ticket_id: 2 }),
    ]),
  );
  for (const [hers = '', his = ''] of lists) {
    assert.match(hers, /in July/u);
    assert.match(his, /there is no such ticket/u);
  }

  const calls = world.audit().filter(({ event }) => event === 'tool');
  assert.equal(calls.length, 24);
  for (const { sub, act, ticket, outcome } of calls) {
    assert.deepEqual(act, ['gateway', 'demo-agent']);
    if (ticket === 2) assert.equal(outcome, sub === 'alice' ? 'done' : 'refused');
  }

  await context.test(
    'two people, two tokens, and neither is one that was shown to the gateway',
    () => {
      const shown = [...world.shown];
      assert.deepEqual(shown.map((each) => decodeJwt(each).sub ?? '').toSorted(), ['alice', 'bob']);
      for (const each of shown) {
        assert.equal(decodeJwt(each).aud, resource);
        assert.ok(!Object.values(inbound).includes(each));
      }
    },
  );

  await context.test('a token of one door does not open the other', async () => {
    for (const each of world.shown) {
      const { status, headers } = await post(gate, each, INITIALIZE);
      assert.equal(status, 401);
      assert.match(headers.get('www-authenticate') ?? '', /error="invalid_token"/u);
    }
    for (const each of Object.values(inbound)) {
      const answer = await fetch(resource, {
        method: 'POST',
        headers: { authorization: `Bearer ${each}` },
      });
      assert.equal(answer.status, 401);
    }
  });

  await context.test(
    'nothing that was written down has a token or the secret of the gateway',
    async () => {
      await gate.stop();
      const files = [gate.folder, world.folder].flatMap((folder) =>
        readdirSync(folder, { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile() && entry.name !== 'sallyport.yaml')
          .map((entry) => join(entry.parentPath, entry.name)),
      );
      assert.ok(files.length > 4);
      const written = [gate.stderr(), ...files.map((file) => readFileSync(file, 'latin1'))].join(
        '\n',
      );
      assert.match(written, /update_ticket/u);
      for (const secret of [GATEWAY.secret, ...Object.values(inbound), ...world.shown])
        // Of a token the signature is what nobody else can make.
        assert.ok(!written.includes(secret.split('.').at(-1) ?? secret));
    },
  );
});
