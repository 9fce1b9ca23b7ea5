/** Patterns of "Agentic AI Governance: Security Engineering for Production", told in its words and done by the gate. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { openBundleSource } from '../../src/bundle/bundle-source.ts';
import { createCanEnforce } from '../../src/policy/can-enforce.ts';
import { digestOf } from '../../src/policy/sources.ts';
import { preparePolicy, type Policy } from '../../src/policy/policy.ts';
import { KEYS, makeBundle } from '../bundle/support.ts';
import { callOf, callerOf, sessionOf, subjectOf, verdict, NOON } from '../policy/support.ts';
import { serve, startFrames, type Frame } from '../support/frames-client.ts';
import { callsOf, createHostileGate } from '../support/gate.ts';
import { denialOf, listedIn, textOf } from '../support/replies.ts';
import { scratch } from '../support/scratch.ts';

/** "A capability table mapping identities to tool subsets." */
const CAPABILITIES = `
  @id("readers") permit (principal in Group::"support", action in Action::"read", resource);
  @id("refunds") permit (principal in Group::"billing", action == Action::"tools/call:orders/refund", resource);
  @id("analysts") permit (principal in Group::"analysts", action in Action::"code_execution", resource in Server::"code");
`;

type Signed = {
  readonly path: string;
  readonly settings: { path: string; keys: string[]; threshold: number };
  readonly load: () => Promise<Policy>;
};

/** A bundle that one of the offline keys has signed at build time, and what a runtime does with it. */
async function signed(
  context: TestContext,
  text: string,
  now: () => Date = () => NOON,
): Promise<Signed> {
  const folder = await scratch(context);
  const path = join(folder, 'bundle');
  writeFileSync(join(folder, 'ci.pub'), KEYS['ci']?.pem ?? '');
  await makeBundle(path, {
    files: { 'capabilities.cedar': text },
    meta: { name: 'agents', version: 1, notBefore: day(-1), expires: day(1) },
  });
  const settings = { path, keys: [join(folder, 'ci.pub')], threshold: 1 };
  return {
    path,
    settings,
    async load() {
      const source = await openBundleSource(settings, join(folder, 'state'), () => new Date());
      return preparePolicy((await source.read()).texts, {
        now,
        canEnforce: createCanEnforce({ mcpServers: {} }),
      });
    },
  };
}

/** So many days from now. */
function day(from: number): string {
  return `${new Date(Date.now() + from * 86_400_000).toISOString().slice(0, 19)}Z`;
}

function someone(...groups: string[]): ReturnType<typeof sessionOf> {
  return sessionOf({ caller: callerOf({ groups }) });
}

const lookup = subjectOf({ server: 'orders', name: 'lookup', classes: ['read'] });
const refund = subjectOf({ server: 'orders', name: 'refund', classes: ['financial'] });
const python = subjectOf({ server: 'code', name: 'execute_python', classes: ['code_execution'] });
const shell = subjectOf({ server: 'shell', name: 'run', classes: ['code_execution'] });
const registry = [lookup, refund, python, shell];

test('pattern 1: a capability broker restricts tools by identity and session', async (context) => {
  const policy = await (await signed(context, CAPABILITIES)).load();
  for (const [identity, capable, sees] of [
    ['support', [lookup], [lookup]],
    ['billing', [refund], [refund]],
    ['analysts', [python], [python, shell]],
    ['nobody', [], []],
  ] as const)
    await context.test(`identity ${identity}`, () => {
      const session = someone(identity);
      for (const subject of registry) {
        const isCapable = capable.some((each) => each === subject);
        const said = verdict(policy, callOf({ session, subject }));
        assert.equal(said === 'allow', isCapable, `${subject.name}: ${said}`);
      }
      const seen = policy.visible(session, 'tools/call', registry);
      // A tool is listed where some way to run it might be promised: what is called decides.
      assert.deepEqual(
        seen.map(({ name }) => name),
        sees.filter((each) => each !== shell).map(({ name }) => name),
      );
    });

  await context.test('tools that run programs are sandboxed, or do not run', () => {
    const session = someone('analysts');
    const permit = policy.decide(callOf({ session, subject: python }));
    assert.equal(permit.obligations.isolation, 'wasm');
    assert.match(verdict(policy, callOf({ session, subject: shell })), /^deny/u);
  });

  await context.test(
    'a session that has read what nobody vouches for pays no refund unasked',
    () => {
      const session = sessionOf({
        caller: callerOf({ groups: ['billing'] }),
        labels: ['untrusted'],
      });
      assert.equal(verdict(policy, callOf({ session, subject: refund })), 'ask user');
    },
  );
});

