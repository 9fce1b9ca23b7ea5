import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import type { Language } from '../../sandbox/languages.ts';
import type { Tier } from '../../sandbox/tier.ts';
import { hands } from './hands.ts';
import type { House } from './house.ts';
import { call, failure, names, withSteps, type Say } from './say.ts';
import { createPending } from './sign-in.ts';
import type { Run, User, World } from './world.ts';

/** The steps in order; each throws when it does not do what it says. */
export async function tell(world: World, run: Run, plain: Say): Promise<void> {
  const say = withSteps(plain);
  const alice = await connect(world, 'alice', say);
  const bob = await connect(world, 'bob', say);
  try {
    await whoSeesWhat(world, { alice, bob, say });
    await refusals(world, alice, bob, say);
    await program(alice, { world, run, say });
    await person(world, alice, say);
    if (world.house) await hands(world.house, { alice, bob, say });
    await attack(alice, { world, run, say });
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
  if (world.house) return await signedIn(client, { world, house: world.house, user, say });
  const authorization = `Bearer ${await world.token(user)}`;
  const transport = new StreamableHTTPClientTransport(world.url, {
    requestInit: { headers: { authorization } },
  });
  await client.connect(transport);
  return client;
}

/** As a stock client does: asks, is told where to sign in, and comes back. */
async function signedIn(
  client: Client,
  { world, house, user, say }: { world: World; house: House; user: User; say: Say },
): Promise<Client> {
  const pending = createPending(house.agent);
  const open = (): StreamableHTTPClientTransport =>
    new StreamableHTTPClientTransport(world.url, { authProvider: pending });
  const first = open();
  const asking = new Client({ name: 'demo-agent', version: '1' });
  await assert.rejects(asking.connect(first), UnauthorizedError);
  const back = await house.browse(pending.asked(), user);
  await first.finishAuth(back.searchParams.get('code') ?? '');
  await client.connect(open());
  say(`    ${user} signed in at ${pending.asked().origin} (authorization code, PKCE)`);
  return client;
}

async function whoSeesWhat(
  { best: { language } }: World,
  { alice, bob, say }: { alice: Client; bob: Client; say: Say },
): Promise<void> {
  const [hers, his] = await Promise.all([names(alice), names(bob)]);
  say(`# Two people, one gate, other tools`);
  say(`    Alice (engineering) sees ${hers.length} tools: ${hers.slice(0, 4).join(', ')}, …`);
  say(`    Bob (support) sees ${his.length}: ${his.join(', ')}`);
  assert.ok(hers.includes('files__write_file') && hers.includes(`code__execute_${language}`));
  assert.ok(his.includes('files__read_text_file') && !his.includes('files__write_file'));
  assert.ok(his.every((name) => /^(?:files|tickets)__/u.test(name)));
}

async function refusals(world: World, alice: Client, bob: Client, say: Say): Promise<void> {
  say(`# A call that policy does not allow, and one with wrong arguments`);
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

/** What it says of its kernel, where it sees one, and of a thousand numbers. */
const PROGRAMS: Readonly<Record<Language, string>> = {
  python: 'print(open("/proc/version").read().strip()); print(sum(range(1001)))',
  javascript: "console.log('no kernel in sight'); console.log((1000 * 1001) / 2)",
  bash: 'cat /proc/version; echo $((1000 * 1001 / 2))',
};
const NAMES: Readonly<Record<Language, string>> = {
  python: 'Python',
  javascript: 'JavaScript',
  bash: 'bash',
};
/** What stands between the program and this machine, where that is not gVisor. */
const BOUNDARIES: Readonly<Partial<Record<Tier, string>>> = {
  process: 'It shares the kernel of this machine.',
  wasm: 'It is an interpreter in WebAssembly, in a process of its own.',
};

async function program(
  alice: Client,
  { world, run, say }: { world: World; run: Run; say: Say },
): Promise<void> {
  const { tier, language, withoutGvisor } = world.best;
  say(`# ${NAMES[language]} in a sandbox that lives for one call`);
  const ran = await call(alice, `code__execute_${language}`, { code: PROGRAMS[language] });
  if (ran.denial === 'sandbox-unavailable') {
    say(
      '    This machine has no sandbox, so Sallyport refuses rather than run the code with less:',
    );
    for (const line of ran.text.split('\n')) say(`    ${line}`);
    const check = await run('check');
    assert.notEqual(check.code, 0, 'check must report what is missing');
    return;
  }
  for (const line of String(ran.data['stdout']).trim().split('\n')) say(`    ${line}`);
  say(
    `    tier ${String(ran.data['tier'])}, ${String(ran.data['durationMs'])} ms, sandbox ${String(ran.data['sandboxId']).slice(0, 12)} is gone`,
  );
  assert.equal(ran.data['tier'], tier);
  assert.match(String(ran.data['stdout']), /500500/u);
  if (tier === 'gvisor') assert.match(String(ran.data['stdout']), /gVisor|4\.4\.0/u);
  if (!withoutGvisor) return;
  say(`    ${BOUNDARIES[tier]} Whoever asks for gVisor here gets nothing less:`);
  say(`    ${withoutGvisor.message}`);
  say(`    hint: ${withoutGvisor.hint}`);
}

async function person({ best: { language } }: World, alice: Client, say: Say): Promise<void> {
  say(`# Once the session has read untrusted text, the same program needs a person`);
  const read = await call(alice, 'files__read_text_file', { path: 'report.txt' });
  say(`    report.txt → ${read.text.trim()}`);
  assert.equal(read.isError, false);
  const asked = await call(alice, `code__execute_${language}`, { code: PROGRAMS[language] });
  say(`    → ${asked.denial}: ${asked.text.split('\n')[0]}`);
  assert.equal(asked.denial, 'approval-denied');
}

async function attack(
  alice: Client,
  { world, run, say }: { world: World; run: Run; say: Say },
): Promise<void> {
  say(`# What comes back is read before the model reads it`);
  const before = await names(alice);
  const held = await call(alice, 'files__read_text_file', { path: 'minutes.txt' });
  say(`    minutes.txt (with a hidden instruction) → ${held.denial}`);
  for (const line of held.text.split('\n')) say(`    ${line}`);
  assert.equal(held.denial, 'output-withheld');
  assert.ok(!held.text.includes('id_rsa'));
  const after = await names(alice);
  say(`    Alice saw ${before.length} tools and is left with ${after.length}, until she decides:`);
  assert.ok(after.length > 0 && after.length < before.length);
  assert.ok(!after.includes(`code__execute_${world.best.language}`));
  const shown = await run('session', 'show');
  say(`    sallyport session show → ${shown.stdout.trim().split('\n').join('\n    ')}`);
  assert.equal(shown.code, 0, shown.stderr);
  assert.match(shown.stdout, /alice/u);
}

async function evidence(world: World, run: Run, say: Say): Promise<void> {
  say(`# The evidence`);
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
