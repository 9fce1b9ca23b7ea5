import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CLASSES } from '../../src/call.ts';
import { showsAll } from '../support/clients.ts';
import { createGate } from '../support/gate.ts';
import { startIdentityProvider } from '../support/identity-provider.ts';
import { startProtectedServer } from '../support/protected-server.ts';

const ROBOT = { id: 'robot', secret: 'the-secret-of-the-robot' };

test('a server is shown the gateway itself, whoever calls', async (context) => {
  const resources: Record<string, readonly string[]> = { 'https://other.example': ['notes:read'] };
  const idp = await startIdentityProvider({
    resources,
    clients: [
      {
        client_id: ROBOT.id,
        client_secret: ROBOT.secret,
        redirect_uris: [],
        response_types: [],
        grant_types: ['client_credentials'],
        token_endpoint_auth_method: 'client_secret_post',
      },
    ],
  });
  context.after(async () => await idp[Symbol.asyncDispose]());
  const { issuer } = idp;
  const notes = await startProtectedServer({ issuer, write: 'notes:write' });
  context.after(async () => await notes[Symbol.asyncDispose]());
  resources[notes.url] = ['notes:read', 'notes:write'];
  const token = { issuer, client: ROBOT, scopes: ['notes:read'] };
  const gate = await createGate(context, {
    servers: { notes: { url: notes.url, auth: { shared: { token, classes: [...CLASSES] } } } },
    firstUse: true,
  });
  for (const user of ['ann', 'bob']) {
    const client = await gate.connect({ user: { user } });
    await showsAll(client, ['notes']);
    const { content } = await client.callTool({ name: 'notes__whoami', arguments: {} });
    assert.match(JSON.stringify(content), /\\"scope\\":\\"notes:read\\"/u);
    assert.doesNotMatch(JSON.stringify(content), /ann|bob/u);
    // What the server wants more is no caller's to grant.
    const refused = await client.callTool({ name: 'notes__change', arguments: {} });
    assert.match(JSON.stringify(refused), /names scopes in auth\.shared\.token/u);
    assert.doesNotMatch(JSON.stringify(refused), /notes:write|unheard:of/u);
  }
  const { stdout } = await gate.run('check');
  assert.match(
    stdout,
    /notes is reached with one credential for all callers, for read, write, destructive/u,
  );
  const written = gate.everything().replaceAll(JSON.stringify(token), '') + gate.stderr();
  for (const header of notes.seen.filter(Boolean))
    assert.ok(!written.includes(header.replace('Bearer ', '')));
});
