import assert from 'node:assert/strict';
import { test } from 'node:test';
import { orphaned, ownerLabels, thisProcess } from '../../src/sandbox/owner.ts';

const me = thisProcess('me');
const labels = ownerLabels(me, 1000);

const CASES: readonly (readonly [string, Record<string, string>, number, boolean])[] = [
  ['of a living process, in time', labels, 999, false],
  ['past its time', labels, 1001, true],
  ['of a dead process', { ...labels, 'dev.sallyport.pid': '999999999' }, 0, true],
  ['of a process whose number was used again', { ...labels, 'dev.sallyport.began': '1' }, 0, true],
  [
    'of another host, in time',
    { ...labels, 'dev.sallyport.host': 'x', 'dev.sallyport.pid': '999999999' },
    0,
    false,
  ],
  ['of another host, past its time', { ...labels, 'dev.sallyport.host': 'x' }, 1001, true],
  ['without a time', { 'dev.sallyport.instance': 'x' }, 0, true],
  ['with a bad process number', { ...labels, 'dev.sallyport.pid': '-1' }, 0, true],
];
for (const [name, given, now, want] of CASES)
  test(`a container ${name} is ${want ? 'an orphan' : 'left alone'}`, () => {
    assert.equal(orphaned(given, me, now), want);
  });
