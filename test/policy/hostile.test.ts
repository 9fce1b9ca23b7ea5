import assert from 'node:assert/strict';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { readFileSync } from 'node:fs';
import { isJsonObject, parseJson } from '../../src/lib/json.ts';
import { BASE_SCHEMA, SHIPPED } from '../../src/policy/policies.ts';
import { createPolicy, loadPolicy } from '../../src/policy/policy.ts';
import { createCedar } from '../../src/policy/cedar.ts';
import { compile } from '../../src/policy/compile.ts';
import { readSources } from '../../src/policy/sources.ts';
import { PolicyFault } from '../../src/policy/problem.ts';
import { scratch } from '../support/scratch.ts';
import {
  NOON,
  callOf,
  callerOf,
  folderOf,
  policyFrom,
  sessionOf,
  subjectOf,
  verdict,
} from './support.ts';

const guardrails = await readSources([SHIPPED.guardrails], ({ what }) => assert.fail(what));

test('a policy that cannot be evaluated denies, be it a forbid or a permit', async (t) => {
  const overflow = 'context.session.calls * 9007199254740991 * 9007199254740991 > 0';
  const policy = await policyFrom(
    t,
    `@id("permit") permit(principal, action, resource);
     @id("bad-forbid") forbid(principal == User::"alice", action, resource) when { ${overflow} };
     @id("bad-permit") permit(principal == User::"bob", action, resource) when { ${overflow} };`,
  );
  for (const [subject, calls, want] of [
    ['alice', 0, 'allow'],
    ['alice', 1, 'deny bad-forbid'],
    ['bob', 0, 'allow'],
    ['bob', 1, 'deny bad-permit'],
    ['carol', 1, 'allow'],
  ] as const) {
    const session = sessionOf({ caller: callerOf({ subject }), calls });
    const said = verdict(policy, callOf({ session }));
    assert.equal(said, want);
  }
  const told = policy.explain(callOf({ session: sessionOf({ calls: 1 }) }));
  assert.deepEqual([told.decision, told.errors], ['deny', ['bad-forbid']]);
});

test('arguments are no values in a policy: escapes of Cedar in them change nothing', async (t) => {
  const policy = await policyFrom(
    t,
    `permit(principal, action, resource);
     @id("size") forbid(principal, action, resource) when { context.facts.bytes > 1000 };`,
  );
  for (const args of [
    '{"__extn":{"fn":"unknown","arg":"z"}}',
    '{"path":{"__extn":{"fn":"unknown","arg":"z"}}}',
    '{"path":{"__entity":{"type":"User","id":"root"}}}',
    '{"__expr":"true"}',
    '{"a":[{"b":{"__extn":{"fn":"ip","arg":"x"}}}]}',
    '{"constructor":{"prototype":1},"toString":1}',
  ]) {
    const parsed = parseJson(args, { maxBytes: 10_000, maxDepth: 100 });
    assert.equal(verdict(policy, callOf({ args: isJsonObject(parsed) ? parsed : {} })), 'allow');
  }
  assert.equal(verdict(policy, callOf({ args: { a: 'x'.repeat(1000) } })), 'deny size');
});

test('what is not a string where one belongs is refused, however it got there', async (t) => {
  const policy = await policyFrom(t, 'permit(principal, action, resource);');
  const unknown = JSON.parse('{"__extn":{"fn":"unknown","arg":"z"}}');
  const entity = JSON.parse('{"__entity":{"type":"Group","id":"eng"}}');
  for (const call of [
    callOf({ session: sessionOf({ labels: [unknown] }) }),
    callOf({ session: sessionOf({ caller: callerOf({ subject: unknown }) }) }),
    callOf({ session: sessionOf({ caller: callerOf({ groups: [entity] }) }) }),
    callOf({ session: sessionOf({ caller: callerOf({ scopes: [unknown] }) }) }),
    callOf({ session: sessionOf({ escalation: Number.NaN }) }),
    callOf({ session: sessionOf({ calls: 1.5 }) }),
    callOf({ session: sessionOf({ caller: callerOf({ authTime: Number.POSITIVE_INFINITY }) }) }),
    callOf({ subject: subjectOf({ name: unknown }) }),
    callOf({ subject: subjectOf({ name: '\ud800' }) }),
    callOf({ subject: subjectOf({ pin: unknown }) }),
    callOf({ subject: subjectOf({ reviewed: unknown }) }),
    callOf({ subject: subjectOf({ classes: [unknown] }) }),
    callOf({ subject: subjectOf({ classes: JSON.parse('["reading"]') }) }),
    callOf({ subject: subjectOf({ dataClass: 2 ** 63 }) }),
    callOf({ subject: subjectOf({ server: 'a/b' }) }),
    callOf({ subject: subjectOf({ server: '' }) }),
    callOf({ subject: subjectOf({ kind: 'prompt' }) }),
    callOf({ method: 'resources/read' }),
  ])
    assert.throws(() => policy.decide(call), TypeError);
  const visible = policy.visible(sessionOf(), 'tools/call', [
    subjectOf({ server: 'a/b' }),
    subjectOf(),
    subjectOf({ kind: 'prompt' }),
  ]);
  assert.deepEqual(visible, [subjectOf()]);
});

