import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { createCedar } from '../../src/policy/cedar.ts';
import { compile } from '../../src/policy/compile.ts';
import { NOTHING_PARSED, readParsed, setDigest, textDigest } from '../../src/policy/parsed.ts';
import { BASE_SCHEMA, PARSED, SHIPPED } from '../../src/policy/policies.ts';
import { Fault } from '../../src/lib/fault.ts';
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

const VERSION = createCedar().use((module) => module.getCedarVersion());

test('a file of another version of Cedar is not used, whatever it says', async () => {
  const sources = await readSources([SHIPPED.guardrails], () => assert.fail());
  const base = readFileSync(BASE_SCHEMA, 'utf8');
  const text = 'permit(principal, action, resource) when { resource.nothing };';
  const own = [...sources, { file: 'own', text, real: 'own' }];
  const file = readFileSync(PARSED, 'utf8');
  const sound = JSON.stringify({
    ...readParsed(file, VERSION),
    cedar: VERSION,
    sound: [setDigest(own, base)],
  });
  // So it is what the version decides about.
  assert.deepEqual(compile(createCedar(), own, base, readParsed(sound, VERSION)).problems, []);
  const old = readParsed(sound, `${VERSION}0`);
  assert.equal(old, NOTHING_PARSED);
  const compiled = compile(createCedar(), own, base, old);
  assert.notDeepEqual(compiled.problems, []);
  assert.equal(compiled.parsed, undefined);
});

test('what is taken from the file cannot be changed, and its hash is told', async () => {
  const sources = await readSources([SHIPPED.guardrails], () => assert.fail());
  const { policies, base, parsed } = compile(
    createCedar(),
    sources,
    readFileSync(BASE_SCHEMA, 'utf8'),
  );
  assert.equal(parsed, textDigest(readFileSync(PARSED, 'utf8')));
  assert.throws(() => Object.assign(policies[0]?.policy ?? {}, { effect: 'permit' }), TypeError);
  assert.throws(() => policies[0]?.policy.conditions.pop(), TypeError);
  assert.throws(() => Object.assign(base, { '': {} }), TypeError);
});

for (const [name, text] of [
  ['is empty', ''],
  ['is cut off', readFileSync(PARSED, 'utf8').slice(0, -9)],
  ['has no members', '{}'],
  ['is a list', '[]'],
  ['names no version', JSON.stringify(NOTHING_PARSED)],
] as const)
  test(`a file that ${name} is said to be broken, and nothing is in force`, () => {
    assert.throws(
      () => readParsed(text, VERSION),
      (thrown) => thrown instanceof Fault && thrown.message.endsWith('parsed.json is broken'),
    );
  });
