import assert from 'node:assert/strict';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { describe, test } from 'node:test';
import type { Caller } from '../../src/call.ts';
import { Denial } from '../../src/denial.ts';
import { readClaims } from '../../src/identity/claims.ts';
import { createExchanged } from '../../src/identity/exchanged.ts';
import { createSubjectTokens } from '../../src/identity/subject-tokens.ts';
import { createTokenExchange } from '../../src/identity/token-exchange.ts';
import {
  createAuthorizedClient,
  scopesWanted,
  type Authorize,
} from '../../src/wire/http-upstream/authorize.ts';
import { HTTP_TIMEOUTS } from '../../src/wire/http-upstream/open-http-channel.ts';

const ALICE: Caller = {
  issuer: 'https://idp.example',
  subject: 'alice',
  client: 'agent',
  groups: ['eng'],
  scopes: ['a'],
  assurance: 1,
};
const BOB: Caller = { ...ALICE, subject: 'bob' };
const TARGET = {
  server: 'tickets',
  audience: 'https://tickets.example',
  scopes: ['read', 'write'],
  setting: 'exchange',
} as const;
const LIFE_MS = 600_000;

/** The cache before an issuer that numbers what it gives. */
function cache(answer: (asked: number) => Promise<void> = async () => undefined): {
  readonly authorize: (who: () => Caller) => Authorize;
  readonly subjects: ReturnType<typeof createSubjectTokens>;
  readonly asked: string[];
  readonly pass: (ms: number) => void;
} {
  let time = 1_000_000;
  const asked: string[] = [];
  const subjects = createSubjectTokens(() => time);
  for (const caller of [ALICE, BOB]) subjects.keep(caller, `of-${caller.subject}`, Infinity);
  return {
    asked,
    subjects,
    pass(ms) {
      time += ms;
    },
    authorize: createExchanged({
      target: TARGET,
      subjects,
      now: () => time,
      async exchange(_caller, subjectToken) {
        asked.push(subjectToken);
        const count = asked.length;
        await answer(count);
        return { token: `${subjectToken}.${count}`, expires: time + LIFE_MS };
      },
    }),
  };
}

