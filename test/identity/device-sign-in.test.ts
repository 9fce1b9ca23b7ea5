import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deviceSignIn } from '../../src/identity/device-sign-in.ts';

const SERVER = new URL('https://notes.example/mcp');
const ISSUER = 'https://idp.example';

type Begun = Readonly<Record<string, unknown>>;

/** Signs in at an issuer that answers `begun`, and then these to questions for the token. */
async function ask(
  begun: Begun,
  answers: readonly Begun[] = [],
): Promise<{ readonly shown: string[]; readonly asked: number; readonly done: unknown }> {
  const shown: string[] = [];
  let asked = 0;
  const done = await deviceSignIn({
    where: {
      as: {
        issuer: ISSUER,
        token_endpoint: `${ISSUER}/token`,
        device_authorization_endpoint: `${ISSUER}/device`,
      },
      resource: SERVER.href,
      scopes: [],
      takesClientUrl: false,
    },
    server: SERVER,
    client: { issuer: ISSUER, id: 'sallyport' },
    scopes: [],
    signal: AbortSignal.timeout(10_000),
    show: (page, code) => shown.push(page.href, code),
    async fetch(input) {
      const { pathname } = new URL(input instanceof Request ? input.url : input);
      const answer = pathname === '/device' ? begun : answers[asked++];
      const status = answer?.['error'] === undefined ? 200 : 400;
      return await Promise.resolve(Response.json(answer, { status }));
    },
  }).catch((thrown: unknown) => thrown);
  return { shown, asked, done };
}

const BEGUN = {
  device_code: 'd',
  user_code: 'ABCD-EFGH',
  verification_uri: `${ISSUER}/device`,
  verification_uri_complete: `${ISSUER}/device?user_code=ABCD-EFGH`,
  expires_in: 60,
  interval: 1,
};

for (const [name, change] of [
  ['a page on this machine', { verification_uri: 'http://localhost:8080/' }],
  ['a page that is read on the way', { verification_uri: 'http://idp.example/device' }],
  ['a program', { verification_uri: 'javascript:alert(1)' }],
  ['what is no page', { verification_uri: 'see below' }],
  ['a code that moves the cursor', { user_code: '\u001b[2J' }],
  ['a code without an end', { user_code: 'A'.repeat(65) }],
] as const)
  test(`an issuer that shows ${name} is not followed`, async () => {
    const { shown, asked, done } = await ask({ ...BEGUN, ...change });
    assert.match(String(done), /what it would have you open cannot be used/u);
    assert.deepEqual([shown, asked], [[], 0]);
  });

test('the page is shown without the code in it, and the issuer is asked until somebody has typed it', async () => {
  const pending = { error: 'authorization_pending' };
  const token = { access_token: 't', token_type: 'bearer' };
  const { shown, asked, done } = await ask(BEGUN, [pending, pending, token]);
  assert.deepEqual(shown, [`${ISSUER}/device`, 'ABCD-EFGH']);
  assert.equal(asked, 3);
  assert.ok(typeof done === 'object' && done !== null && 'accessToken' in done);
  assert.equal(done.accessToken, 't');
});

test('a code that nobody types ends, and an issuer that wants to be asked at once is asked once a second', async () => {
  const pending = Array.from({ length: 9 }, () => ({ error: 'authorization_pending' }));
  const { asked, done } = await ask({ ...BEGUN, interval: 0.001, expires_in: 3 }, pending);
  assert.match(String(done), /nobody typed the code in time/u);
  assert.ok(asked <= 3);
});
