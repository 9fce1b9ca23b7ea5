import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Subject } from '../../src/call.ts';
import { shareDefinition, shareSubject } from '../../src/catalogue/share.ts';

const made = (
  description: string,
): { name: string; inputSchema: { type: string }; description: string } => ({
  name: 'read',
  inputSchema: { type: 'object' },
  description,
});

test('definitions of the same text are one object, which nobody can change', () => {
  const one = shareDefinition(made('Reads.'));
  assert.equal(shareDefinition(made('Reads.')), one);
  assert.ok(Object.isFrozen(one) && Object.isFrozen(one['inputSchema']));
  for (const other of [
    made('Reads!'),
    { ...made('Reads.'), name: 'reads' },
    // The same, in another order: what is forwarded is what came.
    { description: 'Reads.', inputSchema: { type: 'object' }, name: 'read' },
  ]) {
    const shared = shareDefinition(other);
    assert.notEqual(shared, one);
    assert.equal(JSON.stringify(shared), JSON.stringify(other));
  }
});

test('subjects are one object only where all that they say is the same', () => {
  const definition = shareDefinition(made('Reads.'));
  const subject: Subject = {
    kind: 'tool',
    server: 'files',
    name: 'read',
    classes: ['read'],
    dataClass: 1,
    source: ['untrusted'],
    sink: [],
    pin: 'match',
    reviewed: false,
    hash: 'sha256:0',
    definition,
  };
  const one = shareSubject({ ...subject });
  assert.deepEqual(one, subject);
  assert.equal(shareSubject({ ...subject, classes: ['read'] }), one);
  assert.ok(Object.isFrozen(one) && Object.isFrozen(one.classes));
  for (const other of [
    { server: 'other' },
    { name: 'write' },
    { classes: ['write'] },
    { dataClass: 2 },
    { source: [] },
    { sink: ['web'] },
    { pin: 'drift' },
    { reviewed: true },
    { hash: 'sha256:1' },
    { definition: shareDefinition(made('Reads!')) },
  ] as const)
    assert.deepEqual(shareSubject({ ...subject, ...other }), { ...subject, ...other });
});
