import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Cell, OpenOptions, Wish } from '../../src/sandbox/driver.ts';
import { LIMITS } from '../../src/sandbox/limits.ts';
import { openLocalCell } from '../../src/sandbox/local-cell.ts';
import { thisProcess } from '../../src/sandbox/owner.ts';
import { tree } from '../../src/sandbox/processes.ts';
import { createWasmDriver } from '../../src/sandbox/wasm/wasm-driver.ts';
import { until } from '../support/until.ts';

const skip = process.platform !== 'linux' && 'processes are looked up in /proc';
const wish: Wish = { language: 'javascript', limits: LIMITS, token: 'token', lifeMs: 60_000 };
const options: OpenOptions = { signal: new AbortController().signal, later: () => {} };

/** Kills what `pids` names, as whoever is short of memory does, and waits until the cell says so. */
async function killed(cell: Cell, pids: readonly number[]): Promise<void> {
  assert.equal(cell.gone?.aborted, false);
  assert.ok(pids.length > 0);
  for (const pid of pids) process.kill(pid, 'SIGKILL');
  await until(() => cell.gone?.aborted === true);
  await cell.destroy();
}

test('a cell of this machine that is killed while it waits says so', { skip }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-gone-'));
  let root = 0;
  const launch = {
    prepare: async () =>
      await Promise.resolve(['sh', '-c', 'read -r token; echo Linux; exec sleep 60']),
    inspect(pid: number) {
      root = pid;
      return { used: () => 0, close() {} };
    },
    hint: '',
  };
  const owner = thisProcess('me');
  const { env } = process;
  const own = {
    wish,
    folder: join(folder, 'cells'),
    owner,
    id: 'one',
    now: Date.now,
    env,
    ...options,
  };
  const cell = await openLocalCell(launch, own);
  await killed(cell, [root]);
  await rm(folder, { recursive: true });
});

test('a cell of WebAssembly that is killed while it waits says so', { skip }, async () => {
  const cell = await createWasmDriver(() => 'one').open(wish, options);
  const below = tree(process.pid).map(async ({ pid }) => ({
    pid,
    command: await readFile(`/proc/${pid}/cmdline`, 'utf8'),
  }));
  const own = (await Promise.all(below)).filter(({ command }) => command.includes('wasm-child'));
  await killed(
    cell,
    own.map(({ pid }) => pid),
  );
});
