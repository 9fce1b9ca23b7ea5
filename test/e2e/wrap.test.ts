import assert from 'node:assert/strict';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { DIALECTS, type AnyClient, type ClientSetting } from '../support/clients.ts';
import { startFrames, type Program } from '../support/frames-client.ts';
import { BIN, realServer } from '../support/gate.ts';
import { scratch } from '../support/scratch.ts';

const connect = DIALECTS['SDK 1.x'];

/** `sallyport wrap -- …` with a home of its own. */
function wrap(folder: string, ...words: readonly string[]): Program {
  return {
    command: process.execPath,
    args: [BIN, 'wrap', ...words],
    cwd: folder,
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: folder,
      XDG_STATE_HOME: join(folder, 'state'),
      XDG_CONFIG_HOME: join(folder, 'config'),
    },
  };
}

async function wrapped(
  context: TestContext,
  folder: string,
  setting: Omit<ClientSetting, 'place'> = {},
  ...options: readonly string[]
): Promise<AnyClient> {
  assert.ok(connect);
  const { command, args } = realServer('everything');
  const place = wrap(folder, ...options, '--', command, ...args);
  return await connect(context, { place, ...setting });
}

test('a wrapped server', async (context) => {
  const folder = await scratch(context);
  const client = await wrapped(context, folder);
  const root = join(folder, 'state', 'sallyport');

  await context.test('keeps its names and URIs; reading needs nobody', async () => {
    const names = (await client.listTools()).tools.map(({ name }) => name);
    assert.ok(names.includes('echo') && names.includes('get-sum'));
    assert.deepEqual((await client.call('get-sum', { a: 1, b: 2 })).content, [
      { type: 'text', text: 'The sum of 1 and 2 is 3.' },
    ]);
    const uri = 'demo://resource/static/document/features.md';
    assert.equal((await client.readResource({ uri })).contents[0]?.uri, uri);
    const { content } = await client.call('get-resource-links', { count: 1 });
    assert.equal(content[1]?.uri, 'demo://resource/dynamic/blob/1');
    assert.ok((await client.listPrompts()).prompts.some(({ name }) => name === 'simple-prompt'));
  });

  await context.test('says how to go on where it cannot ask the person', async () => {
    const { content, denial, isError } = await client.call('toggle-simulated-logging', {});
    assert.equal(denial, 'approval-required');
    assert.ok(isError);
    assert.match(
      content[0]?.text ?? '',
      /^Cannot run everything\/toggle-simulated-logging yet: a person has to approve it, and this client cannot ask;.*\nHint: .*sallyport approvals/s,
    );
  });

  await context.test('keeps its state in the home of the user, for the user alone', async () => {
    assert.deepEqual(await readdir(folder), ['state']);
    assert.equal((await stat(root)).mode & 0o077, 0);
    const names = (await readdir(root)).map((name) => name.replace(/-[0-9a-f]{16}/, ''));
    assert.deepEqual(names.toSorted(), [
      'approvals',
      'audit',
      'audit-head.json',
      'audit-key.json',
      'kills',
      'labels',
      'wrapped',
    ]);
  });

  await context.test('is held back where it changed since it was first used', async () => {
    await client.close();
    const [own = ''] = await readdir(join(root, 'wrapped'));
    assert.match(own, /^everything-[0-9a-f]{12}$/);
    const lock = join(root, 'wrapped', own, 'sallyport.lock.json');
    const accepted = await readFile(lock, 'utf8');
    const hash = /("echo": \{\s*"hash": ")sha256:[0-9a-f]{64}/;
    await writeFile(lock, accepted.replace(hash, `$1sha256:${'0'.repeat(64)}`));
    const again = await wrapped(context, folder);
    const names = (await again.listTools()).tools.map(({ name }) => name);
    assert.ok(!names.includes('echo') && names.includes('get-sum'));
    const held = await again.call('echo', { message: 'x' });
    assert.equal(held.denial, 'quarantined');
    assert.ok(held.content[0]?.text?.includes(`removing ${lock}`), held.content[0]?.text);
  });
});

test('what does more than read asks the person, each time', async (context) => {
  const questions: string[] = [];
  let action: 'accept' | 'decline' | 'cancel' = 'accept';
  const client = await wrapped(context, await scratch(context), {
    elicit({ message }) {
      questions.push(message);
      return { action };
    },
  });
  await client.call('echo', { message: 'reading asks nobody' });
  assert.deepEqual(questions, []);
  for (const [answer, denial, said] of [
    ['accept', undefined, /Started/],
    ['decline', 'approval-denied', /the user said no/],
    ['cancel', 'approval-denied', /the user said no/],
    ['accept', undefined, /Stopped/],
  ] as const) {
    action = answer;
    const result = await client.call('toggle-simulated-logging', {});
    assert.equal(result.denial, denial);
    assert.match(JSON.stringify(result.content), said);
  }
  assert.equal(questions.length, 4);
  assert.match(
    questions[0] ?? '',
    /^Sallyport: may the assistant run everything\/toggle-simulated-logging\?\nClasses: .*\nArguments: \{\}/,
  );
});

test('policies of one’s own go before the personal set', async (context) => {
  const folder = await scratch(context);
  const policy = join(folder, 'own.cedar');
  await writeFile(
    policy,
    '@id("own") permit (principal in Group::"eng", action == Action::"tools/call:everything/get-sum", resource);',
  );
  const client = await wrapped(context, folder, {}, '--policy', policy, '--group', 'eng');
  assert.deepEqual(
    (await client.listTools()).tools.map(({ name }) => name),
    ['get-sum'],
  );
  await assert.rejects(client.call('echo', { message: 'x' }), /Unknown tool: echo/);
});

test('a server that does not start is a message, not a mystery', async (context) => {
  const folder = await scratch(context);
  const client = startFrames(context, wrap(folder, '--', '/nonexistent/server', 'x'));
  await client.open();
  assert.deepEqual((await client.request('tools/list'))['result'], { tools: [] });
  await client.end();
  assert.match(
    client.stderr(),
    /"level":"warn".*Cannot start \/nonexistent\/server: no such command/,
  );
});

for (const [name, words] of [
  ['no command', []],
  ['nothing after --', ['--']],
  ['an option that does not exist', ['--polcy', 'x', '--', 'node']],
] as const)
  test(`wrap with ${name} is wrong use`, async (context) => {
    const client = startFrames(context, wrap(await scratch(context), ...words));
    assert.equal(await client.end(), 2);
    assert.match(client.stderr(), /^sallyport: Cannot .*\n(?:hint: .*\n)?$/);
  });
