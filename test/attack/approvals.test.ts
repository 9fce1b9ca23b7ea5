import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';

import { createApprove } from '../../src/approval.ts';
import type { Answer } from '../../src/approvals/questions.ts';
import { seal, signed, type Receipt } from '../../src/approvals/statement.ts';
import { openAuditKey } from '../../src/audit/key.ts';
import type { Call } from '../../src/call.ts';
import { Denial } from '../../src/denial.ts';
import { canonicalJson, type JsonObject } from '../../src/lib/json.ts';
import { callerOf, callOf, policyFrom, sessionOf, subjectOf } from '../policy/support.ts';
import { openDesk, type OpenDesk } from '../support/desk.ts';
import { scratch } from '../support/scratch.ts';

const POLICY = `
  @id("all") permit (principal, action, resource);
  @id("ask") @requires_approval("user") forbid (principal, action in Action::"write", resource)
  unless { context.pep.approvals.contains("user") };
`;
const SPENDER = fileURLToPath(new URL('../support/spend-approvals.js', import.meta.url));
const write = subjectOf({ name: 'write_file', classes: ['write'] });

function writing(args: JsonObject, over: Partial<Call> = {}): Call {
  return { ...callOf({ subject: write, args }), ...over };
}

const CALL = writing({ path: '/a', text: 'é' });

type Stage = OpenDesk & {
  readonly folder: string;
  /** `ran`, or the code of the refusal. */
  readonly attempt: (call: Call) => Promise<string>;
  /** Leaves the call for a person, who says yes. */
  readonly approved: (call: Call) => Promise<Receipt>;
};

/** The stage on a real policy and a real state, for a client that cannot ask unless there is an `ask`. */
async function stageOf(
  context: TestContext,
  setting: {
    folder?: string;
    policy?: string;
    now?: () => number;
    ask?: () => Answer;
  } = {},
): Promise<Stage> {
  const policy = await policyFrom(context, setting.policy ?? POLICY);
  const folder = setting.folder ?? (await scratch(context));
  const { now = Date.now, ask } = setting;
  const opened = openDesk(folder, { now, policy: () => policy.digest });
  const { desk, approvals } = opened;
  const approve = createApprove({
    ask: ask && (() => async () => await Promise.resolve(ask())),
    decide: (call, given) => policy.decide(call, given),
    desk,
  });
  async function attempt(call: Call): Promise<string> {
    try {
      await approve(policy.decide(call), new AbortController().signal);
      return 'ran';
    } catch (thrown) {
      if (thrown instanceof Denial) return thrown.code;
      throw thrown;
    }
  }
  return {
    ...opened,
    folder,
    attempt,
    async approved(call) {
      assert.equal(await attempt(call), 'approval-required');
      const waits = approvals.list().find(({ receipt }) => receipt === undefined);
      assert.ok(waits);
      const receipt = approvals.decide(waits.request, 'approved', 'terminal');
      assert.equal(approvals.answer(receipt), 'kept');
      return receipt;
    },
  };
}

test('an approved call is let through once, the very same call alone', async (context) => {
  const { attempt, approved } = await stageOf(context);
  await approved(CALL);
  const bob = sessionOf({ caller: callerOf({ subject: 'bob' }) });
  const elsewhere = sessionOf({ caller: callerOf({ issuer: 'https://idp.example' }) });
  const program = sessionOf({ caller: callerOf({ client: 'other' }) });
  for (const [what, other] of [
    ['one byte of the arguments', writing({ path: '/b', text: 'é' })],
    ['another normal form', writing({ path: '/a', text: 'e\u0301' })],
    ['one argument more', writing({ path: '/a', text: 'é', mode: null })],
    ['a number for a text', writing({ path: '/a', text: 1 })],
    ['another parameter beside the arguments', { ...CALL, params: { ...CALL.params, task: {} } }],
    ['another user', { ...CALL, session: bob }],
    ['the same name at another issuer', { ...CALL, session: elsewhere }],
    ['another program', { ...CALL, session: program }],
    ['another server', { ...CALL, subject: { ...write, server: 'filez' } }],
    ['another tool', { ...CALL, subject: { ...write, name: 'write_files' } }],
    ['a changed definition', { ...CALL, subject: { ...write, hash: 'sha256-of-another' } }],
    [
      'a tool of more classes',
      { ...CALL, subject: { ...write, classes: ['write', 'destructive'] } },
    ],
    ['a tool of more delicate data', { ...CALL, subject: { ...write, dataClass: 3 } }],
    ['a session that has read since', { ...CALL, session: sessionOf({ labels: ['untrusted'] }) }],
  ] satisfies [string, Call][])
    assert.equal(await attempt(other), 'approval-required', what);
  const again = { ...CALL, traceId: 'trace-2', id: 2 };
  assert.equal(await attempt({ ...again, params: { ...again.params, _meta: { a: 1 } } }), 'ran');
  assert.equal(await attempt(CALL), 'approval-required');
});

