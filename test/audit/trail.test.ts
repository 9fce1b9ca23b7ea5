import assert from 'node:assert/strict';
import { truncateSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Audit } from '../../src/audit/audit.ts';
import { readRecords } from '../../src/audit/read-records.ts';
import type { AuditRecord } from '../../src/audit/record.ts';
import { traceIdOf } from '../../src/audit/trace-id.ts';
import { createOpenTrail, type OpenTrail } from '../../src/audit/trail.ts';
import { createRedact } from '../../src/audit/redact.ts';
import { createWithhold } from '../../src/audit/withhold.ts';
import { issue, type Call, type Grant, type Reply, type Subject } from '../../src/call.ts';
import { Denial } from '../../src/denial.ts';
import { isJsonObject, type JsonObject } from '../../src/lib/json.ts';
import type { Message } from '../../src/pipeline.ts';
import { createSessions } from '../../src/session.ts';
import { createWithheld } from '../../src/state/withheld.ts';
import { AuditPlace } from '../support/audit.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SECRET = 'correct-horse-battery';
const ARGS = {
  path: '/home/alice/diary.txt',
  [`${SECRET}-as-name`]: 'v',
  body: `Bearer ${'t0ken'.repeat(5)}`,
};

const subject: Subject = {
  kind: 'tool',
  server: 'files',
  name: 'write_file',
  classes: ['write'],
  dataClass: 1,
  source: ['untrusted'],
  sink: [],
  pin: 'match',
  reviewed: true,
  hash: 'd'.repeat(64),
  definition: {
    name: 'write_file',
    inputSchema: { properties: { path: {}, body: {}, unset: {} } },
  },
};

function message(
  params: Message['params'] = { name: 'files__write_file', arguments: ARGS },
): Message {
  const session = createSessions().open({
    issuer: 'local',
    subject: 'alice',
    client: 'local',
    groups: ['eng'],
    scopes: [],
    assurance: 0,
  });
  return { session, method: 'tools/call', params, id: 1 };
}

function callOf({ session, method, params, id }: Message, traceId: string): Call {
  return { traceId, method, session, id, subject, params, args: ARGS };
}

function grantOf(call: Call): Grant {
  const obligations = { approvals: ['alice'], redact: [], advice: [] };
  const permit = issue('Permit', { call, policies: ['personal.write'], obligations });
  return issue('Grant', { permit, approvedBy: ['alice'] });
}

function replyOf(grant: Grant): Reply {
  const result = { content: [{ type: 'text', text: `the result with ${SECRET}` }] };
  const raw = issue('RawResult', { grant, result, failed: false });
  const output = issue('Output', { raw, result });
  const findings = [{ rule: 'imperative', view: 'raw', start: 0, end: 9 }];
  const scanned = issue('Scanned', { output, verdict: 'mark', score: 0.61, findings, result });
  return { result, scanned };
}

function trails(audit: Audit): OpenTrail {
  return createOpenTrail({ audit, clock: () => performance.now(), newTraceId: () => TRACE });
}

function members(record: AuditRecord | undefined, name: string): JsonObject {
  const value = record?.[name];
  assert.ok(isJsonObject(value));
  return value;
}

function records(place: AuditPlace): AuditRecord[] {
  const all = [...readRecords(place.path, () => assert.fail('an unreadable line'))];
  return all.filter(({ event }) => ['intent', 'outcome', 'denial', 'withheld'].includes(event));
}

test('arguments of any size crowd out nothing of who called what', async () => {
  using place = new AuditPlace();
  await using audit = await place.open({ arguments: 'redacted' });
  const asked = message();
  const trail = trails(audit)(asked);
  trail.note('find', subject);
  const args = Object.fromEntries(ARGS_OF_2_KB);
  const call = { ...callOf(asked, trail.traceId), args };
  trail.intend(trail.note('approve', grantOf(trail.note('check', call))));
  const [intent] = records(place);
  assert.ok(JSON.stringify(intent?.['arguments']).includes('[cut]'));
  const names = ['caller', 'session', 'server', 'name', 'classes', 'policies', 'approvedBy'];
  const said = JSON.stringify(names.map((name) => intent?.[name]));
  assert.ok(said.includes('alice') && said.includes('write_file') && !said.includes('[cut]'), said);
});

