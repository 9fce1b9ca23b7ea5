import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { isJsonObject, type JsonObject } from '../../src/lib/json.ts';
import { command } from '../../src/commands/policy.ts';
import { blocksOf } from '../docs/blocks.ts';
import { serve, startFrames, type Frame } from '../support/frames-client.ts';
import { createGate, realServer } from '../support/gate.ts';
import { denialOf, textOf } from '../support/replies.ts';
import { runCommand, type Ran } from '../support/run-command.ts';
import { scratch } from '../support/scratch.ts';

const ENG =
  '@id("eng.files") permit(principal in Group::"eng", action in Action::"read", resource in Server::"files");';

/** Where code may connect to, once the session has a label. */
const FEW =
  '@id("few") @egress("api.example.com") forbid(principal, action, resource) when { context.session.labels.contains("house") } unless { context.pep.enforce.contains("egress") };';

async function inFolder(
  context: Parameters<typeof scratch>[0],
): Promise<{ folder: string; policy: (...argv: string[]) => Promise<Ran> }> {
  const folder = await scratch(context);
  writeFileSync(join(folder, 'eng.cedar'), ENG + FEW);
  return {
    folder,
    policy: async (...argv) =>
      await runCommand(command, argv, { env: { HOME: folder }, cwd: folder }),
  };
}

type Case = Record<string, unknown>;

function caseOf(
  over: { request?: Case; tool?: Case; user?: Case; parents?: Case[] } & Case = {},
): Case {
  const { request, tool, user, parents, ...rest } = over;
  return {
    request: {
      principal: 'User::"alice"',
      action: 'Action::"tools/call:files/read_file"',
      resource: 'Tool::"files/read_file"',
      context: {},
      ...request,
    },
    entities: [
      {
        uid: { type: 'User', id: 'alice' },
        attrs: user ?? {},
        parents: parents ?? [{ type: 'Group', id: 'eng' }],
      },
      {
        uid: { type: 'Tool', id: 'files/read_file' },
        attrs: { classes: ['read'], ...tool },
        parents: [],
      },
    ],
    decision: 'allow',
    reason: ['eng.files'],
    num_errors: 0,
    ...rest,
  };
}

const deny = { decision: 'deny', reason: [] };
const passing: readonly (readonly [name: string, one: Case])[] = [
  ['a permit', caseOf()],
  ['another group', caseOf({ parents: [], ...deny })],
  ['a class more than is permitted', caseOf({ tool: { classes: ['read', 'financial'] }, ...deny })],
  ['a guardrail', caseOf({ tool: { pin: 'drift' }, decision: 'deny', reason: ['guard.pin-drift'] })],
  ['a session', caseOf({ tool: { classes: ['code_execution'] }, decision: 'deny', reason: ['guard.isolate-code', 'guard.untrusted-action'], request: { context: { session: { labels: ['untrusted'] } } } })],
  ['a list of hosts that is not kept to', caseOf({ decision: 'deny', reason: ['few'], request: { context: { session: { labels: ['house'] } } } })],
  ['a list of hosts that is kept to', caseOf({ request: { context: { session: { labels: ['house'] }, pep: { enforce: ['egress'] } } } })],
  ['no reason asked for', caseOf({ reason: undefined })],
]; // prettier-ignore

const failing: readonly (readonly [name: string, one: Case, why: RegExp])[] = [
  ['the other decision', caseOf(deny), /expected deny, got allow by eng\.files/u],
  ['another reason', caseOf({ reason: ['x'] }), /expected allow by x, got it by eng\.files/u],
  ['an error that does not come', caseOf({ num_errors: 1 }), /expected 1 errors, got 0/u],
  ['an action of another tool', caseOf({ request: { action: 'Action::"tools/call:files/x"' } }), /is not what is asked about/u],
  ['a class as an action', caseOf({ request: { action: 'Action::"read"' } }), /is not what is asked about/u],
  ['a group as a principal', caseOf({ request: { principal: 'Group::"eng"' } }), /is no User/u],
  ['a context that is misspelt', caseOf({ request: { context: { session: { lables: [] } } }, ...deny }), /./u],
  ['an escape to Cedar in an attribute', caseOf({ tool: { name: { __extn: { fn: 'ip', arg: 'x' } }, classes: [{ __entity: {} }] } }), /./u],
]; // prettier-ignore