test('an approval ends with its time and with the policies', async (context) => {
  let now = Date.now();
  const stage = await stageOf(context, { now: () => now });
  const { expires } = await stage.approved(CALL);
  now = Date.parse(expires);
  assert.equal(await stage.attempt(CALL), 'approval-required', 'after expiry');
  await stage.approved(CALL);
  now += 1000;
  const policy = `${POLICY} // one comment more`;
  const later = await stageOf(context, { folder: stage.folder, policy, now: () => now });
  assert.equal(await later.attempt(CALL), 'approval-required', 'after a policy change');
  assert.equal(await stage.attempt(CALL), 'ran', 'under the policies it was given for');
});

for (const [said, outcome] of [
  ['approved', 'ran'],
  ['denied', 'approval-denied'],
] as const)
  test(`what was left before the client ${said} it is answered with that`, async (context) => {
    let answer: Answer = 'unanswered';
    const { attempt, approvals } = await stageOf(context, { ask: () => answer });
    assert.equal(await attempt(CALL), 'approval-required');
    const [left] = approvals.list();
    assert.ok(left);
    answer = said;
    assert.equal(await attempt(CALL), outcome);
    assert.deepEqual(approvals.list(), []);
    const late = approvals.decide(left.request, 'approved', 'terminal');
    assert.equal(approvals.answer(late), 'over');
    answer = 'unanswered';
    assert.equal(await attempt(CALL), 'approval-required', 'once, however often it was asked');
  });

for (const [said, outcome] of [
  ['approved', 'ran'],
  ['denied', 'approval-denied'],
] as const)
  test(`what a terminal ${said} while the client asked is used up or holds`, async (context) => {
    let ask: (() => Answer) | undefined;
    const { attempt, approvals } = await stageOf(context, { ask: () => ask?.() ?? 'unanswered' });
    assert.equal(await attempt(CALL), 'approval-required');
    const [left] = approvals.list();
    assert.ok(left);
    ask = () => {
      assert.equal(approvals.answer(approvals.decide(left.request, said, 'terminal')), 'kept');
      return 'approved';
    };
    assert.equal(await attempt(CALL), outcome);
    ask = undefined;
    const again = said === 'denied' ? 'approval-denied' : 'approval-required';
    assert.equal(await attempt(CALL), again);
  });

test('a no lasts, takes a yes back, and is not turned by a yes', async (context) => {
  let now = Date.now();
  const { attempt, approved, approvals } = await stageOf(context, { now: () => now });
  await approved(CALL);
  const [entry] = approvals.list();
  assert.ok(entry);
  assert.equal(approvals.answer(approvals.decide(entry.request, 'denied', 'terminal')), 'kept');
  assert.equal(
    approvals.answer(approvals.decide(entry.request, 'approved', 'terminal')),
    'answered',
  );
  for (let times = 0; times < 3; times++) assert.equal(await attempt(CALL), 'approval-denied');
  now += 3_600_000;
  assert.equal(await attempt(CALL), 'approval-required');
});

test('a no that comes after the call was let through does not say that it was refused', async (context) => {
  const { attempt, approved, approvals } = await stageOf(context);
  await approved(CALL);
  const [entry] = approvals.list();
  assert.ok(entry);
  assert.equal(await attempt(CALL), 'ran');
  assert.equal(approvals.answer(approvals.decide(entry.request, 'denied', 'terminal')), 'spent');
});

test('a no that comes while the yes is being spent holds', async (context) => {
  let looks = 0;
  let no: (() => void) | undefined;
  const { attempt, approved, approvals } = await stageOf(context, {
    now() {
      // Making the request reads the clock twice; then it is read between the look at the answer and spending it.
      if (no && ++looks === 3) no();
      return Date.now();
    },
  });
  await approved(CALL);
  const [entry] = approvals.list();
  assert.ok(entry);
  const receipt = approvals.decide(entry.request, 'denied', 'terminal');
  let kept = '';
  no = () => void (kept = approvals.answer(receipt));
  assert.equal(await attempt(CALL), 'approval-denied');
  assert.equal(kept, 'kept');
  assert.equal(await attempt(CALL), 'approval-denied');
});

