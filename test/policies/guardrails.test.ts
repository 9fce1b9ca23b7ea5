import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { packageRoot } from '../../src/lib/package-root.ts';
import { createCedar } from '../../src/policy/cedar.ts';
import { compile } from '../../src/policy/compile.ts';
import { BASE_SCHEMA, SHIPPED } from '../../src/policy/policies.ts';
import { readSources } from '../../src/policy/sources.ts';
import { testTable } from './table.ts';

const LETHAL = ['untrusted', 'private'];

// With a deployment that permits everything, only the guardrails speak.
testTable(
  'guardrails',
  [join(packageRoot(), 'test', 'policies', 'permit-all.cedar')],
  [
    [{}, 'allow'],
    [{ classes: ['write', 'external_communication', 'credential_access'] }, 'allow'],
    // Pins.
    [{ pin: 'drift' }, 'deny guard.pin-drift'],
    [{ pin: 'unpinned' }, 'deny guard.unpinned'],
    [{ pin: 'unpinned', reviewed: true }, 'deny guard.unpinned'],
    [{ pin: JSON.parse('"matched"') }, 'deny guard.pin-unknown'],
    [{ pin: 'drift', method: 'resources/read' }, 'deny guard.pin-drift'],
    [{ pin: 'drift', method: 'prompts/get' }, 'deny guard.pin-drift'],
    [{ pin: 'unpinned', method: 'completion/complete' }, 'deny guard.unpinned'],
    // A server's requests have no definition that could be pinned.
    [{ pin: 'unpinned', method: 'roots/list' }, 'allow'],
    // A credential that all callers share, beyond what it is lent for.
    [{ sink: ['shared-credential'] }, 'deny guard.shared-credential'],
    [{ classes: ['write'], sink: ['shared-credential'] }, 'deny guard.shared-credential'],
    [{ method: 'resources/read', sink: ['shared-credential'] }, 'deny guard.shared-credential'],
    // Untrusted content and what cannot be undone.
    [{ labels: ['untrusted'] }, 'allow'],
    [{ labels: ['untrusted'], classes: ['write'] }, 'allow'],
    [{ labels: ['untrusted'], classes: ['destructive'] }, 'ask user'],
    [{ labels: ['untrusted'], classes: ['financial'] }, 'ask user'],
    [{ labels: ['untrusted'], classes: ['read', 'destructive'] }, 'ask user'],
    [{ labels: ['untrusted'], on: 'code/run', classes: ['code_execution'] }, 'ask user'],
    [{ labels: ['untrusted'], classes: ['external_communication'] }, 'allow'],
    [{ labels: ['private'], classes: ['destructive'] }, 'allow'],
    // What nobody could class, and so has every sink.
    [{ labels: ['untrusted'], classes: ['unclassified'], sink: ['code', 'destroy'] }, 'allow'],
    [{ labels: ['untrusted'], classes: ['write', 'unclassified'], sink: ['code'] }, 'allow'],
    // What can lead to it by its sinks, whatever its class.
    [{ labels: ['untrusted'], classes: ['write'], sink: ['code'] }, 'ask user'],
    [{ labels: ['untrusted'], classes: ['read'], sink: ['destroy'] }, 'ask user'],
    [{ labels: ['untrusted'], method: 'resources/read', sink: ['destroy'] }, 'ask user'],
    [{ labels: ['untrusted'], classes: ['write'], sink: ['external'] }, 'allow'],
    [{ labels: ['private'], classes: ['write'], sink: ['code'] }, 'allow'],
    [{ labels: ['untrusted'], classes: ['write'], sink: ['code'], step: {} }, 'allow'],
    [{ labels: ['untrusted'], sink: ['code'], step: { from: ['numbers'] } }, 'allow'],
    [{ labels: ['untrusted'], sink: ['code'], step: { from: ['text'] } }, 'allow'],
    [{ labels: ['untrusted'], sink: ['pay'], step: { from: ['numbers'] } }, 'allow'],
    [{ labels: ['untrusted'], sink: ['pay'], step: { from: ['text'] } }, 'ask user'],
    [{ labels: ['untrusted'], sink: ['code', 'destroy'], step: { from: ['text'] } }, 'ask user'],
    [{ labels: ['untrusted'], sink: ['code'], step: { had: ['untrusted'] } }, 'ask user'],
    // A step of a plan that was validated before is as fixed as the plan: no text of what was read decides in it.
    [{ labels: ['untrusted'], classes: ['financial'], step: {} }, 'allow'],
    [{ labels: ['untrusted'], classes: ['destructive'], step: { from: ['numbers'] } }, 'allow'],
    [{ labels: ['untrusted'], classes: ['financial'], step: { from: ['text'] } }, 'ask user'],
    [{ labels: ['untrusted'], classes: ['financial'], step: { had: ['untrusted'] } }, 'ask user'],
    [{ labels: ['untrusted'], classes: ['financial'], step: { had: ['private'] } }, 'allow'],
    [{ labels: ['untrusted'], on: 'code/run', classes: ['code_execution'], step: {} }, 'allow'],
    // A plan lifts nothing else.
    [{ labels: LETHAL, classes: ['external_communication'], step: {} }, 'ask user'],
    [
      { labels: ['secret'], classes: ['external_communication'], step: {} },
      'deny guard.secret-by-class',
    ],
    [{ pin: 'drift', step: {} }, 'deny guard.pin-drift'],
    [{ escalation: 1, classes: ['financial'], step: {} }, 'ask user'],
    [{ on: 'shell/run', classes: ['code_execution'], step: {} }, 'deny guard.isolate-code'],
    // A plan that departs from the one before it.
    [{ on: 'sallyport/plan_submit', departs: [] }, 'allow'],
    [{ on: 'sallyport/plan_submit', departs: ['sinks'] }, 'ask user'],
    [{ on: 'files/plan_submit', departs: ['sinks'] }, 'allow'],
    // Untrusted content, private data and a way out.
    [{ labels: LETHAL }, 'allow'],
    [{ labels: LETHAL, classes: ['write'] }, 'allow'],
    [{ labels: ['private'], classes: ['external_communication'] }, 'allow'],
    [{ labels: LETHAL, classes: ['external_communication'] }, 'ask user'],
    [{ labels: LETHAL, classes: ['read', 'external_communication'] }, 'ask user'],
    [{ labels: LETHAL, classes: ['write'], sink: ['external'] }, 'ask user'],
    [{ labels: LETHAL, classes: ['unclassified'], sink: ['code', 'external'] }, 'ask user'],
    [{ labels: LETHAL, classes: ['read'], sink: ['external'] }, 'ask user'],
    [{ labels: LETHAL, method: 'resources/read', sink: ['external'] }, 'ask user'],
    [{ labels: LETHAL, method: 'sampling/createMessage' }, 'ask user'],
    [{ labels: LETHAL, method: 'elicitation/create' }, 'allow'],
    // Secrets.
    [{ labels: ['secret'] }, 'allow'],
    [{ labels: ['secret'], classes: ['write'] }, 'allow'],
    [{ labels: ['secret'], classes: ['external_communication'] }, 'deny guard.secret-by-class'],
    [{ labels: ['secret'], classes: ['write'], sink: ['external'] }, 'deny guard.secret-by-sink'],
    [{ labels: ['secret'], method: 'sampling/createMessage' }, 'deny guard.secret-by-class'],
    // Code.
    [{ on: 'code/run', classes: ['code_execution'] }, 'allow'],
    [{ on: 'shell/run', classes: ['code_execution'] }, 'deny guard.isolate-code'],
    [{ on: 'shell/run', classes: ['read', 'code_execution'] }, 'deny guard.isolate-code'],
    // Suspicion.
    [{ escalation: 1 }, 'allow'],
    [{ escalation: 1, classes: ['write'] }, 'allow'],
    [{ escalation: 1, classes: ['unclassified'] }, 'allow'],
    [{ escalation: 1, classes: ['destructive'] }, 'ask user'],
    [{ escalation: 1, classes: ['financial'] }, 'ask user'],
    [{ escalation: 1, on: 'code/run', classes: ['code_execution'] }, 'ask user'],
    [{ escalation: 1, classes: ['external_communication'] }, 'ask user'],
    [{ escalation: 1, classes: ['credential_access'] }, 'ask user'],
    [{ escalation: 1, classes: ['read'], sink: ['external'] }, 'ask user'],
    [{ escalation: 1, classes: ['write'], sink: ['external'] }, 'ask user'],
    [{ escalation: 1, classes: ['unclassified'], sink: ['code', 'destroy'] }, 'ask user'],
    [{ escalation: 1, classes: ['write'], sink: ['pay'], step: {} }, 'ask user'],
    [{ escalation: 1, method: 'resources/read' }, 'allow'],
    [{ escalation: 1, method: 'resources/read', sink: ['external'] }, 'ask user'],
    [{ escalation: 1, method: 'sampling/createMessage' }, 'ask user'],
    [{ escalation: 1, method: 'elicitation/create' }, 'allow'],
    [{ escalation: 2 }, 'allow'],
    [{ escalation: 2, classes: ['write'] }, 'deny guard.reading-only'],
    [{ escalation: 2, classes: ['read', 'write'] }, 'deny guard.reading-only'],
    [{ escalation: 2, classes: ['destructive'] }, 'deny guard.reading-only'],
    [{ escalation: 2, on: 'code/run', classes: ['code_execution'] }, 'deny guard.reading-only'],
    [{ escalation: 2, classes: ['external_communication'] }, 'deny guard.reading-only'],
    [{ escalation: 2, classes: ['credential_access'] }, 'deny guard.reading-only'],
    [{ escalation: 2, classes: ['unclassified'] }, 'deny guard.reading-only'],
    [{ escalation: 2, classes: ['read'], sink: ['external'] }, 'deny guard.reading-only-by-sink'],
    [{ escalation: 2, method: 'resources/read' }, 'allow'],
    [{ escalation: 2, method: 'prompts/get' }, 'allow'],
    [{ escalation: 2, method: 'completion/complete' }, 'allow'],
    [{ escalation: 2, method: 'roots/list' }, 'allow'],
    [{ escalation: 2, method: 'elicitation/create' }, 'allow'],
    [{ escalation: 2, method: 'sampling/createMessage' }, 'deny guard.reading-only'],
    [{ escalation: 3 }, 'deny guard.quarantined'],
    [{ escalation: 3, method: 'resources/read' }, 'deny guard.quarantined'],
    [{ escalation: 3, method: 'prompts/get' }, 'deny guard.quarantined'],
    [{ escalation: 3, method: 'roots/list' }, 'deny guard.quarantined'],
    [{ escalation: 3, method: 'elicitation/create' }, 'deny guard.quarantined'],
  ],
);

test('guardrails only ever forbid', async () => {
  const sources = await readSources([SHIPPED.guardrails], ({ what }) => assert.fail(what));
  const { policies } = compile(createCedar(), sources, readFileSync(BASE_SCHEMA, 'utf8'));
  assert.ok(policies.length > 0);
  for (const { id, policy } of policies) {
    assert.equal(policy.effect, 'forbid');
    assert.match(id, /^guard\./u);
    assert.ok(policy.annotations?.['reason'], id);
  }
});

testTable(
  'guardrails alone permit nothing',
  [SHIPPED.guardrails],
  [
    [{}, 'deny'],
    [{ classes: ['write'] }, 'deny'],
    [{ method: 'resources/read' }, 'deny'],
    [{ method: 'roots/list' }, 'deny'],
  ],
);
