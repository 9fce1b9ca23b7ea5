import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { test, type TestContext } from 'node:test';
import { createLastWill } from '../../src/wire/last-will.ts';
import { serve, startFrames } from '../support/frames-client.ts';
import { createHostileGate, received } from '../support/gate.ts';
import { until } from '../support/until.ts';

const skip = process.platform === 'win32';

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** A group of its own that nothing but a signal ends. */
async function group(context: TestContext): Promise<ChildProcess & { readonly pid: number }> {
  const forever = ['-e', 'setInterval(() => 0, 1000)'];
  const child = spawn(process.execPath, forever, { detached: true, stdio: 'ignore' });
  await once(child, 'spawn');
  context.after(() => child.kill('SIGKILL'));
  return Object.assign(child, { pid: child.pid ?? 0 });
}

test(
  'a gateway that is killed takes its servers along, deaf ones and what they started',
  {
    skip,
  },
  async (context) => {
    const gate = await createHostileGate(context, { habits: ['stays'] });
    const client = startFrames(context, serve(gate));
    await client.open();
    await client.request('tools/list');
    const pids = received(gate.log).flatMap(({ pids: own }) =>
      Array.isArray(own) ? own.map(Number) : [],
    );
    context.after(() => {
      for (const pid of pids.filter(isAlive)) process.kill(pid, 'SIGKILL');
    });
    assert.equal(pids.length, 2);
    assert.ok(pids.every(isAlive));
    await client.kill();
    await until(() => !pids.some(isAlive));
  },
);

test('what was taken back or has ended is never signalled', { skip }, async (context) => {
  const will = createLastWill();
  const [kept, left, ended] = await Promise.all([group(context), group(context), group(context)]);
  will.add(left.pid);
  const takeBack = will.add(kept.pid);
  will.add(ended.pid);
  await new Promise((resolve) => setTimeout(resolve, 100));
  takeBack();
  process.kill(ended.pid, 'SIGKILL');
  await once(ended, 'exit');
  const gone = once(left, 'exit');
  will.close();
  const [, signal]: unknown[] = await gone;
  assert.equal(signal, 'SIGTERM');
  assert.ok(isAlive(kept.pid));
});
