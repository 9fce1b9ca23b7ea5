import assert from 'node:assert/strict';
import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import type { House } from './house.ts';
import { call, failure, names, type Say } from './say.ts';

type People = { readonly alice: Client; readonly bob: Client; readonly say: Say };

const BOARD = { ticket_id: 2, status: 'in_progress' };

/** Whose hands: the same words of Alice's and Bob's agents, and what the ticket system makes of them. */
export async function hands(house: House, { alice, bob, say }: People): Promise<void> {
  say(`# The same request in two people's hands`);
  await narrow(alice, say);
  const [hers, his] = [await listed(alice), await listed(bob)];
  say(`    tickets__list_tickets → Alice ${hers.join(' ')}, Bob ${his.join(' ')}`);
  assert.deepEqual(
    [hers, his],
    [
      [1, 2, 3, 4],
      [1, 3, 4],
    ],
  );
  const refused = await call(bob, 'tickets__update_ticket', BOARD);
  say(`    Bob: tickets__update_ticket ${JSON.stringify(BOARD)} → ${refused.text}`);
  assert.ok(
    refused.isError && refused.denial === undefined,
    'it is the ticket system that refuses',
  );
  const done = await call(alice, 'tickets__update_ticket', BOARD);
  say(`    Alice: the same → ticket 2 is ${String(done.data['status'])}`);
  assert.equal(done.data['status'], 'in_progress');
  const own = await call(bob, 'tickets__close_ticket', { ticket_id: 1 });
  say(`    Bob: tickets__close_ticket {"ticket_id":1} → ${String(own.data['status'])}`);
  assert.equal(own.data['status'], 'closed');
  await withoutPeople(house, say);

  say('    What the ticket system has written down:');
  const lines = (await house.audit()).filter(
    ({ tool, sub }) => tool === 'update_ticket' || sub === undefined,
  );
  for (const { tool, ticket, sub, act, outcome, reason } of lines)
    say(`    | ${JSON.stringify({ sub, act, tool, ticket, outcome, reason })}`);
  const acted = { act: ['sallyport', house.agent.id], tool: 'update_ticket', ticket: 2 };
  for (const want of [
    { ...acted, sub: 'bob', outcome: 'refused', reason: 'missing' },
    { ...acted, sub: 'alice', outcome: 'done' },
  ])
    assert.ok(
      lines.some((line) => Object.entries(want).every(([key, value]) => same(line[key], value))),
      `no line with ${JSON.stringify(want)}`,
    );
}

/** A question with two typed parameters, and SQL. */
async function narrow(alice: Client, say: Say): Promise<void> {
  const name = 'metrics__get_user_monthly_metrics';
  const month = await call(alice, name, { user_id: 'u0007', month: '2026-03' });
  say(`    ${name} → ${month.text}`);
  assert.equal(month.data['user_id'], 'u0007');
  const injected = await call(alice, name, { user_id: '1; DROP TABLE users', month: '2026-03' });
  say(`    with the user "1; DROP TABLE users" → ${injected.denial}`);
  assert.equal(injected.denial, 'arguments-invalid');
  const sql = await failure(alice, 'hostile__execute_sql', { query: 'DROP TABLE users' });
  say(`    hostile__execute_sql, which takes any SQL → ${sql.message}`);
  assert.ok(!(await names(alice)).includes('hostile__execute_sql'));
}

/** The gateway's own credential, and none, at the ticket system itself. */
async function withoutPeople(house: House, say: Say): Promise<void> {
  const ask = async (headers: Record<string, string>): Promise<Response> =>
    await fetch(house.tickets, { method: 'POST', headers, body: '{}' });
  const own = await ask({ authorization: `Bearer ${await house.gatewayToken()}` });
  say(`    the gateway with its own token, for nobody → ${own.status} ${challengeOf(own)}`);
  assert.equal(own.status, 401);
  const shown = await ask({ authorization: `Bearer ${await house.token('bob')}` });
  say(`    Bob's token for the gateway, passed on → ${shown.status} ${challengeOf(shown)}`);
  assert.equal(shown.status, 401);
}

function challengeOf({ headers }: Response): string {
  return /error="[a-z_]+"/u.exec(headers.get('www-authenticate') ?? '')?.[0] ?? '';
}

async function listed(client: Client): Promise<unknown[]> {
  const { data } = await call(client, 'tickets__list_tickets', {});
  const tickets: unknown[] = Array.isArray(data['tickets']) ? data['tickets'] : [];
  return tickets.map((ticket) =>
    typeof ticket === 'object' && ticket !== null && 'id' in ticket ? ticket.id : undefined,
  );
}

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
