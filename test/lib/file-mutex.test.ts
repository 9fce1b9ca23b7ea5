import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { withFileMutex } from '../../src/lib/file-mutex.ts';
import { processBegan } from '../../src/lib/process-began.ts';
import { scratch } from '../support/scratch.ts';

const PATIENT = { now: Date.now, deadline: 60_000 };
const IMPATIENT = { now: Date.now, deadline: 100 };
const LONG_AGO = new Date(Date.now() - 24 * 60 * 60_000);
const mine = async (): Promise<string> => await Promise.resolve('mine');
const never = async (): Promise<never> => await Promise.reject(new TypeError('it ran'));

test('holders of one file take turns, also behind one that fails', async (context) => {
  const path = join(await scratch(context), 'a.lock');
  let inside = 0;
  const work = async (): Promise<number> => {
    inside++;
    await new Promise((resolve) => setTimeout(resolve, 50));
    return inside--;
  };
  const seen = await Promise.all(
    [1, 2, 3].map(async () => await withFileMutex(path, PATIENT, work)),
  );
  assert.deepEqual(seen, [1, 1, 1]);
  await assert.rejects(withFileMutex(path, PATIENT, never), /it ran/);
  assert.equal(await withFileMutex(path, PATIENT, mine), 'mine');
});

test('the file of a process that is gone is taken', async (context) => {
  const path = join(await scratch(context), 'a.lock');
  const child = spawn('true');
  const began = processBegan(child.pid ?? 0);
  await once(child, 'exit');
  writeFileSync(path, `${child.pid} ${hostname()} ${began} 0`);
  assert.equal(await withFileMutex(path, PATIENT, mine), 'mine');
});

const skip = processBegan(process.ppid) === '' && 'nobody says when a process began';

test('a number that is another process by now holds nothing', { skip }, async (context) => {
  const path = join(await scratch(context), 'a.lock');
  writeFileSync(path, `${process.ppid} ${hostname()} 1 0`);
  assert.equal(await withFileMutex(path, PATIENT, mine), 'mine');
});

test('a living holder keeps it, however long it takes', { skip }, async (context) => {
  const path = join(await scratch(context), 'a.lock');
  writeFileSync(path, `${process.ppid} ${hostname()} ${processBegan(process.ppid)} 0`);
  utimesSync(path, LONG_AGO, LONG_AGO);
  await assert.rejects(withFileMutex(path, IMPATIENT, never), /another process holds it/);
});

test('a holder on another host keeps it as long as it renews it', async (context) => {
  const path = join(await scratch(context), 'a.lock');
  writeFileSync(path, `1 ${hostname()}-not 1 0`);
  await assert.rejects(withFileMutex(path, IMPATIENT, never), /another process holds it/);
  utimesSync(path, LONG_AGO, LONG_AGO);
  assert.equal(await withFileMutex(path, PATIENT, mine), 'mine');
});