describe('tokens for an upstream', () => {
  test('are asked for once, however many wait', async () => {
    const { authorize, asked } = cache();
    const one = authorize(() => ALICE);
    const other = authorize(() => ({ ...ALICE, groups: ['eng'] }));
    const tokens = await Promise.all(
      Array.from({ length: 100 }, async (_, at) => await (at % 2 ? one : other).token()),
    );
    assert.deepEqual(new Set(tokens), new Set(['of-alice.1']));
    assert.deepEqual(asked, ['of-alice']);
  });

  for (const [name, other] of [
    ['another person', BOB],
    ['other scopes', { ...ALICE, scopes: ['a', 'b'] }],
    ['other groups', { ...ALICE, groups: ['board'] }],
    ['another issuer', { ...ALICE, issuer: 'https://other.example' }],
    ['another program', { ...ALICE, client: 'b' }],
    ['other claims, whatever they are', { ...ALICE, claims: 'other' }],
    ['a name that looks like two', { ...ALICE, subject: 'alice","agent' }],
  ] as const)
    test(`are not shared with ${name}`, async () => {
      const { authorize, subjects } = cache();
      subjects.keep(other, `of-other`, Infinity);
      assert.match(await authorize(() => ALICE).token(), /^of-alice/u);
      assert.match(await authorize(() => other).token(), /^of-(?:other|bob)/u);
    });

  test('follow who asks now, not who asked first', async () => {
    const { authorize } = cache();
    let who = ALICE;
    const one = authorize(() => who);
    await one.token();
    who = BOB;
    assert.match(await one.token(), /^of-bob/u);
  });

  test('are asked for anew shortly before they expire', async () => {
    const { authorize, asked, pass } = cache();
    const one = authorize(() => ALICE);
    await one.token();
    pass(LIFE_MS - 31_000);
    assert.equal(await one.token(), 'of-alice.1');
    pass(1000);
    assert.equal(await one.token(), 'of-alice.2');
    assert.equal(asked.length, 2);
  });

  test('that a server refuses are asked for once more, by all who were refused together', async () => {
    const { authorize, asked, pass } = cache();
    const one = authorize(() => ALICE);
    const token = await one.token();
    pass(6000);
    const renewed = await Promise.all(
      Array.from({ length: 20 }, async () => await one.renew(token)),
    );
    assert.ok(renewed.every(Boolean));
    assert.equal(await one.token(), 'of-alice.2');
    // Another one at once would be refused as well: a server that always says 401 must not become a flood.
    assert.equal(await one.renew('of-alice.2'), false);
    assert.equal(asked.length, 2);
  });

  test('are not there for who has signed in with nothing', async () => {
    const { authorize } = cache();
    const nobody = authorize(() => ({ ...ALICE, subject: 'carol' }));
    await assert.rejects(nobody.token(), { code: 'upstream-failed' });
  });

  test('of an issuer that fails are asked for again after a pause', async () => {
    const { authorize, asked, pass } = cache(async (count) => {
      if (count === 1) throw new Denial('upstream-failed', 'no');
    });
    const one = authorize(() => ALICE);
    await assert.rejects(one.token());
    await assert.rejects(one.token());
    assert.equal(asked.length, 1);
    pass(2000);
    assert.equal(await one.token(), 'of-alice.2');
  });

  test('are asked for by the token that came last, and not after it has expired', () => {
    let time = 0;
    const subjects = createSubjectTokens(() => time);
    subjects.keep(ALICE, 'long', 100);
    subjects.keep(ALICE, 'short', 50);
    assert.equal(subjects.of(ALICE), 'short');
    time = 50;
    assert.equal(subjects.of(ALICE), undefined);
  });

  for (const [name, claims] of [
    ['an actor', { act: { sub: 'untrusted-agent' } }],
    ['a single right', { authorization_details: [{ type: 'ticket', id: 1 }] }],
    ['another sign-in', { sid: 's2' }],
  ] as const)
    test(`of a token that names ${name} are asked for with that one alone`, () => {
      const said = { iss: 'https://i', sub: 'alice', client_id: 'agent', scope: 'mcp' };
      const plain = readClaims({ ...said, authorization_details: [{ id: '*' }] }, 'groups');
      const narrow = readClaims({ ...said, ...claims, exp: 1, iat: 1, jti: 'a' }, 'groups');
      const later = readClaims({ ...said, ...claims, exp: 9, iat: 8, jti: 'b', nbf: 8 }, 'groups');
      const subjects = createSubjectTokens(() => 0);
      subjects.keep(narrow, 'narrow', 100);
      subjects.keep(plain, 'plain', 1000);
      assert.equal(subjects.of(narrow), 'narrow');
      assert.equal(subjects.of(later), 'narrow');
    });

  test('of a token that the issuer does not accept any more are asked for with the next', async () => {
    const { authorize, subjects, asked, pass } = cache(async (count) => {
      if (count === 1) throw new Denial('token-invalid', 'no');
    });
    const one = authorize(() => ALICE);
    await assert.rejects(one.token(), { code: 'token-invalid' });
    assert.equal(subjects.of(ALICE), undefined);
    subjects.keep(ALICE, 'shorter', 2_000_000);
    pass(2000);
    assert.equal(await one.token(), 'shorter.2');
    assert.deepEqual(asked, ['of-alice', 'shorter']);
  });

  test('of an issuer that is down do not cost the caller a token', async () => {
    const { authorize, subjects } = cache(async () => {
      throw new Denial('upstream-failed', 'no');
    });
    await assert.rejects(authorize(() => ALICE).token());
    assert.equal(subjects.of(ALICE), 'of-alice');
  });
});

