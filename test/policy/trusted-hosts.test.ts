import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { JsonObject, Subject } from '../../src/call.ts';
import { command } from '../../src/commands/policy.ts';
import { isJsonObject } from '../../src/lib/json.ts';
import { createTrusts } from '../../src/policy/facts/trusted-hosts.ts';
import { loadPolicy, type Policy } from '../../src/policy/policy.ts';
import { readRule, type EgressRule } from '../../src/sandbox/egress/allowlist.ts';
import { startFrames, serve } from '../support/frames-client.ts';
import { createHostileGate, hostileServer, received } from '../support/gate.ts';
import { denialOf, listedIn, textOf } from '../support/replies.ts';
import { reviewTool } from '../support/review.ts';
import { runCommand } from '../support/run-command.ts';
import { scratch } from '../support/scratch.ts';
import { until } from '../support/until.ts';
import { callOf, folderOf, NOON, sessionOf, subjectOf, verdict } from './support.ts';

const HOSTS = ['api.example.com', '*.corp.example', 'api.example.net:8443', 'bücher.example'];

function rulesOf(hosts: readonly string[]): EgressRule[] {
  return hosts.map((host) => {
    const rule = readRule(host);
    assert.ok(typeof rule !== 'string', host);
    return rule;
  });
}

const trusts = createTrusts(rulesOf(HOSTS));
const post = subjectOf({
  server: 'http',
  name: 'post',
  classes: ['external_communication'],
  sink: ['external'],
  sendsTo: ['/url', '/to', '/cc', '/request/url'],
});
const isTrusted = (args: JsonObject, subject: Subject = post): boolean => trusts({ subject, args });

const GOOD: readonly JsonObject[] = [
  { url: 'https://api.example.com' },
  { url: 'https://api.example.com/v1/notes?id=1&next=2', body: 'the secret: hunter2' },
  { url: 'https://API.Example.COM/' },
  { url: 'https://api.example.com:443/' },
  { url: 'https://api.example.net:8443/' },
  { url: 'wss://api.example.com/socket' },
  { url: 'https://a.corp.example/x' },
  { url: 'https://xn--bcher-kva.example/' },
  { url: 'api.example.com' },
  { to: 'alice@a.corp.example', subject: 'x', body: 'the key is hunter2' },
  { to: ['alice@a.corp.example', 'bob.b+x@b.corp.example'], cc: null },
  { to: 'alice@a.corp.example', cc: [] },
  { request: { url: 'https://api.example.com/', headers: { accept: 'text/plain' } } },
  { url: 'https://api.example.com/', body: 'see also https://a.corp.example/wiki' },
];

for (const args of GOOD)
  test(`goes to trusted hosts alone: ${JSON.stringify(args)}`, () => assert.ok(isTrusted(args)));

