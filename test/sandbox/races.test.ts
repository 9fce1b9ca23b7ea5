import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Attachment, Listener } from '../../src/sandbox/attach.ts';
import type { Wish } from '../../src/sandbox/driver.ts';
import { execute, NotStarted, type Ended, type Execution } from '../../src/sandbox/execute.ts';
import { until } from '../support/until.ts';
import { fakeDriver, fakeSandbox, FINE } from './fake-driver.ts';
import { run, runWarm } from './support.ts';

const POOL = { size: 1, max: 4, idleMs: 60_000 };
const sleep = async (ms: number): Promise<void> =>
  await new Promise((resolve) => setTimeout(resolve, ms));

for (const pool of [undefined, POOL])
  test(`who closes waits for running cells, ${pool ? 'with' : 'without'} a pool`, async () => {
    const driver = fakeDriver(() => ({
      execute: async (_, { signal }) =>
        await new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(new Error('ended')));
        }),
      destroy: async () => await sleep(300),
    }));
    const sandbox = fakeSandbox(driver, pool && { pool });
    const running = assert.rejects(run(sandbox, { code: '' }));
    await until(() => driver.events.includes('execute 0'), 10_000);
    await sandbox.close();
    const opened = driver.events.filter((event) => event.startsWith('open')).length;
    const gone = driver.events.filter((event) => event.startsWith('destroyed')).length;
    assert.equal(gone, opened);
    await running;
  });

test('a program runs in a second cell when the first, which never began it, is gone', async () => {
  const driver = fakeDriver((number) => ({
    // The first that waits.
    execute: async () =>
      await (number === 1 ? Promise.reject(new NotStarted()) : Promise.resolve(FINE)),
    destroy: async () => await sleep(100),
  }));
  const sandbox = fakeSandbox(driver, { pool: { ...POOL, max: 1 } });
  await run(sandbox, { code: '' });
  await until(() => driver.events.includes('open 1'), 10_000);
  await until(async () => {
    const { path } = await run(sandbox, { code: '' });
    return path === 'standard' && driver.events.includes('execute 1');
  }, 10_000);
  const since = driver.events.slice(driver.events.indexOf('execute 1') + 1);
  const second = since.findIndex((event) => event.startsWith('execute'));
  assert.ok(since.slice(0, second).includes('destroyed 1'), since.join(', '));
  await sandbox.close();
});

test('cells that are made and do not work are not made again and again', async () => {
  // Those that are to wait live longer.
  const waits = ({ lifeMs }: Wish): boolean => lifeMs > POOL.idleMs + 60_000;
  const driver = fakeDriver((_, wish) => ({
    execute: async () =>
      await (waits(wish) ? Promise.reject(new NotStarted()) : Promise.resolve(FINE)),
  }));
  const sandbox = fakeSandbox(driver, { pool: POOL });
  const end = Date.now() + 2000;
  while (Date.now() < end) {
    await run(sandbox, { code: '' });
    await sleep(20);
  }
  // After 50 ms, after 1 s more, after 2 s more; without patience it were thirty.
  const made = driver.wishes.filter(waits).length;
  assert.ok(made >= 1 && made <= 4, String(made));
  await sandbox.close();
});

test('the pool serves programs with the usual time limit, however long that is', async () => {
  const driver = fakeDriver();
  const timeoutMs = 5 * 60_000;
  const sandbox = fakeSandbox(driver, { pool: { ...POOL, timeoutMs } });
  await run(sandbox, { code: '', timeoutMs });
  const { sandboxId } = await runWarm(sandbox, { code: '', timeoutMs });
  assert.ok((driver.wishes[Number(sandboxId)]?.lifeMs ?? 0) >= timeoutMs + POOL.idleMs);
  assert.equal((await run(sandbox, { code: '', timeoutMs: timeoutMs + 1 })).path, 'standard');
  await sandbox.close();
});

/** The streams of a cell; `ends` says when they are lost, and `wrote` whether the program was sent. */
function streams(ends: 'before' | 'after' | 'never'): Attachment & { wrote: boolean } {
  let listener: Listener | undefined;
  return {
    wrote: false,
    listen(next) {
      listener = next;
      if (ends === 'before') next.end();
    },
    write() {
      this.wrote = true;
      if (ends === 'after') setImmediate(() => listener?.end());
    },
    close() {},
  };
}

async function executeIn(
  attachment: Attachment,
  { exceeded = new AbortController().signal, ended = { exitCode: 137, outOfMemory: false } } = {},
): Promise<Execution> {
  const memory = { exceeded, close() {} };
  const ending = async (): Promise<Ended> => await Promise.resolve(ended);
  const { signal } = new AbortController();
  return await execute(
    { attachment, token: 'token', memory, ending },
    { language: 'bash', code: '', timeoutMs: 10_000 },
    { timeoutMs: 10_000, output: 1000, outputFiles: 0, signal },
  );
}

test('a cell whose streams are gone has not begun its program', async () => {
  const attachment = streams('before');
  await assert.rejects(executeIn(attachment), NotStarted);
  assert.equal(attachment.wrote, false);
});

test('a program that was sent may have run, also where nothing was heard of it', async () => {
  const { ended } = await executeIn(streams('after'));
  assert.equal(ended, 'killed');
  for (const exitCode of [0, 125])
    await assert.rejects(
      executeIn(streams('after'), { ended: { exitCode, outOfMemory: false } }),
      (error) => error instanceof Error && !(error instanceof NotStarted),
    );
});

test('a cell that has no memory left gets no program', async () => {
  const attachment = streams('never');
  const { ended, exitCode } = await executeIn(attachment, { exceeded: AbortSignal.abort() });
  assert.deepEqual([ended, exitCode, attachment.wrote], ['out-of-memory', 137, false]);
});
