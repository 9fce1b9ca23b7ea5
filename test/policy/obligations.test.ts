import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Call } from '../../src/call.ts';
import { readConfigText } from '../../src/config/load.ts';
import { createCanEnforce } from '../../src/policy/can-enforce.ts';
import type { Obligation, Policy } from '../../src/policy/policy.ts';
import { callOf, callerOf, policyFrom, sessionOf, subjectOf, verdict } from './support.ts';

const PERMIT = '@id("permit") permit(principal in Group::"eng", action, resource);';
const ASK_USER =
  '@id("ask-user") @requires_approval("user") @reason("it writes") forbid(principal, action in Action::"write", resource) unless { context.pep.approvals.contains("user") };';
const ASK_ADMIN =
  '@id("ask-admin") @requires_approval("admin") @advice("page the admin") forbid(principal, action in Action::"financial", resource) unless { context.pep.approvals.contains("admin") };';
const REDACT =
  '@id("redact") @redact("pii") forbid(principal, action, resource is Tool) when { resource.dataClass >= 2 } unless { context.pep.enforce.contains("pii") };';
const HARD =
  '@id("hard") @reason("never") forbid(principal, action, resource == Tool::"files/never");';
/** Lifted by two approvals, one of which another policy asks for. */
const AFTER =
  '@id("after") @requires_approval("admin") forbid(principal, action, resource == Tool::"files/twice") unless { context.pep.approvals.containsAll(["user", "admin"]) };';

const write = subjectOf({ classes: ['write'] });
const pay = subjectOf({ classes: ['financial'] });
const code = subjectOf({ classes: ['code_execution'], server: 'code', name: 'execute_python' });

test('approval is asked for only where it would make the call allowed', async (t) => {
  const policy = await policyFrom(t, PERMIT + ASK_USER + ASK_ADMIN + REDACT + HARD + AFTER);
  const stranger = sessionOf({ caller: callerOf({ groups: [] }) });
  for (const [call, approvals, want] of [
    [callOf(), [], 'allow'],
    [callOf({ subject: write }), [], 'ask user'],
    [callOf({ subject: write }), ['user'], 'allow'],
    [callOf({ subject: write }), ['somebody'], 'ask user'],
    [callOf({ subject: pay }), [], 'ask admin user'],
    [callOf({ subject: pay }), ['user'], 'ask admin'],
    [callOf({ subject: pay }), ['user', 'admin'], 'allow'],
    // An approval would change nothing: nobody is asked.
    [callOf({ subject: write, session: stranger }), [], 'deny'],
    [callOf({ subject: { ...write, name: 'never' } }), [], 'deny hard'],
    [callOf({ subject: { ...write, name: 'never' } }), ['user', 'admin'], 'deny hard'],
    [callOf({ subject: { ...write, pin: 'drift' } }), ['user'], 'deny guard.pin-drift'],
    [callOf({ subject: { ...write, dataClass: 3 } }), [], 'deny ask-user redact'],
    [callOf({ subject: { ...write, name: 'twice' } }), [], 'ask admin user'],
    [callOf({ subject: { ...write, name: 'twice' } }), ['user'], 'ask admin'],
  ] as const)
    assert.equal(verdict(policy, call, approvals), want, JSON.stringify(call.subject.name));
});

test('obligations say what the forbids asked for, and why', async (t) => {
  const policy = await policyFrom(t, PERMIT + ASK_USER + ASK_ADMIN, {});
  const permit = policy.decide(callOf({ subject: pay }));
  assert.deepEqual(permit.policies, ['permit']);
  assert.deepEqual(permit.obligations.approvals.toSorted(), ['admin', 'user']);
  assert.deepEqual(permit.obligations.advice.toSorted(), ['it writes', 'page the admin']);
});

test('what the gateway cannot enforce is refused; what it can is promised in the permit', async (t) => {
  const asked: Obligation[] = [];
  const canEnforce = (call: Call, obligation: Obligation): boolean => {
    asked.push(obligation);
    return call.subject.server === 'code' && obligation.kind === 'isolation';
  };
  const policy = await policyFrom(
    t,
    `${PERMIT}${REDACT}
     @isolation("microvm") forbid(principal, action, resource == Tool::"code/execute_bash") unless { context.pep.enforce.contains("isolation:microvm") };`,
    { canEnforce },
  );
  assert.equal(policy.decide(callOf({ subject: code })).obligations.isolation, 'wasm');
  assert.deepEqual(asked, [{ kind: 'isolation', value: 'wasm' }]);
  assert.equal(
    policy.decide(callOf({ subject: { ...code, name: 'execute_bash' } })).obligations.isolation,
    'microvm',
    'the stronger of two tiers',
  );
  const elsewhere = { ...code, server: 'shell' };
  assert.equal(verdict(policy, callOf({ subject: elsewhere })), 'deny guard.isolate-code');
  assert.equal(verdict(policy, callOf({ subject: subjectOf({ dataClass: 2 }) })), 'deny redact');
  const promisesNothing = await policyFrom(t, PERMIT);
  assert.equal(verdict(promisesNothing, callOf({ subject: code })), 'deny guard.isolate-code');
});

