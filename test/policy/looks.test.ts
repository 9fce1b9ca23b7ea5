import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { createCedar } from '../../src/policy/cedar.ts';
import { compile } from '../../src/policy/compile.ts';
import { loadLooks, mayLookInto, readsFacts } from '../../src/policy/looks.ts';
import { BASE_SCHEMA, SHIPPED } from '../../src/policy/policies.ts';
import { readSources } from '../../src/policy/sources.ts';

const base = readFileSync(BASE_SCHEMA, 'utf8');

/** Ways in Cedar to look into a call. */
const WAYS = [
  'context.facts.hosts.isEmpty()',
  'context["facts"].hosts.isEmpty()',
  'context["\\u{66}acts"].hosts.isEmpty()',
  'context . facts . hosts . isEmpty()',
  'context // .session\n .facts.hosts.isEmpty()',
  'context has facts && context.facts.bytes > 3',
  '(context).facts.bytes > 3',
  'context has facts.amount',
  'context has plan || context.facts.bytes > 3',
];

for (const way of WAYS)
  test(`a policy looks into calls, and that is seen: ${way}`, async () => {
    const source = { file: 'own', real: 'own', text: `permit(principal, action, resource) when { ${way} };` };
    assert.ok(mayLookInto(source));
    await loadLooks([source]);
    const { policies, problems } = compile(createCedar(), [source], base);
    assert.deepEqual(problems, []);
    assert.ok(readsFacts(policies));
  }); // prettier-ignore

test('shipped policies look into no call', async () => {
  const problems: unknown[] = [];
  for (const path of [SHIPPED.guardrails, SHIPPED.personal]) {
    const sources = await readSources([path], (problem) => void problems.push(problem));
    assert.ok(sources.length > 0);
    for (const source of sources) assert.ok(!mayLookInto(source), source.file);
    assert.ok(!readsFacts(compile(createCedar(), sources, base).policies));
  }
  assert.deepEqual(problems, []);
});