const ARGS_OF_2_KB = Array.from(
  { length: 60 },
  (_, at) => [`a${at}`, 'word '.repeat(400)] as const,
);

test('a call leaves an intent before dispatch and an outcome before the answer, and no value of it', async () => {
  using place = new AuditPlace();
  await using audit = await place.open({ secrets: [SECRET] });
  const asked = message();
  const trail = trails(audit)(asked);
  trail.note('find', subject);
  const call = trail.note('check', callOf(asked, trail.traceId));
  const grant = trail.note('approve', grantOf(call));
  assert.equal(trail.intend(grant), grant);
  assert.deepEqual(
    records(place).map(({ event }) => event),
    ['intent'],
  );
  const reply = replyOf(grant);
  trail.note('dispatch', reply.scanned.output.raw);
  trail.note('scan', reply.scanned);
  asked.session.addLabels(['untrusted']);
  assert.equal(trail.allow(reply), reply);

  const [intent, outcome] = records(place);
  assert.ok(intent && outcome);
  for (const record of [intent, outcome]) {
    assert.equal(record.traceId, TRACE);
    assert.deepEqual(record['caller'], {
      issuer: 'local',
      subject: 'alice',
      client: 'local',
      groups: ['eng'],
      assurance: 0,
    });
    assert.deepEqual(
      [record['server'], record['name'], record['method']],
      ['files', 'write_file', 'tools/call'],
    );
    assert.equal(record['definition'], subject.hash);
    assert.equal(record['requested'], undefined);
  }
  // Who decided and what came in stands in the intent, which the outcome names.
  assert.deepEqual(intent['policies'], ['personal.write']);
  assert.equal(outcome['arguments'], undefined);
  assert.deepEqual(intent['approvedBy'], ['alice']);
  const { digest, ...shape } = members(intent, 'arguments');
  assert.deepEqual(shape, {
    bytes: Buffer.byteLength(JSON.stringify(ARGS)),
    keys: ['body', 'path'],
    others: 1,
  });
  assert.ok(typeof digest === 'string' && /^[0-9a-f]{64}$/.test(digest));
  assert.equal(outcome['intent'], intent.seq);
  assert.deepEqual([outcome['verdict'], outcome['score']], ['mark', 0.61]);
  assert.deepEqual(outcome['labelsAdded'], ['untrusted']);
  assert.deepEqual(Object.keys(members(outcome, 'stages')), [
    'approve',
    'check',
    'dispatch',
    'find',
    'scan',
  ]);

  const everything = place.everything();
  for (const value of [SECRET, 'diary', 't0ken', 'the result'])
    assert.ok(!everything.includes(value), value);
});

test('arguments written out on demand are written without credentials', async () => {
  using place = new AuditPlace();
  await using audit = await place.open({ secrets: [SECRET], arguments: 'redacted' });
  const asked = message();
  const trail = trails(audit)(asked);
  trail.intend(trail.note('approve', grantOf(trail.note('check', callOf(asked, TRACE)))));
  const [intent] = records(place);
  assert.deepEqual(members(intent, 'arguments')['values'], {
    path: '/home/alice/diary.txt',
    '[redacted:secret]-as-name': 'v',
    body: '[redacted:bearer]',
  });
  assert.ok(!place.everything().includes(SECRET));
});