test('several processes that spend the same approvals at once get each of them once', async (context) => {
  const { approved, folder } = await stageOf(context);
  const want: string[] = [];
  for (let at = 0; at < 24; at++) want.push((await approved(writing({ at }))).nonce);
  const spenders = Array.from({ length: 4 }, () => {
    const child = spawn(process.execPath, [SPENDER, folder], { stdio: 'pipe' });
    const exited = once(child, 'exit');
    context.after(async () => {
      child.kill();
      await exited;
    });
    return { child, lines: createInterface({ input: child.stdout })[Symbol.asyncIterator]() };
  });
  for (const { lines } of spenders) assert.equal((await lines.next()).value, 'ready');
  for (const { child } of spenders) child.stdin.write('go\n');
  const got = await Promise.all(
    spenders.map(async ({ lines }) => noncesOf(String((await lines.next()).value))),
  );
  assert.deepEqual(got.flat().toSorted(), want.toSorted());
});

function noncesOf(line: string): string[] {
  const list: unknown = JSON.parse(line);
  return Array.isArray(list) ? list.map(String) : [];
}

type Break = (stage: Stage, receipt: Receipt, place: Place) => void;
type Place = { readonly request: string; readonly receipt: string };

function editText(path: string, from: string, to: string): void {
  const text = readFileSync(path, 'utf8');
  assert.ok(text.includes(from));
  writeFileSync(path, text.replaceAll(from, to));
}

/** The receipt of a person's no, turned into a yes in some way. */
const FORGERIES: Readonly<Record<string, Break>> = {
  'an edited answer': (_, __, { receipt }) =>
    editText(receipt, '"decision":"denied"', '"decision":"approved"'),
  'an edited answer and request': (_, __, { receipt, request }) => {
    editText(receipt, '"decision":"denied"', '"decision":"approved"');
    editText(request, '"classes":["write"]', '"classes":["read"]');
  },
  'an answer signed with another key': ({ folder }, receipt, place) => {
    mkdirSync(join(folder, 'other'));
    const { sign } = openAuditKey(join(folder, 'other', 'audit-key.json'));
    writeFileSync(place.receipt, seal({ ...receipt, decision: 'approved' }, sign));
  },
  'an answer without a signature': (_, receipt, place) =>
    writeFileSync(place.receipt, `${canonicalJson({ ...receipt, decision: 'approved' })}\n`),
  'an answer to an earlier asking': ({ key }, receipt, place) => {
    const earlier = { ...receipt, decision: 'approved', nonce: '0'.repeat(32) } as const;
    writeFileSync(place.receipt, seal(earlier, key().sign));
  },
  'an answer to another request': ({ key }, receipt, place) => {
    const other = { ...receipt, decision: 'approved', request: '0'.repeat(64) } as const;
    writeFileSync(place.receipt, seal(other, key().sign));
  },
  'an answer in another spelling': ({ key }, receipt, place) => {
    const yes = signed({ ...receipt, decision: 'approved' }, key().sign);
    writeFileSync(place.receipt, `${JSON.stringify(yes, null, 1)}\n`);
  },
  'a link to a yes': ({ key, folder }, receipt, place) => {
    const elsewhere = join(folder, 'elsewhere.json');
    writeFileSync(elsewhere, seal({ ...receipt, decision: 'approved' }, key().sign));
    rmSync(place.receipt);
    symlinkSync(elsewhere, place.receipt);
  },
  'a yes that others may write': ({ key }, receipt, place) => {
    writeFileSync(place.receipt, seal({ ...receipt, decision: 'approved' }, key().sign));
    chmodSync(place.receipt, 0o666);
  },
  'no file at all': (_, __, { receipt }) => rmSync(receipt),
  'a folder': (_, __, { receipt }) => {
    rmSync(receipt);
    mkdirSync(receipt);
  },
  'far too much': (_, __, { receipt }) => writeFileSync(receipt, 'x'.repeat(1 << 20)),
};

