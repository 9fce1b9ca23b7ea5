import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from '../support/property.ts';
import { CLASSES } from '../../src/call.ts';
import type { CallMethod, CapabilityClass, Session, Subject } from '../../src/call.ts';
import { createCedar } from '../../src/policy/cedar.ts';
import { compile } from '../../src/policy/compile.ts';
import { BASE_SCHEMA, SHIPPED } from '../../src/policy/policies.ts';
import { createPolicy } from '../../src/policy/policy.ts';
import { readSources } from '../../src/policy/sources.ts';
import type { Source } from '../../src/policy/sources.ts';
import { callOf, callerOf, policyFrom, sessionOf, subjectOf, verdict, NOON } from './support.ts';

test('a list shows what some arguments could be permitted for now, approvals included', async (t) => {
  let clock = NOON;
  const policy = await policyFrom(
    t,
    `permit(principal == User::"all", action, resource);
     permit(principal == User::"small", action, resource == Tool::"files/a") when { context.facts.bytes < 10 };
     permit(principal == User::"clean", action, resource) when { context.facts.bytes < 10 && !context.session.labels.contains("untrusted") };
     permit(principal == User::"hours", action, resource) when { context.req.now.toTime() < duration("13h") };
     @id("no-b") forbid(principal, action, resource == Tool::"files/b");
     @id("big") forbid(principal, action, resource) when { context.facts.bytes > 1000 };
     @id("ask") @requires_approval("user") forbid(principal, action in Action::"write", resource) unless { context.pep.approvals.contains("user") };`,
    { now: () => clock },
  );

  const a = subjectOf({ name: 'a' });
  const b = subjectOf({ name: 'b' });
  const write = subjectOf({ name: 'w', classes: ['write'] });
  const drifted = subjectOf({ name: 'd', pin: 'drift' });
  const subjects = [a, b, write, drifted];
  const late = new Date(NOON.getTime() + 3_600_000);
  for (const [subject, labels, want, at = NOON] of [
    ['all', [], [a, write]],
    ['small', [], [a]],
    ['clean', [], [a, write]],
    ['clean', ['untrusted'], []],
    ['hours', [], [a, write]],
    ['hours', [], [], late],
    ['nobody', [], []],
  ] as const) {
    clock = at;
    const session = sessionOf({ caller: callerOf({ subject }), labels });
    for (const round of ['cold', 'warm'])
      assert.deepEqual(
        policy.visible(session, 'tools/call', subjects).map(({ name }) => name),
        want.map(({ name }) => name),
        `${subject} ${round}`,
      );
  }
});

test('a condition that errors once its guard is left out hides nothing', async (t) => {
  const policy = await policyFrom(
    t,
    `permit(principal, action in Action::"read", resource);
     permit(principal, action, resource) when { context.facts.bytes > 1000 && context.session.calls * 9007199254740991 * 9007199254740991 > 0 };`,
  );
  const session = sessionOf({ calls: 1 });
  assert.equal(verdict(policy, callOf({ session })), 'allow');
  assert.equal(policy.visible(session, 'tools/call', [subjectOf()]).length, 1);
});

test('answers are not shared between callers, methods, or subjects that a policy tells apart', async (t) => {
  const policy = await policyFrom(
    t,
    `permit(principal, action, resource is Tool) when { resource.name == "x" || resource.dataClass == 0 };
     permit(principal in Group::"g", action == Action::"prompts/get", resource);
     permit(principal, action == Action::"tools/call:s/named", resource);`,
  );
  const tools = [
    subjectOf({ name: 'x' }),
    subjectOf({ name: 'y' }),
    subjectOf({ name: 'z', dataClass: 0 }),
    subjectOf({ server: 's', name: 'named' }),
    subjectOf({ server: 's', name: 'unnamed' }),
  ];
  const names = (session: Session, method: CallMethod, subjects: readonly Subject[]): string =>
    policy
      .visible(session, method, subjects)
      .map(({ name }) => name)
      .join();
  assert.equal(names(sessionOf(), 'tools/call', tools), 'x,z,named');
  const prompts = [subjectOf({ kind: 'prompt', name: 'p' })];
  assert.equal(names(sessionOf(), 'prompts/get', prompts), '');
  const member = sessionOf({ caller: callerOf({ groups: ['g'] }) });
  assert.equal(names(member, 'prompts/get', prompts), 'p');
  assert.equal(names(member, 'completion/complete', prompts), '');
});