test('policy test says what the gate would say', async (context) => {
  const { folder, policy } = await inFolder(context);
  const run = async (tests: readonly Case[]): Promise<Ran> => {
    writeFileSync(join(folder, 'tests.json'), JSON.stringify(tests));
    return await policy('test', 'tests.json', '--policies', 'eng.cedar', '--json');
  };
  for (const [name, one] of passing)
    await context.test(`passes: ${name}`, async () => {
      const { exit, stdout } = await run([one]);
      assert.deepEqual([exit, JSON.parse(stdout)], [0, { passed: 1, failed: [] }]);
    });
  for (const [name, one, why] of failing)
    await context.test(`fails: ${name}`, async () => {
      const { exit, stdout } = await run([caseOf(), one]);
      const { passed, failed } = parsed(stdout);
      assert.deepEqual([exit, passed], [1, 1]);
      const [only, ...more] = Array.isArray(failed) ? failed : [];
      assert.ok(isJsonObject(only) && more.length === 0);
      assert.match(JSON.stringify(only['why']), why);
    });
  for (const [name, text] of [
    ['no tests', '[]'],
    ['no list', '{}'],
    ['a member with a typo', JSON.stringify([{ ...caseOf(), desicion: 'deny' }])],
    ['no JSON', '['],
  ] as const)
    await context.test(`is no file of tests: ${name}`, async () => {
      writeFileSync(join(folder, 'tests.json'), text);
      const { exit, stderr } = await policy('test', 'tests.json', '--policies', 'eng.cedar');
      assert.equal(exit, 2);
      assert.match(stderr, /Cannot read the tests/u);
    });
});

test('the tests in docs/policy.md pass', async (context) => {
  const { folder, policy } = await inFolder(context);
  const [text = '', ...more] = blocksOf('docs/policy.md', 'json');
  assert.equal(more.length, 0);
  writeFileSync(join(folder, 'tests.json'), text);
  const { exit, stdout } = await policy('test', 'tests.json', '--policies', 'eng.cedar');
  assert.deepEqual([exit, stdout], [0, '1 of 1 tests passed\n']);
});

test('policy diff finds what would have been decided otherwise in the past', async (context) => {
  const gate = await createGate(context, {
    servers: { everything: realServer('everything') },
    firstUse: true,
    policy: '@id("all") permit(principal, action, resource);',
  });
  const client = await gate.connect();
  for (const message of ['a', 'b'])
    await client.callTool({ name: 'everything__echo', arguments: { message } });
  await client.callTool({ name: 'everything__get-sum', arguments: { a: 1, b: 2 } });
  await client.close();
  const options = { env: { HOME: gate.folder }, cwd: gate.folder };
  const diff = async (text: string): Promise<Ran> => {
    writeFileSync(join(gate.folder, 'candidate.cedar'), text);
    const argv = ['diff', 'policy.cedar', 'candidate.cedar', '--log', 'audit', '--json'];
    return await runCommand(command, argv, options);
  };
  const same = await diff('@id("each") permit(principal, action, resource);');
  assert.deepEqual(
    [same.exit, JSON.parse(same.stdout)],
    [0, { calls: 3, unknown: 0, unreadable: 0, flips: [] }],
  );
  const other = await diff(
    '@id("each") permit(principal, action, resource); @id("no.echo") @requires_approval("user") forbid(principal, action == Action::"tools/call:everything/echo", resource) unless { context.pep.approvals.contains("user") };',
  );
  assert.equal(other.exit, 1, other.stderr);
  const { flips } = parsed(other.stdout);
  assert.ok(Array.isArray(flips));
  // What the first one returned is a label that the second had.
  assert.deepEqual(
    flips.map((flip: unknown) => {
      assert.ok(isJsonObject(flip));
      const { user, subject, calls, before, after } = flip;
      return [user, subject, calls, before, after];
    }),
    Array.from({ length: 2 }, () => [
      'alice',
      'everything/echo',
      1,
      { decision: 'allow', policies: ['all'], missing: '' },
      { decision: 'needs-approval', policies: ['each', 'no.echo'], missing: 'approval by user' },
    ]),
  );
});

