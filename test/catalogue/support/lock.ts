import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { openLock } from '../../../src/catalogue/lock.ts';
import type { Lock } from '../../../src/catalogue/lock.ts';
import { scratch } from '../../support/scratch.ts';

/** A lock file in a folder of the test's own; several may be opened on one path. */
export async function lockIn(
  context: TestContext,
  onNew: 'quarantine' | 'pin' = 'quarantine',
  path?: string,
): Promise<Lock> {
  const file = path ?? join(await scratch(context), 'sallyport.lock.json');
  const lock = await openLock({ path: file, onNew, now: Date.now });
  context.after(async () => await lock[Symbol.asyncDispose]());
  return lock;
}

const TURN_MS = 20;

/** Waits until something is true, at most a second, as the contract promises; while this process is not let run, none passes. */
export async function within(check: () => boolean): Promise<void> {
  for (let turn = 0; !check(); turn++) {
    if (turn > 1000 / TURN_MS) throw new Error('it did not happen within a second');
    await new Promise((resolve) => setTimeout(resolve, TURN_MS));
  }
}