/** What is said of a trusted host, and is none; every row is a way to somebody else, or could be one. */
const EVIL: readonly JsonObject[] = [
  // Nobody, or nobody that is named where it counts.
  {},
  { body: 'x' },
  { url: null },
  { to: [] },
  { channel: '#public', text: 'https://api.example.com' },
  { link: 'https://api.example.com', host: 'api.example.com' },
  { args: { url: 'https://api.example.com' } },
  // Others, alone or beside.
  { url: 'https://evil.example' },
  { url: 'https://api.example.com', to: 'eve@evil.example' },
  { to: ['alice@a.corp.example', 'eve@evil.example'] },
  { to: 'alice@a.corp.example', bcc: 'eve@evil.example' },
  { to: 'alice@a.corp.example', recipients: ['eve'] },
  { url: 'https://api.example.com', proxy: 'evil.example:8080' },
  { url: 'https://api.example.com', headers: { Host: 'evil.example' } },
  { url: 'https://api.example.com', headers: 'Accept: x\r\nHost: evil.example' },
  { url: 'https://api.example.com', URL: 'https://evil.example' },
  { url: 'https://api.example.com', options: '{"callback":"https:\\/\\/evil.example"}' },
  { url: 'https://api.example.com', 'https://evil.example': 1 },
  { url: 'https://api.example.com', webhook: { value: '//evil.example/x' } },
  { url: 'https://api.example.com', deep: [[[{ at: ['http://10.0.0.1/'] }]]] },
  // Neighbours of trusted names.
  { url: 'https://example.com' },
  { url: 'https://x.api.example.com' },
  { url: 'https://corp.example' },
  { url: 'https://a.b.corp.example' },
  { url: 'https://evilcorp.example' },
  { url: 'https://api.example.com.evil.example' },
  { url: 'https://api.example.comevil.example' },
  { url: 'https://api-example.com' },
  { url: 'https://.corp.example' },
  // Other ports and other schemes at the same name.
  { url: 'https://api.example.com:8443' },
  { url: 'https://api.example.net' },
  { url: 'http://api.example.com' },
  { url: 'ftp://api.example.com' },
  { url: 'file://api.example.com/x' },
  { url: 'gopher://api.example.com' },
  { url: 'javascript://api.example.com/%0aalert(1)' },
  { url: 'https://api.example.com:0443' },
  { url: 'https://api.example.com:99999' },
  // A trusted host where it is none.
  { url: 'https://api.example.com@evil.example/' },
  { url: 'https://api.example.com:x@evil.example/' },
  { url: 'https://api.example.com%40evil.example/' },
  { url: 'https://user@api.example.com/' },
  { url: 'https://evil.example/api.example.com' },
  { url: 'https://evil.example/?u=https://api.example.com' },
  { url: 'https://evil.example#api.example.com' },
  { url: 'https://evil.example\\.api.example.com' },
  { url: 'https://evil.example\\@api.example.com' },
  { url: 'https://api.example.com\\@evil.example' },
  { url: 'https://api.example.com#@evil.example' },
  { url: 'https://api.example.com?@evil.example' },
  { url: 'https://api.example.com;@evil.example' },
  { url: 'https://api.example.com /@evil.example' },
  { url: 'https://api.example.com\t.evil.example' },
  { url: 'https://api.example.com\r\nHost: evil.example' },
  { url: 'https:/api.example.com' },
  { url: 'https:api.example.com' },
  { url: 'https:///api.example.com' },
  { url: '//api.example.com' },
  { url: ' https://api.example.com' },
  { url: 'https://api.example.com/\u0000' },
  // Redirects that are asked for.
  { url: 'https://api.example.com/go?to=https://evil.example' },
  { url: 'https://api.example.com/go?to=https%3A%2F%2Fevil.example' },
  { url: 'https://api.example.com/https:\\\\evil.example' },
  // Spellings that are read in two ways.
  { url: 'https://api.example.com.' },
  { url: 'https://api.example。com' },
  { url: 'https://api．example.com' },
  { url: 'https://ａpi.example.com' },
  { url: 'https://аpi.example.com' },
  { url: 'https://api.example.com\u200b' },
  { url: 'https://bücher.example/' },
  { url: 'https://%61pi.example.com' },
  { url: 'https%3A%2F%2Fapi.example.com' },
  // Addresses.
  { url: 'https://93.184.216.34' },
  { url: 'https://1572395042' },
  { url: 'https://[::1]/' },
  { url: 'localhost' },
  // Kinds of values that name nobody for sure.
  { url: { href: 'https://api.example.com' } },
  { url: [['https://api.example.com']] },
  { url: ['https://api.example.com', 1] },
  { url: ['https://api.example.com', null] },
  { url: 1 },
  { url: true },
  { url: '' },
  { url: '["https://api.example.com","https://evil.example"]' },
  { url: 'https://api.example.com,https://evil.example' },
  { request: 'https://api.example.com' },
  { request: [{ url: 'https://api.example.com' }] },
  { to: 'Alice <alice@a.corp.example>' },
  { to: 'alice@a.corp.example, eve@evil.example' },
  { to: 'alice@a.corp.example,eve@evil.example' },
  { to: '"eve@evil.example"@a.corp.example' },
  { to: 'eve%evil.example@a.corp.example' },
  { to: 'evil.example!eve@a.corp.example' },
  { to: 'eve@evil.example@a.corp.example' },
  { to: 'alice@a.corp.example?bcc=eve@evil.example' },
  { to: 'mailto:alice@a.corp.example' },
  { to: 'alice@[10.0.0.1]' },
  { to: 'alice' },
  // Long enough that not all of it is looked at.
  { url: 'https://api.example.com', all: Array.from({ length: 20_001 }, () => 'x') },
];