/** A server that answers with these, in order, and what it was sent. */
async function ask(
  answers: readonly (readonly [number, Record<string, string>])[],
  renew = true,
): Promise<{ readonly status: number; readonly seen: IncomingHttpHeaders[] }> {
  const seen: IncomingHttpHeaders[] = [];
  const server = createServer((request, response) => {
    const [status, headers] = answers[seen.length] ?? [200, {}];
    seen.push(request.headers);
    response.writeHead(status, headers).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  assert.ok(address !== null && typeof address !== 'string');
  let given = 0;
  const client = createAuthorizedClient(new URL(`http://127.0.0.1:${address.port}/`), {
    timeouts: HTTP_TIMEOUTS,
    authorize: {
      token: async () => `t${given++}`,
      renew: async () => renew,
      missing: (scopes) => new Denial('scope-insufficient', 'no', { scopes }),
    },
  });
  try {
    const signal = AbortSignal.timeout(5000);
    const response = await client.send({
      method: 'POST',
      headers: {},
      body: '',
      signal,
      answerMs: 1000,
    });
    response.resume();
    return { status: response.statusCode ?? 0, seen };
  } finally {
    client.close();
    server.closeAllConnections();
    server.close();
  }
}

describe('what a server answers', () => {
  test('401 is one more try with another token', async () => {
    const { status, seen } = await ask([[401, {}]]);
    assert.equal(status, 200);
    assert.deepEqual(
      seen.map((headers) => headers.authorization),
      ['Bearer t0', 'Bearer t1'],
    );
  });

  test('401 twice is 401, and no third try', async () => {
    const { status, seen } = await ask([
      [401, {}],
      [401, {}],
    ]);
    assert.equal(status, 401);
    assert.equal(seen.length, 2);
  });

  test('401 without another token is 401', async () => {
    assert.equal((await ask([[401, {}]], false)).seen.length, 1);
  });

  test('403 for another reason is passed on', async () => {
    assert.equal((await ask([[403, { 'www-authenticate': 'Bearer' }]])).status, 403);
  });

  test('403 for scopes says which', async () => {
    const challenge = 'Bearer error="insufficient_scope", scope="write"';
    await assert.rejects(ask([[403, { 'www-authenticate': challenge }]]), {
      code: 'scope-insufficient',
      scopes: ['write'],
    });
  });

  for (const [name, header, want] of [
    ['no challenge', undefined, undefined],
    ['another scheme', 'Basic realm="insufficient_scope"', undefined],
    ['another error', 'Bearer error="invalid_token", scope="a"', undefined],
    ['an error within another parameter', 'Bearer realm="error=insufficient_scope"', undefined],
    ['the plain form', 'Bearer error="insufficient_scope", scope="a b"', ['a', 'b']],
    ['no quotes', 'bearer error=insufficient_scope, scope=a', ['a']],
    ['a second scheme', 'DPoP algs="ES256", Bearer error="insufficient_scope", scope="a"', ['a']],
    ['the first of two', 'Bearer error="insufficient_scope", scope="a", scope="b"', ['a']],
    ['what would end a header', 'Bearer error="insufficient_scope", scope="a\\" b\u0001 c"', ['c']],
    ['no scope', 'Bearer error="insufficient_scope"', []],
    ['a scope of 10 KB', `Bearer error="insufficient_scope", scope="${'x'.repeat(10_000)}"`, []],
    [
      'a thousand of them',
      `Bearer error="insufficient_scope", scope="${Array.from({ length: 1000 }, (_, at) => at).join(' ')}"`,
      Array.from({ length: 32 }, (_, at) => String(at)),
    ],
    ['quotes without end', `Bearer error="insufficient_scope", scope="${'\\"'.repeat(5000)}`, []],
  ] as const)
    // prettier-ignore
    test(`a challenge with ${name} is read one way`, () => {
      assert.deepEqual(scopesWanted({ headers: { 'www-authenticate': header } }), want);
    });
});

/** A token for `aud`, with a signature that nobody looks at. */
function jwtFor(aud: string | readonly string[]): string {
  const parts = [
    { alg: 'ES256', typ: 'at+jwt' },
    { sub: 'alice', aud },
  ].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'));
  return `${parts.join('.')}.c2ln`;
}

describe('an issuer', () => {
  const LONG = 'x'.repeat(20_000);
  const given = { access_token: 'good', token_type: 'Bearer', expires_in: 60 };
  for (const [name, status, body, want] of [
    ['gives a token', 200, given, 'good'],
    ['gives what was asked for', 200, { ...given, scope: 'read' }, 'good'],
    [
      'gives more than was asked for',
      200,
      { ...given, scope: 'read write admin' },
      'upstream-failed',
    ],
    [
      'gives the caller’s own token back',
      200,
      { ...given, access_token: 'subject' },
      'upstream-failed',
    ],
    ...['https://gate.example/mcp', ['https://tickets.example', 'https://gate.example/mcp']].map(
      (aud) =>
        [
          `gives a fresh token for ${JSON.stringify(aud)}`,
          200,
          { ...given, access_token: jwtFor(aud) },
          'upstream-failed',
        ] as const,
    ),
    ['gives a token of another kind', 200, { ...given, token_type: 'N_A' }, 'upstream-failed'],
    ['gives what ends a header', 200, { ...given, access_token: 'a\r\nx: y' }, 'upstream-failed'],
    ['gives 20 KB', 200, { ...given, access_token: LONG }, 'upstream-failed'],
    ['gives nothing', 200, {}, 'upstream-failed'],
    ['gives 1 MB', 200, { ...given, padding: 'x'.repeat(1_000_000) }, 'upstream-failed'],
    [
      'does not accept the caller’s token',
      400,
      { error: 'invalid_grant', error_description: 'subject' },
      'token-invalid',
    ],
    ['misses a scope', 400, { error: 'invalid_scope' }, 'scope-insufficient'],
    ['does not know the gateway', 401, { error: 'invalid_client' }, 'upstream-failed'],
    ['sends it elsewhere', 302, {}, 'upstream-failed'],
    ['breaks', 500, {}, 'upstream-failed'],
  ] as const)
    // prettier-ignore
    test(`that ${name}: ${want}`, async () => {
      let asked = '';
      const issuer = 'https://idp.example';
      const exchange = createTokenExchange({
        issuer,
        client: { id: 'gateway', secret: 'own-secret' },
        audiences: ['https://gate.example/mcp'],
        now: () => 0,
        async fetch(url, init) {
          const { href } = new URL(url instanceof Request ? url.url : url);
          if (href.endsWith('/.well-known/oauth-authorization-server'))
            return Response.json({ issuer, token_endpoint: `${issuer}/token` });
          asked = typeof init?.body === 'string' ? init.body : '';
          return Response.json(body, { status, headers: { location: 'https://evil.example/' } });
        },
      });
      const issued = exchange('subject', TARGET);
      if (want === 'good') assert.deepEqual(await issued, { token: 'good', expires: 60_000 });
      else
        await assert.rejects(issued, (thrown) => {
          assert.ok(thrown instanceof Denial, String(thrown));
          assert.equal(thrown.code, want);
          assert.ok(!/own-secret|good/u.test(thrown.message));
          return true;
        });
      const sent = new URLSearchParams(asked);
      assert.equal(sent.get('audience'), TARGET.audience);
      assert.equal(sent.get('resource'), TARGET.audience);
      assert.equal(sent.get('scope'), 'read write');
    });

  test('in the clear is not asked', async () => {
    let asked = 0;
    const exchange = createTokenExchange({
      issuer: 'https://idp.example',
      client: { id: 'gateway', secret: 'own-secret' },
      audiences: [],
      now: () => 0,
      async fetch() {
        asked++;
        const issuer = 'https://idp.example';
        return Response.json({ issuer, token_endpoint: 'http://idp.example/token' });
      },
    });
    await assert.rejects(exchange('subject', TARGET), { code: 'upstream-failed' });
    // The two places of its metadata, and nothing after them.
    assert.equal(asked, 2);
  });
});
