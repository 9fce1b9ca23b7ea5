import assert from 'node:assert/strict';
import { chmodSync, statSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { openAuditKey, readAuditKey, verifySignature } from '../../src/audit/key.ts';
import { Fault } from '../../src/lib/fault.ts';
import { AuditPlace } from '../support/audit.ts';

test('the key and the folder are for this user alone, and stay the same', async () => {
  using place = new AuditPlace();
  await (await place.open()).close();
  assert.equal(statSync(place.stateKeyPath).mode & 0o777, 0o600);
  assert.equal(statSync(place.path).mode & 0o777, 0o700);
  for (const file of [...place.segments(), 'checkpoints'])
    assert.equal(statSync(`${place.path}/${file}`).mode & 0o777, 0o600, file);
  const again = openAuditKey(place.stateKeyPath);
  assert.equal(again.publicKey, readAuditKey(place.stateKeyPath).publicKey);
  assert.equal(again.digest('x'), readAuditKey(place.stateKeyPath).digest('x'));
});

test('a key file that others may read is refused', () => {
  using place = new AuditPlace();
  openAuditKey(place.stateKeyPath);
  chmodSync(place.stateKeyPath, 0o640);
  assert.throws(
    () => readAuditKey(place.stateKeyPath),
    (thrown) => thrown instanceof Fault && /chmod 600/.test(thrown.hint ?? ''),
  );
});

for (const text of [
  '',
  '{}',
  'null',
  '{"version":1,"checkpoints":"x","digests":"00"}',
  'hunter2-hunter2',
])
  test(`a key file that holds ${JSON.stringify(text)} is refused without being quoted`, () => {
    using place = new AuditPlace();
    writeFileSync(place.stateKeyPath, text, { mode: 0o600 });
    assert.throws(
      () => openAuditKey(place.stateKeyPath),
      (thrown) =>
        thrown instanceof Fault && !`${thrown.message}${thrown.stack}`.includes('hunter2'),
    );
  });

test('a folder that another key began is not written into', async () => {
  using place = new AuditPlace();
  using other = new AuditPlace();
  await (await place.open()).close();
  await assert.rejects(other.open({ path: place.path }), /it belongs to another key/);
});

test('a signature has one spelling', () => {
  using place = new AuditPlace();
  const key = openAuditKey(place.stateKeyPath);
  const signature = key.sign('text');
  assert.equal(verifySignature(key.publicKey, 'text', signature), true);
  for (const other of [
    signature.toUpperCase(),
    `${signature}00`,
    ` ${signature}`,
    signature.slice(2),
    '',
  ])
    assert.equal(verifySignature(key.publicKey, 'text', other), false);
  assert.equal(verifySignature(key.publicKey, 'Text', signature), false);
});
