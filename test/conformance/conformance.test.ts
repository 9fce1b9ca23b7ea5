import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { judge, measureClient, measureServer, readExpected, table, type Row } from './measure.ts';
import { PAIRINGS } from './pairings.ts';
import { CLIENT_REVISIONS, clientScenarios, SUITES } from './run-suite.ts';

/** Strict runs play all of it. Else what was played under another name is left out, and an old server over HTTP, as over stdio. */
const isStrict = process.env['SALLYPORT_TEST_STRICT'] === '1';
const REVISIONS = ['2025-11-25', '2026-07-28'] as const;
const FINE = { unexpected: [], stale: [] };

// Each has servers and a gateway of its own, and waits for processes to start more than it works.
describe('the conformance suite', { concurrency: 2 }, () => {
  for (const pairing of PAIRINGS.filter((name) => isStrict || !name.endsWith('legacy HTTP')))
    test(`${pairing}: what the suite asks of a server`, async (context) => {
      const rows = await measureServer(pairing, isStrict ? SUITES : REVISIONS);
      context.diagnostic(`\n${table(rows)}`);
      assert.deepEqual(judge(rows, readExpected()), FINE);
      assert.ok(rows.every(({ scores }) => scores.length >= 31));
    });

  for (const revision of CLIENT_REVISIONS)
    test(`the gateway as a client: what the suite asks of one of ${revision}`, async (context) => {
      const all = clientScenarios(revision);
      const isPlayedLater = revision === '2025-11-25' && !isStrict;
      const scenarios = isPlayedLater ? all.filter((name) => !name.startsWith('auth/')) : all;
      const rows = [await measureClient(revision, readExpected(), scenarios)];
      context.diagnostic(`\n${table(rows)}`);
      assert.deepEqual(judge(rows, readExpected()), FINE);
      assert.ok(rows.every(({ scores }) => scores.length >= scenarios.length));
    });
});

test('a failure nobody expected and a line that excuses nothing both count', () => {
  const row: Row = {
    side: 'server',
    suite: 'active',
    pairing: 'direct',
    scores: [
      { scenario: 'ping', passed: 1, failures: ['pong: none'], warnings: [] },
      { scenario: 'tools-list', passed: 1, failures: [], warnings: [] },
    ],
  };
  const why = 'a reason of twenty letters';
  const line = (scenario: string, more = {}): Parameters<typeof judge>[1][number] => ({
    side: 'server',
    scenario,
    why,
    ...more,
  });
  assert.equal(judge([row], []).unexpected.length, 1);
  assert.deepEqual(judge([row], [line('p*')]), FINE);
  assert.equal(judge([row], [line('ping', { pairing: 'another' })]).unexpected.length, 1);
  assert.equal(judge([row], [line('ping'), line('tools-*')]).stale.length, 1);
});
