/** The token of the person at a machine: it ends while the process lives, and another may come. */
import assert from 'node:assert/strict';
import { chmod, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import type { StdioIdentity } from '../../src/config/config.ts';
import { openStdioCaller } from '../../src/identity/stdio-caller.ts';
import { showsAll } from '../support/clients.ts';
import { callsOf, createHostileGate } from '../support/gate.ts';
import { AUDIENCE, signingKey, signToken } from '../support/keys.ts';
import { scratch } from '../support/scratch.ts';
import { until } from '../support/until.ts';

const ISSUER = 'https://idp.example';
const key = await signingKey('k1');
const next = await signingKey('k2');
const inSeconds = (seconds: number): number => Math.floor(Date.now() / 1000) + seconds;

type World = {
  readonly identity: Extract<StdioIdentity, { kind: 'token' }> & { readonly tokenFile: string };
  /** Puts a token in place of the one before, as a program that renews it does. */
  readonly put: (claims?: object, mode?: number) => Promise<void>;
  readonly keys: (jwk: object) => Promise<void>;
};

async function startWorld(context: TestContext): Promise<World> {
  const folder = await scratch(context);
  const [tokenFile, jwks] = [join(folder, 'token'), join(folder, 'jwks.json')];
  const world: World = {
    identity: {
      kind: 'token', tokenFile, issuer: ISSUER, audience: AUDIENCE, jwks,
      groupsClaim: 'groups', algorithms: ['ES256'], clockToleranceS: 0,
    }, // prettier-ignore
    async put(claims = {}, mode = 0o600) {
      await writeFile(`${tokenFile}.new`, `${await signToken(key, ISSUER, { ...claims })}\n`);
      await chmod(`${tokenFile}.new`, mode);
      await rename(`${tokenFile}.new`, tokenFile);
    },
    keys: async (jwk) => await writeFile(jwks, JSON.stringify({ keys: [jwk] })),
  };
  await world.keys(key.jwk);
  await world.put();
  return world;
}

test('over stdio a token counts until it expires, and its file brings the next', async (context) => {
  const { identity, put } = await startWorld(context);
  await put({ exp: inSeconds(12) });
  const { kind: _kind, ...stdio } = identity;
  const gate = await createHostileGate(context, {
    config: { identity: { stdio } },
    firstUse: true,
  });
  const client = await gate.connect();
  await showsAll(client, ['bad']);
  const echo = async (text: string): Promise<unknown> =>
    await client.callTool({ name: 'bad__read_echo', arguments: { text } }).then(
      () => 'served',
      (thrown: unknown) => String(thrown),
    );
  assert.equal(await echo('a'), 'served');
  await until(async () => (await echo('b')) !== 'served');
  const before = callsOf(gate.log).length;
  assert.match(String(await echo('c')), /-32001.*the token of identity\.stdio/su);
  await assert.rejects(client.listTools(), /the token of identity\.stdio/u);
  assert.equal(callsOf(gate.log).length, before);
  assert.ok(gate.audit().some(({ event, code }) => event === 'frame-refused' && code === -32001));

  await put();
  await until(async () => (await echo('d')) === 'served');
  await put({ sub: 'bob' });
  await until(async () => /names another person/u.test(String(await echo('e'))));
  await put();
  await until(async () => (await echo('f')) === 'served');
});

describe('whoever sits there is nobody any more', () => {
  for (const [name, spoil] of [
    ['when the token has expired', async ({ put }: World) => await put({ exp: inSeconds(-10) })],
    ['when it is of another person', async ({ put }: World) => await put({ sub: 'bob' })],
    ['when it is of another client', async ({ put }: World) => await put({ client_id: 'other' })],
    ['when it is for another audience', async ({ put }: World) => await put({ aud: 'https://x' })],
    ['when others can read its file', async ({ put }: World) => await put({}, 0o644)],
    ['when others can write its file', async ({ put }: World) => await put({}, 0o602)],
    ['when its file is gone', async ({ identity }: World) => await rm(identity.tokenFile)],
    [
      'when a link leads to it',
      async ({ identity: { tokenFile } }: World) => {
        await rename(tokenFile, `${tokenFile}.real`);
        await symlink(`${tokenFile}.real`, tokenFile);
      },
    ],
    ['when its key is taken away', async ({ keys }: World) => await keys(next.jwk)],
  ] as const)
    // prettier-ignore
    test(name, async (context) => {
      const world = await startWorld(context);
      using presence = await openStdioCaller(world.identity, {
        subjects: { keep: () => undefined },
        now: Date.now,
      });
      assert.equal(presence.who().subject, 'alice');
      await spoil(world);
      await until(() => refusalOf(presence.who) !== '');
      assert.match(refusalOf(presence.who), /the token of identity\.stdio/u);
      assert.ok(!refusalOf(presence.who).includes(world.identity.tokenFile));
    });

  test('when a machine wakes up after its end, before anything was checked', async (context) => {
    const { identity, put } = await startWorld(context);
    await put({ exp: inSeconds(60) });
    let time = Date.now();
    using presence = await openStdioCaller(identity, {
      subjects: { keep: () => undefined },
      now: () => time,
    });
    presence.who();
    time += 61_000;
    assert.match(refusalOf(presence.who), /it has expired/u);
  });
});

function refusalOf(who: () => unknown): string {
  try {
    who();
    return '';
  } catch (thrown) {
    return String(thrown);
  }
}
