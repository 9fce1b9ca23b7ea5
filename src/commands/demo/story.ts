import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import {
  CallToolResultSchema,
  ElicitRequestSchema,
  McpError,
} from '@modelcontextprotocol/sdk/types.js';
import type { Run, User, World } from './world.ts';

export type Say = (line: string) => void;
type Reply = {
  readonly text: string;
  readonly isError: boolean;
  readonly denial: string | undefined;
  readonly data: Record<string, unknown>;
};

/** The steps in order; each throws when it does not do what it says. */
export async function tell(world: World, run: Run, say: Say): Promise<void> {
  const alice = await connect(world, 'alice', say);
  const bob = await connect(world, 'bob', say);
  try {
    await whoSeesWhat(alice, bob, say);
    await refusals(world, alice, bob, say);
    await python(alice, run, say);
    await reading(alice, say);
    await person(alice, say);
  } finally {
    await Promise.all([alice.close(), bob.close()]);
  }
  await evidence(world, run, say);
}

async function connect(world: World, user: User, say: Say): Promise<Client> {
  const client = new Client(
    { name: 'demo-agent', version: '1' },
    { capabilities: { elicitation: {} } },
  );
  client.setRequestHandler(ElicitRequestSchema, ({ params }) => {
    for (const line of params.message.split('\n')) say(`    | ${line}`);
    say(`    ${user} answers: no`);
    return { action: 'decline' };
  });
  const authorization = `Bearer ${await world.token(user)}`;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the SDK's own class misses its own interface under exactOptionalPropertyTypes
  const transport = new StreamableHTTPClientTransport(world.url, {
    requestInit: { headers: { authorization } },
  }) as unknown as Parameters<Client['connect']>[0];
  await client.connect(transport);
  return client;
}

async function whoSeesWhat(alice: Client, bob: Client, say: Say): Promise<void> {
  const [hers, his] = await Promise.all([names(alice), names(bob)]);
  say(`\n1. Two people, one gate, other tools`);
  say(`    Alice (engineering) sees ${hers.length} tools: ${hers.slice(0, 4).join(', ')}, …`);
  say(`    Bob (support) sees ${his.length}: ${his.join(', ')}`);
  assert.ok(hers.includes('files__write_file') && hers.includes('code__execute_python'));
  assert.ok(his.includes('files__read_text_file') && !his.includes('files__write_file'));
  assert.ok(!his.some((name) => !name.startsWith('files__')));
}

async function refusals(world: World, alice: Client, bob: Client, say: Say): Promise<void> {
  say(`\n2. A call that policy does not allow, and one with wrong arguments`);
  const path = join(world.documents, 'report.txt');
  const before = await readFile(path, 'utf8');
  const hidden = await failure(bob, 'files__write_file', { path, content: 'x' });
  const missing = await failure(bob, 'files__no_such_tool', {});
  say(`    Bob calls files__write_file → ${hidden.code} ${hidden.message}`);
  say(`    Bob calls files__no_such_tool → ${missing.code} ${missing.message}`);
  assert.equal(hidden.code, -32602);
  assert.equal(missing.code, hidden.code);
  assert.equal(await readFile(path, 'utf8'), before);
  const wrong = await call(alice, 'files__read_text_file', { path: 7 });
  say(
    `    Alice calls files__read_text_file with path 7 → ${wrong.denial}: ${wrong.text.split('\n')[0]}`,
  );
  assert.equal(wrong.denial, 'arguments-invalid');
}

const KERNEL = 'print(open("/proc/version").read().strip()); print(sum(range(1001)))';

async function python(alice: Client, run: Run, say: Say): Promise<void> {
  say(`\n3. Python in a container that lives for one call`);
  const ran = await call(alice, 'code__execute_python', { code: KERNEL });
  if (ran.denial === 'sandbox-unavailable') {
    say(
      '    This machine cannot run the gVisor sandbox, so Sallyport refuses rather than run the code with less:',
    );
    for (const line of ran.text.split('\n')) say(`    ${line}`);
    const check = await run('check');
    assert.notEqual(check.code, 0, 'check must report what is missing');
    return;
  }
  for (const line of String(ran.data['stdout']).trim().split('\n')) say(`    ${line}`);
  say(
    `    tier ${String(ran.data['tier'])}, ${String(ran.data['durationMs'])} ms, container ${String(ran.data['sandboxId']).slice(0, 12)} is gone`,
  );
  assert.equal(ran.data['tier'], 'gvisor');
  assert.match(String(ran.data['stdout']), /gVisor|4\.4\.0/u);
}

async function reading(alice: Client, say: Say): Promise<void> {
  say(`\n4. What comes back is read before the model reads it`);
  const fine = await call(alice, 'files__read_text_file', { path: 'report.txt' });
  say(`    report.txt → ${fine.text.trim()}`);
  assert.equal(fine.isError, false);
  const held = await call(alice, 'files__read_text_file', { path: 'minutes.txt' });
  say(`    minutes.txt (with a hidden instruction) → ${held.denial}`);
  for (const line of held.text.split('\n')) say(`    ${line}`);
  assert.equal(held.denial, 'output-withheld');
  assert.ok(!held.text.includes('id_rsa'));
}

async function person(alice: Client, say: Say): Promise<void> {
  say(`\n5. The session has read untrusted text, so the same Python now needs a person`);
  const asked = await call(alice, 'code__execute_python', { code: KERNEL });
  say(`    → ${asked.denial}: ${asked.text.split('\n')[0]}`);
  assert.equal(asked.denial, 'approval-denied');
}

async function evidence(world: World, run: Run, say: Say): Promise<void> {
  say(`\n6. The evidence`);
  const fine = await run('audit', 'verify');
  say(`    sallyport audit verify → ${fine.stdout.trim().split('\n').join('\n    ')}`);
  assert.equal(fine.code, 0, fine.stderr);
  const audit = join(world.folder, 'audit');
  const copy = join(world.folder, 'audit-changed');
  await cp(audit, copy, { recursive: true });
  const segment = (await readdir(copy)).find((name) => name.endsWith('.jsonl'));
  assert.ok(segment !== undefined && existsSync(join(copy, segment)));
  const text = await readFile(join(copy, segment), 'utf8');
  await writeFile(join(copy, segment), text.replace('"alice"', '"alicf"'));
  const changed = await run('audit', 'verify', '--path', copy);
  say(
    `    one letter of a copy changed → exit ${changed.code}, ${changed.stdout.trim().split('\n').join('\n    ')}`,
  );
  assert.equal(changed.code, 1, changed.stderr);
}

async function names(client: Client): Promise<string[]> {
  return (await client.listTools()).tools.map(({ name }) => name);
}

async function call(client: Client, name: string, args: Record<string, unknown>): Promise<Reply> {
  const result = CallToolResultSchema.parse(
    await client.callTool({ name, arguments: args }, undefined, { timeout: 120_000 }),
  );
  const text = result.content
    .map((item) => (item.type === 'text' ? item.text : `(${item.type})`))
    .join('\n');
  const details = result._meta?.['sallyport/denial'];
  const denial =
    typeof details === 'object' && details !== null && 'code' in details
      ? String(details.code)
      : undefined;
  return { text, denial, isError: result.isError === true, data: result.structuredContent ?? {} };
}

async function failure(
  client: Client,
  name: string,
  args: Record<string, unknown>,
): Promise<McpError> {
  try {
    await client.callTool({ name, arguments: args });
  } catch (thrown) {
    if (thrown instanceof McpError) return thrown;
    throw thrown;
  }
  throw new Error(`${name} was not refused`);
}
