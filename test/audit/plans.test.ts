import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { AuditEvent } from '../../src/audit/events.ts';
import { openAuditKey, readAuditKey, type AuditKey } from '../../src/audit/key.ts';
import type { JsonObject } from '../../src/lib/json.ts';
import { seal, type Statement } from '../../src/plans/statement.ts';
import { createRecord } from '../../src/record.ts';
import { createSessions } from '../../src/session.ts';
import { AuditPlace } from '../support/audit.ts';

const CALLER = { issuer: 'local', subject: 'alice', client: 'local' };
const MALLORY = { ...CALLER, subject: 'mallory' };
const HOUR = 3600;
const ID = '1'.repeat(32);

function statementOf(change: Partial<Statement> = {}): Statement {
  const iat = Math.floor(Date.now() / 1000);
  return {
    version: 1,
    plan: ID,
    steps: 'a'.repeat(64),
    caller: CALLER,
    policy: 'p',
    catalogue: 'c'.repeat(64),
    labels: ['private'],
    iat,
    exp: iat + HOUR,
    ...change,
  };
}

/** The record of a plan that was validated. */
function validated(key: AuditKey, said = statementOf(), change: JsonObject = {}): Entry {
  const { digest, sig } = seal(said, key);
  const { plan: id } = said;
  const fields = { step: 'validated', plan: digest, id, statement: said, sig, tools: ['bank/pay'] };
  return ['plan', { caller: CALLER, ...fields, ...change }];
}

function digestOf(key: AuditKey, said = statementOf()): string {
  return seal(said, key).digest;
}

/** The record of a call that is a step. */
function step(digest: string, change: JsonObject = {}, plan: JsonObject = {}): Entry {
  const place = { digest, step: 0, isRun: true, labels: ['private'], ...plan };
  return ['intent', { caller: CALLER, server: 'bank', name: 'pay', plan: place, ...change }];
}

const told = (digest: string, what: string, change: JsonObject = {}): Entry =>
  ['plan', { caller: CALLER, step: what, plan: digest, id: ID, ...change }]; // prettier-ignore

type Entry = readonly [AuditEvent, JsonObject];

/** What `audit verify` says of a folder with these records; `null`: verified. */
async function problemOf(
  place: AuditPlace,
  ...runs: readonly (readonly Entry[])[]
): Promise<{ what: string | null; warnings: readonly string[] }> {
  for (const entries of runs) {
    await using audit = await place.open({ secrets: ['hunter2'] });
    for (const [event, fields] of entries) audit.append(event, fields);
  }
  const { problem, warnings } = await place.verify();
  return { what: problem?.what ?? null, warnings };
}

const SIGNED = statementOf();
const AGAIN = { ...SIGNED, policy: 'q' };