test('explain tells the same as decide, and what is missing', async (t) => {
  const policy = await policyFrom(t, { 'team.cedar': PERMIT + ASK_USER + HARD });
  const rows: readonly (readonly [Call, string, readonly string[], string])[] = [
    [callOf(), 'allow', ['permit'], ''],
    [callOf({ subject: write }), 'needs-approval', ['permit', 'ask-user'], 'approval by user'],
    [
      callOf({ subject: subjectOf({ name: 'never' }) }),
      'deny',
      ['hard'],
      'policy forbids it: never (hard)',
    ],
    [
      callOf({ session: sessionOf({ caller: callerOf({ groups: [] }) }) }),
      'deny',
      [],
      'a permit for alice and action in Action::"read", or for action == Action::"tools/call:files/read_file"',
    ],
    [
      callOf({ subject: code }),
      'deny',
      ['ask-user', 'guard.isolate-code'],
      'it has to have wasm isolation',
    ],
  ];
  for (const [call, decision, ids, missing] of rows) {
    const told = policy.explain(call);
    assert.equal(told.decision, decision);
    assert.deepEqual(told.policies.map(({ id }) => id).toSorted(), ids.toSorted());
    assert.ok(told.missing.startsWith(missing), told.missing);
    assert.deepEqual(told.errors, []);
    assert.equal(agrees(policy, call), told.decision);
  }
  const [permit] = policy.explain(callOf()).policies;
  assert.deepEqual([permit?.effect, permit?.line], ['permit', 1]);
  assert.match(permit?.file ?? '', /team\.cedar$/u);
});

function agrees(policy: Policy, call: Call): string {
  const said = verdict(policy, call);
  return said.startsWith('ask') ? 'needs-approval' : (said.split(' ')[0] ?? '');
}

test('lists of hosts are promised to code, each of them, and to nobody else', async (t) => {
  const text = `${PERMIT}
    @id("few") @egress("api.example.com:443 *.example.org") forbid(principal, action in Action::"code_execution", resource) unless { context.pep.enforce.contains("egress") };
    @id("private") @egress("db.example.com") forbid(principal, action in Action::"code_execution", resource) when { context.session.labels.contains("private") } unless { context.pep.enforce.contains("egress:db.example.com") };
    @id("secret") @egress("none") @reason("it has seen a secret") forbid(principal, action in Action::"code_execution", resource) when { context.session.labels.contains("secret") } unless { context.pep.enforce.contains("egress") };
    @id("or-ask") @egress("mirror.example.com") forbid(principal, action, resource == Tool::"code/execute_bash") unless { context.pep.enforce.contains("egress:mirror.example.com") || context.pep.approvals.contains("user") };`;
  const policy = await policyFrom(t, text, { canEnforce: createCanEnforce({ mcpServers: {} }) });
  const few = 'api.example.com:443 *.example.org';
  for (const [labels, name, approvals, want] of [
    [[], 'execute_python', [], [few]],
    [['private'], 'execute_python', [], [few, 'db.example.com']],
    [['private', 'secret'], 'execute_python', [], [few, 'db.example.com', 'none']],
    [[], 'execute_bash', [], [few, 'mirror.example.com']],
    [[], 'execute_bash', ['user'], [few]],
  ] as const) {
    const session = sessionOf({ labels: new Set(labels) });
    const call = callOf({ subject: { ...code, name }, session });
    const { obligations } = policy.decide(call, approvals);
    assert.deepEqual(obligations.egress?.toSorted(), want.toSorted(), `${labels.join()} ${name}`);
    if (approvals.length > 0) continue;
    const told = policy.explain(call);
    assert.deepEqual(
      told.enforced.toSorted(),
      ['isolation wasm', ...want.map((list) => `egress ${list}`)].toSorted(),
    );
  }
  const elsewhere = callOf({ subject: { ...code, server: 'shell' } });
  assert.match(verdict(policy, elsewhere), /^deny /u);
  assert.match(
    policy.explain(elsewhere).missing,
    /^it has to have (?:gvisor isolation|connections to api\.example\.com:443 \*\.example\.org alone), and/u,
  );
  assert.equal(policy.decide(callOf()).obligations.egress, undefined);
});

