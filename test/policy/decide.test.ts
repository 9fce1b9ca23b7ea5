import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from '../support/property.ts';
import { CLASSES, spend } from '../../src/call.ts';
import type { CapabilityClass } from '../../src/call.ts';
import { Denial } from '../../src/denial.ts';
import { callOf, callerOf, policyFrom, sessionOf, subjectOf, verdict, NOON } from './support.ts';
import type { CallParts } from './support.ts';

test('a permit is a proof that can be spent once, and names the policies that allowed', async (t) => {
  const policy = await policyFrom(
    t,
    '@id("a") permit(principal, action, resource); @id("b") permit(principal == User::"alice", action, resource); @id("c") permit(principal == User::"bob", action, resource);',
  );
  const permit = policy.decide(callOf());
  assert.deepEqual(permit.policies, ['a', 'b']);
  assert.deepEqual(permit.obligations, { approvals: [], redact: [], advice: [] });
  spend('Permit', permit);
  assert.throws(() => spend('Permit', permit), TypeError);
});

test('every class of a tool has to be permitted; any forbidden class forbids', async (t) => {
  const byClass = await policyFrom(
    t,
    `@id("read") permit(principal in Group::"r", action in Action::"read", resource);
     @id("write") permit(principal in Group::"w", action in Action::"write", resource);
     @id("out") permit(principal in Group::"o", action in [Action::"external_communication"], resource);
     @id("named") permit(principal in Group::"n", action == Action::"tools/call:files/read_file", resource);
     @id("condition") permit(principal in Group::"c", action, resource) when { action in Action::"read" };
     @id("not") permit(principal in Group::"x", action, resource) unless { action in Action::"write" };
     @id("no-pay") forbid(principal in Group::"np", action in Action::"financial", resource);
     @id("only-read") forbid(principal in Group::"or", action, resource) unless { action in Action::"read" };
     @id("pair") forbid(principal in Group::"pair", action, resource) when { action in Action::"read" && action in Action::"external_communication" };`,
  );
  const rows: readonly (readonly [string, readonly CapabilityClass[], boolean])[] = [
    ['r', ['read'], true],
    ['r', ['read', 'external_communication'], false],
    ['r', ['read', 'destructive'], false],
    ['r', ['external_communication'], false],
    ['r o', ['read', 'external_communication'], true],
    ['r o', ['read', 'external_communication', 'credential_access'], false],
    ['r w o', ['read', 'financial', 'external_communication'], true],
    ['w', ['write'], true],
    // A kind of writing, named with or without the general word.
    ['w', ['destructive'], true],
    ['w', ['write', 'destructive'], true],
    ['r', [], false],
    ['n', ['read', 'destructive', 'external_communication'], true],
    ['c', ['read'], true],
    ['c', ['read', 'external_communication'], false],
    ['c o', ['read', 'external_communication'], true],
    ['x', ['read'], true],
    ['x', ['read', 'external_communication'], true],
    ['x', ['read', 'destructive'], false],
    ['r w np', ['read', 'write'], true],
    ['r w np', ['read', 'financial'], false],
    ['r o or', ['read'], true],
    ['r o or', ['read', 'external_communication'], false],
    ['r o pair', ['read'], true],
    ['r o pair', ['external_communication'], true],
    ['r o pair', ['read', 'external_communication'], false],
  ];
  for (const [groups, classes, allowed] of rows) {
    const session = sessionOf({ caller: callerOf({ groups: groups.split(' ') }) });
    const said = verdict(byClass, callOf({ session, subject: subjectOf({ classes }) }));
    assert.equal(said === 'allow', allowed, `${groups}: ${classes.join()}: ${said}`);
  }
});

test('asking once and asking class by class give the same answer', async (t) => {
  const texts = CLASSES.flatMap((name) => [
    `@id("permit.${name}") permit(principal in Group::"p-${name}", action in Action::"${name}", resource);`,
    `@id("forbid.${name}") forbid(principal in Group::"f-${name}", action in [Action::"${name}"], resource);`,
  ]);
  texts.push(
    '@id("named") permit(principal in Group::"named", action == Action::"tools/call:files/read_file", resource);',
    '@id("all") permit(principal in Group::"all", action, resource);',
  );
  const once = await policyFrom(t, texts.join('\n'));
  // It never holds, but looks at the action.
  const never =
    'forbid(principal, action, resource) when { action in Action::"read" && context.session.calls > 1000 };';
  const each = await policyFrom(t, [...texts, never].join('\n'));
  const groups = ['named', 'all', ...CLASSES.flatMap((name) => [`p-${name}`, `f-${name}`])];
  let allowed = 0;
  fc.assert(
    fc.property(
      fc.oneof(
        { weight: 1, arbitrary: fc.subarray(groups) },
        { weight: 3, arbitrary: fc.subarray(groups.filter((name) => name.startsWith('p-'))) },
      ),
      fc.subarray([...CLASSES], { maxLength: 4 }),
      fc.constantFrom('read_file', 'other'),
      (caller, classes, name) => {
        const session = sessionOf({ caller: callerOf({ groups: caller }) });
        const call = callOf({ session, subject: subjectOf({ classes, name }) });
        const said = verdict(once, call);
        if (said === 'allow') allowed++;
        assert.equal(verdict(each, call).split(' ')[0], said.split(' ')[0]);
      },
    ),
    { numRuns: 600 },
  );
  assert.ok(allowed > 50);
});

