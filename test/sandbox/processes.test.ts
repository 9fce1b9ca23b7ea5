import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { processBegan } from '../../src/lib/process-began.ts';
import { killTree, statusField } from '../../src/sandbox/processes.ts';

const skip = process.platform !== 'linux' && 'cells of this kind are for Linux';

test('a process that has the number of one that is gone is left alone', { skip }, async () => {
  const child = spawn('sleep', ['600'], { detached: true, stdio: 'ignore' });
  const exited = once(child, 'exit');
  const pid = child.pid ?? 0;
  const began = processBegan(pid);
  await killTree({ pid, began: '1' });
  assert.equal(processBegan(pid), began);
  assert.equal(child.signalCode, null);
  await killTree({ pid, began });
  await exited;
  assert.equal(child.signalCode, 'SIGKILL');
});

test('what a process that is gone has left in its group is killed', { skip }, async () => {
  const script = 'sleep 600 & echo $!';
  const child = spawn('sh', ['-c', script], {
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const pid = child.pid ?? 0;
  const root = { pid, began: processBegan(pid) };
  const closed = once(child, 'close');
  const said = once(child.stdout, 'data');
  await once(child, 'exit');
  const left = Number(String(await said));
  assert.notEqual(processBegan(left), '');
  await killTree(root);
  assert.match(statusField(left, 'State'), /^(?:[ZX]|$)/u, 'it has ended');
  // Its output is held by what was left alone.
  await closed;
});