for (const [what, forge] of Object.entries(FORGERIES))
  test(`state that was written by somebody else says nothing: ${what}`, async (context) => {
    const stage = await stageOf(context);
    const { approvals, folder, attempt } = stage;
    assert.equal(await attempt(CALL), 'approval-required');
    const [entry] = approvals.list();
    assert.ok(entry);
    const { request } = entry;
    const receipt = approvals.decide(request, 'denied', 'terminal');
    approvals.answer(receipt);
    const place = {
      request: join(folder, 'approvals', 'request', `${request.id}.json`),
      receipt: join(folder, 'approvals', 'receipt', `${request.id}.json`),
    };
    forge(stage, receipt, place);
    const code = await attempt(CALL);
    assert.ok(['approval-required', 'approval-denied', 'internal'].includes(code), code);
    assert.notEqual(approvals.find(request.id)?.receipt?.decision, 'approved');
  });

test('a request that somebody else has changed is not shown to a person', async (context) => {
  const { approvals, folder, attempt, forged } = await stageOf(context);
  assert.equal(await attempt(writing({ command: 'rm -rf /' })), 'approval-required');
  const [name = ''] = readdirSync(join(folder, 'approvals', 'request'));
  editText(join(folder, 'approvals', 'request', name), 'rm -rf /', 'ls');
  assert.deepEqual(approvals.list(), []);
  assert.equal(forged.length, 1);
});

test('an approval that was spent is not brought back with its files', async (context) => {
  const { approved, attempt, folder } = await stageOf(context);
  await approved(CALL);
  const [place, copy] = [join(folder, 'approvals'), join(folder, 'copy')];
  cpSync(place, copy, { recursive: true });
  assert.equal(await attempt(CALL), 'ran');
  for (const kind of ['request', 'receipt'])
    cpSync(join(copy, kind), join(place, kind), { recursive: true });
  assert.equal(await attempt(CALL), 'approval-required');
});

for (const part of ['', 'request', 'receipt', 'spent'])
  test(`nothing is let through where approvals/${part} is a link`, async (context) => {
    const { approved, attempt, folder, approvals } = await stageOf(context);
    await approved(CALL);
    const place = join(folder, 'approvals', part);
    mkdirSync(place, { recursive: true, mode: 0o700 });
    renameSync(place, join(folder, 'moved'));
    symlinkSync(join(folder, 'moved'), place);
    assert.equal(await attempt(CALL), 'approval-required');
    if (part !== 'spent') assert.throws(() => approvals.list(), /symbolic link/u);
  });

test('ten thousand requests leave a person sixteen, and others their own', async (context) => {
  const { attempt, approvals, folder } = await stageOf(context);
  const codes = new Map<string, number>();
  for (let at = 0; at < 10_000; at++) {
    const code = await attempt(writing({ at }));
    codes.set(code, (codes.get(code) ?? 0) + 1);
  }
  assert.deepEqual(Object.fromEntries(codes), { 'approval-required': 16, 'rate-limited': 9984 });
  assert.equal(await attempt(writing({ at: 3 })), 'approval-required', 'one that waits is joined');
  const bob = sessionOf({ caller: callerOf({ subject: 'bob' }) });
  assert.equal(await attempt({ ...CALL, session: bob }), 'approval-required');
  assert.equal(approvals.list().length, 17);
  assert.equal(readdirSync(join(folder, 'approvals', 'request')).length, 17);
});

test('one person has sixteen with however many programs, and an hour later sixteen more', async (context) => {
  let now = Date.now();
  const { attempt, approvals, folder } = await stageOf(context, { now: () => now });
  const codes: string[] = [];
  for (let at = 0; at < 20; at++) {
    const session = sessionOf({ caller: callerOf({ client: `program ${at}` }) });
    codes.push(await attempt({ ...CALL, session }));
  }
  assert.equal(codes.filter((code) => code === 'approval-required').length, 16);
  const requests = join(folder, 'approvals', 'request');
  assert.equal(readdirSync(requests).length, 16);
  now += 3_601_000;
  assert.equal(await attempt(CALL), 'approval-required');
  assert.equal(readdirSync(requests).length, 1, 'arguments are not kept for longer');
  now += 3_601_000;
  assert.deepEqual(approvals.list(), []);
  assert.deepEqual(readdirSync(requests), []);
});

test('what is kept is kept for this user alone', async (context) => {
  const { approved, attempt, folder } = await stageOf(context);
  await approved(CALL);
  await approved(writing({ path: '/c' }));
  assert.equal(await attempt(CALL), 'ran');
  const kept = readdirSync(join(folder, 'approvals'), { recursive: true, encoding: 'utf8' });
  assert.equal(kept.length, 6, kept.join(' '));
  for (const name of kept)
    assert.equal(statSync(join(folder, 'approvals', name)).mode & 0o077, 0, name);
});