test('pattern 1: execute looks the tool up, checks the capability, then the arguments, then runs it', async (context) => {
  const { settings } = await signed(
    context,
    '@id("echo") permit (principal in Group::"support", action == Action::"tools/call:bad/read_echo", resource);',
  );
  const gate = await createHostileGate(context, {
    user: { user: 'sam', groups: ['support'] },
    config: { policy: { bundle: settings.path, keys: settings.keys, threshold: 1 } },
  });
  const client = startFrames(context, serve(gate));
  await client.open();
  const execute = async (tool: string, args: Record<string, string>): Promise<Frame> =>
    await client.request('tools/call', { name: `bad__${tool}`, arguments: args });

  // "The planning LLM receives only the subset of tools authorized for the current session identity."
  assert.deepEqual(listedIn(await client.request('tools/list')), ['bad__read_echo']);
  // raise ToolNotFound, and for a tool without the capability the very same.
  assert.equal(textOf(await execute('read_nothing', {})), 'Unknown tool: bad__read_nothing');
  assert.equal(textOf(await execute('read_twice', {})), 'Unknown tool: bad__read_twice');
  // validate_json_schema before anything runs.
  assert.equal(denialOf(await execute('read_echo', { test: 'x' })), 'arguments-invalid');
  assert.deepEqual(callsOf(gate.log), []);
  assert.equal(textOf(await execute('read_echo', { text: 'x' })), 'you said: x');
  assert.deepEqual(callsOf(gate.log), ['read_echo']);
});

test('policy enforcement: policy as code, bound by a signature', async (context) => {
  const { path, load } = await signed(context, CAPABILITIES);
  const file = join(path, 'capabilities.cedar');
  // "Version-controlled, auditable configuration": what is in force is told by the digest of its exact text.
  const { digest } = await load();
  const other = await (await signed(context, `${CAPABILITIES} `)).load();
  assert.match(digest, /^[0-9a-f]{64}$/u);
  assert.notEqual(digest, other.digest);
  assert.notEqual(digest, digestOf([]));
  // "This prevents runtime policy substitution": one group more, and nothing loads.
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.replace('"billing"', '"support"'));
  await assert.rejects(load(), /capabilities\.cedar/u);
  writeFileSync(file, text);
  assert.equal((await load()).digest, digest);
});

const CONTEXTUAL = `
  @id("all") permit (principal in Group::"support", action, resource);
  @id("data") forbid (principal, action, resource is Tool)
  when { resource.dataClass >= 2 && !(principal in Group::"cleared") };
  @id("hours") forbid (principal, action in Action::"financial", resource)
  unless { context.req.now.toTime() >= duration("8h") && context.req.now.toTime() < duration("18h") };
  @id("anomaly") forbid (principal, action in Action::"write", resource)
  when { context.session.escalation >= 1 };
`;

test('policy enforcement: the context grants variable capabilities without a change of code', async (context) => {
  let now = NOON;
  const policy = await (await signed(context, CONTEXTUAL, () => now)).load();
  const night = new Date('2026-11-25T22:00:00Z');
  const suspect = sessionOf({ caller: callerOf({ groups: ['support'] }), escalation: 1 });
  const patient = { ...lookup, dataClass: 2 };
  for (const [what, session, subject, at, want] of [
    ['user identity', someone('support'), lookup, NOON, 'allow'],
    ['another identity', someone('sales'), lookup, NOON, 'deny'],
    ['data classification', someone('support'), patient, NOON, 'deny data'],
    ['a cleared person', someone('support', 'cleared'), patient, NOON, 'allow'],
    ['time of day', someone('support'), refund, NOON, 'allow'],
    ['at night', someone('support'), refund, night, 'deny hours'],
    ['an anomaly score', suspect, refund, NOON, 'deny anomaly'],
    ['reading in spite of it', suspect, lookup, NOON, 'allow'],
  ] as const)
    // prettier-ignore
    await context.test(what, () => {
      now = at;
      const call = callOf({ session, subject });
      assert.equal(verdict(policy, call), want);
      // "Intent-chain tracing" asks which policy: explain says it, and what is missing.
      const told = policy.explain(call);
      assert.equal(told.decision, want.split(' ')[0]);
      assert.equal(told.missing === '', want === 'allow');
      if (want.startsWith('deny ')) assert.deepEqual(told.policies.map(({ id }) => `deny ${id}`), [want]);
    });
});