for (const [kept, known, want] of [
  ['redacted', true, { calls: 2, unknown: 0, flips: [['everything/echo', 1]] }],
  ['redacted', false, { calls: 0, unknown: 2, flips: [] }],
  ['digest', true, { calls: 0, unknown: 2, flips: [] }],
] as const)
  test(`policy diff asks about arguments where they were kept and the tool is known: ${kept}, ${known}`, async (context) => {
    const gate = await createGate(context, {
      servers: { everything: realServer('everything') },
      firstUse: true,
      policy: '@id("all") permit(principal, action, resource);',
      config: { audit: { path: './audit', arguments: kept } },
    });
    const client = await gate.connect();
    for (const message of ['fine', 'bad'])
      await client.callTool({ name: 'everything__echo', arguments: { message } });
    await client.close();
    writeFileSync(
      join(gate.folder, 'candidate.cedar'),
      '@id("all") permit(principal, action, resource); @id("no.bad") forbid(principal, action == Action::"tools/call:everything/echo", resource) when { context.args.message == "bad" };',
    );
    const { stdout } = await runCommand(
      command,
      ['diff', 'policy.cedar', 'candidate.cedar', '--log', 'audit', '--json'].concat(
        known ? ['--config', gate.config] : [],
      ),
      { env: { HOME: gate.folder }, cwd: gate.folder },
    );
    const { calls, unknown, flips } = parsed(stdout);
    assert.ok(Array.isArray(flips));
    assert.deepEqual(
      {
        calls,
        unknown,
        flips: flips.map((flip: unknown) =>
          isJsonObject(flip) ? [flip['subject'], flip['calls']] : [],
        ),
      },
      want,
    );
  });

test('shadow policies are asked, told about and never obeyed', async (context) => {
  const gate = await createGate(context, {
    servers: { everything: realServer('everything') },
    firstUse: true,
    policy:
      '@id("all") permit(principal, action, resource); @id("no.sum") forbid(principal, action == Action::"tools/call:everything/get-sum", resource) unless { context.facts.bytes < 2 };',
    config: { policy: { path: './policy.cedar', mode: 'shadow', shadow: './shadow.cedar' } },
  });
  writeFileSync(
    join(gate.folder, 'shadow.cedar'),
    '@id("each") permit(principal, action, resource); @id("no.echo") forbid(principal, action == Action::"tools/call:everything/echo", resource);',
  );
  const client = startFrames(context, serve(gate));
  await client.open();
  await client.said(/policies asked beside those in force/u);
  const call = async (name: string, args: JsonObject): Promise<Frame> =>
    await client.request('tools/call', { name: `everything__${name}`, arguments: args });
  assert.equal(textOf(await call('echo', { message: 'x' })), 'Echo: x');
  assert.equal(denialOf(await call('get-sum', { a: 1, b: 2 })), 'policy-denied');
  assert.equal(denialOf(await call('get-tiny-image', {})), undefined);
  await client.end();
  const told = gate.audit().filter(({ event }) => event === 'policy-shadow');
  assert.deepEqual(
    told.map(({ name, enforced, shadow }) => [name, enforced, shadow]),
    [
      [
        'echo',
        { decision: 'allow', policies: ['all'] },
        {
          decision: 'deny',
          policies: ['no.echo'],
          missing: 'policy forbids it (no.echo); do not retry; tell the user, or do it another way',
        },
      ],
      [
        'get-sum',
        { decision: 'deny', policies: ['no.sum'] },
        { decision: 'allow', policies: ['each'], missing: '' },
      ],
    ],
  );
  assert.match((await gate.run('check')).stdout, /asked beside, digest .*, not enforced/u);
});

test('shadow policies that do not load are told, and nothing else changes', async (context) => {
  const gate = await createGate(context, {
    servers: { everything: realServer('everything') },
    firstUse: true,
    config: { policy: { path: './policy.cedar', mode: 'shadow', shadow: './shadow.cedar' } },
  });
  writeFileSync(join(gate.folder, 'shadow.cedar'), 'permit(');
  const client = startFrames(context, serve(gate));
  await client.open();
  await client.said(/shadow policies refused; nothing is compared/u);
  const echo = { name: 'everything__echo', arguments: { message: 'x' } };
  assert.equal(textOf(await client.request('tools/call', echo)), 'Echo: x');
  await client.end();
  assert.equal((await gate.run('check')).code, 1);
});

function parsed(text: string): JsonObject {
  const value: unknown = JSON.parse(text);
  assert.ok(isJsonObject(value), text);
  return value;
}