test('what a policy says about the action of one tool holds for that tool alone, however it says so', async (t) => {
  const policy = await policyFrom(
    t,
    `permit(principal == User::"scope", action == Action::"tools/call:s/a", resource);
     permit(principal == User::"never", action == Action::"tools/call:s/a", resource in Server::"other");
     permit(principal == User::"server", action == Action::"tools/call:s/a", resource in Server::"s");
     permit(principal == User::"list", action in [Action::"tools/call:s/b", Action::"tools/call:s/c"], resource);
     permit(principal == User::"when", action, resource) when { action == Action::"tools/call:s/c" };
     permit(principal == User::"both", action == Action::"tools/call:s/c", resource) when { context.facts.bytes > 1 };
     permit(principal == User::"but", action in Action::"read", resource);
     forbid(principal == User::"but", action == Action::"tools/call:s/a", resource);
     forbid(principal == User::"but", action == Action::"tools/call:s/b", resource in Server::"other");`,
  );
  const tools = ['a', 'b', 'c', 'd'].map((name) => subjectOf({ server: 's', name }));
  const prompts = [subjectOf({ kind: 'prompt', server: 's', name: 'a' })];
  for (const [subject, want, wantPrompts] of [
    ['scope', 'a', 0],
    ['never', '', 0],
    ['server', 'a', 0],
    ['list', 'bc', 0],
    ['when', 'c', 0],
    ['both', 'c', 0],
    ['but', 'bcd', 1],
  ] as const) {
    const session = sessionOf({ caller: callerOf({ subject }) });
    const shown = policy.visible(session, 'tools/call', tools).map(({ name }) => name);
    assert.equal(shown.join(''), want, subject);
    assert.equal(policy.visible(session, 'prompts/get', prompts).length, wantPrompts, subject);
  }
});

test('a subject that changed in place is asked about anew', async (t) => {
  const policy = await policyFrom(t, 'permit(principal, action in Action::"read", resource);');
  const subject = { ...subjectOf(), classes: ['read' as CapabilityClass] };
  assert.equal(policy.visible(sessionOf(), 'tools/call', [subject]).length, 1);
  subject.classes.splice(0, 1, 'write');
  assert.equal(policy.visible(sessionOf(), 'tools/call', [subject]).length, 0);
});

const LABELS = ['untrusted', 'private', 'secret'] as const;
const SERVERS = ['files', 'mail'] as const;
const NAMES = ['a', 'b'] as const;

const subjects = fc.record({
  server: fc.constantFrom(...SERVERS),
  name: fc.constantFrom(...NAMES),
  classes: fc.subarray([...CLASSES], { maxLength: 3 }),
  dataClass: fc.integer({ min: 0, max: 3 }),
  sink: fc.subarray(['external', 'pay']),
  pin: fc.constantFrom('match', 'match', 'match', 'drift' as const),
  reviewed: fc.boolean(),
});
const sessions = fc.record({
  groups: fc.subarray(['eng', 'ops']),
  labels: fc.subarray([...LABELS]),
  escalation: fc.integer({ min: 0, max: 3 }),
  calls: fc.integer({ min: 0, max: 4 }),
  bytes: fc.integer({ min: 0, max: 40 }),
});

const classAction = fc.constantFrom(...CLASSES).map((name) => `Action::"${name}"`);
const scope = fc
  .tuple(
    fc.constantFrom('principal', 'principal in Group::"eng"', 'principal == User::"alice"'),
    fc.oneof(
      fc.constant('action'),
      classAction.map((name) => `action in ${name}`),
      fc.constantFrom(
        'action == Action::"tools/call:files/a"',
        'action in [Action::"tools/call:files/b", Action::"read"]',
      ),
    ),
    fc.constantFrom(
      'resource',
      'resource is Tool',
      'resource in Server::"files"',
      'resource == Tool::"mail/a"',
    ),
  )
  .map((parts) => parts.join(', '));

