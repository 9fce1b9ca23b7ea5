import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { localCaller } from '../../src/identity/local-caller.ts';
import type { Frame } from '../../src/wire/channel.ts';
import type { ModernRequest } from '../../src/wire/modern-agent/exchange.ts';
import { createHeldTasks, type HeldTasks } from '../../src/wire/modern-agent/held-tasks.ts';
import { until } from '../support/until.ts';

function held(
  context: TestContext,
  ask: () => Promise<Frame>,
): { readonly tasks: HeldTasks; readonly failed: unknown[] } {
  const failed: unknown[] = [];
  const tasks = createHeldTasks({
    serverInfo: {},
    capabilities: {},
    ask,
    respond: () => undefined,
    onFailed: (thrown) => void failed.push(thrown),
  });
  tasks.add({ taskId: 'one', ttl: 600_000 });
  context.after(() => tasks.close());
  return { tasks, failed };
}

function requestFor(method: string): ModernRequest {
  return {
    caller: localCaller({ user: 'anna', groups: [] }),
    method,
    params: { taskId: 'one', inputResponses: {} },
    meta: {
      version: '2026-07-28',
      capabilities: {},
      clientInfo: undefined,
      logLevel: undefined,
    },
  };
}

for (const method of ['tasks/get', 'tasks/cancel'])
  test(`${method} that fails inside of the gate is answered, and ends nothing else`, async (context) => {
    const broken = new TypeError('it broke');
    const { tasks, failed } = held(context, async () => await Promise.reject(broken));
    const answers: Frame[] = [];
    tasks.answer(requestFor(method), {
      id: 'mine',
      notify: () => undefined,
      answer: (frame) => void answers.push(frame),
    });
    await until(() => answers.length > 0);
    const error = { code: -32603, message: 'Cannot complete the request: internal error' };
    assert.deepEqual(answers, [{ jsonrpc: '2.0', id: 'mine', error }]);
    assert.deepEqual(failed, [broken]);
  });

for (const method of ['tasks/get', 'tasks/update', 'tasks/cancel'])
  test(`an answer to ${method} that cannot be sent ends nothing else`, async (context) => {
    const { tasks, failed } = held(context, async () => await Promise.resolve({ result: {} }));
    const broken = new TypeError('the way back is gone');
    tasks.answer(requestFor(method), {
      id: 'mine',
      notify: () => undefined,
      answer() {
        throw broken;
      },
    });
    await until(() => failed.length > 0);
    assert.deepEqual(failed, [broken]);
  });
