import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { test, type TestContext } from 'node:test';
import { definitionHash } from '../../src/catalogue/definition.ts';
import { command as check } from '../../src/commands/check.ts';
import { command as explain } from '../../src/commands/explain.ts';
import { command as policy } from '../../src/commands/policy.ts';
import type { Command } from '../../src/commands/command.ts';
import { loadConfig } from '../../src/config/load.ts';
import { readKnownTools } from '../../src/known-tools.ts';
import { createCedar } from '../../src/policy/cedar.ts';
import { scratch } from '../support/scratch.ts';

const PAY = {
  name: 'pay',
  inputSchema: {
    type: 'object',
    properties: { to: { type: 'string' }, amount: { type: 'number' } },
    required: ['to'],
  },
} as const;

const permit = (condition: string, tool = 'bank/pay'): string =>
  `@id("own") permit(principal, action == Action::"tools/call:${tool}", resource) when { ${condition} };`;

type Run = (command: Command, ...argv: string[]) => Promise<{ code: number; said: string }>;

/** A configuration with this policy, in which the tool `bank/pay` was accepted. */
async function workplace(
  context: TestContext,
  policy: string,
  builtin = {},
): Promise<[Run, string]> {
  const cwd = await scratch(context);
  await writeFile(join(cwd, 'own.cedar'), policy);
  const config = {
    mcpServers: { bank: { command: process.execPath } },
    builtin,
    policy: { path: './own.cedar', zones: { work: ['/data/work'] } },
    catalogue: { lock: './lock.json' },
    state: { path: './state' },
  };
  await writeFile(join(cwd, 'sallyport.json'), JSON.stringify(config), { mode: 0o600 });
  const hash = definitionHash('tool', PAY);
  const row = { hash, classes: ['financial'], dataClass: 1, source: [], sink: [], reviewed: true };
  const lock = { version: 1, servers: { bank: { tools: { pay: row } } } };
  await writeFile(join(cwd, 'lock.json'), JSON.stringify(lock), { mode: 0o600 });
  await writeFile(
    join(cwd, 'lock.definitions.json'),
    JSON.stringify({ version: 1, definitions: { [hash]: PAY } }),
  );
  const file = join(cwd, 'sallyport.json');
  const run: Run = async (command, ...argv) => {
    const stdout = new PassThrough();
    const io = {
      stdin: new PassThrough(),
      stdout,
      stderr: new PassThrough(),
      env: process.env,
      cwd,
    };
    const code = await command.run([...argv, '--config', file], io);
    return { code, said: String(stdout.read() ?? '') };
  };
  return [run, file];
}

test('a typo in the name of an argument fails check, which says what was meant', async (t) => {
  const [run] = await workplace(t, permit('context.args.too == "bob"'));
  const { code, said } = await run(check);
  assert.equal(code, 1);
  assert.match(said, /error +policy .*own\.cedar:1: own: bank\/pay has no argument \/too/u);
  assert.match(said, /hint: did you mean to\?/u);
});

test('check is content with policies that fit, and warns of tools that nobody has accepted', async (t) => {
  const [run] = await workplace(t, permit('context.args.to == "bob"'));
  const { code, said } = await run(check);
  assert.equal(code, 0, said);
  const [later] = await workplace(t, permit('context.args.to == "bob"', 'bank/later'));
  const warned = await later(check);
  assert.equal(warned.code, 0);
  assert.match(
    warned.said,
    /warning +policy +own\.cedar:1: own looks at arguments of bank\/later/u,
  );
});

test('explain takes arguments and facts into account, and says what it cannot compare', async (t) => {
  const [run] = await workplace(
    t,
    `${permit('context.args.to == "bob" && context.args has amount && context.args.amount.lessThan(decimal("10.0"))')}
     @id("zones") @reason("not there") forbid(principal, action, resource) unless { ["work"].containsAll(context.facts.zones) };`,
  );
  for (const [args, code, want] of [
    [{ to: 'bob', amount: 9.99 }, 0, /: allowed/u],
    [{ to: 'eve', amount: 9.99 }, 1, /: denied/u],
    [{ to: 'bob', amount: 1e-9 }, 1, /policies look at "amount"/u],
    [{ to: 'bob', amount: 1, x: '/data/work/../y' }, 1, /not there/u],
  ] as const) {
    const found = await run(explain, '--as', 'alice', 'bank/pay', '--args', JSON.stringify(args));
    assert.equal(found.code, code, found.said);
    assert.match(found.said, want);
  }
});

test('the gateway knows its own tools without a lock file', async (t) => {
  const [, file] = await workplace(t, permit('true'), { code: { languages: ['python'] } });
  const known = await readKnownTools(await loadConfig({ path: file, env: process.env, cwd: '/' }));
  assert.deepEqual([...known.keys()], ['tools/call:bank/pay', 'tools/call:code/execute_python']);
});

test('policy schema prints what Cedar reads: each accepted tool in its classes, with its arguments', async (t) => {
  const [run] = await workplace(t, permit('true'), { code: {} });
  const { code, said } = await run(policy, 'schema');
  assert.equal(code, 0);
  const read = createCedar().use((module) => module.schemaToJson(said));
  assert.ok(read.type === 'success', said);
  const actions = read.json['']?.actions ?? {};
  assert.deepEqual(
    actions['tools/call:bank/pay']?.memberOf?.map(({ id }) => id),
    ['financial'],
  );
  assert.match(said, /"?amount"?\?: (?:__cedar::)?decimal/u);
  assert.ok(Object.hasOwn(actions, 'tools/call:code/execute_bash'));
  const asJson = await run(policy, 'schema', '--json');
  assert.deepEqual(Object.keys(JSON.parse(asJson.said)), ['']);
  await assert.rejects(run(policy, 'shema'), /no such action/u);
});