const atom = fc.oneof(
  fc.constantFrom(...LABELS).map((label) => `context.session.labels.contains("${label}")`),
  fc.integer({ min: 0, max: 3 }).map((band) => `context.session.escalation >= ${band}`),
  fc.integer({ min: 0, max: 4 }).map((calls) => `context.session.calls < ${calls}`),
  fc.integer({ min: 0, max: 40 }).map((bytes) => `context.facts.bytes > ${bytes}`),
  fc
    .integer({ min: 0, max: 3 })
    .map((level) => `(resource is Tool && resource.dataClass >= ${level})`),
  fc.constant('(resource is Tool && resource.sink.contains("external"))'),
  fc.constantFrom(
    'context.session.stepInPlan',
    'context.session.planLabels.contains("untrusted")',
    'context.session.fromUntrusted.contains("text")',
    'context has plan',
    'resource == Tool::"files/b"',
    'action == Action::"tools/call:files/a"',
    '(resource is Tool && resource.name == "a")',
    'principal in Group::"ops"',
  ),
  classAction.map((name) => `action in ${name}`),
  // Errors when it is evaluated, for half of the sessions.
  fc.constant('context.session.calls * 9007199254740991 * 9007199254740991 >= 0'),
);
const { expression } = fc.letrec<{ expression: string }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    atom,
    tie('expression').map((inner) => `!(${inner})`),
    fc.tuple(tie('expression'), tie('expression')).map(([l, r]) => `(${l}) && (${r})`),
    fc.tuple(tie('expression'), tie('expression')).map(([l, r]) => `(${l}) || (${r})`),
  ),
}));
const conditions = fc
  .array(fc.tuple(fc.constantFrom('when', 'unless'), expression), { maxLength: 2 })
  .map((parts) => parts.map(([kind, body]) => ` ${kind} { ${body} }`).join(''));
const policies = fc.oneof(
  { weight: 3, arbitrary: fc.tuple(scope, conditions).map(([s, c]) => `permit(${s})${c};`) },
  {
    weight: 1,
    arbitrary: fc.tuple(scope, expression).map(([s, c]) => `forbid(${s}) when { ${c} };`),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(scope, expression)
      .map(
        ([s, c]) =>
          `@requires_approval("user") forbid(${s}) when { ${c} } unless { context.pep.approvals.contains("user") };`,
      ),
  },
);

const cedar = createCedar();
const base = readFileSync(BASE_SCHEMA, 'utf8');
const guardrails = await readSources([SHIPPED.guardrails], ({ what }) => assert.fail(what));

function sourceOf(text: string): Source {
  return { file: 'test.cedar', text, real: '' };
}

const drawn = [
  fc.array(policies, { minLength: 2, maxLength: 8 }),
  fc.array(subjects, { minLength: 4, maxLength: 12 }),
  fc.array(sessions, { minLength: 2, maxLength: 4 }),
] as const;

const STEP = {
  plan: '',
  number: 0,
  isRun: true,
  labels: new Set(['untrusted']),
  argLabels: new Set<string>(),
  fromUntrusted: new Set(['text'] as const),
};

test('whatever is allowed, with or without an approval, is visible', { timeout: 300_000 }, (t) => {
  let loaded = 0;
  let shown = 0;
  let allowed = 0;
  fc.assert(
    fc.property(...drawn, (texts, tools, states) => {
      // Cedar refuses a forbid that can never hold; such a set says nothing about lists.
      const compiled = compile(cedar, [...guardrails, sourceOf(texts.join('\n'))], base);
      fc.pre(compiled.problems.length === 0);
      const policy = createPolicy(cedar, compiled, '', { now: () => NOON });
      loaded++;
      const all = tools.map((each) => subjectOf(each));
      for (const { groups, bytes, ...state } of states) {
        const session = sessionOf({ ...state, caller: callerOf({ groups }) });
        const seen = new Set(policy.visible(session, 'tools/call', all));
        shown += seen.size;
        for (const subject of all) {
          for (const given of [session, { ...session, step: STEP }]) {
            const args = { a: 'x'.repeat(bytes) };
            const decision = verdict(policy, callOf({ session: given, subject, args }));
            if (decision.startsWith('deny')) continue;
            allowed++;
            assert.ok(seen.has(subject), `${decision}, but hidden: ${JSON.stringify(subject)}`);
          }
        }
      }
    }),
    { numRuns: 200 },
  );
  t.diagnostic(`${loaded} policy sets, ${allowed} allowed calls, ${shown} shown`);
  assert.ok(allowed > 100, 'the property was tried on something');
});

