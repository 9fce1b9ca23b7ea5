import { test } from 'node:test';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { packageRoot } from '../../src/lib/package-root.ts';

const REPORTER = pathToFileURL(join(packageRoot(), 'test/setup/reporter.mjs')).href;

const TESTS = `
import { describe, test } from 'node:test';
describe('a suite is not a test', () => {
  test('passes', () => {});
  test('fails', () => { throw new Error('no'); });
  test('skipped by option', { skip: 'no Docker' }, () => {});
  test('skipped inside', (t) => { t.skip(); });
});
`;

test('every test is counted once, and a skipped one names its reason', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-outcomes-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'some.test.mjs');
  writeFileSync(file, TESTS);
  const out = join(folder, 'outcomes.jsonl');
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const flags = ['--test', `--test-reporter=${REPORTER}`, `--test-reporter-destination=${out}`];
  const run = spawnSync(process.execPath, [...flags, file], { env, timeout: 300_000 });
  assert.equal(run.status, 1);
  const lines = readFileSync(out, 'utf8').trim().split('\n');
  const seen = lines.map((line) => {
    const { name, outcome, reason }: Record<string, string> = JSON.parse(line);
    return [name, outcome, reason];
  });
  assert.deepEqual(seen, [
    ['passes', 'passed', ''],
    ['fails', 'failed', ''],
    ['skipped by option', 'skipped', 'no Docker'],
    ['skipped inside', 'skipped', ''],
  ]);
});
