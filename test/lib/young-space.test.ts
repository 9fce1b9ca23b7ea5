import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { limitYoungSpace } from '../../src/lib/young-space.ts';

const MEGABYTE = 1_048_576;
const ENOUGH = 20;

function youngMegabytes(): number {
  const young = getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space');
  return (young?.space_size ?? Number.NaN) / MEGABYTE;
}

/** Most of the space for young objects while some of them always live on, as under many calls; ends when it is `enough`. */
async function mostOf(turns: number, enough: number): Promise<number> {
  let alive: object[] = [];
  let most = 0;
  for (let turn = 0; turn < turns && most <= enough; turn++) {
    for (let at = 0; at < 2000; at++) alive.push({ at: [at, { turn }] });
    if (alive.length > 60_000) alive = alive.slice(30_000);
    most = Math.max(most, youngMegabytes());
    // A server has turns, and what follows a collection comes in one.
    // oxlint-disable-next-line no-await-in-loop
    await setImmediate();
  }
  return most;
}

test('the space for young objects stays small in a process that serves, and V8 goes on', async () => {
  limitYoungSpace();
  assert.ok((await mostOf(1500, ENOUGH)) < ENOUGH);
  // Without the limit it takes more, so that this test can fail.
  setFlagsFromString('--semi-space-growth-factor=2');
  assert.ok((await mostOf(1500, ENOUGH)) > ENOUGH);
});