const WRONG_LISTS: readonly (readonly [string, RegExp])[] = [
  [
    '@egress("10.0.0.1") forbid(principal, action, resource) unless { context.pep.enforce.contains("egress") };',
    /@egress needs hosts as in builtin\.code\.egress/u,
  ],
  [
    '@egress("") forbid(principal, action, resource) unless { context.pep.enforce.contains("egress") };',
    /@egress needs hosts/u,
  ],
  [
    '@egress forbid(principal, action, resource) unless { context.pep.enforce.contains("egress") };',
    /@egress needs hosts/u,
  ],
  ['@egress("a.example.com") permit(principal, action, resource);', /@egress stands on a permit/u],
  [
    '@egress("a.example.com") forbid(principal, action, resource);',
    /nothing lifts it when egress "a\.example\.com" is given/u,
  ],
  [
    '@egress("a.example.com") forbid(principal, action, resource) unless { context.pep.enforce.contains("egress:b.example.com") };',
    /nothing lifts it/u,
  ],
  [
    '@egress("a.example.com") forbid(principal, action, resource) unless { context.pep.enforce.contains("a.example.com") };',
    /nothing lifts it/u,
  ],
  [
    '@egress("a.example.com") forbid(principal, action, resource) unless { context.pep.approvals.contains("egress") };',
    /nothing lifts it/u,
  ],
  [
    '@egres("a.example.com") forbid(principal, action, resource) unless { context.pep.enforce.contains("egress") };',
    /unknown annotation @egres/u,
  ],
];
for (const [text, message] of WRONG_LISTS)
  test(`${text.slice(0, 40)}… does not load: ${message.source}`, async (t) => {
    await assert.rejects(policyFrom(t, PERMIT + text), message);
  });

const of = (server: string): Call => callOf({ subject: { ...code, server } });

test('isolation is promised for servers that run in a sandbox, and for no other', async (t) => {
  const text = JSON.stringify({
    mcpServers: {
      held: { command: 'node', args: ['-e', '1'], sandbox: { image: 'sallyport/node' } },
      shell: { command: 'bash' },
      afar: { url: 'https://shell.example/mcp' },
    },
  });
  const canEnforce = createCanEnforce(readConfigText(text, '/etc/s.json', { HOME: '/home/a' }));
  const policy = await policyFrom(t, PERMIT, { canEnforce });
  assert.equal(policy.decide(of('held')).obligations.isolation, 'wasm');
  assert.equal(policy.decide(of('code')).obligations.isolation, 'wasm');
  for (const server of ['shell', 'afar', 'nobody', 'constructor'])
    assert.equal(verdict(policy, of(server)), 'deny guard.isolate-code', server);
  // What lists of hosts are worth there is another question.
  assert.equal(canEnforce(of('held'), { kind: 'egress', value: 'api.example.com' }), false);
});

const RETURNS =
  '@id("apart") @returns("handle") @reason("anybody may have written it") forbid(principal, action in Action::"read", resource) when { context.session.labels.contains("private") } unless { context.pep.enforce.contains("handle") };';

test('a result is returned as a handle, or the call is refused with the reason', async (t) => {
  const policy = await policyFrom(t, PERMIT + RETURNS, {
    canEnforce: createCanEnforce({ mcpServers: {} }),
  });
  const session = sessionOf({ labels: ['private'] });
  const shaped = subjectOf({ definition: { outputSchema: { type: 'object' } } });
  const step = {
    plan: '',
    number: 0,
    labels: new Set<string>(),
    argLabels: new Set<string>(),
    fromUntrusted: new Set<'text'>(),
  };
  const inRun = { ...session, step: { ...step, isRun: true } };
  const along = { ...session, step: { ...step, isRun: false } };
  const resource = subjectOf({ kind: 'resource' });
  for (const [call, want] of [
    [callOf({ session }), true],
    [callOf({ session, subject: { ...shaped, asHandle: true } }), true],
    [callOf({ session: inRun, subject: shaped }), true],
    // A client that was told of a shape would take no handle; nothing else than tools gives one.
    [callOf({ session, subject: shaped }), undefined],
    [callOf({ session: along, subject: shaped }), undefined],
    [callOf({ session, method: 'resources/read', subject: resource }), undefined],
    [callOf({ session, method: 'prompts/get', subject: subjectOf({ kind: 'prompt' }) }), undefined],
    [callOf({ session, method: 'completion/complete', subject: resource }), undefined],
    [callOf({ session, subject: subjectOf({ server: 'sallyport', name: 'plan_run' }) }), undefined],
  ] as const) {
    const what = JSON.stringify([call.method, call.subject]);
    if (want !== undefined) assert.equal(policy.decide(call).obligations.asHandle, want, what);
    else {
      assert.equal(verdict(policy, call), 'deny apart', what);
      assert.throws(() => policy.decide(call), /anybody may have written it/u);
    }
  }
  assert.equal(policy.decide(callOf()).obligations.asHandle, undefined);
  assert.deepEqual(policy.explain(callOf({ session })).enforced, ['result as a handle']);
});

for (const [text, said] of [
  [
    '@returns("handles") forbid(principal, action, resource) unless { context.pep.enforce.contains("handles") };',
    /@returns needs handle/u,
  ],
  ['@returns("handle") forbid(principal, action, resource);', /nothing lifts it when returns/u],
  ['@returns("handle") permit(principal, action, resource);', /stands on a permit/u],
  [
    '@returns("handle") forbid(principal, action, resource) unless { context.pep.approvals.contains("handle") };',
    /nothing lifts it/u,
  ],
] as const)
  test(`an obligation that would oblige to nothing does not load: ${text}`, async (t) => {
    await assert.rejects(policyFrom(t, text), (thrown: unknown) =>
      said.test(JSON.stringify(thrown)),
    );
  });
