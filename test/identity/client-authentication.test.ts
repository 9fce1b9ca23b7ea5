import assert from 'node:assert/strict';
import { test } from 'node:test';
import { secretAuthentication, secretMethodOf } from '../../src/identity/client-authentication.ts';

for (const [taken, want] of [
  [undefined, 'client_secret_basic'],
  [[], 'client_secret_basic'],
  [['client_secret_post', 'client_secret_basic'], 'client_secret_basic'],
  [['none', 'client_secret_post'], 'client_secret_post'],
  [['none'], 'client_secret_basic'],
] as const)
  test(`where an issuer takes ${taken?.join(', ') ?? 'what it does not say'}: ${want}`, () => {
    assert.equal(secretMethodOf(taken), want);
  });

test('a secret is encoded as in a form: a colon ends no id, and a hyphen stays one', async () => {
  const headers = new Headers();
  const authenticate = secretAuthentication('s: ä');
  const as = { issuer: 'https://idp.example' };
  await authenticate(as, { client_id: 'my-client_1.0:x' }, new URLSearchParams(), headers);
  const [, encoded = ''] = (headers.get('authorization') ?? '').split(' ');
  assert.equal(Buffer.from(encoded, 'base64').toString(), 'my-client_1.0%3Ax:s%3A+%C3%A4');
});