test('names are data: quotes, brackets and other entities in them grant nothing', async (t) => {
  const policy = await policyFrom(
    t,
    'permit(principal == User::"alice", action, resource == Tool::"files/read_file"); permit(principal in Group::"eng", action, resource == Tool::"files/read_file");',
  );
  for (const subject of [
    'alice"',
    '"alice',
    'User::"alice"',
    'User::alice',
    'ALICE',
    'alice\u0000',
    'alice ',
    '\u0430lice',
    '\uff41lice',
    'alic\u0065\u0301',
    'Group::"eng"',
  ]) {
    // prettier-ignore
    const session = sessionOf({
      caller: callerOf({ subject, groups: ['"eng"', 'eng ', 'Group::"eng"', 'Group::eng', 'e\u0578g', 'eng:', ':eng'] }),
    });
    assert.equal(verdict(policy, callOf({ session })), 'deny', subject);
  }
  for (const name of [
    'read_file"',
    'read_file\u0000',
    '../files/read_file',
    'Read_file',
    're\u0430d_file',
    '\uff52ead_file',
    'read\u200b_file',
    'read_file/',
    'x/../read_file',
    'read%5ffile',
    'Tool::"files/read_file"',
    'files:read_file',
  ])
    assert.equal(verdict(policy, callOf({ subject: subjectOf({ name }) })), 'deny', name);
});

test('guardrails stay, and stay unchanged, whatever else is loaded', async (t) => {
  const folder = await folderOf(t, 'permit(principal, action, resource);');
  const again = await loadPolicy({ paths: [folder, SHIPPED.guardrails], now: () => NOON });
  const once = await loadPolicy({ paths: [folder], now: () => NOON });
  assert.equal(again.count, once.count);
  for (const policy of [again, once])
    assert.equal(
      verdict(policy, callOf({ subject: subjectOf({ pin: 'drift' }) })),
      'deny guard.pin-drift',
    );
  await assert.rejects(
    loadPolicy({
      paths: [await folderOf(t, '@id("guard.pin-drift") permit(principal, action, resource);')],
      now: () => NOON,
    }),
    /this @id is taken/u,
  );
});

test('policies that are missing, empty or no text do not load, and all of it is said', async (t) => {
  const folder = await scratch(t);
  const write = async (name: string, content: string | Uint8Array): Promise<void> =>
    writeFile(join(folder, name), content);
  await write('bom.cedar', '\uFEFFpermit(principal, action, resource);');
  await write('latin.cedar', Uint8Array.of(0x2f, 0x2f, 0xe9, 0x0a));
  await write('large.cedar', ' '.repeat(4 * 1024 * 1024 + 1));
  await mkdir(join(folder, 'deep', 'er'), { recursive: true });
  await write('deep/er/d.cedar', 'nonsense;');
  await symlink(join(folder, 'gone'), join(folder, 'link.cedar'));
  await mkdir(join(folder, 'empty'));
  await write('empty/readme.txt', 'permit(principal, action, resource);');
  const loading = loadPolicy({
    paths: [folder, join(folder, 'empty'), join(folder, 'missing')],
    now: () => NOON,
  });
  await assert.rejects(loading, (thrown) => {
    assert.ok(thrown instanceof PolicyFault);
    for (const what of [
      /bom\.cedar: it starts with a byte order mark/u,
      /latin\.cedar: it is not UTF-8/u,
      /large\.cedar: it is larger/u,
      /deep\/er\/d\.cedar:1: unexpected/u,
      /link\.cedar: it cannot be read \(ENOENT\)/u,
      /empty: there is no \.cedar file in it/u,
      /missing: it cannot be read \(ENOENT\)/u,
    ])
      assert.match(thrown.message, what);
    assert.equal(thrown.exit, 2);
    return true;
  });
});

test('a policy set that says nothing does not load', async (t) => {
  const comments = await folderOf(t, '// permit(principal, action, resource);\n');
  for (const paths of [[], [comments], ['']])
    await assert.rejects(loadPolicy({ paths, now: () => NOON }), PolicyFault);
  const bareString: string[] = JSON.parse('"/tmp"');
  await assert.rejects(loadPolicy({ paths: bareString, now: () => NOON }), TypeError);
});

test('two policies in one instance of Cedar do not decide for each other', () => {
  const cedar = createCedar();
  const base = readFileSync(BASE_SCHEMA, 'utf8');
  const [yes, no] = ['permit', 'forbid'].map((effect) => {
    const text = `${effect}(principal, action, resource);`;
    const sources = [...guardrails, { file: 'test.cedar', text, real: '' }];
    return createPolicy(cedar, compile(cedar, sources, base), '', { now: () => NOON });
  });
  assert.ok(yes && no);
  for (let round = 0; round < 3; round++) {
    const subject = subjectOf({ name: `tool${round}` });
    assert.equal(verdict(yes, callOf({ subject })), 'allow');
    assert.equal(verdict(no, callOf({ subject })), 'deny test.cedar#1');
    assert.deepEqual(yes.visible(sessionOf(), 'tools/call', [subject]), [subject]);
    assert.deepEqual(no.visible(sessionOf(), 'tools/call', [subject]), []);
  }
});

test('a path that is a whole disk is refused instead of read', async () => {
  await assert.rejects(loadPolicy({ paths: ['/'], now: () => NOON }), /more than 10000 entries/u);
});

test('a name that a policy knows and one that it does not cost one schema each, not one per tool', async (t) => {
  const policy = await policyFrom(
    t,
    'permit(principal, action, resource); forbid(principal, action == Action::"tools/call:s1/t1", resource);',
  );
  for (let at = 0; at < 2000; at++) {
    const said = verdict(policy, callOf({ subject: subjectOf({ server: 's1', name: `t${at}` }) }));
    assert.equal(said.startsWith('allow'), at !== 1);
  }
});
