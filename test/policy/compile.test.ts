import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { finish } from '../../src/lib/steps.ts';
import { packageRoot } from '../../src/lib/package-root.ts';
import { createCedar } from '../../src/policy/cedar.ts';
import { compile } from '../../src/policy/compile.ts';
import type { Compilation } from '../../src/policy/compile.ts';
import { createEngine } from '../../src/policy/engine.ts';
import { BASE_SCHEMA, SHIPPED } from '../../src/policy/policies.ts';
import { readSources } from '../../src/policy/sources.ts';
import { splitPolicies } from '../../src/policy/split.ts';
import { NOON, sessionOf, subjectOf } from './support.ts';

const cedar = createCedar();
const base = readFileSync(BASE_SCHEMA, 'utf8');
const guardrails = await readSources([SHIPPED.guardrails], ({ what }) => assert.fail(what));

function compiled(text: string): Compilation {
  return compile(cedar, [...guardrails, { file: 'test.cedar', text, real: '' }], base);
}

function asksRight(compilation: Compilation): void {
  const { judge, asking } = finish(createEngine(createCedar(), compilation, () => NOON));
  const who = asking.who(sessionOf());
  const pep = { approvals: [], enforce: [] };
  for (const [classes, allowed] of [
    [['read'], true],
    [['write'], false],
  ] as const)
    assert.equal(
      judge({ ...who, what: asking.what('tools/call', subjectOf({ classes })) }, pep).allowed,
      allowed,
    );
}

const folder = join(packageRoot(), 'test', 'vectors', 'policy');
for (const file of readdirSync(folder).toSorted())
  test(`a policy file is refused and named: ${file}`, () => {
    const [header = '', ...rest] = readFileSync(join(folder, file), 'utf8').split('\n\n');
    const expected = /^expect: (.*)$/mu.exec(header)?.[1];
    assert.ok(expected !== undefined && /^source: /mu.test(header));
    const { problems } = compiled(rest.join('\n\n'));
    assert.deepEqual(new Set(problems.map((each) => each.file)), new Set(['test.cedar']));
    assert.ok(
      problems.some(({ what }) => what.includes(expected)),
      JSON.stringify(problems),
    );
    for (const { line } of problems) assert.ok(line !== undefined && line > 0);
  });

test('after every poisoned policy the next decision of the same module is right', () => {
  for (const file of readdirSync(folder))
    compiled(readFileSync(join(folder, file), 'utf8').split('\n\n').slice(1).join('\n\n'));
  const fine = compiled('permit(principal, action in Action::"read", resource);');
  assert.deepEqual(fine.problems, []);
  asksRight(fine);
});

test('a module that traps is replaced, and says no while it does', () => {
  const trapping = createCedar();
  const deep = `permit(principal, action, resource) when { ${'('.repeat(300)}true${')'.repeat(300)} };`;
  assert.throws(() => trapping.use((module) => module.policyToJson(deep)), { name: 'CedarCrash' });
  assert.equal(trapping.generation, 2);
  assert.equal(
    trapping.use((module) => module.policyToJson('permit(principal, action, resource);')).type,
    'success',
  );
});

test('all problems of all files come at once, each with its place', () => {
  const { problems } = compile(
    cedar,
    [
      ...guardrails,
      {
        file: 'a.cedar',
        real: '',
        text: '@wrong("x") permit(principal, action, resource);\n\nnonsense;',
      },
      {
        file: 'b.cedar',
        real: '',
        text: '// two\n\npermit(principal, action in Action::"raed", resource);',
      },
    ],
    base,
  );
  assert.deepEqual(
    problems.map(({ file, line, policy }) => [file, line, policy]),
    [
      ['a.cedar', 1, 'a.cedar#1'],
      ['a.cedar', 3, undefined],
      ['b.cedar', 3, 'b.cedar#1'],
    ],
  );
  assert.equal(problems[2]?.hint, 'did you mean `Action::"read"`?');
});

test('ids come from @id, else from the file and the place in it', () => {
  const { policies, problems } = compiled(
    '@id("mine") permit(principal, action in Action::"read", resource); permit(principal, action in Action::"write", resource);',
  );
  assert.deepEqual(problems, []);
  assert.deepEqual(
    policies.map(({ id }) => id).filter((id) => !id.startsWith('guard.')),
    ['mine', 'test.cedar#2'],
  );
});

test('a tool that the catalogue does not know yet may be named', () => {
  assert.deepEqual(
    compiled(
      'permit(principal, action == Action::"tools/call:new/tool \\"quoted\\"", resource); forbid(principal, action, resource == Tool::"new/other");',
    ).problems,
    [],
  );
});

test('what a class means is told apart: a typo behind any class test is found', () => {
  for (const condition of [
    'action in Action::"read" && context.session.labls.contains("x")',
    '!(action in Action::"read") && context.session.labls.contains("x")',
    'action in Action::"read" || context.session.labls.contains("x")',
    'resource is Server && context.session.labls.contains("x")',
  ])
    assert.match(
      compiled(`forbid(principal, action, resource) when { ${condition} };`).problems[0]?.what ??
        '',
      /labls/u,
    );
});

for (const [name, text, want] of [
  ['a semicolon in a string', 'permit(principal, action, resource) when { "a;b" == ";" };', 1],
  ['a semicolon in a comment', '// a; b;\npermit(principal, action, resource); // c;', 1],
  ['a quote in a comment', '// "\npermit(principal, action, resource);', 1],
  ['an escaped quote', 'permit(principal, action, resource) when { "\\";" == "" };', 1],
  ['a comment sign in a string', 'permit(principal, action, resource) when { "//" == "" }; x;', 2],
  ['nothing', ' \n// only a comment', 0],
  ['a string without an end', 'permit(principal); "abc; def', 2],
] as const)
  test(`policies are split as Cedar reads them: ${name}`, () => {
    assert.equal(splitPolicies(text).length, want);
  });
