import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readRecords } from '../../src/audit/read-records.ts';
import { AuditPlace } from '../support/audit.ts';

const RECORDS = 20_000;
/** An order of magnitude above what is measured, of the processor's time: what else runs does not count. */
const APPEND_US = 400;
const VERIFY_MS = 10_000;

test(`${RECORDS} records over several segments are written fast, verified fast, and read in order`, async () => {
  using place = new AuditPlace();
  const audit = await place.open({ limits: { bytes: 2_000_000, ms: 100 } });
  const before = process.cpuUsage();
  for (let at = 0; at < RECORDS; at++) {
    audit.append('intent', { ...FIELDS, at });
    if (at % 256 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await audit.close();
  const append = microseconds(before) / RECORDS;
  assert.ok(append < APPEND_US, `append ${append} µs`);

  const written = process.cpuUsage();
  const found = await place.verify();
  assert.deepEqual([found.problem, found.warnings], [null, []]);
  assert.ok(found.segments > 3 && found.records > RECORDS);
  assert.ok(microseconds(written) < VERIFY_MS * 1000);

  let next = 0;
  for (const record of readRecords(place.path, () => assert.fail('unreadable')))
    if (record.event === 'intent') assert.equal(record['at'], next++);
  assert.equal(next, RECORDS);
});

function microseconds(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return user + system;
}

const FIELDS = {
  caller: { issuer: 'local', subject: 'alice', client: 'local' },
  session: '0f6f1c1e-6f5e-4f4e-9a51-5f0a3f1d0c55',
  method: 'tools/call',
  server: 'files',
  name: 'read_file',
  classes: ['read'],
  definition: 'd'.repeat(64),
  policies: ['personal.read'],
  arguments: { digest: 'b'.repeat(64), bytes: 44, keys: ['path'], others: 0 },
  labels: ['untrusted'],
};
