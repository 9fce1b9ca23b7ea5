import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import type { JsonObject, Subject } from '../../src/call.ts';
import { loadPolicy } from '../../src/policy/policy.ts';
import { SHIPPED } from '../../src/policy/policies.ts';
import { createUsage } from '../../src/usage.ts';
import { openAnomaly, sending, teachUsual, usual } from '../anomaly/support.ts';
import { NOON, folderOf, verdict } from '../policy/support.ts';
import { scratch } from '../support/scratch.ts';

const ROWS: readonly (readonly [name: string, change: JsonObject, classes: Subject['classes'], want: string])[] = [
  ['as always', {}, ['external_communication'], 'allow'],
  ['another recipient', { to: 'drop@evil.example' }, ['external_communication'], 'ask user'],
  ['another recipient', { to: 'drop@evil.example' }, ['financial'], 'ask user'],
  ['another recipient', { to: 'drop@evil.example' }, ['unclassified'], 'ask user'],
  ['another recipient', { to: 'drop@evil.example' }, ['read'], 'allow'],
  ['a little more', { amount: 100 }, ['external_communication'], 'allow'],
  ['much more', { amount: 100_000 }, ['financial'], 'ask user'],
]; // prettier-ignore

test('decision table: examples/anomaly', async (context) => {
  const path = join(await scratch(context), 'anomaly.json');
  const bench = openAnomaly(path);
  const own = await folderOf(context, '@id("all") permit(principal, action, resource);');
  const usage = createUsage(() => ({ path, now: Date.now, digest: (text) => text, onProblem: (thrown) => assert.fail(String(thrown)) }));
  let opened = 0;
  const watched = { ...usage, watch: () => usage.watch(() => (opened++, bench)) };
  const policy = await loadPolicy({
    paths: [own, join(SHIPPED.examples, 'anomaly.cedar')],
    now: () => NOON,
    facts: { usage: watched },
  });
  assert.equal(opened, 1);
  assert.equal(verdict(policy, sending({ ...usual(1), to: 'drop@evil.example' })), 'allow');
  await teachUsual(bench);
  for (const [name, change, classes, want] of ROWS)
    await context.test(`${name}, ${classes.join()} → ${want}`, () => {
      const call = sending({ ...usual(1), ...change });
      const of = { ...call, subject: { ...call.subject, classes } };
      assert.equal(verdict(policy, of), want);
      assert.equal(verdict(policy, of, ['user']).startsWith('allow'), want !== 'deny');
    });
  await loadPolicy({ paths: [own], now: () => NOON, facts: { usage: watched } });
  assert.equal(opened, 1, 'who does not ask begins nothing');
}); // prettier-ignore