test('a tool without a class is unclassified', async (t) => {
  const policy = await policyFrom(
    t,
    'permit(principal, action in Action::"unclassified", resource);',
  );
  assert.equal(verdict(policy, callOf({ subject: subjectOf({ classes: [] }) })), 'allow');
  for (const name of CLASSES.filter((each) => each !== 'unclassified'))
    assert.match(verdict(policy, callOf({ subject: subjectOf({ classes: [name] }) })), /^deny/u);
});

test('policies speak of users, groups, servers, tools, labels, time, pins and reviews', async (t) => {
  let clock = NOON;
  const policy = await policyFrom(
    t,
    `permit(principal == User::"u1", action, resource);
     permit(principal in Group::"g2", action, resource);
     permit(principal == User::"u3", action, resource in Server::"files");
     permit(principal == User::"u4", action, resource == Tool::"files/read_file");
     permit(principal == User::"u5", action == Action::"tools/call:files/read_file", resource);
     permit(principal == User::"u6", action, resource) unless { context.session.labels.contains("untrusted") };
     permit(principal == User::"u7", action, resource) when { context.req.now.toTime() >= duration("8h") && context.req.now.toTime() < duration("18h") };
     permit(principal == User::"u8", action, resource) when { context.req.now < datetime("2026-12-01") };
     permit(principal == User::"u9", action, resource is Tool) when { resource.reviewed && resource.pin == "match" };
     permit(principal == User::"u10", action, resource is Tool) when { resource.dataClass <= 1 && !resource.sink.contains("external") };
     permit(principal == User::"u11", action, resource) when { context.req.scopes.contains("mcp:tools") && principal.issuer == "https://idp.example" && context.req.assurance >= 1 };
     permit(principal == User::"u12", action, resource) when { context.req has authAge && context.req.authAge <= duration("5m") };
     permit(principal == User::"u13", action, resource) when { context.session.calls < 3 && context.session.escalation == 0 };
     permit(principal == User::"u14", action, resource) when { context.facts.bytes <= 20 };
     permit(principal is User in Group::"g15", action, resource is Tool in Server::"files");
     permit(principal == User::"u16", action == Action::"tools/call:tickets/a/b \\"c\\"", resource);`,
    { now: () => clock },
  );
  const token = { issuer: 'https://idp.example', scopes: ['mcp:tools'], assurance: 1 };
  const rows: readonly (readonly [string, CallParts, boolean, Date?])[] = [
    ['u1', {}, true],
    ['u2', {}, false],
    ['u2 g2', {}, true],
    ['g2', {}, false],
    ['u3', {}, true],
    ['u3', { subject: subjectOf({ server: 'files2' }) }, false],
    ['u4', {}, true],
    ['u4', { subject: subjectOf({ name: 'read_file2' }) }, false],
    ['u5', {}, true],
    ['u5', { subject: subjectOf({ server: 'other' }) }, false],
    ['u6', {}, true],
    ['u6', { session: sessionOf({ labels: ['untrusted'] }) }, false],
    ['u7', {}, true],
    ['u7', {}, false, new Date('2026-11-25T18:00:00Z')],
    ['u7', {}, true, new Date('2026-11-25T17:59:59.999Z')],
    ['u8', {}, true],
    ['u8', {}, false, new Date('2026-12-01T00:00:00Z')],
    ['u9', {}, true],
    ['u9', { subject: subjectOf({ reviewed: false }) }, false],
    ['u10', {}, true],
    ['u10', { subject: subjectOf({ dataClass: 2 }) }, false],
    ['u10', { subject: subjectOf({ sink: ['external'] }) }, false],
    ['u11', { session: sessionOf({ caller: callerOf(token) }) }, true],
    ['u11', { session: sessionOf({ caller: callerOf({ ...token, issuer: 'evil' }) }) }, false],
    ['u12', {}, false],
    [
      'u12',
      { session: sessionOf({ caller: callerOf({ authTime: NOON.getTime() / 1000 - 60 }) }) },
      true,
    ],
    [
      'u12',
      { session: sessionOf({ caller: callerOf({ authTime: NOON.getTime() / 1000 - 301 }) }) },
      false,
    ],
    ['u13', { session: sessionOf({ calls: 2 }) }, true],
    ['u13', { session: sessionOf({ calls: 3 }) }, false],
    ['u14', { args: { a: 'short' } }, true],
    ['u14', { args: { a: 'x'.repeat(20) } }, false],
    ['u15 g15', {}, true],
    ['u16', { subject: subjectOf({ server: 'tickets', name: 'a/b "c"' }) }, true],
    ['u16', { subject: subjectOf({ server: 'tickets', name: 'a/b' }) }, false],
  ];
  for (const [who, parts, allowed, at = NOON] of rows) {
    clock = at;
    const [subject = '', ...groups] = who.split(' ');
    const given = parts.session ?? sessionOf();
    const session = { ...given, caller: { ...given.caller, subject, groups } };
    const said = verdict(policy, callOf({ ...parts, session }));
    assert.equal(said === 'allow', allowed, `${who} ${JSON.stringify(parts)}: ${said}`);
  }
});

