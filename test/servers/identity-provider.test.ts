import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeJwt } from 'jose';
import { GRANTED, GATE, OTHER, ticketsWorld } from '../support/tickets-world.ts';

test('an exchanged token says for whom, by whom, for what; and there is no other way to one', async (context) => {
  const { token, exchange, own, resource, issuer } = await ticketsWorld(context);
  const shown = await token('bob', GATE, GRANTED);
  const { sub, act, aud, scope, iss } = decodeJwt(await exchange(shown, resource, 'tickets:read'));
  assert.deepEqual(
    { sub, act, aud, scope, iss },
    {
      sub: 'bob',
      act: { sub: 'gateway', act: { sub: 'demo-agent' } },
      aud: resource,
      scope: 'tickets:read',
      iss: issuer,
    },
  );
  const elsewhere = await token('bob', OTHER, 'wiki:read');
  for (const [subject, target, wanted, why] of [
    [shown, 'https://evil.example/mcp', 'tickets:read', /invalid_target/u],
    [shown, 'constructor', 'tickets:read', /invalid_target/u],
    [shown, resource, 'tickets:read admin', /invalid_scope/u],
    [shown, resource, '', /invalid_scope/u],
    [`${shown.slice(0, -4)}AAAA`, resource, 'tickets:read', /invalid_grant/u],
    [elsewhere, resource, 'tickets:read', /invalid_grant/u],
    [await own(GATE, 'mcp:tools'), resource, 'tickets:read', /invalid_grant/u],
  ] as const)
    await assert.rejects(exchange(subject, target, wanted), why);
  const narrow = await token('bob', GATE, 'mcp:tools tickets:read');
  const less = decodeJwt(await exchange(narrow, resource, 'tickets:read tickets:write'));
  assert.equal(less['scope'], 'tickets:read');
  await assert.rejects(exchange(narrow, resource, 'tickets:write'), /invalid_scope/u);
  await assert.rejects(token('mallory', GATE, 'mcp:tools'), /Cannot sign in: status 401/u);
  const asked = await fetch(`${issuer}/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      client_id: 'demo-agent',
      subject_token: shown,
      subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      audience: resource,
      scope: 'tickets:read',
    }),
  });
  assert.equal(asked.status, 400);
  assert.match(await asked.text(), /grant type is not allowed/u);
});