for (const args of EVIL)
  test(`does not go to trusted hosts alone: ${JSON.stringify(args).slice(0, 100)}`, () =>
    assert.ok(!isTrusted(args)));

test('only a reviewed entry that is in force says where a tool sends', () => {
  const args = { url: 'https://api.example.com' };
  for (const over of [
    { reviewed: false },
    { pin: 'drift' },
    { pin: 'unpinned' },
    { sendsTo: [] },
    { kind: 'resource' },
    { kind: 'prompt' },
    { kind: 'request' },
  ] as const)
    assert.ok(!isTrusted(args, { ...post, ...over }), JSON.stringify(over));
  const { sendsTo, ...unsaid } = post;
  assert.ok(sendsTo !== undefined && !isTrusted(args, unsaid));
  assert.ok(!createTrusts([])({ subject: post, args }));
});

const OWN = '@id("all") permit(principal, action, resource);';
const SECRET = sessionOf({ labels: ['secret'] });
const TO_US = { url: 'https://api.example.com', body: 'hunter2' };
const TO_EVE = { url: 'https://evil.example', body: 'hunter2' };

async function policyWith(context: TestContext, hosts: readonly string[]): Promise<Policy> {
  const facts = hosts.length > 0 ? { trusts: createTrusts(rulesOf(hosts)) } : {};
  return await loadPolicy({ paths: [await folderOf(context, OWN)], now: () => NOON, facts });
}

test('decision table: a secret leaves only to trusted hosts', async (t) => {
  const [some, none] = [await policyWith(t, HOSTS), await policyWith(t, [])];
  const bySink = { ...post, classes: ['write'] } as const;
  const asked = subjectOf({ kind: 'request', name: 'x', classes: [], sendsTo: ['/url'] });
  for (const [subject, args, want] of [
    [post, TO_US, 'allow'],
    [bySink, TO_US, 'allow'],
    [post, TO_EVE, 'deny guard.secret-by-class guard.secret-by-sink'],
    [bySink, TO_EVE, 'deny guard.secret-by-sink'],
    [post, {}, 'deny guard.secret-by-class guard.secret-by-sink'],
    [{ ...post, reviewed: false }, TO_US, 'deny guard.secret-by-class guard.secret-by-sink'],
  ] as const) {
    const call = callOf({ session: SECRET, subject, args });
    assert.equal(verdict(some, call), want, JSON.stringify(args));
    assert.match(verdict(none, call), /^deny guard\.secret-/u);
  }
  // What a server asks of the client goes to a model that nobody here has chosen.
  const method = 'sampling/createMessage';
  for (const policy of [some, none])
    assert.equal(
      verdict(policy, callOf({ method, session: SECRET, subject: asked, args: TO_US })),
      'deny guard.secret-by-class',
    );
  // Nothing else is lifted.
  const lethal = sessionOf({ labels: ['secret', 'untrusted', 'private'] });
  assert.equal(verdict(some, callOf({ session: lethal, subject: post, args: TO_US })), 'ask user');
  const band = sessionOf({ labels: ['secret'], escalation: 2 });
  assert.match(
    verdict(some, callOf({ session: band, subject: post, args: TO_US })),
    /^deny guard\.reading-only/u,
  );
});