test('every surface is decided: resources, prompts, completions and what servers ask', async (t) => {
  const policy = await policyFrom(
    t,
    `permit(principal == User::"reader", action in Action::"read", resource);
     permit(principal == User::"one", action == Action::"resources/read", resource == Resource::"files/file:///a");
     permit(principal == User::"asker", action in [Action::"elicitation/create", Action::"roots/list"], resource == Server::"files");
     permit(principal == User::"sampler", action == Action::"sampling/createMessage", resource);`,
  );
  const resource = subjectOf({ kind: 'resource', name: 'file:///a' });
  const prompt = subjectOf({ kind: 'prompt', name: 'hello' });
  const request = subjectOf({ kind: 'request', name: 'elicitation/create', classes: [] });
  const secret = { ...resource, classes: ['credential_access'] as const };
  for (const [who, method, subject, allowed] of [
    ['reader', 'resources/read', resource, true],
    ['reader', 'resources/read', { ...resource, classes: [] }, true],
    ['reader', 'resources/read', secret, false],
    ['reader', 'prompts/get', prompt, true],
    ['reader', 'completion/complete', prompt, true],
    ['reader', 'completion/complete', resource, true],
    ['reader', 'elicitation/create', request, false],
    ['one', 'resources/read', resource, true],
    ['one', 'resources/read', secret, true],
    ['one', 'resources/read', { ...resource, name: 'file:///b' }, false],
    ['one', 'completion/complete', resource, false],
    ['asker', 'elicitation/create', request, true],
    ['asker', 'roots/list', request, true],
    ['asker', 'elicitation/create', { ...request, server: 'mail' }, false],
    ['asker', 'sampling/createMessage', request, false],
    ['sampler', 'sampling/createMessage', request, true],
  ] as const) {
    const session = sessionOf({ caller: callerOf({ subject: who }) });
    const said = verdict(policy, callOf({ method, session, subject }));
    assert.equal(said === 'allow', allowed, `${who} ${method} ${subject.name}: ${said}`);
  }
});

test('a refusal tells the model what is wrong and what it may do, and carries the policies', async (t) => {
  const policy = await policyFrom(
    t,
    `permit(principal, action in Action::"read", resource);
     @id("no-drive") @reason("the drive is frozen") @advice("ask in the ops channel") forbid(principal, action, resource in Server::"drive");`,
  );
  for (const [subject, message, hint, policies] of [
    [
      subjectOf({ server: 'drive', name: 'list' }),
      'Cannot call drive/list: policy forbids it: the drive is frozen (no-drive)',
      'ask in the ops channel',
      ['no-drive'],
    ],
    [
      subjectOf({ classes: ['read', 'financial'] }),
      'Cannot call files/read_file: no policy permits alice what it does: financial',
      'do not retry; tell the user, or do it another way',
      [],
    ],
  ] as const)
    assert.throws(
      () => policy.decide(callOf({ subject })),
      (thrown) => {
        assert.ok(thrown instanceof Denial);
        assert.deepEqual(
          [thrown.code, thrown.message, thrown.hint, thrown.policies],
          ['policy-denied', message, hint, policies],
        );
        return true;
      },
    );
});

test('the digest is of the exact texts', async (t) => {
  const text = '@id("a") permit(principal, action, resource);';
  const one = await policyFrom(t, text);
  const same = await policyFrom(t, { 'other-name.cedar': text });
  const other = await policyFrom(t, `${text} `);
  assert.match(one.digest, /^[0-9a-f]{64}$/u);
  assert.equal(one.digest, same.digest);
  assert.notEqual(one.digest, other.digest);
  assert.ok(one.count > 1);
});

for (const [path, given] of [
  ['context.facts has amount', { args: { amount: 5 } }],
  ['context.req has authAge', { session: sessionOf({ caller: callerOf({ authTime: 0 }) }) }],
] as const)
  test(`a policy that looks for one thing alone is answered where that is not there: ${path}`, async (context) => {
    const policy = await policyFrom(
      context,
      `@id("all") permit(principal, action, resource);
       @id("has") forbid(principal, action, resource) when { ${path} };`,
    );
    assert.equal(verdict(policy, callOf()), 'allow');
    assert.equal(verdict(policy, callOf(given)), 'deny has');
  });
