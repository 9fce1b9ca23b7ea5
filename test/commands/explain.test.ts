import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { test, type TestContext } from 'node:test';
import { command } from '../../src/commands/explain.ts';
import type { Explanation } from '../../src/policy/policy.ts';
import { Fault } from '../../src/lib/fault.ts';
import { scratch } from '../support/scratch.ts';

const POLICY = `
@id("eng.read") permit (principal in Group::"eng", action in Action::"read", resource);
@id("eng.write") permit (principal in Group::"eng", action in Action::"write", resource in Server::"files");
@id("ask") @requires_approval("user") @reason("it writes")
forbid (principal, action in Action::"write", resource) unless { context.pep.approvals.contains("user") };
@id("large") @reason("too much at once") forbid (principal, action, resource) when { context.facts.bytes > 100 };
`;

const entry = {
  hash: `sha256:${'0'.repeat(64)}`,
  dataClass: 1,
  source: [],
  sink: [],
  reviewed: true,
};

async function explain(
  context: TestContext,
): Promise<(...argv: string[]) => Promise<{ code: number; stdout: string }>> {
  const cwd = await scratch(context);
  await mkdir(join(cwd, 'policies'));
  await writeFile(join(cwd, 'policies', 'team.cedar'), POLICY);
  const server = { command: 'must-not-be-started', args: [] };
  await writeFile(
    join(cwd, 'sallyport.yaml'),
    JSON.stringify({
      mcpServers: { files: server },
      identity: { stdio: { user: 'alice', groups: ['eng'] } },
      policy: { path: './policies' },
      catalogue: { lock: './lock.json' },
      state: { path: './state' },
    }),
  );
  const tools = {
    read_file: { ...entry, classes: ['read'] },
    edit_file: { ...entry, classes: ['write'] },
    fetch: { ...entry, classes: ['read', 'external_communication'] },
  };
  await writeFile(
    join(cwd, 'lock.json'),
    JSON.stringify({ version: 1, servers: { files: { tools } } }),
  );
  return async (...argv) => {
    const stdout = new PassThrough();
    const io = { stdin: new PassThrough(), stdout, stderr: new PassThrough(), env: {}, cwd };
    const code = await command.run(argv, io);
    return { code, stdout: String(stdout.read() ?? '') };
  };
}

test('explain says whether, by which policies, and what is missing', async (t) => {
  const run = await explain(t);
  for (const [argv, code, decision, ids, missing] of [
    [['--as', 'alice', 'files/read_file'], 0, 'allow', ['eng.read'], ''],
    [['--as', 'alice:ops', 'files/read_file'], 1, 'deny', [], /^a permit for alice and action in/u],
    [['--as', 'bob:eng,ops', 'files/read_file'], 0, 'allow', ['eng.read'], ''],
    [['--as', 'bob', 'files/read_file'], 1, 'deny', [], /^a permit for bob/u],
    [
      ['--as', 'alice', 'files/edit_file'],
      0,
      'needs-approval',
      ['eng.write', 'ask'],
      'approval by user',
    ],
    [['--as', 'alice', 'files/fetch'], 1, 'deny', [], /external_communication/u],
    [
      ['--as', 'alice', 'files/read_file', '--args', `{"path":"${'x'.repeat(100)}"}`],
      1,
      'deny',
      ['large'],
      /too much/u,
    ],
  ] as const) {
    const { code: exit, stdout } = await run(...argv, '--json');
    const told: Explanation = JSON.parse(stdout);
    assert.deepEqual(
      [exit, told.decision, told.policies.map(({ id }) => id)],
      [code, decision, ids],
    );
    if (typeof missing === 'string') assert.equal(told.missing, missing);
    else assert.match(told.missing, missing);
  }
});

test('explain tells a person the same, and what the session has read counts', async (t) => {
  const run = await explain(t);
  const { stdout, code } = await run(
    '--as',
    'alice',
    'files/edit_file',
    '--labels',
    'untrusted,private',
  );
  assert.equal(code, 0);
  assert.equal(
    stdout,
    [
      'files/edit_file [write] for alice (eng), session has read untrusted, private: allowed after an approval',
      '  permit  eng.write  policies/team.cedar:3',
      '  forbid  ask        policies/team.cedar:4  it writes',
      'missing: approval by user',
      '',
    ].join('\n'),
  );
});

test('explain refuses what it cannot read, and names it', async (t) => {
  const run = await explain(t);
  for (const [argv, message] of [
    [['files/read_file'], /needs --as/u],
    [['--as', 'alice'], /SERVER\/TOOL/u],
    [['--as', ':eng', 'files/read_file'], /--as needs USER/u],
    [['--as', 'alice', 'read_file'], /a tool is SERVER\/TOOL/u],
    [['--as', 'alice', 'files/other'], /does not have it/u],
    [['--as', 'alice', 'files/read_file', '--args', '[1]'], /not a JSON object/u],
    [['--as', 'alice', 'files/read_file', '--args', '{"a":1,"a":2}'], /duplicate key/u],
    [['--as', 'alice', 'files/read_file', '--arg', '{}'], /--arg/u],
  ] as const)
    await assert.rejects(run(...argv), (thrown) => {
      assert.ok(thrown instanceof Fault);
      assert.match(thrown.message, message);
      return true;
    });
});
