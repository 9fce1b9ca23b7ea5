import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';

import { signed, type Receipt } from '../../src/approvals/statement.ts';
import { openAudit } from '../../src/audit/audit.ts';
import { openAuditKey } from '../../src/audit/key.ts';
import { verifyAudit } from '../../src/audit/verify.ts';
import type { JsonObject } from '../../src/lib/json.ts';
import { scratch } from '../support/scratch.ts';

const NONCE = 'a'.repeat(32);
const DIGEST = 'd'.repeat(64);

const RECEIPT: Receipt = {
  version: 1,
  kind: 'receipt',
  id: '0'.repeat(16),
  nonce: NONCE,
  request: 'e'.repeat(64),
  definition: 'hash',
  policy: 'policy',
  arguments: DIGEST,
  decision: 'approved',
  by: 'terminal',
  at: '2026-01-01T00:00:00.000Z',
  expires: '2026-01-01T00:15:00.000Z',
};
const USE = { approval: NONCE, definition: 'hash', arguments: { digest: DIGEST } };

type Written = readonly (readonly ['approval' | 'intent', JsonObject])[];

for (const [what, records, want] of [
  [
    'given and used once',
    (yes) => [
      ['approval', { receipt: yes(RECEIPT) }],
      ['intent', USE],
    ],
    null,
  ],
  [
    'used before its record is read',
    (yes) => [
      ['intent', USE],
      ['approval', { receipt: yes(RECEIPT) }],
    ],
    null,
  ],
  ['given and not used', (yes) => [['approval', { receipt: yes(RECEIPT) }]], null],
  [
    'used twice',
    (yes) => [
      ['approval', { receipt: yes(RECEIPT) }],
      ['intent', USE],
      ['intent', USE],
    ],
    'an approval is used again',
  ],
  ['never given', () => [['intent', USE]], 'nobody gave the approval it names'],
  [
    'a no',
    (yes) => [
      ['approval', { receipt: yes({ ...RECEIPT, decision: 'denied' }) }],
      ['intent', USE],
    ],
    'nobody gave the approval it names',
  ],
  [
    'of other arguments',
    (yes) => [
      ['approval', { receipt: yes({ ...RECEIPT, arguments: 'f'.repeat(64) }) }],
      ['intent', USE],
    ],
    'the approval it names is for another call',
  ],
  [
    'of another definition',
    (yes) => [
      ['approval', { receipt: yes({ ...RECEIPT, definition: 'other' }) }],
      ['intent', USE],
    ],
    'the approval it names is for another call',
  ],
  [
    'without a signature',
    () => [['approval', { receipt: { ...RECEIPT } }]],
    'the receipt was not signed',
  ],
  [
    'with the signature of another',
    (yes) => [['approval', { receipt: { ...yes(RECEIPT), decision: 'denied' } }]],
    'the receipt was not signed',
  ],
] satisfies [string, (yes: (receipt: Receipt) => JsonObject) => Written, string | null][])
  test(`verify takes an approval that is ${what}: ${want === null ? 'yes' : 'no'}`, async (context) => {
    const folder = await scratch(context);
    const stateKeyPath = join(folder, 'audit-key.json');
    const path = join(folder, 'audit');
    const { sign, publicKey } = openAuditKey(stateKeyPath);
    const audit = await openAudit({
      path,
      stateKeyPath,
      arguments: 'digest',
      secrets: [],
      now: () => new Date(),
      onError: assert.ifError,
    });
    for (const [event, fields] of records((receipt) => signed(receipt, sign)))
      audit.append(event, fields);
    await audit.close();
    const { ok, problem } = await verifyAudit({ path, publicKey });
    assert.equal(problem?.what ?? null, want);
    assert.equal(ok, want === null);
  });