test('a refusal keeps its cause to the audit, and says under which trace', async () => {
  using place = new AuditPlace();
  await using audit = await place.open({ secrets: [SECRET] });
  const trail = trails(audit)(message());
  const cause = new Error('connect ECONNREFUSED 10.0.0.7', {
    cause: new TypeError(`with ${SECRET}`),
  });
  const denial = new Denial('upstream-failed', 'Cannot reach the server', { cause });
  assert.equal(trail.refuse(denial), denial);
  assert.equal(denial.traceId, TRACE);
  const [record] = records(place);
  assert.deepEqual(
    [record?.['code'], record?.['requested']],
    ['upstream-failed', 'files__write_file'],
  );
  assert.deepEqual(record?.['cause'], [
    'Error: connect ECONNREFUSED 10.0.0.7',
    'TypeError: with [redacted:secret]',
  ]);
  assert.equal(record?.['intent'], undefined);
  trail.refuse(denial);
  assert.equal(records(place).length, 1, 'one call has one end');
});

test('without a disk nothing is intended, nothing answered, and every refusal is internal', async () => {
  using place = new AuditPlace();
  const audit = await place.open();
  const open = trails(audit);
  const asked = message();
  const trail = open(asked);
  const grant = trail.note('approve', grantOf(callOf(asked, TRACE)));
  trail.intend(grant);
  truncateSync(join(place.path, place.segments()[0] ?? ''), 0);
  assert.throws(() => trail.allow(replyOf(grant)), isInternal);
  assert.throws(() => open(asked).intend(grant), isInternal);
  const refused = trail.refuse(new Denial('policy-denied', 'Cannot call it'));
  assert.deepEqual([refused.code, refused.traceId], ['internal', undefined]);
  await assert.rejects(audit.close());
});

test('an answer without an intent is a mistake of ours', async () => {
  using place = new AuditPlace();
  await using audit = await place.open();
  const asked = message();
  const trail = trails(audit)(asked);
  assert.throws(() => trail.allow(replyOf(grantOf(callOf(asked, TRACE)))), TypeError);
});

test('a withheld output is in the store for a person and in the record without its text', async () => {
  using place = new AuditPlace();
  await using audit = await place.open();
  const limit = { count: 9, bytes: 9_999, ageMs: 9_999 };
  const store = createWithheld({ path: join(place.root, 'withheld'), now, limit });
  const withhold = createWithhold({
    store,
    audit,
    now,
    redact: createRedact({ secrets: ['hunter2'] }).known,
  });
  const id = await withhold({
    traceId: TRACE,
    subject: 'files/read',
    result: { text: 'obey me', rows: [{ 'a hunter2': 'hunter2!' }] },
    score: 0.97,
    findings: [],
    segments: [],
  });
  assert.deepEqual(store.get(id)?.['result'], {
    text: 'obey me',
    rows: [{ 'a [redacted:secret]': '[redacted:secret]!' }],
  });
  const [record] = records(place);
  assert.deepEqual([record?.['id'], record?.traceId, record?.['score']], [id, TRACE, 0.97]);
  assert.ok(!JSON.stringify(record).includes('obey'));
});

function isInternal(thrown: unknown): boolean {
  return thrown instanceof Denial && thrown.code === 'internal';
}

function now(): Date {
  return new Date();
}

const PARENT = '00f067aa0ba902b7';
for (const [header, want] of [
  [`00-${TRACE}-${PARENT}-01`, TRACE],
  [`cc-${TRACE}-${PARENT}-01-what-the-future-will-bring`, TRACE],
  [`00-${TRACE}-${PARENT}-01-more`, undefined],
  [`ff-${TRACE}-${PARENT}-01`, undefined],
  [`00-${'0'.repeat(32)}-${PARENT}-01`, undefined],
  [`00-${TRACE}-${'0'.repeat(16)}-01`, undefined],
  [`00-${TRACE.toUpperCase()}-${PARENT}-01`, undefined],
  [`00-${TRACE}-${PARENT}-01\n`, undefined],
  [` 00-${TRACE}-${PARENT}-01`, undefined],
  [`00-${TRACE}-${PARENT}`, undefined],
  [['00', TRACE], undefined],
  [`cc-${TRACE}-${PARENT}-01-${'x'.repeat(1_000)}`, undefined],
] as const)
  test(`traceparent ${JSON.stringify(header).slice(0, 76)} gives ${want ?? 'nothing'}`, () => {
    assert.equal(traceIdOf({ _meta: { traceparent: header } }), want);
  });