describe('audit verify takes', () => {
  for (const [what, records, want] of [
    [
      'a plan that was signed, run and ended',
      (key) => [
        validated(key, SIGNED),
        told(digestOf(key, SIGNED), 'run'),
        step(digestOf(key, SIGNED)),
        told(digestOf(key, SIGNED), 'ended', { state: 'done' }),
      ],
      null,
    ],
    [
      'one that was signed again under other policies',
      (key) => [
        validated(key, SIGNED),
        validated(key, AGAIN, {
          step: 'validated again',
          before: digestOf(key, SIGNED),
          tools: undefined,
        }),
        step(digestOf(key, AGAIN)),
        step(digestOf(key, SIGNED)),
      ],
      null,
    ],
    [
      'a step of no plan',
      (key) => [step(digestOf(key, SIGNED))],
      'nobody validated the plan that the step is of',
    ],
    [
      'a step before its plan',
      (key) => [step(digestOf(key, SIGNED)), validated(key, SIGNED)],
      'nobody validated the plan that the step is of',
    ],
    [
      'a run of no plan',
      (key) => [told(digestOf(key, SIGNED), 'run')],
      'nobody validated the plan it names',
    ],
    [
      'a step of a plan by another caller',
      (key) => [validated(key, SIGNED), step(digestOf(key, SIGNED), { caller: MALLORY })],
      'the step is of a plan of another caller',
    ],
    [
      'a plan that another caller cancels',
      (key) => [
        validated(key, SIGNED),
        told(digestOf(key, SIGNED), 'cancelled', { caller: MALLORY }),
      ],
      'the plan it names is of another caller',
    ],
    [
      'a plan under another id',
      (key) => [validated(key, SIGNED), told(digestOf(key, SIGNED), 'run', { id: '2'.repeat(32) })],
      'the plan it names has another id',
    ],
    [
      'the plan of another caller',
      (key) => [validated(key, SIGNED, { caller: MALLORY })],
      'the plan is of another caller',
    ],
    [
      'a step that has read less than its plan',
      (key) => [validated(key, SIGNED), step(digestOf(key, SIGNED), {}, { labels: [] })],
      'the step has other labels than its plan',
    ],
    [
      'a step with a tool that is not planned',
      (key) => [validated(key, SIGNED), step(digestOf(key, SIGNED), { name: 'rob' })],
      'the step calls a tool that its plan does not have',
    ],
    [
      'a step after the end of its plan',
      (key) => {
        const old = statementOf({ iat: 1, exp: 1 + HOUR });
        return [validated(key, old), step(digestOf(key, old))];
      },
      'the plan of the step was over',
    ],
    [
      'a plan without a signature',
      (key) => [validated(key, SIGNED, { sig: undefined })],
      'the plan was not signed',
    ],
    [
      'a plan with the signature of another one',
      (key) => [validated(key, SIGNED, { sig: seal(AGAIN, key).sig })],
      'the plan was not signed',
    ],
    [
      'a plan that was changed',
      (key) => [validated(key, SIGNED, { statement: { ...SIGNED, labels: [] } })],
      'the plan was not signed',
    ],
    [
      'a plan that says more than the gateway signs',
      (key) => [validated(key, SIGNED, { statement: { ...SIGNED, more: 1 } })],
      'the plan was not signed',
    ],
    [
      'a plan that is gone',
      (key) => [validated(key, SIGNED, { statement: undefined })],
      'the plan was not signed',
    ],
    [
      'a plan under the name of another one',
      (key) => [validated(key, SIGNED, { plan: digestOf(key, AGAIN) })],
      'the plan is not the one that was signed',
    ],
    [
      'a plan that goes on with none',
      (key) => [validated(key, AGAIN, { step: 'validated again', before: digestOf(key, SIGNED) })],
      'nobody validated the plan that it goes on with',
    ],
    ...([{ steps: 'b'.repeat(64) }, { labels: [] }, { exp: SIGNED.exp + 1 }] as const).map(
      (change): Row => [
        `a plan that goes on with other ${Object.keys(change).join()}`,
        (key) => [
          validated(key, SIGNED),
          validated(
            key,
            { ...AGAIN, ...change },
            { step: 'validated again', before: digestOf(key, SIGNED) },
          ),
        ],
        'it goes on with another plan',
      ],
    ),
  ] satisfies Row[])
    // prettier-ignore
    test(`${what}: ${want === null ? 'yes' : 'no'}`, async () => {
      using place = new AuditPlace();
      const key = openAuditKey(place.stateKeyPath);
      assert.equal((await problemOf(place, records(key))).what, want);
    });

  test('a plan that another key has signed: no', async () => {
    using place = new AuditPlace();
    openAuditKey(place.stateKeyPath);
    const other = openAuditKey(join(place.root, 'other.json'));
    assert.equal((await problemOf(place, [validated(other)])).what, 'the plan was not signed');
  });

  test('a step whose plan stands in the run of another process: no', async () => {
    using place = new AuditPlace();
    const key = openAuditKey(place.stateKeyPath);
    const runs = [[validated(key, SIGNED)], [step(digestOf(key, SIGNED))]];
    const { what } = await problemOf(place, ...runs);
    assert.equal(what, 'nobody validated the plan that the step is of');
  });

  test('a plan whose statement had to be redacted or cut, with a warning', async () => {
    using place = new AuditPlace();
    openAuditKey(place.stateKeyPath);
    const key = readAuditKey(place.stateKeyPath);
    const hidden = statementOf({ caller: { ...CALLER, subject: 'hunter2' } });
    const many = statementOf({ labels: Array.from({ length: 70 }, (_, at) => `label${at}`) });
    const plan = { labels: [...many.labels] };
    const { what, warnings } = await problemOf(place, [
      validated(key, hidden, { caller: hidden.caller }),
      step(digestOf(key, hidden), { caller: hidden.caller }),
      validated(key, many),
      step(digestOf(key, many), {}, plan),
    ]);
    assert.equal(what, null);
    assert.match(warnings.join('\n'), /a signed plan that cannot be checked[^]*cannot be checked/u);
  });
});

test('audit verify takes a digest that hides a secret only for the one that was signed, with a warning', async () => {
  for (const isOwn of [true, false]) {
    using place = new AuditPlace();
    const key = openAuditKey(place.stateKeyPath);
    const digest = digestOf(key, isOwn ? SIGNED : AGAIN);
    const shown = `${digest.slice(0, 20)}[redacted:config]${digest.slice(28)}`;
    const { what, warnings } = await problemOf(place, [
      validated(key, SIGNED, { plan: shown }),
      step(shown),
    ]);
    assert.equal(what, isOwn ? null : 'the plan is not the one that was signed');
    assert.equal(
      warnings.some((one) => one.includes('hides a part')),
      isOwn,
    );
  }
});

test('audit verify knows whose a plan is over many tools with long names', async () => {
  using place = new AuditPlace();
  const key = openAuditKey(place.stateKeyPath);
  const tools = Array.from({ length: 60 }, (_, at) => `bank/${at}${'x'.repeat(1000)}`);
  await (async () => {
    await using audit = await place.open({ secrets: [] });
    const { record } = createRecord(audit, { error: assert.fail, info: () => {}, warn: () => {} });
    const session = createSessions().open({ ...CALLER, groups: [], scopes: [], assurance: 0 });
    const [, { caller: _, ...fields }] = validated(key, SIGNED, { tools });
    record('plan', session, fields);
  })();
  assert.equal((await place.verify()).problem ?? null, null);
});

type Row = [string, (key: AuditKey) => Entry[], string | null];