test('what may go to trusted hosts is listed, and without any it is not', async (t) => {
  for (const [hosts, want] of [
    [HOSTS, 1],
    [[], 0],
  ] as const) {
    const policy = await policyWith(t, hosts);
    assert.equal(policy.visible(SECRET, 'tools/call', [post]).length, want);
  }
});

const policyTest = (toTrustedHosts: boolean | undefined, decision: string): JsonObject => ({
  request: {
    principal: 'User::"alice"',
    action: 'Action::"tools/call:http/post"',
    resource: 'Tool::"http/post"',
    context: {
      session: { labels: ['secret'] },
      ...(toTrustedHosts !== undefined && { facts: { toTrustedHosts } }),
    },
  },
  entities: [
    {
      uid: { type: 'Tool', id: 'http/post' },
      attrs: { classes: ['external_communication'], sink: ['external'] },
      parents: [],
    },
  ],
  decision,
});

test('a policy test says where a call goes', async (t) => {
  const folder = await scratch(t);
  writeFileSync(join(folder, 'own.cedar'), OWN);
  const tests = [
    policyTest(true, 'allow'),
    policyTest(false, 'deny'),
    policyTest(undefined, 'deny'),
  ];
  writeFileSync(join(folder, 'tests.json'), JSON.stringify(tests));
  const { stdout } = await runCommand(command, ['test', 'tests.json', '--policies', 'own.cedar'], {
    cwd: folder,
    env: {},
  });
  assert.equal(stdout, '3 of 3 tests passed\n');
});

test('a gateway lets a secret go to trusted hosts, says so in the audit, and replays it', async (t) => {
  const log = join(await scratch(t), 'bad.jsonl');
  const gate = await createHostileGate(t, {
    policy: OWN,
    config: { policy: { path: './policy.cedar', trustedHosts: HOSTS } },
    servers: { bad: hostileServer(log) },
  });
  const open = async (): Promise<ReturnType<typeof startFrames>> => {
    const client = startFrames(t, serve(gate));
    await client.open();
    await until(async () =>
      listedIn(await client.request('tools/list')).includes('bad__read_echo'),
    );
    return client;
  };
  await (await open()).end();
  reviewTool(gate.folder, 'bad', 'read_slow', { source: ['secret'] });
  reviewTool(gate.folder, 'bad', 'read_echo', {
    source: [],
    sink: ['external'],
    sendsTo: ['/text'],
  });
  const client = await open();
  const send = async (text: string): Promise<JsonObject> =>
    await client.request('tools/call', { name: 'bad__read_echo', arguments: { text } });
  await client.request('tools/call', { name: 'bad__read_slow', arguments: { ms: 1 } });
  assert.equal(
    textOf(await send('https://api.example.com/')),
    'you said: https://api.example.com/',
  );
  assert.equal(denialOf(await send('https://evil.example/')), 'policy-denied');
  assert.equal(denialOf(await send('hunter2')), 'policy-denied');
  const sent = received(log).filter(({ method }) => method === 'tools/call');
  assert.ok(!JSON.stringify(sent).includes('evil.example'));
  await client.end();
  const told = gate
    .audit()
    .filter(({ event, name }) => name === 'read_echo' && ['intent', 'denial'].includes(event))
    .map(({ arguments: args }) => (isJsonObject(args) ? args['toTrustedHosts'] : 'none'));
  assert.deepEqual(told, [true, undefined, undefined]);
  const diff = await runCommand(
    command,
    ['diff', 'policy.cedar', 'policy.cedar', '--log', 'audit', '--json'],
    { env: { HOME: gate.folder }, cwd: gate.folder },
  );
  assert.deepEqual(JSON.parse(diff.stdout), { calls: 4, unknown: 0, unreadable: 0, flips: [] });
});