const guardrailText = guardrails.map(({ text }) => text).join('\n');

/** What Cedar itself says of everything there is, nothing sliced, shared or remembered, with all approvals given. */
function cedarAllows(text: string, session: Session, subject: Subject, bytes: number): boolean {
  const { server, name } = subject;
  const id = `tools/call:${server}/${name}`;
  const own = subject.classes.length > 0 ? subject.classes : ['unclassified'];
  const resource = { type: 'Tool', id: `${server}/${name}` };
  const principal = { type: 'User', id: session.caller.subject };
  const { issuer, client, assurance } = session.caller;
  const { classes, dataClass, source, sink, pin, reviewed } = subject;
  return [own, ...own.map((one) => [one])].every((each) => {
    const answer = cedar.use((module) =>
      module.isAuthorized({
        principal,
        action: { type: 'Action', id },
        resource,
        context: {
          session: {
            id: session.id,
            labels: [...session.labels],
            escalation: session.escalation,
            calls: session.calls,
            stepInPlan: session.step !== undefined,
            planLabels: [...(session.step?.labels ?? [])],
            fromUntrusted: [...(session.step?.fromUntrusted ?? [])],
          },
          req: {
            now: { __extn: { fn: 'datetime', arg: NOON.toISOString() } },
            assurance,
            scopes: [],
          },
          facts: {
            bytes,
            longest: bytes,
            argLabels: [],
            toTrustedHosts: false,
            unmapped: [],
            zones: [],
            hosts: [],
            recipients: [],
            recipientDomains: [],
            secrets: [],
          },
          pep: { approvals: ['user'], enforce: ['gvisor'] },
        },
        entities: [
          {
            uid: principal,
            attrs: { issuer, client, scopes: [], assurance },
            parents: session.caller.groups.map((group) => ({ type: 'Group', id: group })),
          },
          {
            uid: resource,
            attrs: {
              name,
              server,
              classes: [...classes],
              dataClass,
              source: [...source],
              sink: [...sink],
              pin,
              reviewed,
            },
            parents: [{ type: 'Server', id: server }],
          },
        ],
        policies: { staticPolicies: `${guardrailText}\n${text}` },
        schema: `${base}\naction "${id}" in [${each.join()}] appliesTo { principal: User, resource: Tool, context: Context };`,
        validateRequest: true,
      }),
    );
    if (answer.type !== 'success') return assert.fail(JSON.stringify(answer.errors));
    return answer.response.decision === 'allow' && answer.response.diagnostics.errors.length === 0;
  });
}

test(
  'what is hidden is what Cedar itself refuses, approvals given and all',
  { timeout: 300_000 },
  (t) => {
    let hidden = 0;
    let shown = 0;
    fc.assert(
      fc.property(...drawn, (texts, tools, states) => {
        const text = texts.join('\n');
        const compiled = compile(cedar, [...guardrails, sourceOf(text)], base);
        fc.pre(compiled.problems.length === 0);
        const policy = createPolicy(cedar, compiled, '', { now: () => NOON });
        const all = tools.map((each) => subjectOf(each));
        for (const { groups, bytes, ...state } of states) {
          const session = sessionOf({ ...state, caller: callerOf({ groups }) });
          const seen = new Set(policy.visible(session, 'tools/call', all));
          shown += seen.size;
          for (const subject of all) {
            if (seen.has(subject)) continue;
            hidden++;
            assert.ok(!cedarAllows(text, session, subject, bytes), JSON.stringify(subject));
          }
        }
      }),
      { numRuns: 25 },
    );
    t.diagnostic(`${hidden} hidden, ${shown} shown`);
    assert.ok(hidden > 200 && shown > 20, 'the property was tried on something');
  },
);
