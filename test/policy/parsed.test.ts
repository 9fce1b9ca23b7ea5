import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { createCedar } from '../../src/policy/cedar.ts';
import { compile } from '../../src/policy/compile.ts';
import { BASE_SCHEMA, PARSED, SHIPPED } from '../../src/policy/policies.ts';
import { readSources } from '../../src/policy/sources.ts';
import { parseShipped } from '../support/parse-shipped.ts';

test('policies/parsed.json is what Cedar makes of the texts, and of all of them', async () => {
  const hint = 'run node dist/test/support/parse-shipped.js --write';
  assert.equal(readFileSync(PARSED, 'utf8'), await parseShipped(), hint);
});

test('a shipped text that is changed by a letter is read by Cedar, and what it says then holds', async () => {
  const sources = await readSources([SHIPPED.guardrails], () => assert.fail());
  const base = readFileSync(BASE_SCHEMA, 'utf8');
  const before = compile(createCedar(), sources, base).policies;
  const changed = sources.map((source) => ({
    ...source,
    text: source.text.replaceAll('"drift"', '"match"'),
  }));
  assert.notDeepEqual(changed, sources);
  const after = compile(createCedar(), changed, base).policies;
  assert.notDeepEqual(
    after.map(({ policy }) => policy),
    before.map(({ policy }) => policy),
  );
});

test('a broken policy beside the shipped ones is found, and so is one that is missing its end', async () => {
  const sources = await readSources([SHIPPED.guardrails, SHIPPED.personal], () => assert.fail());
  const base = readFileSync(BASE_SCHEMA, 'utf8');
  assert.deepEqual(compile(createCedar(), sources, base).problems, []);
  for (const text of ['permit(principal, action, resource) when { resource.nothing };', 'forbid('])
    assert.notDeepEqual(
      compile(createCedar(), [...sources, { file: 'own', text, real: 'own' }], base).problems,
      [],
    );
});
